// SPDX-License-Identifier: Apache-2.0
// The index of one workspace, on disk, whatever state it is in: opened, made anew when it is damaged or of another
// version, brought up to date, asked. For one thread; several processes may have it open.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "context/index_query.hpp"
#include "context/index_refresh.hpp"
#include "context/piece_finder.hpp"
#include "context/workspace_map.hpp"
#include "storage/database.hpp"

namespace oc::context {

// The file's name in either folder.
inline constexpr std::string_view k_index_file_name = "cache.db";

struct IndexPlace {
  base::Path file;
  bool in_workspace = false;
};
// In the workspace's own folder where it has one that can be written and is no link, else below the user's cache
// folder.
IndexPlace find_index_place(const base::Path& workspace, const base::Path& cache_folder);
// The place below the user's cache folder, also where it is not the one in use: an index may be left there from before.
IndexPlace user_index_place(const base::Path& workspace, const base::Path& cache_folder);

// What keeps everything in a workspace's own folder but its settings out of a repository.
inline constexpr std::string_view k_project_ignore_rules =
    "# Made by offline-coder: only the settings are shared.\n*\n!.gitignore\n!config.yaml\n";
// Writes them where the index lies in a repository's folder that has no such file yet; what fails is left as it is.
void keep_out_of_repository(const IndexPlace& place, const base::Path& workspace);

class ProjectIndex {
 public:
  struct Options {
    base::Path workspace;
    base::Path file;
    base::ByteCount file_limit;
    std::function<void(const std::string&)> tell;  // what a person should know of the index, a sentence; may be empty
  };
  // Kind `io` when it can neither be opened nor made.
  static base::Result<ProjectIndex> open(const Options& options);

  // As refresh_index(), from nothing when the index turns out to be damaged.
  base::Result<RefreshOutcome> refresh(RefreshOptions options);

  // All questions: an index that turns out to be damaged is made anew and asked again.
  base::Result<std::vector<Piece>> find_pieces(const PieceRequest& request);
  base::Result<WorkspaceMap> make_map(const MapRequest& request, const CountTokens& count_tokens);
  // Paths of the files that say most about the words, best first, at most `most`.
  base::Result<std::vector<std::string>> search_paths(std::string_view words, std::size_t most);
  IndexQuery query() { return IndexQuery(*database_); }  // bare: does not notice damage
  // What `question` gets from the query.
  template <typename Question>
  auto ask(Question question) -> decltype(question(query())) {
    return repaired([&] { return question(query()); });
  }

  // `count_tokens`, asked only for texts whose count is not in the index yet. The index must outlive the function.
  CountTokens remembered(CountTokens count_tokens, const std::string& tokenizer);

  // What `author` (a model and a prompt) once wrote about a text with this hash.
  base::Result<std::optional<std::string>> find_summary(const std::string& hash, const std::string& author);
  base::Result<base::ByteCount> remove_summaries();  // the bytes they had
  base::Result<void> store_summary(const std::string& hash, const std::string& author, const std::string& text);

 private:
  ProjectIndex(Options options, storage::Database database)
      : options_(std::move(options)), database_(std::make_unique<storage::Database>(std::move(database))) {}
  base::Result<void> make_anew(const base::Error& damage);

  // Whether the files are read again before the question is asked again.
  enum class Repair { tables, tables_and_contents };
  template <typename Question>
  auto repaired(Question question, Repair repair = Repair::tables_and_contents) -> decltype(question()) {
    auto answer = question();
    // More than once only when other processes repair it at the same time.
    for (int tries = 0; !answer && storage::is_damage(answer.error()) && tries < k_most_repairs; ++tries) {
      OC_CHECK(make_anew(answer.error()));
      if (repair == Repair::tables_and_contents) static_cast<void>(refresh_once());
      answer = question();
    }
    return answer;
  }
  base::Result<RefreshOutcome> refresh_once();
  static constexpr int k_most_repairs = 4;

  Options options_;
  RefreshOptions refresh_options_;  // of the last time
  std::int64_t making_ = 0;         // which making of the tables this is
  bool has_told_ = false;
  std::unique_ptr<storage::Database> database_;  // statements point to it
};

// Deletes an index file and what SQLite keeps beside it. Missing ones are no error.
base::Result<void> remove_index(const base::Path& file);
// Of all of these together.
base::Result<base::ByteCount> size_of_index(const base::Path& file);

}  // namespace oc::context
