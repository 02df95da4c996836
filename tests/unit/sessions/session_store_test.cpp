// SPDX-License-Identifier: Apache-2.0
#include "sessions/session_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace oc::sessions {
namespace {

using testing::HasSubstr;

class SessionStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = base::Path(testing::TempDir()) /
              ("sessions_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  SessionStore open() {
    auto store = SessionStore::open(folder_);
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }

  base::Path folder_;
  base::Path workspace_ = "/home/me/project";
};

TEST_F(SessionStoreTest, KeepsATurnAsItHappens) {
  std::int64_t id = 0;
  {
    SessionStore store = open();
    id = *store.begin(workspace_, "What is it?");
    ASSERT_TRUE(store.set_map(id, "the map"));
    const std::int64_t turn = *store.add_turn(id, "What is it?\nReally.");
    ASSERT_TRUE(store.set_pieces(turn, {{"a.py", 1, 2, "named", "x = 1\n", PieceForm::text, true}}));
    ASSERT_TRUE(store.set_answer(turn, "It is", TurnState::open, "demo"));
  }
  SessionStore store = open();
  const auto session = store.find(id);
  ASSERT_TRUE(session && *session);
  EXPECT_EQ((*session)->title, "What is it?");
  EXPECT_EQ((*session)->map, "the map");
  EXPECT_EQ((*session)->workspace, workspace_);
  EXPECT_EQ((*session)->turns, 1);
  const auto turns = store.turns(id);
  ASSERT_TRUE(turns && turns->size() == 1);
  EXPECT_EQ(turns->front().question, "What is it?\nReally.");
  EXPECT_EQ(turns->front().answer, "It is");
  EXPECT_EQ(turns->front().state, TurnState::open);
  ASSERT_EQ(turns->front().pieces.size(), 1);
  EXPECT_EQ(turns->front().pieces.front().text, "x = 1\n");
}

#ifndef _WIN32
TEST_F(SessionStoreTest, IsForTheUserAlone) {
  const SessionStore store = open();
  using std::filesystem::perms;
  for (const char* name : {"state.db", "state.db-wal"}) {
    const auto mode = std::filesystem::status(folder_ / name).permissions();
    EXPECT_EQ(mode & (perms::group_all | perms::others_all), perms::none) << name;
  }
}
#endif

TEST_F(SessionStoreTest, ListsThoseOfAWorkspaceNewestFirst) {
  SessionStore store = open();
  const std::int64_t first = *store.begin(workspace_, "one"), second = *store.begin(workspace_, "two");
  ASSERT_TRUE(store.begin("/other", "three"));
  const auto mine = store.list(workspace_);
  ASSERT_TRUE(mine && mine->size() == 2);
  EXPECT_EQ(mine->at(0).id, second);
  EXPECT_EQ(mine->at(1).id, first);
  EXPECT_EQ(store.list(std::nullopt)->size(), 3);
}

TEST_F(SessionStoreTest, OneProgramASession) {
  SessionStore store = open(), other = open();
  const std::int64_t id = *store.begin(workspace_, "one");
  {
    auto lock = store.try_lock(id);
    ASSERT_TRUE(lock && *lock);
    auto refused = other.try_lock(id);
    ASSERT_TRUE(refused);
    EXPECT_FALSE(*refused);
    const auto all = SessionStore::remove_all(folder_);
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().kind, base::ErrorKind::conflict);
  }
  EXPECT_TRUE(*other.try_lock(id));
}

TEST_F(SessionStoreTest, NumbersOfDeletedOnesAreNotUsedAgain) {
  SessionStore store = open();
  const std::int64_t id = *store.begin(workspace_, "one");
  const std::int64_t turn = *store.add_turn(id, "hello");
  ASSERT_TRUE(store.set_answer(turn, "world", TurnState::done, "demo"));
  ASSERT_TRUE(store.remove(id));
  EXPECT_FALSE(*store.find(id));
  EXPECT_TRUE(store.search("world", std::nullopt, 10)->empty());
  EXPECT_GT(*store.begin(workspace_, "two"), id);
}

TEST_F(SessionStoreTest, FindsWordsInQuestionsAndAnswers) {
  SessionStore store = open();
  const std::int64_t id = *store.begin(workspace_, "about parsers");
  const std::int64_t turn = *store.add_turn(id, "How does the parser work?");
  ASSERT_TRUE(store.set_answer(turn, "By recursive\ndescent.", TurnState::done, "demo"));
  EXPECT_EQ(store.search("pars descent", workspace_, 10)->size(), 1);  // one in the question, one in the answer
  EXPECT_TRUE(store.search("parser lexer", workspace_, 10)->empty());
  const auto one = store.search("DESCENT recurs", workspace_, 10);
  ASSERT_TRUE(one && one->size() == 1);
  EXPECT_EQ(one->front().session, id);
  EXPECT_EQ(one->front().excerpt, "By recursive descent.");
  EXPECT_TRUE(store.search("descent", base::Path("/other"), 10)->empty());
  EXPECT_EQ(store.search("work?", std::nullopt, 10)->size(), 1);
}

