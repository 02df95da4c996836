// SPDX-License-Identifier: Apache-2.0
// context --show: what of the project would go with a request, and why; no model answers anything.
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/ledger.hpp"
#include "cli/project.hpp"

namespace oc::cli {
namespace {

struct ContextOptions {
  bool show = false;
  std::string request, file, evidence = "all";
  int line = 0, tokens = 0;
};

context::Evidence evidence_of(const std::string& word) {
  return word == "text" ? context::Evidence::text : word == "links" ? context::Evidence::links : context::Evidence::all;
}

base::Result<context::PieceRequest> make_request(Invocation& invocation, const ContextOptions& options,
                                                 const tasks::Project& project) {
  context::PieceRequest request;
  request.text = options.request;
  request.evidence = evidence_of(options.evidence);
  if (options.file.empty()) return request;
  OC_TRY(const auto parts,
         load_files(invocation, {options.file}, options.line > 0 ? std::to_string(options.line) : ""));
  const auto path = project.path_in_index(parts.front().file.path);
  if (path) request.focus.push_back({*path, parts.front().lines});
  return request;
}

base::Result<int> run_context(Invocation& invocation, const ContextOptions& options) {
  if (!options.show)
    return base::fail(base::ErrorKind::usage, "there is nothing to do",
                      "'offline-coder context --show --for \"REQUEST\"' prints what would go with it");
  if (options.line > 0 && options.file.empty())
    return base::fail(base::ErrorKind::usage, "--line needs a --file", "name the file that the line is of");
  OC_TRY(tasks::Project project, open_project(invocation, ScanPatience::as_configured));
  OC_TRY(const context::PieceRequest request, make_request(invocation, options, project));
  OC_TRY(tasks::TokenCounter counter, open_token_counter(invocation));
  const base::TokenCount most(std::numeric_limits<std::int32_t>::max());
  OC_TRY(const auto chosen, project.choose(request, most, counter.counts(), counter.name()));
  show_result(invocation, ledger_text(chosen.ledger), ledger_fields(chosen.ledger));
  return k_exit_done;
}

}  // namespace

void add_context_command(CommandLine& line) {
  auto options = std::make_shared<ContextOptions>();
  Command& context = line.add("context", "Show what of the project would go with a request, and why",
                              [options](Invocation& invocation) { return run_context(invocation, *options); });
  context.app->add_flag("--show", options->show, "print the pieces with their tokens and reasons; no model is asked");
  context.app->add_option("--for", options->request, "the request")->type_name("REQUEST");
  context.app->add_option("--file", options->file, "the file that the request is about")->type_name("FILE");
  context.app->add_option("--line", options->line, "the line of that file")
      ->check(CLI::Range(1, std::numeric_limits<int>::max()));
  context.app
      ->add_option("--evidence", options->evidence,
                   "all, or for comparison text (words alone) or links (imports and names alone)")
      ->check(CLI::IsMember({"all", "text", "links"}));
  CommandLine::add_setting(context, "--context-tokens", "context.tokens", "the most tokens of other files");
  CommandLine::add_setting(context, "--map-tokens", "context.map_tokens", "the most tokens of the map");
}

}  // namespace oc::cli
