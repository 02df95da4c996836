// SPDX-License-Identifier: Apache-2.0
// Messages as the Language Server Protocol frames them: a header with Content-Length, an empty line, the body. What a
// server sends is hostile: everything has a limit. Text that some servers print in between is passed over and counted.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace oc::language_server {

std::string make_frame(std::string_view body);

struct FrameLimits {
  std::size_t header = 8192;  // bytes of a header, and of any line outside of bodies
  std::size_t body = 64 * 1024 * 1024;
  std::size_t garbage = 256 * 1024;  // of all that is no message
};

// Keeps at most a body and what was added last. For one thread.
class FrameReader {
 public:
  explicit FrameReader(FrameLimits limits = {}) : limits_(limits) {}

  void add(std::string_view bytes) { buffer_ += bytes; }
  // The next body; nullopt: more bytes are needed. Kind `io` when a limit is exceeded or a header makes no sense; then
  // nothing more can be read.
  base::Result<std::optional<std::string>> next();
  // Bytes so far that belonged to no message.
  std::size_t garbage() const { return garbage_; }

 private:
  base::Result<bool> read_line();
  base::Result<void> use_line(std::string_view line);

  FrameLimits limits_;
  std::string buffer_;
  std::optional<std::size_t> length_;
  bool is_body_ = false;
  std::size_t header_size_ = 0;
  std::size_t garbage_ = 0;
};

}  // namespace oc::language_server
