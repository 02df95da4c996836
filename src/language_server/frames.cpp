// SPDX-License-Identifier: Apache-2.0
#include "language_server/frames.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::language_server {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::string_view k_length = "content-length:";

// Some servers print text without a line end right before a header.
std::size_t find_length_field(std::string_view line) {
  const auto found = std::ranges::search(line, k_length, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
  return found.empty() ? std::string_view::npos : static_cast<std::size_t>(found.begin() - line.begin());
}

}  // namespace

std::string make_frame(std::string_view body) { return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body); }

Result<std::optional<std::string>> FrameReader::next() {
  while (!is_body_) {
    OC_TRY(const bool has_line, read_line());
    if (!has_line) return std::nullopt;
  }
  if (buffer_.size() < *length_) return std::nullopt;
  std::string body = buffer_.substr(0, *length_);
  buffer_.erase(0, *length_);
  length_.reset();
  is_body_ = false;
  header_size_ = 0;
  return body;
}

Result<bool> FrameReader::read_line() {
  const std::size_t end = buffer_.find('\n');
  if (std::min(end, buffer_.size()) > limits_.header)
    return base::fail(ErrorKind::io, "it sends lines too long for a header");
  if (end == std::string::npos) return false;
  const std::string line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  OC_CHECK(use_line(line.ends_with('\r') ? std::string_view(line).substr(0, line.size() - 1) : line));
  return true;
}

Result<void> FrameReader::use_line(std::string_view line) {
  if (length_) {
    header_size_ += line.size();
    if (header_size_ > limits_.header) return base::fail(ErrorKind::io, "it sends a header that is too long");
  }
  if (line.empty() && length_) {
    is_body_ = true;
    return {};
  }
  const std::size_t at = find_length_field(line);
  if (at == std::string_view::npos) {
    const bool is_field = length_ || line.starts_with("Content-Type:");
    if (!is_field && !line.empty()) garbage_ += line.size() + 1;
    if (garbage_ > limits_.garbage) return base::fail(ErrorKind::io, "it prints text instead of messages");
    return {};
  }
  garbage_ += at;
  const std::string_view digits = base::trim(line.substr(at + k_length.size()));
  std::size_t length = 0;
  const auto [rest, code] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (code != std::errc() || rest != digits.data() + digits.size() || digits.empty() || (length_ && *length_ != length))
    return base::fail(ErrorKind::io,
                      fmt::format("it sends a header that makes no sense: {}", base::in_quotes(line.substr(at, 60))));
  if (length > limits_.body)
    return base::fail(ErrorKind::io, fmt::format("it announces a message of {} bytes", length));
  length_ = length;
  return {};
}

}  // namespace oc::language_server
