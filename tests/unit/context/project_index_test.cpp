// SPDX-License-Identifier: Apache-2.0
#include "context/project_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "workspace_fixture.hpp"

namespace oc::context {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ProjectIndexTest : public WorkspaceTest {
 protected:
  void write_python_project() const {
    write("shop/money.py",
          "def parse_amount(text):\n    return int(text)\n\n\ndef format_amount(value):\n    return str(value)\n");
    write("shop/cart.py",
          "from shop.money import parse_amount\n\n\nclass Cart:\n    def add_line(self, text):\n"
          "        return parse_amount(text)\n");
    write("tests/test_cart.py",
          "from shop.cart import Cart\n\n\ndef test_adds():\n    assert Cart().add_line('1') == 1\n");
    write("README.md", "# A shop\n\nCounts money.\n");
  }

  // What all questions say about an index, as text that can be compared.
  static std::string fingerprint(ProjectIndex& index) {
    IndexQuery query = index.query();
    auto files = *query.load_files();
    std::ranges::sort(files, {}, &FileRow::path);
    std::map<FileId, std::string> paths;
    for (const FileRow& file : files) paths[file.id] = file.path;
    std::string text;
    for (const FileRow& file : files) {
      text += file.path + " " + file.language + " " + std::to_string(file.lines) + "\n";
      const auto symbols = *query.load_symbols(file.id);
      for (const SymbolRow& symbol : symbols)
        text += "  " + symbol.qualified_name + " " + symbol.signature + " users " + std::to_string(symbol.users) + "\n";
      std::vector<std::string> edges;
      const auto links = *query.load_edges(file.id);
      for (const Edge& edge : links)
        edges.push_back("  -> " + paths[edge.target] + " " + std::to_string(edge.name) + " " +
                        std::to_string(edge.weight) + "\n");
      std::ranges::sort(edges);
      for (const std::string& edge : edges) text += edge;
    }
    return text + std::to_string(*query.signatures_fingerprint());
  }
};

TEST_F(ProjectIndexTest, FindsSymbolsAndLinksThem) {
  write_python_project();
  ProjectIndex index = open();
  const RefreshOutcome outcome = refresh(index);
  EXPECT_EQ(outcome.indexed, 4u);
  EXPECT_EQ(outcome.changed, 4u);
  IndexQuery query = index.query();
  const auto found = *query.find_symbols("parse_amount", 10);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].users, 1);
  const auto cart = *query.find_file("shop/cart.py");
  const auto money = *query.find_file("shop/money.py");
  ASSERT_TRUE(cart && money);
  double weight = 0;
  const auto edges = *query.load_edges(cart->id);
  for (const Edge& edge : edges)
    if (edge.target == money->id) weight += static_cast<double>(edge.weight);
  EXPECT_GT(weight, 1);  // the import and the name
}

TEST_F(ProjectIndexTest, ASecondRefreshReadsNothing) {
  write_python_project();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(workspace()))
    if (entry.is_regular_file())
      std::filesystem::last_write_time(entry.path(),
                                       std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  ProjectIndex index = open();
  refresh(index);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));  // ctime is now: until the clock ticks it proves nothing
  refresh(index);
  const RefreshOutcome again = refresh(index);
  EXPECT_EQ(again.read, 0u);
  EXPECT_EQ(again.changed, 0u);
  EXPECT_EQ(again.indexed, 4u);
}

TEST_F(ProjectIndexTest, AFileThatIsTouchedIsReadAndNotChanged) {
  write_python_project();
  ProjectIndex index = open();
  refresh(index);
  write("README.md", "# A shop\n\nCounts money.\n");
  const RefreshOutcome outcome = refresh(index);
  EXPECT_GE(outcome.read, 1u);
  EXPECT_EQ(outcome.changed, 0u);
}

TEST_F(ProjectIndexTest, AChangeOfTheSameLengthAtTheSameTimeIsSeen) {
  write("a.py", "def one():\n    pass\n");
  ProjectIndex index = open();
  refresh(index);
  const auto time = std::filesystem::last_write_time(workspace() / "a.py");
  write("a.py", "def two():\n    pass\n");
  std::filesystem::last_write_time(workspace() / "a.py", time);
  refresh(index);
  EXPECT_THAT(*index.query().find_symbols("two", 5), SizeIs(1));
  EXPECT_THAT(*index.query().find_symbols("one", 5), IsEmpty());
}

