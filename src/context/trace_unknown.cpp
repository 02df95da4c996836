// SPDX-License-Identifier: Apache-2.0
// The last resort: places in a text of no known kind, like "lib/a.rb:12:in 'run'", "at a.pl line 3." or
// "in /app/a.php on line 12".
#include <algorithm>
#include <array>

#include "base/path.hpp"
#include "base/text.hpp"
#include "context/trace_scan.hpp"
#include "syntax/language.hpp"

namespace oc::context::trace_scan {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The word that ends where `text` ends; looks back no further than a path is long.
std::string_view last_word(std::string_view text) {
  constexpr std::size_t k_longest = 512;
  if (text.size() > k_longest) text.remove_prefix(text.size() - k_longest);
  const std::size_t end = text.find_last_of(" \t\"'`()[]<>,;=");
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

// The number that `text` begins with.
std::optional<int> leading_number(std::string_view text) {
  std::size_t size = 0;
  while (size < std::min<std::size_t>(text.size(), 10) && is_digit(text[size])) ++size;
  return parse_number(text.substr(0, size));
}

bool is_source_path(std::string_view path) {
  return !path.empty() && path.find("://") == std::string_view::npos && !extension_of(path).empty() &&
         syntax::find_language_of_file(base::path_from_utf8(base::replace_invalid_utf8(path))) != nullptr;
}

}  // namespace

Findings scan_unknown(Lines lines) {
  constexpr auto k_links = std::to_array<std::string_view>({":line ", " on line ", " line ", ":"});
  FrameList frames;
  int lookups_left = 1000;  // a text made of nothing but colons must not cost a language lookup for each
  for (const std::string_view line : lines) {
    for (const std::string_view link : k_links) {
      for (std::size_t at = line.find(link); at != std::string_view::npos; at = line.find(link, at + link.size())) {
        const std::string_view behind = line.substr(at + link.size());
        const auto number = leading_number(behind);
        if (!number) continue;
        const std::string_view path = last_word(line.substr(0, at));
        if (--lookups_left < 0) break;
        if (!is_source_path(path)) continue;
        const std::size_t next = behind.find_first_not_of("0123456789");
        const bool has_column = link == ":" && next != std::string_view::npos && behind[next] == ':';
        const int column = has_column ? leading_number(behind.substr(next + 1)).value_or(0) : 0;
        if (auto frame = make_frame({path, *number, column}, "", "")) frames.add(std::move(*frame));
      }
    }
  }
  Findings findings;
  findings.trace.frames = frames.take();
  return findings;
}

}  // namespace oc::context::trace_scan
