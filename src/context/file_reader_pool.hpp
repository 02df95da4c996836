// SPDX-License-Identifier: Apache-2.0
// Reads and analyses files on a few threads and hands them over one by one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "base/cancel.hpp"
#include "base/path.hpp"
#include "context/discovery.hpp"
#include "context/file_analysis.hpp"

namespace oc::context {

struct ReadFile {
  FoundFile found;
  bool racy = false;
  std::optional<FileAnalysis> analysis;  // nullopt: it could not be read
};

// The constructor starts the threads, the destructor waits for them. next() and stop() are for one thread.
class FileReaderPool {
 public:
  // `files` must outlive the pool.
  FileReaderPool(base::Path workspace, base::ByteCount file_limit, std::span<const FoundFile> files,
                 base::CancelToken cancel);
  ~FileReaderPool();
  FileReaderPool(const FileReaderPool&) = delete;
  FileReaderPool& operator=(const FileReaderPool&) = delete;

  // In the order in which they get ready; nullopt: no more. Waits.
  std::optional<ReadFile> next();
  // No further file is begun; next() still hands out those that were.
  void stop();

 private:
  void work();
  ReadFile read(const FoundFile& found, syntax::OutlineReader& reader) const;

  base::Path workspace_;
  base::ByteCount file_limit_;
  std::span<const FoundFile> files_;
  base::CancelToken cancel_;
  std::atomic<std::size_t> next_file_{0};
  std::mutex mutex_;  // of what follows
  std::condition_variable ready_, room_;
  std::deque<ReadFile> done_;
  std::size_t working_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace oc::context