TEST_F(ProjectIndexTest, DeletedAndRenamedFiles) {
  write_python_project();
  ProjectIndex index = open();
  refresh(index);
  std::filesystem::rename(workspace() / "shop/money.py", workspace() / "shop/cash.py");
  const RefreshOutcome outcome = refresh(index);
  EXPECT_EQ(outcome.removed, 1u);
  EXPECT_EQ(outcome.changed, 1u);
  EXPECT_FALSE(*index.query().find_file("shop/money.py"));
  const auto found = *index.query().find_symbols("parse_amount", 5);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].file, (*index.query().find_file("shop/cash.py"))->id);
}

// Whatever way led there, the index says what a fresh one says.
TEST_F(ProjectIndexTest, ManySmallChangesGiveTheSameIndexAsAFreshOne) {
  std::mt19937 random(7);
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  const auto name = [&](int i) { return "function_" + std::to_string(i); };
  const auto some_file = [&](int i) {
    std::string text;
    for (int k = pick(3); k > 0; --k)
      text += "from pkg.m" + std::to_string(pick(8)) + " import " + name(pick(12)) + "\n";
    for (int k = 1 + pick(3); k > 0; --k)
      text += "def " + name(pick(12)) + "(a" + std::to_string(pick(3)) + "):\n    return " + name(pick(12)) + "()\n\n";
    write("pkg/m" + std::to_string(i) + ".py", text);
  };
  for (int i = 0; i < 6; ++i) some_file(i);
  ProjectIndex index = open();
  refresh(index);
  for (int round = 0; round < 15; ++round) {
    for (int k = 1 + pick(2); k > 0; --k) {
      if (pick(4) == 0) remove("pkg/m" + std::to_string(pick(8)) + ".py");
      else some_file(pick(8));
    }
    refresh(index);
    const std::string fresh_name = "fresh" + std::to_string(round) + ".db";
    ProjectIndex fresh = open(fresh_name);
    refresh(fresh);
    ASSERT_EQ(fingerprint(index), fingerprint(fresh)) << "round " << round;
  }
}

TEST_F(ProjectIndexTest, ADamagedIndexIsMadeAnewAndSaysSo) {
  write_python_project();
  {
    ProjectIndex index = open();
    refresh(index);
  }
  std::ofstream(index_file(), std::ios::binary | std::ios::trunc) << std::string(9000, 'x');
  std::filesystem::remove(root_ / "cache.db-wal");
  ProjectIndex index = open();
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("made anew")));
  EXPECT_EQ(refresh(index).indexed, 4u);
}

// Damage in the middle is found when it is read: no crash, no error, said once.
TEST_F(ProjectIndexTest, RandomDamageIsRepairedWhenItIsMet) {
  write_python_project();
  {
    ProjectIndex index = open();
    refresh(index);
    ASSERT_TRUE(index.make_map({base::TokenCount(100), "words"}, count_words));
  }
  std::filesystem::remove(root_ / "cache.db-wal");
  std::filesystem::remove(root_ / "cache.db-shm");
  std::ifstream in(index_file(), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  ASSERT_GT(good.size(), 10'000u);
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    std::string bad = good;
    // Single bytes, and whole pages: the first meet contents, the second structure.
    for (int k = 0; k < 20; ++k) bad[random() % bad.size()] = static_cast<char>(random());
    for (int k = 0; k < round % 4; ++k) bad.replace(random() % (bad.size() / 4096) * 4096, 4096, 4096, '\x5a');
    std::ofstream(index_file(), std::ios::binary | std::ios::trunc) << bad;
    notes_.clear();
    ProjectIndex index = open();
    refresh(index);
    const auto pieces = index.find_pieces({"parse_amount in the cart", {}, base::TokenCount(500)});
    EXPECT_TRUE(pieces) << pieces.error().message;
    const auto map = index.make_map({base::TokenCount(100), "words"}, count_words);
    EXPECT_TRUE(map) << map.error().message;
    const auto summary = index.find_summary("hash", "author");
    EXPECT_TRUE(summary) << summary.error().message;
    EXPECT_LE(notes_.size(), 1u);
    for (const char* ending : {"-wal", "-shm"}) std::filesystem::remove(root_ / (std::string("cache.db") + ending));
  }
}

TEST_F(ProjectIndexTest, CancelAndTimeLimitLeaveTheRestForTheNextTime) {
  for (int i = 0; i < 300; ++i) write("m" + std::to_string(i) + ".py", "def f" + std::to_string(i) + "():\n    pass\n");
  ProjectIndex index = open();
  RefreshOptions options;
  options.time_limit = std::chrono::milliseconds(0);
  const auto first = index.refresh(options);
  ASSERT_TRUE(first);
  EXPECT_GT(first->left, 0u);
  options.time_limit.reset();
  options.cancel.request();
  const auto cancelled = index.refresh(options);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().kind, base::ErrorKind::cancelled);
  EXPECT_EQ(refresh(index).indexed, 300u);
}

