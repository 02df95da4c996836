// SPDX-License-Identifier: Apache-2.0
#include "edit/change_journal.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ranges>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/file_side.hpp"

namespace oc::edit {
namespace {

using base::ErrorKind;
using base::fail;
using base::Path;
using base::Result;

std::int64_t seconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

Side other(Side side) { return side == Side::before ? Side::after : Side::before; }

StoredChange stored(const Change& change, Purpose purpose) {
  StoredChange made;
  made.made_s = seconds_now();
  made.title = change.title;
  made.pending = Side::after;
  made.purpose = purpose;
  for (const FileChange& file : change.files) {
    StoredFile one{file, 0, {}};
    std::error_code code;
    if (file.before) one.permissions = static_cast<int>(std::filesystem::status(file.path, code).permissions());
    for (Path folder = file.path.parent_path();
         !file.before && !std::filesystem::exists(folder, code) && folder.has_relative_path();
         folder = folder.parent_path())
      one.new_folders.insert(one.new_folders.begin(), folder);
    made.files.push_back(std::move(one));
  }
  return made;
}

std::unexpected<base::Error> stranger(const StoredFile& file, std::string_view attempt) {
  return fail(ErrorKind::conflict, fmt::format("cannot {} '{}': it was changed meanwhile", attempt, file.change.shown),
              "run the command again");
}

// Stops at the first that fails.
Result<void> bring_all(const std::vector<StoredFile>& files, Side to) {
  for (const StoredFile& file : files) OC_CHECK(bring(file, to));
  return {};
}

Result<void> bring_each_back(const std::vector<StoredFile>& files, Side to) {
  Result<void> result;
  for (const StoredFile& file : files | std::views::reverse) {
    const auto brought = bring(file, to);
    if (!brought && brought.error().kind != ErrorKind::conflict && result) result = brought;
  }
  return result;
}

// After a failure: what can be brought back is; what somebody else changed meanwhile is left alone. From the last to
// the first: each gives back the room on the disk that the one before it needs. Where somebody else took that room,
// others may give some.
Result<void> bring_back(const std::vector<StoredFile>& files, Side to) {
  if (bring_each_back(files, to)) return {};
  return bring_each_back(files, to);
}

// Where a file is neither before nor after.
Result<const StoredFile*> find_stranger(const std::vector<StoredFile>& files) {
  for (const StoredFile& file : files) {
    OC_TRY(const FileState state, state_of(file.change));
    if (state == FileState::stranger) return &file;
  }
  return nullptr;
}

Result<bool> has_file_at(const std::vector<StoredFile>& files, Side side) {
  for (const StoredFile& file : files) {
    OC_TRY(const FileState state, state_of(file.change));
    if (is_at(state, side) && state != FileState::both) return true;
  }
  return false;
}

std::unexpected<base::Error> unusable(const Path& file, base::Error error) {
  if (storage::is_damage(error)) {
    error.message = fmt::format("the journal of changes {} is damaged: {}", base::display(file), error.message);
    error.hint = "give it another name: undo starts anew then";
  }
  return std::unexpected(std::move(error));
}

Result<std::optional<base::FileLock>> acquire_lock(const Path& file, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds k_between_looks{10};
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    OC_TRY(auto lock, base::FileLock::try_acquire(file));
    if (lock || std::chrono::steady_clock::now() >= end) return lock;
    std::this_thread::sleep_for(k_between_looks);
  }
}

}  // namespace

Result<ChangeJournal> ChangeJournal::open(const Path& folder, const JournalLimits& limits,
                                          std::chrono::milliseconds patience) {
  OC_CHECK(base::make_folder(folder, base::FileAccess::owner_only));
  OC_TRY(auto lock, acquire_lock(folder / "changes.lock", patience));
  if (!lock)
    return fail(ErrorKind::conflict, "another command is changing files of this workspace",
                "wait until it has ended, then run the command again");
  ChangeJournal journal(std::move(*lock), folder / "changes.db", limits);
  OC_TRY(const auto pending, journal.open_store());
  for (const StoredChange& change : pending) OC_CHECK(journal.recover_one(change));
  // What is left of changes that never were is no reason to fail.
  (void)journal.store_->remove_drafts();
  return journal;
}

// A damaged file is of no use to anybody who wants to write: it is put aside. What is pending.
Result<std::vector<StoredChange>> ChangeJournal::open_store() {
  const auto open = [&]() -> Result<std::vector<StoredChange>> {
    OC_TRY(store_, ChangeStore::open(file_));
    return store_->find_pending();
  };
  auto pending = open();
  if (pending || !storage::is_damage(pending.error())) return pending;
  start_anew();
  return open();
}

