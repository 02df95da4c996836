// SPDX-License-Identifier: Apache-2.0
#include "edit/unified_diff.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <algorithm>

#include <charconv>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "edit/line_match.hpp"

namespace oc::edit {
namespace {

using Kind = DiffLine::Kind;

std::size_t number_after(std::string_view text, char mark) {
  std::size_t number = 0;
  const std::size_t at = text.find(mark) + 1;
  std::from_chars(text.data() + at, text.data() + text.size(), number);
  return number;
}

// What `patch` does, strictly: every context and removed line must be there.
std::optional<std::string> patched(std::string_view old_text, std::string_view diff) {
  const auto old_lines = lines_with_ends(old_text);
  const auto lines = lines_with_ends(diff);
  std::string out;
  std::size_t at = 0;
  for (std::size_t i = 2; i < lines.size(); ++i) {
    std::string line(lines[i]);
    if (line.starts_with("@@")) {
      const bool is_pure_insertion = line.find(",0 +") != std::string::npos;
      const std::size_t begin = number_after(line, '-') - (is_pure_insertion ? 0 : 1);
      while (at < begin) out += old_lines[at++];
      if (number_after(line, '+') == 0 && !out.empty()) return std::nullopt;
      continue;
    }
    if (i + 1 < lines.size() && lines[i + 1].starts_with("\\ ")) line.pop_back();
    if (line.starts_with("\\ ")) continue;
    const std::string content = line.substr(1);
    if (line.front() != '+' && (at >= old_lines.size() || old_lines[at++] != content)) return std::nullopt;
    if (line.front() != '-') out += content;
  }
  while (at < old_lines.size()) out += old_lines[at++];
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string numbered(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += fmt::format("line {}\n", i);
  return text;
}

TEST(UnifiedDiff, IsEmptyForEqualTexts) {
  EXPECT_EQ(unified_diff("", "", "a"), "");
  EXPECT_EQ(unified_diff("x\n", "x\n", "a"), "");
  EXPECT_TRUE(diff_lines("x", "x", "a").empty());
}

TEST(UnifiedDiff, ShowsAChangeWithItsSurroundings) {
  EXPECT_EQ(unified_diff("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nE\nf\ng\nh\n", "src/x.py"),
            "--- a/src/x.py\n+++ b/src/x.py\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n");
}

TEST(UnifiedDiff, SeparatesDistantChangesAndJoinsNearOnes) {
  const std::string old_text = numbered(1, 40);
  std::string far = old_text, near = old_text;
  far.replace(far.find("line 5\n"), 7, "new 5\n").replace(far.find("line 20\n"), 8, "");
  near.replace(near.find("line 5\n"), 7, "new 5\n").replace(near.find("line 12\n"), 8, "");
  EXPECT_THAT(unified_diff(old_text, far, "x"),
              testing::AllOf(testing::HasSubstr("@@ -2,7 +2,7 @@\n"), testing::HasSubstr("@@ -17,7 +17,6 @@\n")));
  EXPECT_THAT(unified_diff(old_text, near, "x"), testing::HasSubstr("@@ -2,14 +2,13 @@\n"));
  EXPECT_THAT(unified_diff(old_text, near, "x", 0),
              testing::AllOf(testing::HasSubstr("@@ -5 +5 @@\n"), testing::HasSubstr("@@ -12 +11,0 @@\n-line 12\n")));
}

TEST(UnifiedDiff, TellsAMissingLastLineEnd) {
  EXPECT_EQ(unified_diff("a\nb", "a\nb\n", "x", 0),
            "--- a/x\n+++ b/x\n@@ -2 +2 @@\n-b\n\\ No newline at end of file\n+b\n");
  EXPECT_EQ(unified_diff("", "a", "x"), "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n");
  EXPECT_EQ(unified_diff("a\n", "", "x"), "--- a/x\n+++ b/x\n@@ -1 +0,0 @@\n-a\n");
}

TEST(UnifiedDiff, KeepsLineEndsInBytesAndShowsThemOnlyWhereTheyDiffer) {
  EXPECT_EQ(unified_diff("a\r\nb\r\n", "a\r\nc\r\n", "x"), "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n");
  const auto same = diff_lines("a\r\nb\r\n", "a\r\nc\r\n", "x");
  EXPECT_EQ(same.back(), (DiffLine{Kind::added, "+c"}));
  const auto changed = diff_lines("b\r\n", "b\n", "x");
  ASSERT_EQ(changed.size(), 5u);
  EXPECT_EQ(changed[3], (DiffLine{Kind::removed, "-b\\r"}));
  EXPECT_EQ(changed[4], (DiffLine{Kind::added, "+b"}));
}

TEST(UnifiedDiff, LinesCarryTheirKind) {
  const auto lines = diff_lines("a\nb", "a\nc", "x");
  const std::vector<DiffLine> expected{{Kind::header, "--- a/x"},
                                       {Kind::header, "+++ b/x"},
                                       {Kind::hunk, "@@ -1,2 +1,2 @@"},
                                       {Kind::context, " a"},
                                       {Kind::removed, "-b"},
                                       {Kind::note, "\\ No newline at end of file"},
                                       {Kind::added, "+c"},
                                       {Kind::note, "\\ No newline at end of file"}};
  EXPECT_EQ(lines, expected);
}

TEST(UnifiedDiff, ALabelCannotBringInLines) {
  EXPECT_TRUE(unified_diff("", "a\n", "x\n+evil").starts_with("--- 'a/x\\x0a+evil'\n+++ 'b/x\\x0a+evil'\n@@"));
}

std::string random_text(std::mt19937& random, std::size_t most_lines) {
  static const std::vector<std::string> words{"a", "b",     "c",           "",     "}",  "x = 1", "-",
                                              "+", "\\ No", "@@ -1 +1 @@", "żółw", "c\r"};
  std::vector<std::string> lines;
  for (std::size_t n = random() % (most_lines + 1); n > 0; --n) lines.push_back(words[random() % words.size()]);
  std::string text = joined(lines);
  if (random() % 3 == 0 && !text.empty()) text.pop_back();
  return text;
}

// Changes some lines of a text, as an edit does.
std::string edited(std::mt19937& random, std::string_view text) {
  std::string out;
  for (const std::string_view line : lines_with_ends(text)) {
    if (random() % 8 == 0) out += "new\n";
    if (random() % 8 != 0) out += line;
  }
  return out;
}

TEST(UnifiedDiff, AppliedToTheOldTextGivesTheNewOne) {
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) {
    const std::string old_text = random_text(random, 30);
    const std::string new_text = i % 2 == 0 ? random_text(random, 30) : edited(random, old_text);
    const std::size_t context = random() % 5;
    const std::string diff = unified_diff(old_text, new_text, "x", context);
    ASSERT_EQ(patched(old_text, diff), new_text) << diff;
    std::string shown;
    for (const DiffLine& line : diff_lines(old_text, new_text, "x", context)) shown += line.text + "\n";
    ASSERT_EQ(std::ranges::count(shown, '\n'), std::ranges::count(diff, '\n'));
  }
}

// The number of kept lines is that of a longest common subsequence, computed the slow way.
TEST(LineMatch, KeepsAsManyLinesAsPossible) {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    const std::string old_text = random_text(random, 20), new_text = random_text(random, 20);
    const auto a = lines_with_ends(old_text), b = lines_with_ends(new_text);
    std::vector<std::vector<long>> table(a.size() + 1, std::vector<long>(b.size() + 1, 0));
    for (std::size_t x = 1; x <= a.size(); ++x)
      for (std::size_t y = 1; y <= b.size(); ++y)
        table[x][y] = a[x - 1] == b[y - 1] ? table[x - 1][y - 1] + 1 : std::max(table[x - 1][y], table[x][y - 1]);
    const LineMatch match = match_lines(a, b);
    ASSERT_EQ(std::ranges::count(match.new_kept, true), table[a.size()][b.size()]);
    ASSERT_EQ(std::ranges::count(match.old_kept, true), table[a.size()][b.size()]);
  }
}

TEST(LineMatch, LargeUnlikeFilesStayCheapAndRight) {
  std::mt19937 random(3);
  std::string few_words_old, few_words_new, unlike_old, unlike_new;
  for (int i = 0; i < 50'000; ++i) {
    if (i < 10'000) few_words_old += fmt::format("{}\n", random() % 20);
    if (i < 10'000) few_words_new += fmt::format("{}\n", random() % 20);
    unlike_old += fmt::format("old {}\n", i);
    unlike_new += i % 10 == 0 ? fmt::format("old {}\n", i) : fmt::format("new {}\n", i);
  }
  EXPECT_TRUE(patched(few_words_old, unified_diff(few_words_old, few_words_new, "x")) == few_words_new);
  EXPECT_TRUE(patched(unlike_old, unified_diff(unlike_old, unlike_new, "x")) == unlike_new);
  const LineMatch match = match_lines(lines_with_ends(unlike_old), lines_with_ends(unlike_new));
  EXPECT_EQ(std::ranges::count(match.new_kept, true), 5000);  // patience finds what the bounded search gave up on
}

}  // namespace
}  // namespace oc::edit
