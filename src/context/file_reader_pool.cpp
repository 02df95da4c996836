// SPDX-License-Identifier: Apache-2.0
#include "context/file_reader_pool.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/system.hpp"

namespace oc::context {
namespace {

// Analyses that wait for the writer; bounds the memory they take.
constexpr std::size_t k_most_waiting = 64;
constexpr std::size_t k_most_threads = 8;
// For fewer files a thread is not worth its start.
constexpr std::size_t k_files_a_thread = 8;

}  // namespace

FileReaderPool::FileReaderPool(base::Path workspace, base::ByteCount file_limit, std::span<const FoundFile> files,
                               base::CancelToken cancel)
    : workspace_(std::move(workspace)), file_limit_(file_limit), files_(files), cancel_(std::move(cancel)) {
  const auto cores = static_cast<std::size_t>(base::physical_core_count());
  const std::size_t useful = 1 + files.size() / k_files_a_thread;
  working_ = std::min({cores, k_most_threads, useful});
  for (std::size_t i = 0; i < working_; ++i) threads_.emplace_back([this] { work(); });
}

FileReaderPool::~FileReaderPool() {
  stop();
  {
    const std::lock_guard lock(mutex_);
    done_.clear();
    room_.notify_all();
  }
  while (next()) {}
}

void FileReaderPool::stop() { next_file_.store(files_.size()); }

ReadFile FileReaderPool::read(const FoundFile& found, syntax::OutlineReader& reader) const {
  ReadFile file{found, false, std::nullopt};
  const std::int64_t now = base::file_clock_now_ns();
  const auto bytes = base::read_file(workspace_ / base::path_from_utf8(found.path), file_limit_);
  file.racy = base::is_racy(found.stamp, now);
  if (bytes) file.analysis = analyse_file(found.path, *bytes, reader, cancel_);
  return file;
}

void FileReaderPool::work() {
  syntax::OutlineReader reader;
  while (true) {
    const std::size_t index = next_file_.fetch_add(1);
    if (index >= files_.size()) break;
    ReadFile file = read(files_[index], reader);
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return done_.size() < k_most_waiting; });
    done_.push_back(std::move(file));
    ready_.notify_one();
  }
  const std::lock_guard lock(mutex_);
  --working_;
  ready_.notify_one();
}

std::optional<ReadFile> FileReaderPool::next() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [&] { return !done_.empty() || working_ == 0; });
  if (done_.empty()) return std::nullopt;
  ReadFile file = std::move(done_.front());
  done_.pop_front();
  room_.notify_one();
  return file;
}

}  // namespace oc::context
