// SPDX-License-Identifier: Apache-2.0
// pr-description: the description of a pull request, from what would be merged. Prints it; sends nothing.
#include <memory>

#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/review_scope.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct DescriptionOptions {
  std::string base, notes;
};

base::Result<int> run_pr_description(Invocation& invocation, const DescriptionOptions& options) {
  tasks::CommitMessageRequest request;
  request.text = tasks::CommitMessageRequest::Text::pull_request;
  request.notes = options.notes;
  if (!options.base.empty()) {
    // What this branch added since it left the other one.
    OC_TRY(request.diff, read_git_diff(invocation, options.base + "...HEAD", false));
  } else if (has_piped_input()) {
    OC_TRY(request.diff, read_piped_text(invocation));
  }
  if (options.base.empty() && base::is_blank(request.diff))
    return base::fail(
        base::ErrorKind::usage, "it is not said what this is to be merged into",
        "name the branch with --base, as in 'offline-coder pr-description --base main', or pipe a diff in");
  if (base::is_blank(request.diff))
    return base::fail(base::ErrorKind::negative, "there is nothing to merge", "commit the change first");
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(const tasks::Answer answer, tasks::write_commit_message(session, request));
  if (invocation.console.format() == Format::text && answer.stop != protocol::StopReason::cancelled)
    invocation.console.out(answer.code);
  return view.finish(answer);
}

}  // namespace

void add_pr_description_command(CommandLine& line) {
  auto options = std::make_shared<DescriptionOptions>();
  Command& description =
      line.add("pr-description", "The description of a pull request, on standard output",
               [options](Invocation& invocation) { return run_pr_description(invocation, *options); });
  description.app->add_option("notes", options->notes, "what it should say besides");
  description.app->add_option("--base", options->base, "the branch that it is to be merged into")
      ->type_name("REVISION");
  CommandLine::add_generation_options(description);
}

}  // namespace oc::cli
