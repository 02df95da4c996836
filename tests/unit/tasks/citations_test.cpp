// SPDX-License-Identifier: Apache-2.0
#include "tasks/citations.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oc::tasks {
namespace {

using Verdict = CheckedCitation::Verdict;

Citation cite(const std::string& path, std::int64_t first, std::int64_t last) {
  return {path, {base::LineNumber(first), base::LineNumber(last)}};
}

const std::vector<std::string> k_known = {"src/cart.py", "src/my notes.md", "app/[id].tsx", "tests/cart.py"};

TEST(Citations, are_found_in_the_forms_that_models_write) {
  const std::string answer =
      "It is summed in `src/cart.py:12`, (src/cart.py:14-16), **src/cart.py:L20-L22** and src/cart.py#L30.\n"
      "See [the notes](src/my notes.md:3), app/[id].tsx:4\xE2\x80\x93"
      "5; ./src/cart.py:7:19 too.\n";
  EXPECT_THAT(
      find_citations(answer, k_known),
      testing::ElementsAre(cite("src/cart.py", 12, 12), cite("src/cart.py", 14, 16), cite("src/cart.py", 20, 22),
                           cite("src/cart.py", 30, 30), cite("src/my notes.md", 3, 3), cite("app/[id].tsx", 4, 5),
                           cite("src/cart.py", 7, 7)));
}

TEST(Citations, stand_once_each) {
  EXPECT_THAT(find_citations("src/cart.py:1 src/cart.py:1", k_known), testing::SizeIs(1));
}

TEST(Citations, of_the_end_of_one_path_alone_mean_that_path) {
  EXPECT_THAT(find_citations("[id].tsx:2 lib/cart.py:3", k_known),
              testing::ElementsAre(cite("app/[id].tsx", 2, 2), cite("lib/cart.py", 3, 3)));
  EXPECT_THAT(find_citations("in bill.py:2", {"shop/bill.py", "shop/sum.py"}),
              testing::ElementsAre(cite("shop/bill.py", 2, 2)));
  EXPECT_THAT(find_citations("cart.py:3", k_known), testing::ElementsAre(cite("cart.py", 3, 3)));  // of two
}

TEST(Citations, are_not_found_where_a_colon_means_something_else) {
  const std::string answer =
      "At 12:30, http://localhost:8080, https://a.org:443/x, std::vector:3, x:1, 1.5:2, items[0]:4, ratio 3:4, :5, "
      "a.py:, "
      "a.py:x, a.py:123456789012345678901234567890\n";
  EXPECT_THAT(find_citations(answer, k_known), testing::IsEmpty());
}

TEST(Citations, in_code_count_for_paths_of_the_prompt_alone) {
  EXPECT_THAT(find_citations("```\nx = o.items:5  # src/cart.py:2\n```\no.txt:5\n", k_known),
              testing::ElementsAre(cite("src/cart.py", 2, 2), cite("o.txt", 5, 5)));
}

TEST(Citations, of_an_answer_without_end_are_bounded) {
  std::string answer;
  for (int i = 1; i < 5000; ++i) answer += "a.py:" + std::to_string(i) + " ";
  EXPECT_LE(find_citations(answer, {}).size(), 200U);
}

class CheckedCitations : public testing::Test {
 protected:
  CheckedCitations() {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "a.py") << "1\n2\n3\n4\n5\n6\n";
    std::ofstream(folder_ / ".env") << "KEY=1\n";
    std::error_code code;
    std::filesystem::create_symlink("a.py", folder_ / "link.py", code);
  }
  ~CheckedCitations() override { std::filesystem::remove_all(folder_); }

  std::vector<Verdict> verdicts(const std::string& answer) const {
    const auto piece = [](std::int64_t first, std::int64_t last, context::Form form) {
      return context::Piece{"a.py", {base::LineNumber(first), base::LineNumber(last)}, "", "", context::Need::optional,
                            form};
    };
    const CitationSources sources{
        {piece(1, 2, context::Form::text), piece(3, 4, context::Form::text), piece(1, 6, context::Form::outline)},
        folder_,
        base::ByteCount(1'000'000)};
    std::vector<Verdict> all;
    for (const CheckedCitation& each : check_citations(answer, sources)) all.push_back(each.verdict);
    return all;
  }

  const base::Path folder_ = std::filesystem::temp_directory_path() /
                             ("oc-citations-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                              "-" + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(CheckedCitations, are_right_where_all_their_lines_were_shown) {
  EXPECT_THAT(verdicts("a.py:1 a.py:4 a.py:2-3 a.py:1-4"), testing::Each(Verdict::shown));
}

TEST_F(CheckedCitations, are_told_apart_by_what_is_wrong) {
  EXPECT_THAT(verdicts("a.py:5 a.py:4-6 a.py:7 a.py:0 a.py:5-9 b.py:1"),
              testing::ElementsAre(Verdict::not_shown, Verdict::not_shown, Verdict::no_such_line, Verdict::no_such_line,
                                   Verdict::no_such_line, Verdict::no_such_file));
}

TEST_F(CheckedCitations, never_lead_out_of_the_workspace_or_to_secrets) {
  EXPECT_THAT(verdicts("../../etc/passwd:1 /etc/passwd:1 .env:1 link.py:1"), testing::Each(Verdict::no_such_file));
}

}  // namespace
}  // namespace oc::tasks
