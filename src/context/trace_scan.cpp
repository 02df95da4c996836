// SPDX-License-Identifier: Apache-2.0
#include "context/trace_scan.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace oc::context::trace_scan {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
}

std::string cut(std::string_view text, std::size_t size) {
  return std::string(text.substr(0, base::complete_utf8_prefix(text.substr(0, size))));
}

}  // namespace

void FrameList::add(Frame frame) {
  const auto same = known_.find({frame.path, frame.line});
  if (same == known_.end()) {
    if (frames_.size() >= k_most_frames) return;
    known_.emplace(std::pair(frame.path, frame.line), frames_.size());
    frames_.push_back(std::move(frame));
    return;
  }
  Frame& known = frames_[same->second];  // a headline without a column may come before the frame that has one
  if (known.column == 0) known.column = frame.column;
  if (known.function.empty()) known.function = std::move(frame.function);
  if (known.message.empty()) known.message = std::move(frame.message);
}

void FrameList::add_all(std::vector<Frame> frames) {
  for (Frame& frame : frames) add(std::move(frame));
}

void FrameGroup::add(Frame frame) {
  if (frames_.size() >= 2 * k_most_frames)
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(k_most_frames));
  frames_.push_back(std::move(frame));
}

std::vector<Frame> FrameGroup::take_last_first() {
  std::ranges::reverse(frames_);
  if (frames_.size() > k_most_frames) frames_.resize(k_most_frames);
  return std::exchange(frames_, {});
}

std::optional<int> parse_number(std::string_view digits) {
  if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value > 0 ? std::optional(value) : std::nullopt;
}

std::optional<Place> parse_place(std::string_view text) {
  const std::size_t last = text.rfind(':');
  if (last == std::string_view::npos) return std::nullopt;
  const auto number = parse_number(text.substr(last + 1));
  if (!number) return std::nullopt;
  const std::string_view head = text.substr(0, last);
  const std::size_t middle = head.rfind(':');
  const std::string_view inner = middle == std::string_view::npos ? "" : head.substr(middle + 1);
  if (inner.empty() || inner.find_first_not_of("0123456789") != std::string_view::npos)
    return head.empty() ? std::nullopt : std::optional(Place{head, *number, 0});
  const auto line = parse_number(inner);
  if (!line || middle == 0) return std::nullopt;
  return Place{head.substr(0, middle), *line, *number};
}

std::optional<Frame> make_frame(const Place& place, std::string_view function, std::string_view message) {
  constexpr std::size_t k_longest_path = 4096, k_longest_function = 200;
  const std::string_view path = base::trim(place.path);
  if (path.empty() || path.size() > k_longest_path) return std::nullopt;
  if (path.starts_with('<') && path.ends_with('>')) return std::nullopt;  // "<string>", "<built-in>": no file
  return Frame{std::string(path), place.line, place.column, cut(base::trim(function), k_longest_function),
               short_text(message)};
}

std::string short_text(std::string_view text) { return cut(base::trim(text), 1000); }

std::optional<std::string_view> after_prefix(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

std::string extension_of(std::string_view path) {
  const std::string_view name = path.substr(path.find_last_of("/\\") + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() - dot > 12) return {};
  std::string extension(name.substr(dot + 1));
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

bool is_error_head(std::string_view line) {
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(line, is_name_character) - line.begin());
  const std::string_view name = line.substr(0, end), rest = line.substr(end);
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const bool is_class = !last.empty() && last.front() >= 'A' && last.front() <= 'Z';
  const bool says_so = name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning") ||
                       name.ends_with("Interrupt") || name.ends_with("Exit") || name.ends_with("Group") ||
                       name.ends_with("Failure") || name.ends_with("Fault") || name == "StopIteration";
  if (rest.empty()) return is_class && says_so;
  if (rest.starts_with(" [")) return is_class && says_so && rest.find("]: ") != std::string_view::npos;  // Node's codes
  const bool is_qualified = last.size() < name.size();
  return rest.starts_with(": ") && is_class && (says_so || is_qualified);
}

std::string path_of_address(std::string_view text) {
  const auto rest = after_prefix(text, "file://");
  if (!rest) return std::string(text);
  std::string path;
  for (std::size_t i = 0; i < rest->size(); ++i) {
    unsigned value = 0;
    const char* const digits = rest->data() + i + 1;
    if ((*rest)[i] == '%' && i + 2 < rest->size() && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2 &&
        value >= 0x20) {
      path += static_cast<char>(value);
      i += 2;
    } else {
      path += (*rest)[i];
    }
  }
  const bool is_windows = path.size() > 2 && path[0] == '/' && path[2] == ':';
  return base::replace_invalid_utf8(is_windows ? path.substr(1) : path);
}

}  // namespace oc::context::trace_scan