void ChangeJournal::start_anew() {
  store_.reset();
  notes_.push_back(fmt::format("the journal of changes was damaged; it is kept as {}, and undo starts anew",
                               base::display(ChangeStore::put_aside(file_))));
}

bool ChangeJournal::may_need_recovery(const Path& folder) {
  std::error_code code;
  return std::filesystem::exists(folder / "changes.db-wal", code);
}

// Forwards where that is possible: the user had said yes. Back where a file was changed by somebody else since, unless
// all the others are there already; where there is no room or no right to go on; and for trials.
Result<void> ChangeJournal::recover_one(const StoredChange& change) {
  for (const StoredFile& file : change.files) remove_left_temporaries(file.change.path);
  const Side wanted = *change.pending;
  const bool is_trial = change.purpose == Purpose::trial;
  OC_TRY(const StoredFile* untouched, find_stranger(change.files));
  OC_TRY(const bool is_begun, has_file_at(change.files, other(wanted)));
  const bool is_going_back = is_trial || wanted == change.now;
  Side to = is_going_back || (untouched != nullptr && is_begun) ? change.now : wanted;
  auto brought = to == change.now || untouched != nullptr ? bring_back(change.files, to) : bring_all(change.files, to);
  if (!brought && to != change.now) {
    to = change.now;
    brought = bring_back(change.files, to);
  }
  if (brought) brought = settle_recovered(change, to, untouched != nullptr);
  if (!brought) {
    base::Error error = brought.error();
    error.message =
        fmt::format("a change that had been interrupted ({}) can neither be finished nor taken back now: {}",
                    change.title, error.message);
    return std::unexpected(std::move(error));
  }
  const char* what = to == change.now ? "was taken back" : "was finished";
  notes_.push_back(fmt::format("a change that had been interrupted {} ({})", what, change.title));
  if (untouched != nullptr)
    notes_.push_back(
        fmt::format("'{}' was left alone: it was changed by something else meanwhile", untouched->change.shown));
  return {};
}

// What was left alone can still be undone: the bytes of before stay in the journal.
Result<void> ChangeJournal::settle_recovered(const StoredChange& change, Side to, bool has_stranger) {
  if (has_stranger) return store_->settle(change.id, change.now == Side::before ? Side::after : to);
  return to == Side::before && change.now == Side::before ? store_->abandon(change.id) : store_->settle(change.id, to);
}

Result<std::int64_t> ChangeJournal::apply(const Change& change) { return apply_with(change, Purpose::lasting); }

Result<std::int64_t> ChangeJournal::apply_for_trial(const Change& change) { return apply_with(change, Purpose::trial); }

Result<void> ChangeJournal::keep(std::int64_t id) {
  OC_CHECK(store_->settle(id, Side::after));
  (void)store_->shrink(limits_.changes, limits_.bytes);  // another time: the change is made
  return {};
}

Result<std::int64_t> ChangeJournal::add(const StoredChange& change) {
  auto id = store_->add(change);
  if (id || !storage::is_damage(id.error())) return id;
  start_anew();
  OC_CHECK(open_store());
  return store_->add(change);
}

Result<std::int64_t> ChangeJournal::apply_with(const Change& change, Purpose purpose) {
  const StoredChange made = stored(change, purpose);
  for (const StoredFile& file : made.files) {
    OC_TRY(const FileState state, state_of(file.change));
    if (!is_at(state, Side::before)) return stranger(file, "write");
  }
  OC_TRY(const std::int64_t id, add(made));
  if (auto begun = store_->begin(id, Side::after, purpose); !begun) {
    (void)store_->remove(id);
    return std::unexpected(begun.error());
  }
  auto brought = bring_all(made.files, Side::after);
  // A trial stays pending: whoever opens the journal after a crash takes it back.
  if (brought && purpose == Purpose::lasting) brought = keep(id);
  if (brought) return id;
  if (const auto back = bring_back(made.files, Side::before); !back) {
    (void)store_->turn(id, Side::before);
    return unfinished(brought.error(), back.error());
  }
  OC_CHECK(store_->abandon(id));
  (void)store_->remove(id);
  return std::unexpected(brought.error());
}

// The worst: a disk that fails both ways. The change stays pending, and every command from now on tries again.
std::unexpected<base::Error> ChangeJournal::unfinished(base::Error why, const base::Error& why_not_back) {
  why.message += fmt::format("; what was written before that could not be taken back: {}", why_not_back.message);
  why.hint = "the next command tries again to take it back";
  return std::unexpected(std::move(why));
}

