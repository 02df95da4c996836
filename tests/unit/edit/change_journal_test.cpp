// SPDX-License-Identifier: Apache-2.0
#include "edit/change_journal.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"

namespace oc::edit {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Path;
using Strangers = ChangeJournal::Strangers;

using Bytes = std::optional<std::string>;

struct Entry {
  Bytes bytes;  // nullopt: a folder
  fs::perms mode = fs::perms::none;
  bool operator==(const Entry&) const = default;
};
using Tree = std::map<std::string, Entry>;

class ChangeJournalTest : public testing::Test {
 protected:
  void SetUp() override {
    const Path memory = "/dev/shm";  // where writing through to the disk costs nothing
    root_ = (fs::exists(memory) ? memory : fs::temp_directory_path()) /
            fmt::format("oc-journal-{}", base::current_process_id());
    fs::remove_all(root_);
    fs::create_directories(tree_root());
  }
  void TearDown() override { fs::remove_all(root_); }

  Path tree_root() const { return root_ / "tree"; }
  Path journal_folder() const { return root_ / "journal"; }
  Path path(const std::string& name) const { return tree_root() / base::path_from_utf8(name); }

  ChangeJournal open(const JournalLimits& limits = {}) const {
    auto journal = ChangeJournal::open(journal_folder(), limits);
    if (!journal) ADD_FAILURE() << journal.error().message;
    return std::move(*journal);
  }

  void put(const std::string& name, const Bytes& bytes) const {
    if (!bytes) {
      fs::remove_all(path(name));
      return;
    }
    fs::create_directories(path(name).parent_path());
    ASSERT_TRUE(base::replace_file(path(name), *bytes));
  }

  Bytes bytes_of(const std::string& name) const {
    auto bytes = base::read_file(path(name), base::ByteCount(1'000'000));
    return bytes ? Bytes(std::move(*bytes)) : std::nullopt;
  }

  FileChange file(const std::string& name, Bytes before, Bytes after) const {
    return {path(name), name, std::move(before), std::move(after)};
  }

  Tree tree() const {
    Tree all;
    for (const auto& entry : fs::recursive_directory_iterator(tree_root())) {
      const std::string name = base::to_utf8(base::relative_to(entry.path(), tree_root()));
      all[name] = {entry.is_directory() ? std::nullopt : bytes_of(name), entry.status().permissions()};
    }
    return all;
  }

