// SPDX-License-Identifier: Apache-2.0
#include "context/project_index.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "base/sha256.hpp"
#include "context/name_hash.hpp"
#include "context/text_search.hpp"

namespace oc::context {
namespace {

constexpr std::string_view k_project_folder = ".offline-coder";
constexpr std::size_t k_folder_digits = 16;

// With what SQLite keeps beside it; the database itself last.
std::vector<base::Path> all_files_of(const base::Path& file) {
  std::vector<base::Path> files;
  for (const std::string_view ending : {"-wal", "-shm", "-journal", ""}) {
    files.push_back(file);
    files.back() += base::path_from_utf8(ending);
  }
  return files;
}

// A repository may bring links of these names, to have files written elsewhere.
bool is_usable_folder(const base::Path& folder) {
  const auto entry = base::find_folder_entry(folder);
  if (!entry || !*entry || (*entry)->kind != base::EntryKind::folder || !base::is_writable(folder)) return false;
  return std::ranges::all_of(all_files_of(folder / base::path_from_utf8(k_index_file_name)), [](const auto& path) {
    const auto file = base::find_folder_entry(path);
    return file && (!*file || ((*file)->kind == base::EntryKind::file && base::is_writable(path)));
  });
}

std::int64_t making_of(storage::Database& database) {
  auto select = database.prepare("SELECT value FROM numbers WHERE name='made'");
  if (!select) return 0;
  const auto has_row = select->step();
  return has_row && *has_row ? select->integer(0) : 0;
}

void tell_made_anew(const ProjectIndex::Options& options, const base::Error& damage) {
  if (options.tell) options.tell(fmt::format("the index is made anew: {}", damage.message));
}

}  // namespace

IndexPlace find_index_place(const base::Path& workspace, const base::Path& cache_folder) {
  const base::Path own = workspace / base::path_from_utf8(k_project_folder);
  const base::Path file_name = base::path_from_utf8(k_index_file_name);
  if (is_usable_folder(own)) return {own / file_name, true};
  return user_index_place(workspace, cache_folder);
}

IndexPlace user_index_place(const base::Path& workspace, const base::Path& cache_folder) {
  const std::string digits = base::sha256(base::to_utf8(workspace)).substr(0, k_folder_digits);
  return {cache_folder / "projects" / base::path_from_utf8(digits) / base::path_from_utf8(k_index_file_name), false};
}

void keep_out_of_repository(const IndexPlace& place, const base::Path& workspace) {
  if (!place.in_workspace) return;
  const auto repository = base::find_folder_entry(workspace / ".git");
  if (!repository || !*repository) return;
  static_cast<void>(base::create_file(place.file.parent_path() / ".gitignore", k_project_ignore_rules));
}

base::Result<void> remove_index(const base::Path& file) {
  for (const base::Path& path : all_files_of(file)) OC_CHECK(base::remove_file(path));
  return {};
}

base::Result<base::ByteCount> size_of_index(const base::Path& file) {
  base::ByteCount bytes;
  for (const base::Path& path : all_files_of(file)) {
    OC_TRY(const auto facts, base::find_file_facts(path));
    if (facts) bytes += facts->size;
  }
  return bytes;
}

base::Result<ProjectIndex> ProjectIndex::open(const Options& options) {
  OC_CHECK(base::make_folder(options.file.parent_path(), base::FileAccess::owner_only));
  auto database = storage::Database::open(options.file, index_schema());
  const bool is_damaged = !database && storage::is_damage(database.error());
  if (is_damaged) {
    tell_made_anew(options, database.error());
    database = storage::Database::open_or_empty(options.file, index_schema());
  }
  if (!database) return std::unexpected(database.error());
  ProjectIndex index(options, std::move(*database));
  index.has_told_ = is_damaged;
  index.making_ = making_of(*index.database_);
  return index;
}

base::Result<void> ProjectIndex::make_anew(const base::Error& damage) {
  if (!has_told_) tell_made_anew(options_, damage);
  has_told_ = true;
  OC_TRY(*database_, storage::Database::open_in_memory(index_schema()));  // lets go of the file
  OC_TRY(*database_, storage::Database::open_or_empty(options_.file, index_schema()));
  // Unless another process has met the damage before and made it anew already.
  if (making_of(*database_) == making_) OC_CHECK(database_->make_anew(index_schema()));
  making_ = making_of(*database_);
  return {};
}

base::Result<RefreshOutcome> ProjectIndex::refresh(RefreshOptions options) {
  options.workspace = options_.workspace;
  options.file_limit = options_.file_limit;
  refresh_options_ = std::move(options);
  auto outcome = repaired([&] { return refresh_index(*database_, refresh_options_); }, Repair::tables);
  // SQLite's reasons do not say what of.
  if (!outcome && outcome.error().kind == base::ErrorKind::io && !outcome.error().message.starts_with("cannot "))
    outcome.error().message =
        fmt::format("cannot bring {} up to date: {}", base::display(options_.file), outcome.error().message);
  return outcome;
}

// All of it: what is asked next must not be half of an answer because of damage.
base::Result<RefreshOutcome> ProjectIndex::refresh_once() {
  RefreshOptions options = refresh_options_;
  options.workspace = options_.workspace;
  options.file_limit = options_.file_limit;
  options.time_limit = std::nullopt;
  return refresh_index(*database_, options);
}

base::Result<std::vector<Piece>> ProjectIndex::find_pieces(const PieceRequest& request) {
  const FinderOptions options{options_.workspace, options_.file_limit};
  return repaired([&] { return context::find_pieces(*database_, options, request); });
}

base::Result<std::vector<std::string>> ProjectIndex::search_paths(std::string_view words, std::size_t most) {
  return repaired([&]() -> base::Result<std::vector<std::string>> {
    OC_TRY(const std::vector<FileRow> files, query().load_files());
    OC_TRY(const auto hits, search_files(*database_, files, search_terms_of(words), most));
    std::vector<std::string> paths;
    for (const SearchHit& hit : hits)
      if (const auto file = std::ranges::find(files, hit.file, &FileRow::id); file != files.end())
        paths.push_back(file->path);
    return paths;
  });
}

base::Result<WorkspaceMap> ProjectIndex::make_map(const MapRequest& request, const CountTokens& count_tokens) {
  return repaired([&] { return make_workspace_map(*database_, request, count_tokens); });
}

CountTokens ProjectIndex::remembered(CountTokens count_tokens, const std::string& tokenizer) {
  return [this, count_tokens = std::move(count_tokens),
          tokenizer](std::string_view text) -> base::Result<base::TokenCount> {
    const std::int64_t hash = to_column(hash_name(text));
    auto select = database_->prepare("SELECT tokens FROM token_counts WHERE tokenizer=? AND hash=?");
    if (select) {
      const auto is_known = select->bind_text(1, tokenizer).bind(2, hash).step();
      if (is_known && *is_known && select->integer(0) > 0) return base::TokenCount(select->integer(0));
    }
    OC_TRY(const base::TokenCount tokens, count_tokens(text));
    // A count that cannot be kept is only counted again.
    auto store = database_->prepare("INSERT OR REPLACE INTO token_counts(tokenizer,hash,tokens) VALUES(?,?,?)");
    if (store) static_cast<void>(store->bind_text(1, tokenizer).bind(2, hash).bind(3, tokens.value).run());
    return tokens;
  };
}

base::Result<std::optional<std::string>> ProjectIndex::find_summary(const std::string& hash,
                                                                    const std::string& author) {
  return repaired([&]() -> base::Result<std::optional<std::string>> {
    OC_TRY(auto select, database_->prepare("SELECT text FROM summaries WHERE hash=? AND author=?"));
    OC_TRY(const bool has_row, select.bind_text(1, hash).bind_text(2, author).step());
    if (!has_row) return std::nullopt;
    return std::string(select.bytes(0));
  });
}

base::Result<base::ByteCount> ProjectIndex::remove_summaries() {
  return repaired([&]() -> base::Result<base::ByteCount> {
    OC_TRY(auto select, database_->prepare("SELECT coalesce(sum(length(text)),0) FROM summaries"));
    OC_TRY(const bool has_row, select.step());
    const base::ByteCount bytes(has_row ? select.integer(0) : 0);
    select.reset();
    OC_CHECK(database_->execute("DELETE FROM summaries"));
    return bytes;
  });
}

base::Result<void> ProjectIndex::store_summary(const std::string& hash, const std::string& author,
                                               const std::string& text) {
  return repaired([&]() -> base::Result<void> {
    OC_TRY(auto store, database_->prepare("INSERT OR REPLACE INTO summaries(hash,author,text) VALUES(?,?,?)"));
    return store.bind_text(1, hash).bind_text(2, author).bind_text(3, text).run();
  });
}

}  // namespace oc::context
