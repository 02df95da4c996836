// SPDX-License-Identifier: Apache-2.0
#include "context/line_range.hpp"

#include <gtest/gtest.h>

namespace oc::context {
namespace {

using base::LineNumber;
using base::LineRange;

SourceFile file_of(std::string text) {
  SourceFile file;
  file.shown_path = "x.py";
  file.text = std::move(text);
  return file;
}

LineRange range(int first, int last) { return {LineNumber(first), LineNumber(last)}; }

TEST(LineRange, ParsesTheThreeForms) {
  EXPECT_EQ(parse_line_range("10-20"), range(10, 20));
  EXPECT_EQ(parse_line_range("10"), range(10, 10));
  EXPECT_EQ(parse_line_range("7-7"), range(7, 7));
  EXPECT_EQ(parse_line_range("10-"), (LineRange{LineNumber(10), k_last_line}));
}

TEST(LineRange, RefusesEverythingElse) {
  for (const char* text : {"", "-", "-5", "a", "1-b", "1-2-3", " 1", "1 ", "0", "0-3", "3-0", "20-10", "+1", "1..2",
                           "99999999999", "1-99999999999", "1\n"}) {
    const auto parsed = parse_line_range(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, base::ErrorKind::usage) << text;
  }
}

TEST(LineRange, CheckedAgainstTheFile) {
  const SourceFile file = file_of("a\nb\nc\n");
  EXPECT_EQ(check_line_range(range(1, 3), file), range(1, 3));
  EXPECT_EQ(check_line_range({LineNumber(2), k_last_line}, file), range(2, 3));
  EXPECT_EQ(check_line_range(range(40, 40), file).error().message, "line 40 is outside 'x.py', which has 3 lines");
  EXPECT_EQ(check_line_range(range(2, 4), file).error().message, "line 4 is outside 'x.py', which has 3 lines");
  EXPECT_EQ(check_line_range({LineNumber(9), k_last_line}, file).error().message,
            "line 9 is outside 'x.py', which has 3 lines");
  EXPECT_EQ(check_line_range(range(1, 2), file_of("one")).error().message,
            "line 2 is outside 'x.py', which has 1 line");
  EXPECT_EQ(check_line_range(range(1, 1), file_of("")).error().message, "line 1 is outside 'x.py', which is empty");
  EXPECT_EQ(check_line_range({LineNumber(1), k_last_line}, file_of("")).error().message,
            "line 1 is outside 'x.py', which is empty");
}

TEST(LineRange, TextOfLines) {
  const SourceFile file = file_of("a\n\nc\nlast");
  EXPECT_EQ(text_of_lines(file, range(1, 1)), "a\n");
  EXPECT_EQ(text_of_lines(file, range(2, 3)), "\nc\n");
  EXPECT_EQ(text_of_lines(file, range(4, 4)), "last");
  EXPECT_EQ(text_of_lines(file, range(1, 4)), file.text);
}

TEST(LineRange, InWords) {
  EXPECT_EQ(to_words(range(3, 3)), "line 3");
  EXPECT_EQ(to_words(range(3, 9)), "lines 3-9");
}

}  // namespace
}  // namespace oc::context