TEST_F(SessionStoreTest, NoSearchIsASyntaxError) {
  SessionStore store = open();
  for (const char* words : {"", "\"", "a\"b", "NEAR(", "(", "*", "-x", "question:", "AND OR NOT", "^", "'"}) {
    const auto found = store.search(words, std::nullopt, 10);
    EXPECT_TRUE(found) << words << ": " << found.error().message;
  }
}

TEST_F(SessionStoreTest, DroppedPiecesStayInTheSession) {
  SessionStore store = open();
  const std::int64_t id = *store.begin(workspace_, "one"), turn = *store.add_turn(id, "hello");
  ASSERT_TRUE(store.set_pieces(turn, {{"a", 1, 1, "", "A", PieceForm::text, true},
                                      {"b", 1, 1, "", "B", PieceForm::outline, true},
                                      {"a", 1, 1, "read a\n", "A", PieceForm::action, true}}));
  ASSERT_TRUE(store.drop_path(id, "a"));
  ASSERT_TRUE(store.set_first_sent(id, turn));
  const auto turns = store.turns(id);
  EXPECT_FALSE(turns->front().pieces[0].is_sent);
  EXPECT_TRUE(turns->front().pieces[1].is_sent);
  EXPECT_EQ(turns->front().pieces[1].form, PieceForm::outline);
  EXPECT_EQ(turns->front().pieces[2].form, PieceForm::action);
  EXPECT_FALSE(turns->front().pieces[2].is_sent);
  EXPECT_EQ((*store.find(id))->first_sent, turn);
}

TEST_F(SessionStoreTest, ADamagedFileIsPutAside) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "state.db") << std::string(10'000, 'x');
  {
    const SessionStore store = open();
    ASSERT_EQ(store.notes().size(), 1);
    EXPECT_THAT(store.notes().front(), HasSubstr("put aside as"));
  }
  EXPECT_TRUE(open().notes().empty());
  int kept = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    if (entry.path().filename().string().starts_with("state.db.damaged-")) {
      ++kept;
      EXPECT_EQ(std::filesystem::file_size(entry.path()), 10'000);
    }
  EXPECT_EQ(kept, 1);
}

TEST_F(SessionStoreTest, DamageInTheMiddleIsFound) {
  {
    SessionStore store = open();
    const std::int64_t id = *store.begin(workspace_, "one");
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(store.add_turn(id, std::string(3000, 'a')));
  }
  {
    std::fstream file(folder_ / "state.db", std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 4; page < 20; ++page) file.seekp(page * 4096).write(std::string(64, '\xff').data(), 64);
  }
  EXPECT_EQ(open().notes().size(), 1);
}

TEST_F(SessionStoreTest, AFileOfANewerVersionStays) {
  {
    SessionStore store = open();
    ASSERT_TRUE(store.begin(workspace_, "one"));
  }
  {
    auto newer = storage::Database::open(folder_ / "state.db", {0x6f637373, 1, ""});
    ASSERT_TRUE(newer);
    ASSERT_TRUE(newer->execute("PRAGMA user_version=2"));
  }
  const auto opened = SessionStore::open(folder_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::conflict);
  EXPECT_THAT(opened.error().message, HasSubstr("version 2, not 1"));
  EXPECT_TRUE(storage::Database::open(folder_ / "state.db", {0x6f637373, 2, ""}));
}

TEST_F(SessionStoreTest, AllCanBeDeleted) {
  EXPECT_FALSE(*SessionStore::open_existing(folder_));
  EXPECT_EQ(SessionStore::size(folder_).value, 0);
  ASSERT_TRUE(SessionStore::remove_all(folder_));
  { ASSERT_TRUE(open().begin(workspace_, "one")); }
  EXPECT_GT(SessionStore::size(folder_).value, 0);
  ASSERT_TRUE(SessionStore::remove_all(folder_));
  EXPECT_FALSE(*SessionStore::open_existing(folder_));
}

TEST_F(SessionStoreTest, InMemoryLeavesNothing) {
  auto store = SessionStore::open_in_memory();
  ASSERT_TRUE(store);
  const std::int64_t id = *store->begin(workspace_, "one");
  EXPECT_TRUE(store->add_turn(id, "hello"));
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

}  // namespace
}  // namespace oc::sessions
