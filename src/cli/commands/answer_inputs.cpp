// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/answer_inputs.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "context/line_range.hpp"

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
  return (invocation.working_directory / base::path_from_utf8(name)).lexically_normal();
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

}  // namespace oc::cli
