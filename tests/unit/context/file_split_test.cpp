// SPDX-License-Identifier: Apache-2.0
#include "context/file_split.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/text.hpp"
#include "context/line_range.hpp"

namespace oc::context {
namespace {

using base::LineNumber;
using base::LineRange;
using testing::ElementsAre;

base::Result<base::TokenCount> count_characters(std::string_view text) {
  return base::TokenCount(static_cast<std::int64_t>(text.size()));
}

SourceFile file_of(std::string text, const std::string& name = "a.py") {
  SourceFile file;
  file.path = name;
  file.shown_path = name;
  file.text = std::move(text);
  return file;
}

std::vector<LineRange> split(const SourceFile& file, std::int64_t budget) {
  auto ranges = split_file(file, base::TokenCount(budget), count_characters);
  EXPECT_TRUE(ranges) << ranges.error().message;
  return ranges ? *ranges : std::vector<LineRange>{};
}

LineRange lines(std::int64_t first, std::int64_t last) { return {LineNumber(first), LineNumber(last)}; }

TEST(FileSplit, AFileThatFitsIsOnePart) {
  EXPECT_THAT(split(file_of("a = 1\nb = 2\n"), 100), ElementsAre(lines(1, 2)));
  EXPECT_THAT(split(file_of(""), 100), ElementsAre());
}

TEST(FileSplit, CutsBeforeSymbolsWithTheirComments) {
  const std::string text = "import os\n\ndef one():\n    return 1\n\n# About two.\ndef two():\n    return 2\n";
  EXPECT_THAT(split(file_of(text), 45), ElementsAre(lines(1, 5), lines(6, 8)));
}

TEST(FileSplit, CutsInsideAClassWhereItMust) {
  const std::string text =
      "class A:\n    def one(self):\n        return 1\n\n    def two(self):\n        return 2\n\nx = 1\n";
  EXPECT_THAT(split(file_of(text), 50), ElementsAre(lines(1, 4), lines(5, 7), lines(8, 8)));
}

TEST(FileSplit, ALineThatDoesNotFitIsAnErrorThatNamesIt) {
  const auto ranges =
      split_file(file_of("x = 1\n" + std::string(200, 'y') + "\n"), base::TokenCount(50), count_characters);
  ASSERT_FALSE(ranges);
  EXPECT_EQ(ranges.error().kind, base::ErrorKind::too_large);
  EXPECT_THAT(ranges.error().message, testing::HasSubstr("line 2 of 'a.py' has 201 tokens, 50 fit"));
}

TEST(FileSplit, EveryLineOnceWhateverTheText) {
  std::mt19937 random(3);
  const std::vector<std::string> pieces = {
      "def f():\n", "    return 1\n", "\n", "class A:\n", "# note\n", "    x = (\n", "}\n", "    )\n", "@d\n", "text"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = static_cast<int>(random() % 60); i > 0; --i) text += pieces[random() % pieces.size()];
    const SourceFile file = file_of(text, random() % 2 == 0 ? "a.py" : "a.cpp");
    const std::int64_t budget = 60 + static_cast<std::int64_t>(random() % 200);
    std::string joined;
    for (const LineRange& range : split(file, budget)) {
      const std::string_view part = text_of_lines(file, range);
      EXPECT_LE(static_cast<std::int64_t>(part.size()), budget);
      joined += part;
    }
    ASSERT_EQ(joined, text);
  }
}

}  // namespace
}  // namespace oc::context
