// SPDX-License-Identifier: Apache-2.0
#include "context/index_refresh.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/folder_entries.hpp"
#include "context/file_reader_pool.hpp"
#include "context/index_linker.hpp"
#include "context/index_rank.hpp"
#include "context/index_writer.hpp"
#include "context/known_files.hpp"

namespace oc::context {
namespace {

using Clock = std::chrono::steady_clock;
using storage::Database;
using storage::Statement;

// With more changes than this, all files are linked again: cheaper than following each name.
constexpr std::size_t k_many_changes = 1000;
// Files a transaction: what is lost when the process dies, and how long others wait for the lock.
constexpr std::size_t k_batch = 400;
constexpr std::chrono::milliseconds k_batch_time{500};
constexpr std::chrono::milliseconds k_progress_interval{100};

class Refresh {
 public:
  Refresh(Database& database, const RefreshOptions& options) : database_(database), options_(options) {}
  base::Result<RefreshOutcome> run();

 private:
  base::Result<void> find_changes();
  base::Result<void> read_changes();
  base::Result<void> store(std::vector<ReadFile>& batch);
  base::Result<void> store_one(IndexWriter& writer, const ReadFile& file);
  base::Result<void> remove_gone();
  void compare(std::vector<FoundFile>& found);
  void look_at(FoundFile& file, const KnownFile& known);
  base::Result<void> tidy_up();
  base::Result<void> forget_the_past();
  void tell(RefreshProgress::Stage stage, std::size_t done, std::size_t total);
  bool is_time_over() const { return options_.time_limit && Clock::now() - start_ > *options_.time_limit; }

