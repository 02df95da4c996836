// SPDX-License-Identifier: Apache-2.0
#include "edit/target_file.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "edit/line_match.hpp"

namespace oc::edit {
namespace {

using base::ErrorKind;
using base::fail;
using base::Path;
using base::Result;

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(base::k_byte_order_mark)) text.remove_prefix(base::k_byte_order_mark.size());
  return text;
}

std::unexpected<base::Error> changed(const Path& path) {
  return fail(ErrorKind::conflict, fmt::format("cannot write {}: it was changed meanwhile", base::display(path)),
              "run the command again");
}

}  // namespace

std::string in_form_of(std::string_view old_bytes, std::string_view new_text) {
  const std::string_view old_text = without_mark(old_bytes);
  const base::LineEnd line_end = base::detect_line_end(old_text);
  const std::string old_lf = base::to_lf(old_text);
  const std::string new_lf = base::to_lf(without_mark(new_text));
  const std::vector<std::string_view> old_lines = lines_with_ends(old_text);
  const std::vector<std::string_view> new_lines = lines_with_ends(new_lf);
  const LineMatch match = match_lines(lines_with_ends(old_lf), new_lines);
  std::string out(old_bytes.substr(0, old_bytes.size() - old_text.size()));
  std::size_t old_index = 0;
  for (std::size_t i = 0; i < new_lines.size(); ++i) {
    if (!match.new_kept[i]) {
      out += base::with_line_end(new_lines[i], line_end);
      continue;
    }
    while (!match.old_kept[old_index]) ++old_index;
    out += old_lines[old_index++];
  }
  return out;
}

Result<void> write_new(const Path& path, std::string_view text) {
  auto created = base::create_file(path, text);
  if (!created && created.error().kind == ErrorKind::conflict)
    return fail(ErrorKind::conflict, fmt::format("cannot create {}: it exists", base::display(path)),
                "choose another name, or edit that file");
  return created;
}

Result<void> write_existing(const Path& path, std::string_view expected_old_bytes, std::string_view new_text) {
  OC_TRY(const auto facts, base::find_file_facts(path));
  if (!facts) return changed(path);
  const auto bytes = base::read_file(path, base::ByteCount(static_cast<std::int64_t>(expected_old_bytes.size())));
  if (!bytes && bytes.error().kind == ErrorKind::too_large) return changed(path);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes != expected_old_bytes) return changed(path);
  return base::replace_file(path, in_form_of(expected_old_bytes, new_text));
}

}  // namespace oc::edit