TEST_F(ProjectIndexTest, WhatChangedLastComesFirstButNotByTheOrderOfACheckout) {
  for (const char* name : {"one.md", "two.md"}) write(name, "# Prices\n\nHow an amount is rounded.\n");
  const auto minute = std::chrono::floor<std::chrono::minutes>(std::filesystem::file_time_type::clock::now());
  const auto first_after = [&](std::chrono::seconds age_of_one, std::chrono::seconds age_of_two) {
    std::filesystem::last_write_time(workspace() / "one.md", minute - age_of_one);
    std::filesystem::last_write_time(workspace() / "two.md", minute - age_of_two);
    ProjectIndex index = open();
    refresh(index);
    const auto pieces = *index.find_pieces({"how is an amount rounded", {}, base::TokenCount(500)});
    return pieces.empty() ? "" : pieces.front().path;
  };
  EXPECT_EQ(first_after(std::chrono::seconds(59), std::chrono::seconds(1)), "one.md");
  EXPECT_EQ(first_after(std::chrono::seconds(1), std::chrono::seconds(59)), "one.md");
  EXPECT_EQ(first_after(std::chrono::hours(5), std::chrono::hours(1)), "two.md");
}

TEST_F(ProjectIndexTest, ThePastDoesNotPileUp) {
  write_python_project();
  ProjectIndex index = open();
  RefreshOptions options;
  options.most_stale_documents = 10;
  std::int64_t highest = 0;
  for (int i = 0; i < 60; ++i) {
    write("shop/money.py", "def parse_amount(text):\n    return int(text) + " + std::to_string(i) + "\n");
    ASSERT_TRUE(index.refresh(options));
    const auto file = *index.query().find_file("shop/money.py");
    ASSERT_TRUE(file);
    highest = std::max(highest, file->document);
  }
  EXPECT_LE(highest, 2 * 4 + 10 + 4);
  ASSERT_TRUE(index.refresh(options));
  ProjectIndex fresh = open("fresh.db");
  refresh(fresh);
  EXPECT_EQ(fingerprint(index), fingerprint(fresh));
  const PieceRequest request{"parse_amount in the cart", {}, base::TokenCount(500)};
  EXPECT_EQ(*index.find_pieces(request), *fresh.find_pieces(request));
}

TEST_F(ProjectIndexTest, SummariesAreKeptByTextAndAuthor) {
  ProjectIndex index = open();
  ASSERT_TRUE(index.store_summary("hash", "model", "It adds."));
  EXPECT_EQ(*index.find_summary("hash", "model"), "It adds.");
  EXPECT_EQ(*index.find_summary("hash", "other"), std::nullopt);
  EXPECT_EQ(*index.remove_summaries(), base::ByteCount(8));
  EXPECT_EQ(*index.find_summary("hash", "model"), std::nullopt);
}

TEST_F(ProjectIndexTest, CountsAreAskedForOnce) {
  ProjectIndex index = open();
  int asked = 0;
  const CountTokens count = index.remembered(
      [&](std::string_view text) {
        ++asked;
        return count_words(text);
      },
      "words");
  EXPECT_EQ(count("one two"), base::TokenCount(2));
  EXPECT_EQ(count("one two"), base::TokenCount(2));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace oc::context
