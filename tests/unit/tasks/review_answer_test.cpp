// SPDX-License-Identifier: Apache-2.0
// A corpus of answers to questions of a review: what is true survives, however clumsily it is written down; what is
// invented does not, however well.
#include "tasks/review_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/model_review.hpp"

namespace oc::tasks {
namespace {

using quality::Confidence;

ReviewedLine line(const std::string& path, std::int64_t number, const std::string& text) {
  return {path, base::LineNumber(number), text};
}

const std::vector<ReviewedLine> k_lines = {
    line("src/cart.py", 10, "def total(items):"),
    line("src/cart.py", 11, "    for i in range(len(items) + 1):"),
    line("src/cart.py", 12, "        sum += items[i].price"),
    line("src/cart.py", 13, "    return sum"),
    line("src/cart.py", 20, "    return sum"),
    line("src/flags.c", 3, "  mask = a | b;"),
    line("src/flags.c", 4, "  if (a || b) return;"),
    line("src/flags.c", 5, "}"),
    line("src/flags.c", 7, "  bits = all_of(a, b, c, d) | of(e, f, g);"),
    line("lib/flags.c", 3, "  free(p);"),
};
const ReviewItem k_item{"wrong-condition", quality::Severity::warning, "conditions"};

struct True {
  const char* name;
  const char* answer;
  std::string path;
  std::int64_t line;
  Confidence confidence;
};

class TrueObjections : public testing::TestWithParam<True> {};

TEST_P(TrueObjections, survive) {
  const ReviewAnswer read = read_review_answer(GetParam().answer, k_item, k_lines);
  ASSERT_EQ(read.findings.size(), 1U);
  const quality::Finding& finding = read.findings.front();
  EXPECT_EQ(finding.path, GetParam().path);
  EXPECT_EQ(finding.lines.first.value, GetParam().line);
  EXPECT_EQ(finding.confidence, GetParam().confidence);
  EXPECT_EQ(finding.rule, "wrong-condition");
  EXPECT_EQ(finding.source, "model");
  EXPECT_EQ(read.dropped, DroppedObjections{});
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, TrueObjections,
    testing::Values(
        True{"as_asked_for",
             "src/cart.py:11 | for i in range(len(items) + 1): | any list: the last index is past its end",
             "src/cart.py", 11, Confidence::medium},
        True{"in_backticks",
             "`src/cart.py:11` | `for i in range(len(items) + 1):` | any list: the last index is past its end",
             "src/cart.py", 11, Confidence::medium},
        True{"as_a_list",
             "Here it is:\n- src/cart.py:11 | for i in range(len(items) + 1): | the index runs past the end",
             "src/cart.py", 11, Confidence::medium},
        True{"as_a_table",
             "| path:number | code | failure |\n|---|---|---|\n| src/cart.py:12 | sum += items[i].price | sum has no "
             "value "
             "yet |\n",
             "src/cart.py", 12, Confidence::medium},
        True{"without_its_path", "12 | sum += items[i].price | sum has no value before the loop", "src/cart.py", 12,
             Confidence::medium},
        True{"by_the_end_of_its_path", "cart.py:12 | sum += items[i].price | sum has no value before the loop",
             "src/cart.py", 12, Confidence::medium},
        True{"with_a_word_before_the_number", "Line 12 | sum += items[i].price | sum has no value before the loop",
             "src/cart.py", 12, Confidence::medium},
        True{"with_a_range", "src/cart.py:12-13 | sum += items[i].price | sum has no value before the loop",
             "src/cart.py", 12, Confidence::medium},
        True{"with_the_number_copied", "src/cart.py:12 | 12+| sum += items[i].price | sum has no value before the loop",
             "src/cart.py", 12, Confidence::medium},
        True{"with_other_blanks", "src/cart.py:11 |\tfor  i in range(len(items) + 1): | the index runs past the end",
             "src/cart.py", 11, Confidence::medium},
        True{"at_a_wrong_number", "src/cart.py:3 | for i in range(len(items) + 1): | the index runs past the end",
             "src/cart.py", 11, Confidence::low},
        True{"of_two_equal_lines_by_its_number", "src/cart.py:20 | return sum | an empty list: sum has no value",
             "src/cart.py", 20, Confidence::medium},
        True{"by_a_part_of_the_line", "src/cart.py:11 | range(len(items) + 1) | the index runs past the end",
             "src/cart.py", 11, Confidence::low},
        True{"with_a_bar_in_the_code", "src/flags.c:3 | mask = a | b; | b is negative: all bits are set", "src/flags.c",
             3, Confidence::medium},
        True{"with_two_bars_in_the_code", "src/flags.c:4 | if (a || b) return; | only a is set: it returns too early",
             "src/flags.c", 4, Confidence::medium},
        True{"with_a_bar_in_the_failure", "src/flags.c:3 | mask = a | b; | a|b is negative: all bits are set",
             "src/flags.c", 3, Confidence::medium},
        True{"by_a_part_with_a_bar_in_it", "src/flags.c:4 | if (a || b) | only a is set: it returns too early",
             "src/flags.c", 4, Confidence::low},
        True{"said_twice",
             "src/cart.py:12 | sum += items[i].price | sum has no value before the loop\n"
             "src/cart.py:12 | sum += items[i].price | Sum has no value before the loop",
             "src/cart.py", 12, Confidence::medium}),
    [](const auto& one) { return std::string(one.param.name); });

struct Invented {
  const char* name;
  const char* answer;
  DroppedObjections dropped;
};

class InventedObjections : public testing::TestWithParam<Invented> {};

TEST_P(InventedObjections, are_dropped_and_counted) {
  const ReviewAnswer read = read_review_answer(GetParam().answer, k_item, k_lines);
  EXPECT_THAT(read.findings, testing::IsEmpty());
  EXPECT_EQ(read.dropped, GetParam().dropped);
}

constexpr DroppedObjections k_form{.without_form = 1}, k_elsewhere{.elsewhere = 1}, k_quote{.without_quote = 1},
    k_failure{.without_failure = 1};

INSTANTIATE_TEST_SUITE_P(
    Corpus, InventedObjections,
    testing::Values(
        Invented{"none", "none", {}}, Invented{"nothing_said", "", {}},
        Invented{"only_talk", "The code looks fine to me: 12 lines, all of them good.", {}},
        Invented{"code_that_is_not_there", "src/cart.py:12 | sum -= items[i].price | the sum gets negative always",
                 k_quote},
        Invented{"a_line_that_was_not_reviewed", "src/cart.py:2 | import os, sys, json | os is never used in here",
                 k_quote},
        Invented{"another_file", "src/bill.py:12 | sum += items[i].price | sum has no value before the loop",
                 k_elsewhere},
        Invented{"a_path_of_two_files", "flags.c:3 | mask = a | b; | b is negative: all bits are set", k_elsewhere},
        Invented{"the_line_of_another_file", "lib/flags.c:3 | mask = a | b; | b is negative: all bits are set",
                 k_quote},
        Invented{"one_of_two_equal_lines", "src/cart.py:11 | return sum | an empty list: sum has no value", k_quote},
        Invented{"no_quote", "src/cart.py:12 | | sum has no value before the loop", k_quote},
        Invented{"a_quote_without_a_word", "src/flags.c:5 | } | the function never returns a value", k_quote},
        Invented{"a_quote_too_short_to_tell", "src/cart.py:12 | sum | sum has no value before the loop", k_quote},
        Invented{"a_line_that_is_there_up_to_its_bar",
                 "src/flags.c:3 | mask = a | c; | c is negative: all bits are set", k_quote},
        Invented{"two_parts", "src/cart.py:12 | sum has no value before the loop", k_form},
        Invented{"two_parts_with_bars_in_the_code", "src/flags.c:4 | if (a || b) return;", k_form},
        Invented{"the_rest_of_the_code_for_a_failure", "src/flags.c:7 | bits = all_of(a, b, c, d) | of(e, f, g);",
                 k_failure},
        Invented{"no_number", "src/cart.py | sum += items[i].price | sum has no value before the loop", k_form},
        Invented{"no_place", "The loop | sum += items[i].price | sum has no value before the loop", k_form},
        Invented{"no_failure", "src/cart.py:12 | sum += items[i].price | ", k_failure},
        Invented{"a_word_for_a_failure", "src/cart.py:12 | sum += items[i].price | bug", k_failure},
        Invented{"a_failure_taken_back", "src/cart.py:12 | sum += items[i].price | None, the code is fine here",
                 k_failure},
        Invented{"praise", "src/cart.py:12 | sum += items[i].price | This is correct and handles all prices",
                 k_failure},
        Invented{"the_quote_again", "src/cart.py:10 | def total(items): | def total(items):", k_failure},
        Invented{"the_words_of_the_form",
                 "src/cart.py:10 | def total(items): | with which input or state it goes wrong, and what happens then",
                 k_failure}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(ReviewAnswer, that_says_the_same_of_every_line_says_it_once) {
  const ReviewAnswer read = read_review_answer(
      "src/cart.py:10 | def total(items): | items may be None here\n"
      "src/cart.py:12 | sum += items[i].price | items may be None here\n",
      k_item, k_lines);
  EXPECT_EQ(read.findings.size(), 1U);
  EXPECT_EQ(read.dropped, k_failure);
}

TEST(ReviewAnswer, is_bounded_in_findings_and_in_their_words) {
  std::string answer;
  for (int i = 0; i < 9; ++i)
    answer +=
        "src/cart.py:12 | sum += items[i].price | case " + std::to_string(i) + std::string(1000, 'x') + " is bad\n";
  const ReviewAnswer read = read_review_answer(answer, k_item, k_lines);
  ASSERT_EQ(read.findings.size(), 5U);
  EXPECT_EQ(read.dropped.too_many, 4);
  EXPECT_LT(read.findings.front().message.size(), 310U);
}

TEST(ReviewItems, have_a_rule_a_severity_and_a_question) {
  const std::vector<ReviewItem> items = review_items();
  EXPECT_EQ(items.size(), 8U);
  for (const ReviewItem& item : items) {
    EXPECT_THAT(item.rule, testing::MatchesRegex("[a-z-]+"));
    EXPECT_NE(item.severity, quality::Severity::error) << "nothing proves what a model says";
    EXPECT_TRUE(item.question.ends_with('.'));
  }
}

ReviewedFile file_of(std::int64_t lines) {
  ReviewedFile file;
  for (std::int64_t i = 0; i < lines; ++i) file.file.text += "x\n";
  return file;
}

base::LineRange range(std::int64_t first, std::int64_t last) {
  return {base::LineNumber(first), base::LineNumber(last)};
}

TEST(ShownRanges, are_all_lines_where_nothing_says_what_changed) {
  EXPECT_THAT(shown_ranges(file_of(9)), testing::ElementsAre(range(1, 9)));
  EXPECT_THAT(shown_ranges(file_of(0)), testing::IsEmpty());
}

TEST(ShownRanges, are_the_functions_that_changed_or_lines_around_the_change) {
  ReviewedFile file = file_of(500);
  file.functions = {{.name = "a", .lines = range(100, 140)},
                    {.name = "a.b", .lines = range(110, 112)},
                    {.name = "long", .lines = range(300, 490)}};
  file.changed = std::vector{range(5, 5), range(101, 101), range(111, 111), range(400, 400), range(501, 501)};
  EXPECT_THAT(shown_ranges(file), testing::ElementsAre(range(1, 20), range(100, 140), range(385, 415)));
}

}  // namespace
}  // namespace oc::tasks
