// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/review_scope.hpp"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <set>

#include <fmt/format.h>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/commands/answer_inputs.hpp"

namespace oc::cli {
namespace {

using Kind = quality::ChangedFile::Kind;

constexpr std::chrono::seconds k_patience{60};
constexpr base::ByteCount k_longest_diff{64'000'000};

base::Result<std::string> run_git(const Invocation& invocation, std::vector<std::string> words) {
  std::vector<std::string> all = {"-C", base::to_utf8(invocation.workspace), "-c", "core.fsmonitor=false"};
  all.insert(all.end(), words.begin(), words.end());
  auto run = base::run_process({"git", all}, k_patience, k_longest_diff, invocation.cancel);
  if (!run && run.error().kind == base::ErrorKind::cancelled) return std::unexpected(run.error());
  if (!run)
    return base::fail(base::ErrorKind::usage, fmt::format("cannot ask git for the change: {}", run.error().message),
                      "install git, or pipe a diff in: 'git diff | offline-coder review'");
  if (run->timed_out || run->code != 0)
    return base::fail(base::ErrorKind::usage,
                      fmt::format("git cannot show the change: {}",
                                  base::in_quotes(base::trim(run->errors.substr(0, run->errors.find('\n'))))),
                      "run it inside a repository and name a revision that is there, or pipe a diff in");
  return std::move(run->output);
}

std::string_view why_not(Kind kind) {
  switch (kind) {
    case Kind::binary: return "it is binary";
    case Kind::submodule: return "it is a submodule: review it in its own folder";
    case Kind::unmerged: return "its merge is not finished";
    default: return "";
  }
}

void tell_what_is_left_out(Invocation& invocation, const quality::ChangedLines& changes) {
  for (const quality::ChangedFile& file : changes.files)
    if (const std::string_view reason = why_not(file.kind); !reason.empty())
      invocation.console.note(fmt::format("{} is left out: {}", base::in_quotes(file.path), reason));
}

// Names that git ends with a NUL each.
std::set<std::string> split_names(std::string_view names) {
  std::set<std::string> split;
  for (const auto name : std::views::split(names, '\0'))
    if (!name.empty()) split.emplace(name.begin(), name.end());
  return split;
}

// Files that have no lines of a change because they wait for a merge say so; a diff from a revision does not name them.
void add_unmerged(std::set<std::string> unmerged, ReviewScope& scope) {
  auto& files = scope.changes->files;
  for (const std::string& path : unmerged) {
    const auto same = std::ranges::find(files, path, &quality::ChangedFile::path);
    if (same == files.end()) files.push_back({Kind::unmerged, path, "", {}});
    else if (same->kind != Kind::text) same->kind = Kind::unmerged;
  }
  for (const quality::ChangedFile& file : files)
    if (file.kind == Kind::unmerged) unmerged.insert(file.path);
  scope.unmerged = std::move(unmerged);
}

base::Result<ReviewScope> scope_of_diff(Invocation& invocation, std::string diff, std::set<std::string> unmerged) {
  ReviewScope scope;
  scope.changes = quality::read_changed_lines(diff);
  if (!scope.changes->is_diff && !base::is_blank(diff))
    return base::fail(base::ErrorKind::usage, "what stands on standard input is no diff",
                      "pipe one in: 'git diff | offline-coder review', or name files");
  scope.diff = std::move(diff);
  add_unmerged(std::move(unmerged), scope);
  tell_what_is_left_out(invocation, *scope.changes);
  return scope;
}

base::Result<ReviewScope> scope_of_names(Invocation& invocation, const std::vector<std::string>& names) {
  ReviewScope scope;
  for (const std::string& name : names) {
    base::Path path = absolute_path(invocation, name).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    std::error_code code;
    if (!std::filesystem::exists(path, code))
      return base::fail(base::ErrorKind::usage, fmt::format("there is no file {}", base::display(path)),
                        "name files and folders of the project");
    if (!base::is_inside(path, invocation.workspace))
      return base::fail(
          base::ErrorKind::usage,
          fmt::format("{} lies outside the project {}", base::display(path), base::display(invocation.workspace)),
          "run it in that project");
    scope.prefixes.push_back(
        path == invocation.workspace ? "" : base::to_utf8(base::relative_to(path, invocation.workspace)));
  }
  return scope;
}

// The lines of what is staged are looked up in the files as they are now.
base::Result<void> tell_unstaged_changes(Invocation& invocation, const ReviewScope& scope) {
  OC_TRY(const std::string names, run_git(invocation, {"diff", "--name-only", "--relative", "--no-ext-diff",
                                                       "--ignore-submodules", "-z", "--"}));
  const std::set<std::string> listed = split_names(names);
  for (const quality::ChangedFile& file : scope.changes->files)
    if (file.kind == Kind::text && listed.contains(file.path))
      invocation.console.note(
          fmt::format("{} has changes that are not staged: it is read as it is now", base::in_quotes(file.path)));
  return {};
}

}  // namespace

base::Result<std::string> read_git_diff(const Invocation& invocation, const std::string& revision, bool staged) {
  if (revision.starts_with('-'))
    return base::fail(base::ErrorKind::usage, fmt::format("{} is no revision", base::in_quotes(revision)),
                      "name one, as in --diff HEAD~1");
  std::vector<std::string> words = {"diff",
                                    "--no-color",
                                    "--no-ext-diff",
                                    "--no-textconv",
                                    "--relative",
                                    "--find-renames",
                                    "--submodule=short",
                                    "--ignore-submodules=dirty",
                                    "--src-prefix=a/",
                                    "--dst-prefix=b/"};
  if (staged) words.emplace_back("--cached");
  const bool is_head = revision.empty() && !staged;
  if (is_head || !revision.empty()) words.push_back(is_head ? "HEAD" : revision);
  words.emplace_back("--");
  auto diff = run_git(invocation, words);
  if (diff || !is_head || diff.error().kind == base::ErrorKind::cancelled) return diff;
  // Before the first commit all files are new: compared with the tree that has none.
  if (run_git(invocation, {"rev-parse", "--verify", "--quiet", "HEAD"})) return diff;
  const auto empty_tree = run_git(invocation, {"hash-object", "-t", "tree", "--stdin"});
  if (!empty_tree) return diff;
  words[words.size() - 2] = base::trim(*empty_tree);
  return run_git(invocation, std::move(words));
}

bool ReviewScope::has_file(const std::string& path) const {
  if (changes)
    return std::ranges::any_of(
        changes->files, [&](const quality::ChangedFile& file) { return file.kind == Kind::text && file.path == path; });
  return std::ranges::any_of(prefixes, [&](const std::string& prefix) {
    return prefix.empty() || path == prefix || path.starts_with(prefix + "/");
  });
}

bool ReviewScope::has(const quality::Finding& finding) const {
  if (!changes) return has_file(finding.path);
  return std::ranges::any_of(changes->files, [&](const quality::ChangedFile& file) {
    return file.kind == Kind::text && file.path == finding.path && quality::touches(file, finding.about);
  });
}

base::Result<ReviewScope> find_review_scope(Invocation& invocation, const ReviewTarget& target) {
  const int ways = (target.names.empty() ? 0 : 1) + (target.revision ? 1 : 0) + (target.staged ? 1 : 0);
  if (ways > 1)
    return base::fail(base::ErrorKind::usage, "files, --diff and --staged exclude each other", "name one of them");
  if (!target.names.empty()) return scope_of_names(invocation, target.names);
  if (ways == 0 && has_piped_input()) {
    OC_TRY(std::string diff, read_piped_text(invocation));
    if (!base::is_blank(diff)) return scope_of_diff(invocation, std::move(diff), {});
  }
  OC_TRY(std::string diff, read_git_diff(invocation, target.revision.value_or(""), target.staged));
  OC_TRY(const std::string unmerged,
         run_git(invocation, {"diff", "--name-only", "--relative", "--no-ext-diff", "--diff-filter=U", "-z", "--"}));
  OC_TRY(ReviewScope scope, scope_of_diff(invocation, std::move(diff), split_names(unmerged)));
  if (target.staged) OC_CHECK(tell_unstaged_changes(invocation, scope));
  return scope;
}

}  // namespace oc::cli
