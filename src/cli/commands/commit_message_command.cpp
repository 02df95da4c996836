// SPDX-License-Identifier: Apache-2.0
// commit-message: a message for what is staged in git. Prints it; commits nothing.
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct MessageOptions {
  std::string notes;
};

constexpr std::chrono::seconds k_patience{30};
constexpr base::ByteCount k_longest_diff{4'000'000};

// What is staged. Programs that a repository's configuration names (external diffs, text conversions) are not run.
base::Result<std::string> read_staged_diff(const Invocation& invocation) {
  const base::Command command{"git",
                              {"-C", base::to_utf8(invocation.working_directory), "-c", "core.fsmonitor=false", "diff",
                               "--cached", "--no-color", "--no-ext-diff", "--no-textconv"}};
  auto run = base::run_process(command, k_patience, k_longest_diff, invocation.cancel);
  if (!run && run.error().kind == base::ErrorKind::cancelled) return std::unexpected(run.error());
  if (!run)
    return base::fail(base::ErrorKind::usage, fmt::format("cannot ask git what is staged: {}", run.error().message),
                      "install git, or pipe a diff in: 'git diff | offline-coder commit-message'");
  if (run->code != 0)
    return base::fail(base::ErrorKind::usage,
                      fmt::format("git cannot say what is staged: {}",
                                  base::in_quotes(base::trim(run->errors.substr(0, run->errors.find('\n'))))),
                      "run it inside a repository, or pipe a diff in");
  return std::move(run->output);
}

base::Result<int> run_commit_message(Invocation& invocation, const MessageOptions& options) {
  tasks::CommitMessageRequest request;
  request.notes = options.notes;
  if (has_piped_input()) {
    OC_TRY(request.diff, read_piped_text(invocation));
  }
  if (base::is_blank(request.diff)) {
    OC_TRY(request.diff, read_staged_diff(invocation));
  }
  if (base::is_blank(request.diff))
    return base::fail(base::ErrorKind::negative, "nothing is staged", "stage a change with 'git add' first");
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(const tasks::Answer answer, tasks::write_commit_message(session, request));
  if (invocation.console.format() == Format::text && answer.stop != protocol::StopReason::cancelled)
    invocation.console.out(answer.code);
  return view.finish(answer);
}

}  // namespace

void add_commit_message_command(CommandLine& line) {
  auto options = std::make_shared<MessageOptions>();
  Command& message = line.add("commit-message", "A commit message for what is staged, on standard output",
                              [options](Invocation& invocation) { return run_commit_message(invocation, *options); });
  message.app->add_option("notes", options->notes, "what it should say besides");
  CommandLine::add_generation_options(message);
}

}  // namespace oc::cli