Result<StoredChange> ChangeJournal::undo(std::int64_t id, Strangers strangers) {
  return move(id, Side::before, strangers);
}

Result<StoredChange> ChangeJournal::redo(std::int64_t id, Strangers strangers) {
  return move(id, Side::after, strangers);
}

Result<StoredChange> ChangeJournal::move(std::int64_t id, Side to, Strangers strangers) {
  const std::string_view attempt = to == Side::before ? "undo" : "redo";
  OC_TRY(auto found, find(id));
  if (!found)
    return fail(ErrorKind::usage, fmt::format("there is no change number {}", id), "'undo --list' shows them");
  const bool is_trial = found->purpose == Purpose::trial;
  if (is_trial ? to == Side::after : found->now == to)
    return fail(ErrorKind::usage,
                fmt::format("change {} is {} already", id, to == Side::before ? "undone" : "in place"));
  OC_TRY(const StoredFile* changed, find_stranger(found->files));
  if (changed != nullptr) {
    if (strangers == Strangers::overwrite)
      return is_trial ? end_trial_over_strangers(std::move(*found)) : move_over_strangers(std::move(*found), to);
    auto refused = stranger(*changed, attempt);
    refused.error().hint = fmt::format("'{} {} --force' overwrites what was changed since", attempt, id);
    return refused;
  }
  OC_CHECK(is_trial ? end_trial(*found) : move_files(*found, to));
  found->now = to;
  return std::move(*found);
}

// It is pending already, and what cannot be taken back now is when the journal is opened again.
Result<void> ChangeJournal::end_trial(const StoredChange& trial) {
  OC_CHECK(bring_back(trial.files, Side::before));
  OC_CHECK(store_->abandon(trial.id));
  (void)store_->remove(trial.id);
  return {};
}

Result<void> ChangeJournal::move_files(const StoredChange& change, Side to) {
  OC_CHECK(store_->begin(change.id, to, Purpose::lasting));
  auto brought = bring_all(change.files, to);
  if (brought) brought = store_->settle(change.id, to);
  if (brought) return {};
  if (const auto back = bring_back(change.files, other(to)); !back) {
    (void)store_->turn(change.id, other(to));
    return unfinished(brought.error(), back.error());
  }
  OC_CHECK(store_->settle(change.id, other(to)));
  return std::unexpected(brought.error());
}

// What others wrote is lost to nobody: overwriting it is a change of its own, which can be undone.
Result<StoredChange> ChangeJournal::move_over_strangers(StoredChange found, Side to) {
  Change change;
  change.title = fmt::format("{} {} with --force", to == Side::before ? "undo" : "redo", found.id);
  for (const StoredFile& file : found.files) {
    FileChange one = file.change;
    OC_TRY(one.before, read_now(one.path));
    one.after = to == Side::before ? file.change.before : file.change.after;
    if (one.before != one.after) change.files.push_back(std::move(one));
  }
  OC_CHECK(apply(change));
  OC_CHECK(store_->settle(found.id, to));
  found.now = to;
  return found;
}

// As if what checks, or an editor meanwhile, made of the files had been a change that is undone: 'redo' has it, and
// 'undo' means what the user did before.
Result<StoredChange> ChangeJournal::end_trial_over_strangers(StoredChange trial) {
  Change change;
  change.title = fmt::format("what checks made of the files ({})", trial.title);
  for (const StoredFile& file : trial.files) {
    FileChange one = file.change;
    OC_TRY(one.after, read_now(one.path));
    if (one.before != one.after) change.files.push_back(std::move(one));
  }
  StoredChange made = stored(change, Purpose::lasting);
  made.now = Side::after;
  for (StoredFile& file : made.files)
    for (const StoredFile& old : trial.files)
      if (old.change.path == file.change.path) {
        file.permissions = old.permissions;
        file.new_folders = old.new_folders;
      }
  OC_TRY(made.id, add(made));
  OC_CHECK(move_files(made, Side::before));
  OC_CHECK(end_trial(trial));
  trial.now = Side::before;
  return trial;
}

Result<std::vector<StoredChange>> ChangeJournal::list() {
  auto changes = store_->list();
  if (!changes) return unusable(file_, changes.error());
  return changes;
}

Result<std::optional<StoredChange>> ChangeJournal::find(std::int64_t id) {
  auto found = store_->find(id);
  if (!found) return unusable(file_, found.error());
  return found;
}

}  // namespace oc::edit
