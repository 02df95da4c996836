// SPDX-License-Identifier: Apache-2.0
#include "storage/database.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

namespace oc::storage {
namespace {

constexpr Schema k_schema{0x6f637465, 3, "CREATE TABLE words(id INTEGER PRIMARY KEY, word TEXT UNIQUE);"};

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        base::Path(testing::TempDir()) / ("storage_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
                                          testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    file_ = folder_ / base::path_from_utf8("wörter.db");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::int64_t count_words(Database& database) {
    auto statement = database.prepare("SELECT count(*) FROM words");
    EXPECT_TRUE(statement && *statement->step());
    return statement->integer(0);
  }

  base::Path folder_, file_;
};

TEST_F(DatabaseTest, KeepsWhatWasCommittedAndDropsWhatWasNot) {
  {
    auto database = Database::open(file_, k_schema);
    ASSERT_TRUE(database) << database.error().message;
    {
      auto transaction = database->begin(Database::Access::write);
      ASSERT_TRUE(transaction);
      auto insert = database->prepare("INSERT INTO words(word) VALUES(?)");
      ASSERT_TRUE(insert);
      ASSERT_TRUE(insert->bind_text(1, "").run());  // an empty text is no NULL
      ASSERT_TRUE(insert->bind_text(1, "a\0b" + std::string(1, '\0')).run());
      ASSERT_TRUE(transaction->commit());
    }
    auto undone = database->begin(Database::Access::write);
    ASSERT_TRUE(database->execute("DELETE FROM words"));
  }
  auto again = Database::open(file_, k_schema);
  ASSERT_TRUE(again);
  EXPECT_EQ(count_words(*again), 2);
}

TEST_F(DatabaseTest, AnotherVersionIsDamage) {
  ASSERT_TRUE(Database::open(file_, k_schema));
  Schema newer = k_schema;
  newer.version = 4;
  const auto opened = Database::open(file_, newer);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is_damage(opened.error()));
  EXPECT_NE(opened.error().message.find("version 3, not 4"), std::string::npos) << opened.error().message;
}

TEST_F(DatabaseTest, GarbageIsDamage) {
  std::ofstream(file_) << std::string(10'000, 'x');
  const auto opened = Database::open(file_, k_schema);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is_damage(opened.error())) << opened.error().message;
}

TEST_F(DatabaseTest, GarbageIsEmptied) {
  std::ofstream(file_) << std::string(10'000, 'x');
  {
    auto database = Database::open_or_empty(file_, k_schema);
    ASSERT_TRUE(database) << database.error().message;
    ASSERT_TRUE(database->execute("INSERT INTO words(word) VALUES('one')"));
  }
  auto again = Database::open_or_empty(file_, k_schema);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(count_words(*again), 1);
}

TEST_F(DatabaseTest, IsEmptiedInPlaceForOthersToo) {
  auto other = Database::open(file_, k_schema), database = Database::open(file_, k_schema);
  ASSERT_TRUE(other && database);
  ASSERT_TRUE(other->execute("INSERT INTO words(word) VALUES('one')"));
  const auto anew = database->make_anew(k_schema);
  ASSERT_TRUE(anew) << anew.error().message;
  EXPECT_EQ(count_words(*other), 0);
  ASSERT_TRUE(other->execute("INSERT INTO words(word) VALUES('two')"));
  EXPECT_EQ(count_words(*database), 1);
}

TEST_F(DatabaseTest, CanBeMadeBySeveralAtOnce) {
  for (int round = 0; round < 20; ++round) {
    std::filesystem::remove(file_);
    std::vector<std::jthread> threads;
    std::atomic<int> opened{0};
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        const auto database = Database::open_or_empty(file_, k_schema);
        EXPECT_TRUE(database) << database.error().message;
        if (database) ++opened;
      });
    threads.clear();
    ASSERT_EQ(opened, 4);
  }
}

TEST_F(DatabaseTest, AMissingFolderIsAnErrorAndNoDamage) {
  const auto opened = Database::open(folder_ / "none" / "x.db", k_schema);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::io);
  EXPECT_FALSE(is_damage(opened.error()));
}

TEST_F(DatabaseTest, ReadersSeeTheOldStateUntilTheCommit) {
  auto writer = Database::open(file_, k_schema), reader = Database::open(file_, k_schema);
  ASSERT_TRUE(writer && reader);
  auto transaction = writer->begin(Database::Access::write);
  ASSERT_TRUE(writer->execute("INSERT INTO words(word) VALUES('one')"));
  EXPECT_EQ(count_words(*reader), 0);
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(count_words(*reader), 1);
}

TEST_F(DatabaseTest, ABrokenRuleIsAnErrorThatNamesIt) {
  auto database = Database::open_in_memory(k_schema);
  ASSERT_TRUE(database);
  ASSERT_TRUE(database->execute("INSERT INTO words(word) VALUES('one')"));
  auto insert = database->prepare("INSERT INTO words(word) VALUES(?)");
  const auto run = insert->bind_text(1, "one").run();
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().message.find("UNIQUE"), std::string::npos);
  ASSERT_TRUE(insert->bind_text(1, "two").run());  // and can be used again
  EXPECT_FALSE(database->prepare("SELECT nonsense FROM words"));
}

}  // namespace
}  // namespace oc::storage