  Path root_;
};

TEST_F(ChangeJournalTest, SeveralFilesThereAndBackAndThereAgain) {
  put("a", "1\r\n2");
  put("gone", std::string("\xFF\0x", 3));
  fs::permissions(path("gone"), fs::perms::owner_all);
  const Tree old = tree();
  ChangeJournal journal = open();
  const auto id = journal.apply({"a title",
                                 {file("a", "1\r\n2", "3"), file("deep/er/new", std::nullopt, "n"),
                                  file("deep/other", std::nullopt, ""), file("gone", bytes_of("gone"), std::nullopt)}});
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(bytes_of("a"), "3");
  EXPECT_EQ(bytes_of("deep/er/new"), "n");
  EXPECT_EQ(bytes_of("deep/other"), "");
  EXPECT_FALSE(fs::exists(path("gone")));
  const Tree made = tree();
  const auto undone = journal.undo(*id, Strangers::refuse);
  ASSERT_TRUE(undone) << undone.error().message;
  EXPECT_EQ(undone->now, Side::before);
  EXPECT_EQ(tree(), old);
  EXPECT_TRUE(journal.redo(*id, Strangers::refuse));
  EXPECT_EQ(tree(), made);
  EXPECT_TRUE(journal.undo(*id, Strangers::refuse));
  EXPECT_EQ(tree(), old);
}

TEST_F(ChangeJournalTest, WhatIsThereAlreadyIsAUsageError) {
  put("a", "1");
  ChangeJournal journal = open();
  const auto id = journal.apply({"t", {file("a", "1", "2")}});
  ASSERT_TRUE(id);
  EXPECT_EQ(journal.redo(*id, Strangers::refuse).error().kind, ErrorKind::usage);
  EXPECT_TRUE(journal.undo(*id, Strangers::refuse));
  EXPECT_EQ(journal.undo(*id, Strangers::refuse).error().kind, ErrorKind::usage);
  EXPECT_EQ(journal.undo(*id + 7, Strangers::refuse).error().kind, ErrorKind::usage);
}

TEST_F(ChangeJournalTest, ConflictsBeforeTheFirstByte) {
  put("a", "1");
  put("b", "changed by somebody");
  fs::create_directories(path("folder"));
  const Tree old = tree();
  ChangeJournal journal = open();
  for (const FileChange& other : {file("b", "2", "3"), file("c", "1", "2"), file("b", std::nullopt, "3"),
                                  file("b", "2", std::nullopt), file("folder", std::nullopt, "x")}) {
    const auto id = journal.apply({"t", {file("a", "1", "9"), other}});
    ASSERT_FALSE(id) << other.shown;
    EXPECT_EQ(id.error().kind, ErrorKind::conflict);
    EXPECT_EQ(tree(), old);
  }
  EXPECT_TRUE(journal.list()->empty());
}

TEST_F(ChangeJournalTest, FailuresInTheMiddleTakeAllBack) {
  put("a", "1");
  put("plain", "a file where a folder is needed");
  const Tree old = tree();
  {
    ChangeJournal journal = open();
    const auto id = journal.apply({"t",
                                   {file("a", "1", "2"), file("new/folder/x", std::nullopt, "n"),
                                    file("plain/x", std::nullopt, "n"), file("later", std::nullopt, "n")}});
    ASSERT_FALSE(id);
    EXPECT_EQ(tree(), old);
    EXPECT_TRUE(journal.list()->empty());
  }
  EXPECT_TRUE(open().notes().empty());
  EXPECT_EQ(tree(), old);
}

TEST_F(ChangeJournalTest, UndoAfterAChangeBySomebodyElse) {
  put("a", "1");
  put("b", "1");
  ChangeJournal journal = open();
  const auto id = journal.apply({"t", {file("a", "1", "2"), file("b", "1", "2"), file("n", std::nullopt, "2")}});
  ASSERT_TRUE(id);
  put("b", "mine");
  const Tree dirty = tree();
  const auto refused = journal.undo(*id, Strangers::refuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().message.find("'b'"), std::string::npos);
  EXPECT_EQ(tree(), dirty);
  ASSERT_TRUE(journal.undo(*id, Strangers::overwrite));
  EXPECT_EQ(bytes_of("a"), "1");
  EXPECT_EQ(bytes_of("b"), "1");
  EXPECT_FALSE(fs::exists(path("n")));
  // What was overwritten comes back.
  const auto all = journal.list();
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(all->front().names.size(), 3u);
  ASSERT_TRUE(journal.undo(all->front().id, Strangers::refuse));
  EXPECT_EQ(tree(), dirty);
}

TEST_F(ChangeJournalTest, TrialsGoBackAndAreInNoList) {
  put("a", "1");
  const Tree old = tree();
  {
    ChangeJournal journal = open();
    const auto id = journal.apply_for_trial({"t", {file("a", "1", "2"), file("d/n", std::nullopt, "2")}});
    ASSERT_TRUE(id);
    EXPECT_EQ(bytes_of("a"), "2");
    EXPECT_TRUE(journal.list()->empty());
    EXPECT_EQ(journal.redo(*id, Strangers::refuse).error().kind, ErrorKind::usage);
    EXPECT_TRUE(journal.undo(*id, Strangers::overwrite));
    EXPECT_EQ(tree(), old);
    EXPECT_TRUE(journal.list()->empty());
    const auto formatted = journal.apply_for_trial({"t", {file("a", "1", "2")}});
    put("a", "formatted by a check");
    EXPECT_TRUE(journal.undo(*formatted, Strangers::overwrite));
    EXPECT_EQ(tree(), old);
    // What the check made of it is not lost, and is no change to undo.
    ASSERT_EQ(journal.list()->size(), 1u);
    EXPECT_EQ(journal.list()->front().now, Side::before);
    EXPECT_TRUE(journal.redo(journal.list()->front().id, Strangers::refuse));
    EXPECT_EQ(bytes_of("a"), "formatted by a check");
    EXPECT_TRUE(journal.undo(journal.list()->front().id, Strangers::refuse));
    EXPECT_EQ(tree(), old);
    const auto kept = journal.apply_for_trial({"t", {file("a", "1", "2")}});
    ASSERT_TRUE(kept);
    EXPECT_TRUE(journal.keep(*kept));
    EXPECT_EQ(journal.list()->front().id, *kept);
    EXPECT_TRUE(journal.undo(*kept, Strangers::refuse));
    EXPECT_EQ(tree(), old);
    EXPECT_TRUE(journal.apply_for_trial({"t", {file("a", "1", "2"), file("d/n", std::nullopt, "2")}}));
  }
  // The process died.
  const ChangeJournal journal = open();
  EXPECT_EQ(journal.notes().size(), 1u);
  EXPECT_EQ(tree(), old);
}

TEST_F(ChangeJournalTest, OneProcessAtATime) {
  const ChangeJournal first = open();
  const auto second = ChangeJournal::open(journal_folder());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

TEST_F(ChangeJournalTest, WhoHasAChangeToMakeWaitsForOneThatOnlyLooks) {
  auto first = std::make_unique<ChangeJournal>(open());
  std::jthread other([&first] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    first.reset();
  });
  const auto second = ChangeJournal::open(journal_folder(), {}, std::chrono::seconds(20));
  EXPECT_TRUE(second) << second.error().message;
}

TEST_F(ChangeJournalTest, OldChangesGoAndTheNewestStays) {
  put("a", "0");
  ChangeJournal journal = open({3, base::ByteCount(1'000'000)});
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(journal.apply({"t", {file("a", std::to_string(i), std::to_string(i + 1))}}));
  EXPECT_EQ(journal.list()->size(), 3u);
  for (int i = 7; i >= 5; --i) {
    EXPECT_TRUE(journal.undo(journal.list()->at(static_cast<std::size_t>(7 - i)).id, Strangers::refuse));
    EXPECT_EQ(bytes_of("a"), std::to_string(i));
  }
  const std::string large(5000, 'x');
  put("large", large);
  journal = ChangeJournal(std::move(journal));
  { const ChangeJournal closed = std::move(journal); }
  ChangeJournal small = open({100, base::ByteCount(1000)});
  ASSERT_TRUE(small.apply({"t", {file("large", large, "y")}}));
  EXPECT_EQ(small.list()->size(), 1u);
  EXPECT_TRUE(small.undo(small.list()->front().id, Strangers::refuse));
  EXPECT_EQ(bytes_of("large"), large);
}

TEST_F(ChangeJournalTest, OddNames) {
  const Tree old = tree();
  ChangeJournal journal = open();
#ifdef _WIN32
  const std::string name = "a b/\xC3\xBC/x";
#else
  const std::string name = "a\nb/\xFF\r/x\n";
#endif
  const auto id = journal.apply({"t", {file(name, std::nullopt, "1")}});
  ASSERT_TRUE(id);
  EXPECT_EQ(bytes_of(name), "1");
  EXPECT_TRUE(journal.undo(*id, Strangers::refuse));
  EXPECT_EQ(tree(), old);
}

#ifndef _WIN32
TEST_F(ChangeJournalTest, NobodyElseReadsTheJournal) {
  open();
  EXPECT_EQ(fs::status(journal_folder()).permissions(), fs::perms::owner_all);
}

TEST_F(ChangeJournalTest, LinksAreStrangers) {
  put("target", "1");
  fs::create_symlink(path("target"), path("link"));
  ChangeJournal journal = open();
  const auto id = journal.apply({"t", {file("link", "1", "2")}});
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, ErrorKind::conflict);
  EXPECT_EQ(bytes_of("target"), "1");
}
#endif

