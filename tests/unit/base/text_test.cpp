// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace oc::base {
namespace {

TEST(Utf8, FindsTheFirstIllFormedByte) {
  EXPECT_EQ(find_invalid_utf8("plain, żółw, 漢字, 😀"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("ab\xE9"), 2u);
  EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0u);      // overlong
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0u);  // surrogate
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0u);
}

TEST(Utf8, ReplacesEachMaximalSubpart) {
  EXPECT_EQ(replace_invalid_utf8("a\xF0\x9F\x98z"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(replace_invalid_utf8("\xFF\xFE"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8, HoldsBackOnlyAnUnfinishedCharacter) {
  const std::string smile = "😀";
  for (std::size_t cut = 1; cut < 4; ++cut) EXPECT_EQ(complete_utf8_prefix("ab" + smile.substr(0, cut)), 2u);
  EXPECT_EQ(complete_utf8_prefix("ab" + smile), 6u);
  EXPECT_EQ(complete_utf8_prefix("ab\xFF"), 3u);
}

TEST(Lines, SplitWithoutTheirEnds) {
  EXPECT_EQ(split_lines("a\r\nb\n\nc"), (std::vector<std::string_view>{"a", "b", "", "c"}));
  EXPECT_TRUE(split_lines("").empty());
  EXPECT_EQ(split_lines("\n").size(), 1u);
}

TEST(Lines, LineEndsRoundTrip) {
  EXPECT_EQ(detect_line_end("a\r\nb\n"), LineEnd::crlf);
  EXPECT_EQ(detect_line_end("\n"), LineEnd::lf);
  EXPECT_EQ(with_line_end(to_lf("a\r\nb\r\n"), LineEnd::crlf), "a\r\nb\r\n");
  EXPECT_EQ(to_lf("a\rb"), "a\rb");
}

TEST(Names, NearestIsOnlyOfferedForSmallMistakes) {
  const std::vector<std::string> names{"temperature", "threads", "context"};
  EXPECT_EQ(find_nearest("temprature", names), "temperature");
  EXPECT_EQ(find_nearest("zzz", names), std::nullopt);
  EXPECT_EQ(find_nearest("gne", std::vector<std::string>{"run", "gen"}), "gen");  // a swap is one mistake
}

TEST(Numbers, AreReadable) {
  EXPECT_EQ(format_bytes(ByteCount(4'683'073'184)), "4.68 GB");
  EXPECT_EQ(format_bytes(ByteCount(999)), "999 B");
  EXPECT_EQ(format_bytes(ByteCount(7'530'752)), "7.53 MB");
  EXPECT_EQ(format_count(1234567), "1 234 567");
  EXPECT_EQ(format_count(-12), "-12");
}

TEST(Quoted, EscapesWhatCouldActOnATerminal) {
  EXPECT_EQ(in_quotes("a\x1b[31mb"), "'a\\x1b[31mb'");
  EXPECT_EQ(in_quotes("ż\xFF"), "'ż\\xff'");
  EXPECT_EQ(in_quotes("a\u202Eyp.py"), "'a\\xe2\\x80\\xaeyp.py'");  // would be read backwards
}

}  // namespace
}  // namespace oc::base
