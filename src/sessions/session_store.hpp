// SPDX-License-Identifier: Apache-2.0
// The conversations of a user, in state.db: written as they happen, and on the disk (synchronous=FULL) when a function
// returns. Several programs may have it open; a session belongs to one of them at a time (try_lock). For one thread.
// Errors are kind `io`; a file of another version is kind `conflict` and stays as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "sessions/session.hpp"
#include "storage/database.hpp"

namespace oc::sessions {

class SessionStore {
 public:
  // Opens or makes state.db in the user's data folder, for this user alone (0600). A damaged one is put aside under
  // another name, never deleted, and that stands in notes().
  static base::Result<SessionStore> open(const base::Path& data_folder);
  // nullopt where there is none; makes nothing.
  static base::Result<std::optional<SessionStore>> open_existing(const base::Path& data_folder);
  // For conversations that are not to be kept.
  static base::Result<SessionStore> open_in_memory();
  // The file with its log, in bytes; the folder of locks is not counted.
  static base::ByteCount size(const base::Path& data_folder);
  // Deletes all of it. Kind `conflict` while another program has one of the sessions.
  static base::Result<void> remove_all(const base::Path& data_folder);

  const std::vector<std::string>& notes() const { return notes_; }

  // Held until destroyed or the process dies. nullopt: another program has the session.
  base::Result<std::optional<base::FileLock>> try_lock(std::int64_t session) const;

  base::Result<std::int64_t> begin(const base::Path& workspace, std::string_view title);
  // Newest first; of one workspace or of all.
  base::Result<std::vector<Session>> list(const std::optional<base::Path>& workspace);
  base::Result<std::optional<Session>> find(std::int64_t session);
  base::Result<std::vector<Turn>> turns(std::int64_t session);
  // The caller holds its lock.
  base::Result<void> remove(std::int64_t session);

  // A turn begins with its question; the rest comes when it is there. Ids grow.
  base::Result<std::int64_t> add_turn(std::int64_t session, std::string_view question);
  base::Result<void> set_pieces(std::int64_t turn, const std::vector<TurnPiece>& pieces);
  base::Result<void> set_answer(std::int64_t turn, std::string_view answer, TurnState state, std::string_view model);
  // The map that all turns of the session begin with.
  base::Result<void> set_map(std::int64_t session, std::string_view map);
  // The first one that is still sent to models; what was before it stays here.
  base::Result<void> set_first_sent(std::int64_t session, std::int64_t turn);
  // The pieces of a file go with no prompt any more.
  base::Result<void> drop_path(std::int64_t session, std::string_view path);

  struct Found {
    std::int64_t session = 0, turn = 0;
    std::string title;
    std::string excerpt;  // one line
  };
  // Turns whose question and answer together have all of the words (each may go on: "parse" finds "parser"), newest
  // first.
  base::Result<std::vector<Found>> search(std::string_view words, const std::optional<base::Path>& workspace,
                                          std::int64_t most);

 private:
  SessionStore(storage::Database database, base::Path folder)
      : database_(std::move(database)), folder_(std::move(folder)) {}

  storage::Database database_;
  base::Path folder_;  // "" in memory
  std::vector<std::string> notes_;
};

}  // namespace oc::sessions
