// SPDX-License-Identifier: Apache-2.0
#include "sandbox/kept_output.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::sandbox {
namespace {

constexpr std::size_t k_near = 200;  // a line end that is farther away is not worth the bytes up to it

std::string_view cut_at_line_end(std::string_view head) {
  const std::size_t newline = head.rfind('\n');
  if (newline != std::string_view::npos && head.size() - newline <= k_near) return head.substr(0, newline + 1);
  return head.substr(0, base::complete_utf8_prefix(head));
}

std::string_view cut_at_line_start(std::string_view tail) {
  const std::size_t newline = tail.find('\n');
  if (newline < k_near && newline + 1 < tail.size()) return tail.substr(newline + 1);
  std::size_t skipped = 0;
  while (skipped < 3 && skipped < tail.size() && (static_cast<unsigned char>(tail[skipped]) & 0xC0U) == 0x80U)
    ++skipped;
  return tail.substr(skipped);
}

}  // namespace

std::string Output::text() const {
  if (dropped.value == 0) return head + tail;
  const std::string_view line_end = head.empty() || head.ends_with('\n') ? "" : "\n";
  return fmt::format("{}{}[… {} left out …]\n{}", head, line_end, base::format_bytes(dropped), tail);
}

KeptOutput::KeptOutput(base::ByteCount limit)
    : head_limit_(static_cast<std::size_t>(std::max<std::int64_t>(0, limit.value)) / 3),
      tail_limit_(static_cast<std::size_t>(std::max<std::int64_t>(0, limit.value)) - head_limit_) {}

void KeptOutput::add(std::string_view piece) {
  total_ += base::ByteCount(static_cast<std::int64_t>(piece.size()));
  const std::size_t room = std::min(head_limit_ - head_.size(), piece.size());
  head_ += piece.substr(0, room);
  piece.remove_prefix(room);
  if (piece.size() >= tail_limit_) {
    tail_.assign(piece.substr(piece.size() - tail_limit_));
    return;
  }
  tail_ += piece;
  if (tail_.size() > 2 * tail_limit_) tail_.erase(0, tail_.size() - tail_limit_);
}

Output KeptOutput::finish() const {
  Output output;
  if (total_.value <= static_cast<std::int64_t>(head_limit_ + tail_limit_)) {
    output.head = head_ + tail_;
    return output;
  }
  output.head = cut_at_line_end(head_);
  output.tail = cut_at_line_start(std::string_view(tail_).substr(tail_.size() - tail_limit_));
  output.dropped = total_ - base::ByteCount(static_cast<std::int64_t>(output.head.size() + output.tail.size()));
  return output;
}

}  // namespace oc::sandbox
