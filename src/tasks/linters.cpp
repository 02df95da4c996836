// SPDX-License-Identifier: Apache-2.0
#include "tasks/linters.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "base/text.hpp"
#include "quality/linter_output.hpp"
#include "sandbox/run_command.hpp"
#include "sandbox/trusted_commands.hpp"

namespace oc::tasks {
namespace {

using quality::LinterFormat;

constexpr std::size_t k_files_a_run = 200;
// What a shell or a program's own start may take.
const sandbox::RunLimits k_limits{.time = std::chrono::minutes(2),
                                  .memory = base::ByteCount(4'000'000'000),
                                  .processes = 200,
                                  .file_size = base::ByteCount(1'000'000'000),
                                  .output = base::ByteCount(4'000'000)};

// What the linter would run that the repository names.
enum class Runs { nothing, project_code };
// Where the file names go.
enum class Files { at_end, packages };

struct Linter {
  std::string_view name;
  std::vector<std::string> words;
  std::string_view languages;  // ids between blanks
  LinterFormat format = LinterFormat::colons;
  Runs runs = Runs::nothing;
  std::string_view needs = {};  // a file of the workspace without which it says nothing; several between blanks
  Files files = Files::at_end;
};

const std::vector<Linter>& linters() {
  static const std::vector<Linter> all = {
      {"cppcheck",
       {"cppcheck", "--quiet", "--enable=warning,performance,portability", "--suppress=missingInclude",
        "--template=oc|{file}|{line}|{severity}|{id}|{message}"},
       " c cpp ",
       LinterFormat::cppcheck},
      {"clang-tidy",
       {"clang-tidy", "--quiet"},
       " c cpp ",
       LinterFormat::colons,
       Runs::project_code,  // .clang-tidy and compile_commands.json may name plugins
       "compile_commands.json build/compile_commands.json"},
      // Its settings are data; but they may say that files are to be changed.
      {"ruff", {"ruff", "check", "--no-fix", "--no-cache", "--quiet", "--output-format=concise"}, " python "},
      {"eslint",
       {"eslint", "--format=json"},
       " javascript typescript tsx ",
       LinterFormat::eslint,
       Runs::project_code,
       "eslint.config.js eslint.config.mjs eslint.config.cjs eslint.config.ts .eslintrc.js .eslintrc.cjs "
       ".eslintrc.json .eslintrc.yml .eslintrc.yaml .eslintrc"},
      {"shellcheck", {"shellcheck", "--format=gcc"}, " shell "},
      {"go",
       {"go", "vet"},
       " go ",
       LinterFormat::colons,
       Runs::project_code,  // cgo runs a compiler with the flags that a file names
       "go.mod",
       Files::packages},
  };
  return all;
}

bool has_any(const base::Path& workspace, std::string_view names) {
  if (names.empty()) return true;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(' '));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    std::error_code code;
    if (std::filesystem::is_regular_file(workspace / base::path_from_utf8(name), code)) return true;
  }
  return false;
}

// Confirmed is the linter for the project, whatever files it is asked about.
sandbox::ProjectCommand command_of(const Linter& linter, const base::Path& workspace) {
  return {workspace, base::WordList{linter.words}, workspace};
}

std::vector<std::string> files_for(const Linter& linter, const LinterOptions& options) {
  std::vector<std::string> files;
  for (const auto& [path, language] : options.languages)
    if (linter.languages.find(" " + language + " ") != std::string_view::npos) files.push_back(path);
  return files;
}

// A name that begins with '-' is no option, and one with a comma or '@' no list: "./" stands before each.
std::vector<std::string> words_for(const Linter& linter, const LinterOptions& options,
                                   std::span<const std::string> files) {
  std::vector<std::string> words = linter.words;
  if (linter.name == "clang-tidy" && !has_any(options.workspace, "compile_commands.json")) {
    words.emplace_back("-p");
    words.emplace_back("build");
  }
  for (const std::string& file : files) {
    std::string word = "./" + file;
    if (linter.files == Files::packages) word.erase(word.rfind('/'));
    if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
  }
  return words;
}

class LinterRun {
 public:
  LinterRun(const LinterOptions& options, const base::CancelToken& cancel) : options_(options), cancel_(cancel) {}

  base::Result<LinterReport> run_all() {
    OC_TRY(const auto trusted, sandbox::TrustedCommands::load(sandbox::trusted_commands_file(options_.state_folder)));
    for (const Linter& linter : linters()) {
      const std::vector<std::string> files = files_for(linter, options_);
      if (files.empty() || !has_any(options_.workspace, linter.needs)) continue;
      if (linter.runs == Runs::project_code &&
          !trusted.is_trusted(command_of(linter, options_.workspace), sandbox::CommandOrigin::project)) {
        report_.notes.push_back(
            fmt::format("{} does not run: it would run what this project names; 'review --trust-linters' confirms that",
                        linter.name));
        continue;
      }
      if (options_.progress) options_.progress(std::string(linter.name));
      OC_CHECK(run(linter, files));
    }
    return std::move(report_);
  }

 private:
  base::Result<void> run(const Linter& linter, std::span<const std::string> files) {
    for (std::size_t begin = 0; begin < files.size(); begin += k_files_a_run) {
      const auto some = files.subspan(begin, std::min(k_files_a_run, files.size() - begin));
      sandbox::RunRequest request;
      request.command = base::WordList{words_for(linter, options_, some)};
      request.folder = options_.workspace;
      request.limits = k_limits;
      OC_TRY(const sandbox::Outcome outcome, sandbox::run_command(request, cancel_));
      if (outcome.ending == sandbox::Ending::cancelled) return base::fail(base::ErrorKind::cancelled, "interrupted");
      if (outcome.ending == sandbox::Ending::not_started) return {};  // it is not installed
      read(linter, outcome);
    }
    report_.ran.emplace_back(linter.name);
    return {};
  }

  void read(const Linter& linter, const sandbox::Outcome& outcome) {
    const quality::LinterReading reading{.source = std::string(linter.name),
                                         .format = linter.format,
                                         .files = options_.files,
                                         .folder = base::to_utf8(options_.workspace)};
    auto found = quality::read_linter_output(reading, outcome.output.text());
    const bool is_odd = outcome.ending != sandbox::Ending::exited || (outcome.code != 0 && found.empty());
    if (is_odd)
      report_.notes.push_back(fmt::format("{} did not end as it should ({}): {}", linter.name,
                                          sandbox::to_words(outcome, k_limits), first_line(outcome)));
    std::ranges::move(found, std::back_inserter(report_.findings));
  }

  static std::string first_line(const sandbox::Outcome& outcome) {
    constexpr std::size_t k_longest = 200;
    std::string_view text = base::trim(outcome.output.head);
    text = text.substr(0, std::min(text.find('\n'), k_longest));
    return text.empty() ? "it printed nothing" : base::in_quotes(base::replace_invalid_utf8(text));
  }

  const LinterOptions& options_;
  const base::CancelToken& cancel_;
  LinterReport report_;
};

}  // namespace

base::Result<LinterReport> run_linters(const LinterOptions& options, const base::CancelToken& cancel) {
  return LinterRun(options, cancel).run_all();
}

base::Result<void> trust_linters(const base::Path& workspace, const base::Path& state_folder) {
  OC_TRY(auto trusted, sandbox::TrustedCommands::load(sandbox::trusted_commands_file(state_folder)));
  std::vector<sandbox::ProjectCommand> commands;
  for (const Linter& linter : linters())
    if (linter.runs == Runs::project_code) commands.push_back(command_of(linter, workspace));
  return trusted.remember(commands);
}

}  // namespace oc::tasks
