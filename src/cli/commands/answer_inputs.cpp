// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/answer_inputs.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "context/discovery.hpp"
#include "context/line_range.hpp"
#include "syntax/language.hpp"

namespace oc::cli {

bool has_piped_input() { return !base::is_terminal(base::Stream::input); }

base::Result<std::string> read_piped_text(Invocation& invocation) {
  const auto input = base::read_standard_input(invocation.settings.settings().limits.prompt_bytes);
  // Ctrl-C ends the reading, whatever had come.
  if (invocation.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  OC_TRY(const std::string bytes, input);
  if (base::looks_binary(bytes))
    return base::fail(base::ErrorKind::usage, "standard input looks binary", "pipe text in");
  std::string_view text = bytes;
  if (text.starts_with(base::k_byte_order_mark)) text.remove_prefix(base::k_byte_order_mark.size());
  if (base::find_invalid_utf8(text))
    invocation.console.note("standard input is not UTF-8: the model sees U+FFFD in its place");
  return base::to_lf(base::replace_invalid_utf8(text));
}

base::Result<std::string> read_prompt(Invocation& invocation, const std::string& given) {
  if (given == "-") {
    OC_TRY(const std::string text, read_piped_text(invocation));
    return std::string(base::trim_end(text));
  }
  if (base::find_invalid_utf8(given))
    return base::fail(base::ErrorKind::usage, "the prompt is not UTF-8",
                      "set a UTF-8 locale, or pipe the prompt in with '-'");
  return given;
}

base::Path absolute_path(const Invocation& invocation, const std::string& name) {
  base::Path path = (invocation.working_directory / base::path_from_utf8(name)).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // "a/" is a
}

base::Result<std::vector<tasks::FilePart>> load_files(Invocation& invocation, const std::vector<std::string>& names,
                                                      const std::string& lines) {
  std::vector<tasks::FilePart> parts;
  if (!lines.empty() && names.empty())
    return base::fail(base::ErrorKind::usage, "--lines needs a --file", "name the file that the lines are of");
  for (const std::string& name : names) {
    OC_TRY(context::SourceFile file, context::load_source_file(absolute_path(invocation, name), invocation.workspace,
                                                               invocation.settings.settings().limits.file_bytes));
    for (const std::string& note : file.notes) invocation.console.note(note);
    std::optional<base::LineRange> range;
    if (!lines.empty() && parts.empty()) {
      OC_TRY(const base::LineRange asked, context::parse_line_range(lines));
      OC_TRY(range, context::check_line_range(asked, file));
    }
    parts.push_back({std::move(file), range});
  }
  return parts;
}

bool is_existing_path(const Invocation& invocation, const std::string& name) {
  if (name.empty() || name == "-" || name.find('\n') != std::string::npos || name.size() > 4096) return false;
  const auto found = base::find_folder_entry(absolute_path(invocation, name));
  return found && found->has_value();
}

bool looks_like_path(const std::string& word) {
  if (word.find_first_of(" \t\n") != std::string::npos || word.ends_with('?')) return false;
  if (word.find('/') != std::string::npos) return true;
  return word.find('.') != std::string::npos && !word.ends_with('.') &&
         syntax::find_language_of_file(base::path_from_utf8(word)) != nullptr;
}

namespace {

base::Result<std::vector<tasks::FilePart>> load_folder(Invocation& invocation, const base::Path& folder) {
  const base::ByteCount limit = invocation.settings.settings().limits.file_bytes;
  context::DiscoveryOptions discovery;
  discovery.workspace = folder;
  discovery.file_limit = limit;
  discovery.cancel = invocation.cancel;
  OC_TRY(const context::Discovery found, context::discover_files(discovery));
  std::vector<tasks::FilePart> parts;
  std::size_t left_out = found.skipped.size();
  for (const context::FoundFile& file : found.files) {
    auto loaded = context::load_source_file(folder / base::path_from_utf8(file.path), invocation.workspace, limit);
    if (!loaded || context::classify_contents(file.path, loaded->bytes)) {
      ++left_out;
      continue;
    }
    if (!base::is_blank(loaded->text)) parts.push_back({std::move(*loaded), std::nullopt});
  }
  if (left_out > 0)
    invocation.console.note(
        fmt::format("{} of {} {} left out: no text, generated, too large or secret ('scan --verbose' names them)",
                    left_out == 1 ? "1 file" : fmt::format("{} files", left_out), base::display(folder),
                    left_out == 1 ? "is" : "are"));
  if (parts.empty())
    return base::fail(base::ErrorKind::usage, fmt::format("there are no texts in {}", base::display(folder)),
                      "name a folder or files with code");
  return parts;
}

}  // namespace

base::Result<std::vector<tasks::FilePart>> load_files_and_folders(Invocation& invocation,
                                                                  const std::vector<std::string>& names,
                                                                  const std::string& lines) {
  std::vector<tasks::FilePart> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const base::Path path = absolute_path(invocation, names[i]);
    std::error_code code;
    OC_TRY(auto more, std::filesystem::is_directory(path, code)
                          ? load_folder(invocation, path)
                          : load_files(invocation, {names[i]}, i == 0 ? lines : ""));
    std::ranges::move(more, std::back_inserter(parts));
  }
  if (names.empty()) OC_CHECK(load_files(invocation, {}, lines));  // says that --lines needs a file
  return parts;
}

}  // namespace oc::cli