TEST_F(ChangeJournalTest, DamageIsPutAsideAndSaid) {
  put("a", "1");
  {
    ChangeJournal journal = open();
    ASSERT_TRUE(journal.apply({"t", {file("a", "1", "2")}}));
  }
  const Path database = journal_folder() / "changes.db";
  ASSERT_TRUE(base::replace_file(database, "this is no database, but it is long enough to be read as one"));
  ChangeJournal journal = open();
  ASSERT_EQ(journal.notes().size(), 1u);
  EXPECT_NE(journal.notes()[0].find("damaged"), std::string::npos);
  EXPECT_TRUE(journal.list()->empty());
  EXPECT_TRUE(journal.apply({"t", {file("a", "2", "3")}}));
  EXPECT_EQ(journal.list()->size(), 1u);
}

// Whatever bytes the journal lost: it opens, or says why not, and no file of the user's is touched.
TEST_F(ChangeJournalTest, AnyDamageLeavesTheFilesAlone) {
  put("a", "1");
  {
    ChangeJournal journal = open();
    ASSERT_TRUE(journal.apply({"t", {file("a", "1", std::string(3000, 'x'))}}));
  }
  const Tree old = tree();
  const Path database = journal_folder() / "changes.db";
  const std::string whole = base::read_file(database, base::ByteCount(10'000'000)).value_or("");
  ASSERT_GT(whole.size(), 4096u);
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    std::string bytes = whole;
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    else
      for (int i = 0; i < 40; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    for (const auto& entry : fs::directory_iterator(journal_folder())) fs::remove(entry.path());
    ASSERT_TRUE(base::replace_file(database, bytes));
    {
      auto journal = ChangeJournal::open(journal_folder());
      if (journal) {
        if (const auto all = journal->list())
          for (const StoredChange& change : *all) (void)journal->find(change.id);
      }
    }
    EXPECT_EQ(tree(), old) << round;
  }
}

