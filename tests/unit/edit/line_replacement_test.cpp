// SPDX-License-Identifier: Apache-2.0
#include "edit/line_replacement.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "edit/line_match.hpp"

namespace oc::edit {
namespace {

std::string replaced(std::string_view text, std::vector<LineReplacement> all) {
  auto made = replace_lines(text, std::move(all));
  return made ? *made : "refused: " + made.error().reason;
}

TEST(LineReplacement, KeepsTheFormOfTheFile) {
  EXPECT_EQ(replaced("a\nb\nc\n", {{1, 2, "B\n"}}), "a\nB\nc\n");
  EXPECT_EQ(replaced("a\r\nb\r\nc\r\n", {{1, 2, "B\n"}}), "a\r\nB\r\nc\r\n");
  EXPECT_EQ(replaced("\xEF\xBB\xBF"
                     "a\nb\n",
                     {{0, 1, "A\n"}}),
            "\xEF\xBB\xBF"
            "A\nb\n");
  EXPECT_EQ(replaced("a\nb", {{1, 2, "B\n"}}), "a\nB");
  EXPECT_EQ(replaced("a\r\nb", {{0, 1, "A\n"}}), "A\r\nb");
  EXPECT_EQ(replaced("a\r\nb", {{2, 2, "c\n"}}), "a\r\nb\r\nc");
  EXPECT_EQ(replaced("a\nb", {{1, 2, ""}}), "a");
  EXPECT_EQ(replaced("a\nb", {{0, 0, "x\n"}}), "x\na\nb");
  EXPECT_EQ(replaced("", {{0, 0, "x\n"}}), "x\n");
  EXPECT_EQ(replaced("\xEF\xBB\xBF", {{0, 0, "x\n"}}),
            "\xEF\xBB\xBF"
            "x\n");
  EXPECT_EQ(replaced("a\n", {{0, 1, ""}}), "");
  EXPECT_EQ(replaced("a", {}), "a");
}

TEST(LineReplacement, LinesThatStayKeepTheirBytes) {
  // Mixed ends, a carriage return alone, trailing blanks: all of it is quoted in the new text as the model sees it.
  EXPECT_EQ(replaced("a\r\nb\nc\rd\ne\r\r\nf", {{0, 5, "a\nb\nX\nc\rd\ne\r\nf\n"}}), "a\r\nb\nX\r\nc\rd\ne\r\r\nf");
  EXPECT_EQ(replaced("a\nb\r", {{0, 2, "A\nb\r\n"}}), "A\nb\r");
  EXPECT_EQ(replaced("a\nb\r", {{0, 1, "A\n"}}), "A\nb\r");
}

TEST(LineReplacement, SeveralInAnyOrder) {
  EXPECT_EQ(replaced("a\nb\nc\nd\n", {{3, 4, "D\n"}, {0, 1, "A\n"}, {2, 2, "x\n"}}), "A\nb\nx\nc\nD\n");
  EXPECT_EQ(replaced("a\nb\n", {{0, 1, "A\n"}, {0, 1, "A\n"}}), "A\nb\n");
  EXPECT_EQ(replaced("a\nb\nc\n", {{1, 2, "B\n"}, {1, 1, "x\ny\n"}, {2, 2, "z\nz\n"}}), "a\nx\ny\nB\nz\nz\nc\n");
}

TEST(LineReplacement, TwoForOnePlaceAreRefused) {
  EXPECT_EQ(replaced("a\nb\nc\n", {{0, 2, "x\n"}, {1, 3, "y\n"}}), "refused: two edits want the place at line 2");
  EXPECT_EQ(replaced("a\nb\n", {{0, 1, "x\n"}, {0, 1, "y\n"}}), "refused: two edits want the place at line 1");
  EXPECT_EQ(replaced("a\n", {{1, 1, "x\nx\n"}, {1, 1, "y\ny\n"}}), "refused: two edits want the place at line 2");
  EXPECT_EQ(replaced("a\n", {{0, 5, "x\n"}}), "refused: lines 1-5 are behind the file's end");
  EXPECT_EQ(replaced("a\n", {{7, 7, "x\n"}}), "refused: lines 8-7 are behind the file's end");
  EXPECT_EQ(replaced("a\n", {{1, 0, "x\n"}}), "refused: lines 2-0 are behind the file's end");
}

TEST(LineReplacement, SingleLinesMayShareAPlace) {
  EXPECT_EQ(replaced("a\n", {{0, 0, "x\n"}, {0, 0, "y\n"}, {0, 0, "x\n"}}), "x\ny\na\n");
}

TEST(LineReplacement, WhatIsThereAlreadyCountsForNothing) {
  EXPECT_EQ(replaced("a\r\nb\r\nc", {{0, 3, "a\nb\nc\n"}, {1, 2, "B\n"}}), "a\r\nB\r\nc");
}

TEST(LineReplacement, BytesThatAreNotUtf8AreNotLost) {
  EXPECT_EQ(replaced("a\n\xFFz\nc\n", {{1, 2, "?\n"}}),
            "refused: the lines to be replaced hold bytes that are not UTF-8, which would be lost");
  EXPECT_EQ(replaced("a\n\xFFz\nc\n", {{2, 3, "C\n"}}), "a\n\xFFz\nC\n");
  EXPECT_EQ(replaced("a\n\xFFz\nc\n", {{0, 3, "A\n\xFFz\nC\n"}}), "A\n\xFFz\nC\n");
}

// Any replacement leaves the lines around it as they are, byte for byte.
TEST(LineReplacementProperty, OtherBytesStay) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  const std::vector<std::string> ends{"\n", "\r\n", "\r\r\n"};
  const std::vector<std::string> texts{"", " ", "\tx", "  y ", "\xFF\xFE", "z\r w", "}", "a", "\xC3\xA9"};
  for (int round = 0; round < 3000; ++round) {
    std::string text = below(4) == 0 ? std::string(base::k_byte_order_mark) : "";
    const std::size_t mark = text.size();
    const std::size_t count = below(9);
    for (std::size_t i = 0; i < count; ++i) text += texts[below(texts.size())] + ends[below(ends.size())];
    if (below(3) == 0) text += "last";
    const auto lines = lines_with_ends(std::string_view(text).substr(mark));
    const std::size_t begin = below(lines.size() + 1);
    const std::size_t end = begin + below(lines.size() - begin + 1);
    const std::string wanted = below(4) == 0 ? "" : "new 1\nnew 2\n";
    const auto made = replace_lines(text, {{begin, end, wanted}});
    std::string before = text.substr(0, mark), behind;
    for (std::size_t i = 0; i < begin; ++i) before += lines[i];
    for (std::size_t i = end; i < lines.size(); ++i) behind += lines[i];
    if (!made) {
      EXPECT_NE(made.error().reason.find("UTF-8"), std::string::npos);
      continue;
    }
    const std::string end_mark =
        base::detect_line_end(std::string_view(text).substr(mark)) == base::LineEnd::crlf ? "\r\n" : "\n";
    std::string middle = base::with_line_end(wanted, base::detect_line_end(std::string_view(text).substr(mark)));
    // At the end of a file whose last line has no end, that stays so.
    if (!before.empty() && before.size() > mark && !before.ends_with('\n') && !middle.empty()) before += end_mark;
    std::string expected = before + middle + behind;
    const bool is_ended = lines.empty() || lines.back().ends_with('\n');
    if (!is_ended && behind.empty() && (begin != end || !wanted.empty())) {
      if (expected.ends_with("\r\n") && (end_mark == "\r\n" || wanted.empty())) expected.resize(expected.size() - 2);
      else if (expected.ends_with('\n')) expected.pop_back();
    }
    EXPECT_EQ(*made, expected) << base::in_quotes(text) << " " << begin << "-" << end << " " << base::in_quotes(wanted);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace oc::edit
