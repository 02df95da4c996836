// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/code_writer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/files.hpp"
#include "edit/target_file.hpp"
#include "edit/unified_diff.hpp"

namespace oc::cli {
namespace {

Style style_of(edit::DiffLine::Kind kind) {
  switch (kind) {
    case edit::DiffLine::Kind::header: return Style::bold;
    case edit::DiffLine::Kind::hunk: return Style::hunk;
    case edit::DiffLine::Kind::removed: return Style::removed;
    case edit::DiffLine::Kind::added: return Style::added;
    case edit::DiffLine::Kind::context: return Style::plain;
    case edit::DiffLine::Kind::note: return Style::dim;
  }
  return Style::plain;
}

void show_diff(Console& console, std::string_view old_bytes, std::string_view new_bytes, const std::string& label) {
  for (const edit::DiffLine& line : edit::diff_lines(old_bytes, new_bytes, label)) {
    console.err(base::filter_controls(line.text), style_of(line.kind));
    console.err("\n");
  }
}

// Names that other programs execute or obey without being asked.
bool runs_by_itself(const base::Path& inside_workspace) {
  constexpr std::array<std::string_view, 8> k_folders{".git",  ".hg",     ".svn",   ".vscode",
                                                      ".idea", ".github", ".husky", ".offline-coder"};
  constexpr std::array<std::string_view, 4> k_files{".envrc", ".gitlab-ci.yml", ".gitmodules", ".gitattributes"};
  const auto equals_any = [](const auto& names, const base::Path& part) {
    std::string text = base::to_utf8(part);
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::ranges::find(names, text) != names.end();
  };
  return std::ranges::any_of(inside_workspace, [&](const base::Path& part) { return equals_any(k_folders, part); }) ||
         equals_any(k_files, inside_workspace.filename());
}

}  // namespace

base::Result<void> check_writable_target(const Invocation& invocation, const base::Path& path) {
  // Where the path really leads: links in its folders count, the file itself may not exist yet.
  std::error_code code;
  const base::Path real = std::filesystem::weakly_canonical(path, code);
  const base::Path workspace = std::filesystem::weakly_canonical(invocation.workspace, code);
  if (code || !base::is_inside(real, workspace))
    return base::fail(base::ErrorKind::denied,
                      fmt::format("{} is outside the workspace {}, so it is not written", base::display(path),
                                  base::display(workspace)),
                      "run the command in the folder of the project, or write the file by redirecting the output");
  if (runs_by_itself(base::relative_to(real, workspace)))
    return base::fail(
        base::ErrorKind::denied,
        fmt::format("{} is a file that tools run or obey by themselves, so it is not written", base::display(path)),
        "redirect the output to a file and look at it first");
  return {};
}

base::Result<std::string> write_code(Invocation& invocation, const WriteTarget& target, const tasks::Answer& answer) {
  std::string shown = context::shown_path_of(target.path, invocation.workspace);
  if (answer.stop != protocol::StopReason::end && answer.stop != protocol::StopReason::stop_text)
    return base::fail(base::ErrorKind::negative,
                      fmt::format("the answer was cut after {} tokens, so nothing was written to '{}'",
                                  answer.usage.completion.value, shown),
                      "allow more with --max-tokens, or ask for less");
  Console& console = invocation.console;
  if (target.existing == nullptr) {
    auto written = base::make_folder(target.path.parent_path());
    if (written) written = edit::write_new(target.path, answer.code);
    if (!written && console.format() == Format::text) {
      console.out(answer.code);
      written.error().hint = "what was to be written is on standard output";
    }
    OC_CHECK(written);
    console.note(fmt::format("wrote {}", shown));
    return shown;
  }
  const std::string& old_bytes = target.existing->bytes;
  const std::string new_bytes = edit::in_form_of(old_bytes, answer.code);
  if (new_bytes == old_bytes)
    return base::fail(base::ErrorKind::negative, fmt::format("the answer is '{}' as it is: nothing to write", shown));
  if (target.consent == Consent::ask || !console.is_quiet()) show_diff(console, old_bytes, new_bytes, shown);
  const bool agreed = target.consent == Consent::given || console.ask(fmt::format("Write {}?", shown));
  if (invocation.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  if (!agreed)
    return base::fail(base::ErrorKind::denied, fmt::format("'{}' was not changed: nobody said yes", shown),
                      "add --yes to write without being asked");
  OC_CHECK(edit::write_existing(target.path, old_bytes, answer.code));
  console.note(fmt::format("wrote {}", shown));
  return shown;
}

}  // namespace oc::cli