enum class Found { before, after, stranger };

// A change of three kinds of files that a process left pending, with its files in every state they may be in.
class Recovery : public ChangeJournalTest {
 protected:
  static inline const std::vector<std::pair<Bytes, Bytes>> k_kinds{
      {"old", "new"}, {std::nullopt, "new"}, {"old", std::nullopt}};

  std::string name(std::size_t kind) const { return kind == 1 ? "made/x" : fmt::format("f{}", kind); }

  // The change's number.
  std::int64_t leave_pending(Side now, Side to, Purpose purpose, const std::vector<Found>& found) const {
    StoredChange change;
    change.title = "t";
    change.now = now;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& [before, after] = k_kinds[i];
      StoredFile one{file(name(i), before, after), before ? 0600 : 0, {}};
      if (!before) one.new_folders.push_back(path("made"));
      change.files.push_back(std::move(one));
      put(name(i), found[i] == Found::before ? before : found[i] == Found::after ? after : Bytes("stranger"));
    }
    fs::create_directories(journal_folder());
    auto store = ChangeStore::open(journal_folder() / "changes.db");
    EXPECT_TRUE(store);
    const auto id = store->add(change);
    EXPECT_TRUE(id);
    EXPECT_TRUE(now == Side::before || store->settle(*id, Side::after));
    EXPECT_TRUE(store->begin(*id, to, purpose));
    return *id;
  }

  void check(Side now, Side to, Purpose purpose, const std::vector<Found>& found) {
    SCOPED_TRACE(fmt::format("now {} to {} trial {} files {}{}{}", static_cast<int>(now), static_cast<int>(to),
                             static_cast<int>(purpose), static_cast<int>(found[0]), static_cast<int>(found[1]),
                             static_cast<int>(found[2])));
    fs::remove_all(journal_folder());
    fs::remove_all(tree_root());
    fs::create_directories(tree_root());
    const std::int64_t id = leave_pending(now, to, purpose, found);
    ChangeJournal journal = open();
    EXPECT_FALSE(journal.notes().empty());
    const bool has_stranger = std::ranges::count(found, Found::stranger) > 0;
    std::optional<Side> side;  // on which all the others are
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& [before, after] = k_kinds[i];
      const Bytes bytes = bytes_of(name(i));
      if (found[i] == Found::stranger) {
        EXPECT_EQ(bytes, "stranger");
        continue;
      }
      const Side here = bytes == before ? Side::before : Side::after;
      EXPECT_TRUE(bytes == before || bytes == after);
      EXPECT_EQ(here, side.value_or(here));
      side = here;
    }
    const Side wanted = purpose == Purpose::trial ? Side::before : to;
    EXPECT_TRUE(has_stranger || side == wanted);
    EXPECT_TRUE(purpose == Purpose::lasting || !side || side == Side::before);
    // Where nothing was left to do, nothing is taken back.
    const auto all_but_strangers = [&](Found state) {
      return std::ranges::all_of(found, [&](Found one) { return one == state || one == Found::stranger; });
    };
    EXPECT_TRUE(!all_but_strangers(wanted == Side::before ? Found::before : Found::after) ||
                side.value_or(wanted) == wanted);
    EXPECT_EQ(fs::exists(path("made")), bytes_of("made/x").has_value());
    // It is over, and the bytes of before are there for what was left alone.
    const auto change = journal.find(id);
    if (!has_stranger) return;
    ASSERT_TRUE(change && *change);
    EXPECT_FALSE((*change)->pending);
    EXPECT_EQ((*change)->purpose, Purpose::lasting);
    if ((*change)->now == Side::before) return;
    EXPECT_TRUE(journal.undo(id, Strangers::overwrite));
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(bytes_of(name(i)), k_kinds[i].first);
  }
};