  Database& database_;
  const RefreshOptions& options_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point told_;
  RefreshOutcome outcome_;
  KnownFiles known_;  // let go of once it is compared
  std::vector<FoundFile> to_read_;
  bool are_many_ = false;
  struct OldFile {
    FileId id = 0;
    bool is_indexed = false;
  };
  std::unordered_map<std::string, OldFile> old_;  // of files in to_read_
  std::vector<std::pair<FileId, std::string>> gone_;
};

void Refresh::tell(RefreshProgress::Stage stage, std::size_t done, std::size_t total) {
  if (!options_.progress || (Clock::now() - told_ < k_progress_interval && done < total)) return;
  told_ = Clock::now();
  options_.progress({stage, done, total});
}

base::Result<void> Refresh::find_changes() {
  DiscoveryOptions discovery;
  discovery.workspace = options_.workspace;
  discovery.file_limit = options_.file_limit;
  discovery.cancel = options_.cancel;
  discovery.progress = [this](std::size_t files) { tell(RefreshProgress::Stage::finding, files, 0); };
  // First the rows: what another process adds meanwhile is then no file that is gone.
  OC_TRY(known_, KnownFiles::load(database_));
  OC_TRY(Discovery found, discover_files(discovery));
  outcome_.found = found.files.size();
  outcome_.skipped = std::move(found.skipped);
  outcome_.notes = std::move(found.notes);
  compare(found.files);
  known_ = {};
  return {};
}

void Refresh::look_at(FoundFile& file, const KnownFile& known) {
  const bool is_indexed = known.state == k_state_indexed;
  outcome_.indexed += is_indexed ? 1U : 0U;
  if (known.racy || known.stamp != file.stamp) {
    old_.emplace(file.path, OldFile{known.id, is_indexed});
    to_read_.push_back(std::move(file));
  } else if (!is_indexed) {
    outcome_.skipped.push_back({file.path, static_cast<SkipReason>(known.state - 1)});
  }
}

// Both are sorted by path.
void Refresh::compare(std::vector<FoundFile>& found) {
  const auto& all = known_.all();
  auto known = all.begin();
  const auto take_gone = [&] {
    gone_.emplace_back(known->id, known_.path_of(*known));
    ++known;
  };
  for (FoundFile& file : found) {
    while (known != all.end() && known_.path_of(*known) < file.path) take_gone();
    if (known != all.end() && known_.path_of(*known) == file.path) {
      look_at(file, *known++);
    } else {
      to_read_.push_back(std::move(file));
    }
  }
  while (known != all.end()) take_gone();
}

base::Result<void> Refresh::remove_gone() {
  if (gone_.empty()) return {};
  OC_TRY(auto transaction, database_.begin(Database::Access::write));
  OC_TRY(IndexWriter writer, IndexWriter::make(database_));
  for (const auto& [id, path] : gone_) OC_CHECK(writer.remove_file(id, path));
  OC_CHECK(note_edges_changed(database_));
  outcome_.removed = gone_.size();
  return transaction.commit();
}

base::Result<void> Refresh::store_one(IndexWriter& writer, const ReadFile& file) {
  const auto old = old_.find(file.found.path);
  if (!file.analysis) {
    outcome_.skipped.push_back({file.found.path, SkipReason::unreadable});
    if (old == old_.end()) return {};
    ++outcome_.removed;
    OC_CHECK(note_edges_changed(database_));
    outcome_.indexed -= old->second.is_indexed ? 1U : 0U;
    return writer.remove_file(old->second.id, file.found.path);  // what it held is not known any more
  }
  ++outcome_.read;
  if (file.analysis->skipped) outcome_.skipped.push_back({file.found.path, *file.analysis->skipped});
  if (old != old_.end()) {
    OC_TRY(const bool is_same, writer.has_hash(old->second.id, file.analysis->hash));
    if (is_same) return writer.put_stamp(old->second.id, file.found.stamp, file.racy);
  }
  const bool was_indexed = old != old_.end() && old->second.is_indexed;
  if (was_indexed || !file.analysis->skipped) ++outcome_.changed;
  outcome_.indexed -= was_indexed ? 1U : 0U;
  outcome_.indexed += file.analysis->skipped ? 0U : 1U;
  return writer.put_file(file.found, file.racy, *file.analysis);
}

base::Result<void> Refresh::store(std::vector<ReadFile>& batch) {
  if (batch.empty()) return {};
  OC_TRY(auto transaction, database_.begin(Database::Access::write));
  OC_TRY(IndexWriter writer, IndexWriter::make(database_));
  if (to_read_.size() > k_many_changes) OC_CHECK(writer.expect_full_link());
  for (const ReadFile& file : batch) OC_CHECK(store_one(writer, file));
  batch.clear();
  return transaction.commit();
}

base::Result<void> Refresh::read_changes() {
  if (to_read_.empty()) return {};
  FileReaderPool pool(options_.workspace, options_.file_limit, to_read_, options_.cancel);
  std::vector<ReadFile> batch;
  std::size_t done = 0;
  auto stored = Clock::now();
  while (auto file = pool.next()) {
    batch.push_back(std::move(*file));
    tell(RefreshProgress::Stage::reading, ++done, to_read_.size());
    if (options_.cancel.is_requested() || is_time_over()) pool.stop();
    if (batch.size() < k_batch && Clock::now() - stored < k_batch_time) continue;
    OC_CHECK(store(batch));
    stored = Clock::now();
  }
  OC_CHECK(store(batch));
  outcome_.left = to_read_.size() - done;
  are_many_ = to_read_.size() > k_many_changes;
  to_read_ = {};  // the linker needs the memory
  old_ = {};
  if (options_.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  return {};
}

// After much was written, its journal goes into the file: it would stay as large as it ever was.
base::Result<void> Refresh::tidy_up() {
  if (!are_many_) return {};
  return database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

// A row of the full-text index cannot be taken out without the text it was made from, so rows of changed files stay.
base::Result<void> Refresh::forget_the_past() {
  OC_TRY(Statement last, database_.prepare("SELECT max(rowid) FROM documents_docsize"));
  OC_TRY(const bool has_row, last.step());
  const std::int64_t rows = has_row ? last.integer(0) : 0;
  last.reset();
  if (rows <= 2 * static_cast<std::int64_t>(outcome_.found) + options_.most_stale_documents) return {};
  OC_TRY(auto transaction, database_.begin(Database::Access::write));
  OC_CHECK(
      database_.execute("INSERT INTO documents(documents) VALUES('delete-all');"
                        "UPDATE files SET racy=1,hash='',document=-id"));
  return transaction.commit();
}

base::Result<RefreshOutcome> Refresh::run() {
  OC_CHECK(find_changes());
  OC_CHECK(remove_gone());
  OC_CHECK(read_changes());
  if (outcome_.left == 0) {
    tell(RefreshProgress::Stage::linking, 0, 0);
    OC_CHECK(link_files(database_, options_.cancel));
    OC_CHECK(tidy_up());
    OC_CHECK(forget_the_past());
  }
  std::ranges::sort(outcome_.skipped, {}, &SkippedPath::path);
  return std::move(outcome_);
}

}  // namespace

base::Result<RefreshOutcome> refresh_index(storage::Database& database, const RefreshOptions& options) {
  return Refresh(database, options).run();
}

}  // namespace oc::context