TEST_F(Recovery, FromEveryState) {
  const std::vector<Found> states{Found::before, Found::after, Found::stranger};
  for (const auto& [now, to, purpose] :
       {std::tuple(Side::before, Side::after, Purpose::lasting),
        std::tuple(Side::before, Side::before, Purpose::lasting),
        std::tuple(Side::after, Side::before, Purpose::lasting), std::tuple(Side::after, Side::after, Purpose::lasting),
        std::tuple(Side::before, Side::after, Purpose::trial)})
    for (const Found first : states)
      for (const Found second : states)
        for (const Found third : states) {
          check(now, to, purpose, {first, second, third});
          if (HasFailure()) return;
        }
}

TEST_F(Recovery, WhatWasLeftBesideTheFilesGoes) {
  leave_pending(Side::before, Side::after, Purpose::lasting, {Found::before, Found::before, Found::before});
  const Path left = tree_root() / ".offline-coder-999999999-3.tmp", other = tree_root() / ".offline-coder-x.tmp";
  ASSERT_TRUE(base::replace_file(left, "half"));
  ASSERT_TRUE(base::replace_file(other, "somebody's"));
  open();
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(other));
}

// Undo gives back every byte, mode and folder of trees with anything in them.
TEST_F(ChangeJournalTest, UndoIsByteExactInDirtyTrees) {
  std::mt19937 random(11);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  const auto content = [&] {
    const std::vector<std::string> pieces{"\r\n",     "\n", "\xFF\xFE", std::string(1, '\0'), "a",
                                          "\xC3\xA9", "\t", "line\n",   "\xEF\xBB\xBF"};
    std::string bytes;
    for (std::size_t i = below(8); i > 0; --i) bytes += pieces[below(pieces.size())];
    return bytes;
  };
  const std::vector<std::string> names{"a", "b", "d/a", "d/b", "d/e/a", "f/a", "f/g/h/a", "z"};
  ChangeJournal journal = open();
  for (int round = 0; round < 300; ++round) {
    for (const auto& entry : fs::directory_iterator(tree_root())) fs::remove_all(entry.path());
    for (const std::string& name : names)
      if (below(3) > 0) {
        put(name, content());
        fs::permissions(path(name),
                        below(2) == 0 ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write);
      }
    const Tree old = tree();
    Change change{"t", {}};
    for (const std::string& name : names) {
      const Bytes before = bytes_of(name);
      const Bytes after = before && below(3) == 0 ? std::nullopt : Bytes(content());
      if (below(2) == 0 && before != after) change.files.push_back(file(name, before, after));
    }
    if (change.files.empty()) continue;
    const auto id = journal.apply(change);
    ASSERT_TRUE(id) << id.error().message;
    for (const FileChange& one : change.files) EXPECT_EQ(bytes_of(one.shown), one.after);
    ASSERT_TRUE(journal.undo(*id, Strangers::refuse));
    // A folder that became empty by a removal is not removed, so none is missing; none is left over.
    ASSERT_EQ(tree(), old) << round;
  }
}

}  // namespace
}  // namespace oc::edit
