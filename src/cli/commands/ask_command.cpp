// SPDX-License-Identifier: Apache-2.0
// ask: one question about the whole project. The answer streams as it comes, so what it cites wrongly is said behind
// it.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/project.hpp"
#include "tasks/ask_project.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;
using Verdict = tasks::CheckedCitation::Verdict;

struct AskOptions {
  std::string question;
};

// Nothing but the project answers this question, so it may take more room than where a file was named.
constexpr std::int64_t k_times_the_usual_budget = 4;

base::TokenCount budget_of(const config::LoadedSettings& settings) {
  const base::TokenCount budget = settings.settings().context.tokens;
  for (const config::Value& value : settings.values())
    if (value.key == "context.tokens" && value.origin.kind != config::Origin::Kind::default_value) return budget;
  return base::TokenCount(budget.value * k_times_the_usual_budget);
}

base::Result<tasks::Project> open_asked_project(Invocation& invocation) {
  if (invocation.workspace_mark == WorkspaceMark::none)
    return base::fail(base::ErrorKind::usage, "there is no project here to ask about",
                      "run it in a repository, or make the folder a project with 'offline-coder init'");
  if (invocation.settings.settings().context.tokens.value == 0)
    return base::fail(base::ErrorKind::usage, "no tokens are allowed for the files of the project",
                      "--context-tokens, or context.tokens in the configuration, says how many");
  OC_TRY(auto project, find_project(invocation));
  if (!project)
    return base::fail(base::ErrorKind::io, "the project cannot be asked about without its index",
                      "'offline-coder scan' says what is wrong with it");
  project->set_budget(budget_of(invocation.settings));
  return std::move(*project);
}

std::string place_text(const tasks::Citation& citation) {
  std::string text = fmt::format("{}:{}", citation.path, citation.lines.first.value);
  if (citation.lines.last != citation.lines.first) text += fmt::format("-{}", citation.lines.last.value);
  return text;
}

Json place_json(const tasks::Citation& citation) {
  return {{"path", citation.path}, {"line", citation.lines.first.value}, {"last_line", citation.lines.last.value}};
}

std::string citation_fields(const std::vector<tasks::CheckedCitation>& citations) {
  Json right = Json::array(), wrong = Json::array();
  for (const auto& [citation, verdict] : citations) {
    Json place = place_json(citation);
    if (verdict == Verdict::shown) {
      right.push_back(std::move(place));
    } else {
      place["reason"] = tasks::to_string(verdict);
      wrong.push_back(std::move(place));
    }
  }
  return Json({{"citations", right}, {"wrong_citations", wrong}}).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void tell_wrong_citations(Console& console, const std::vector<tasks::CheckedCitation>& citations) {
  std::string wrong;
  bool is_any_right = false;
  for (const auto& [citation, verdict] : citations) {
    if (verdict == Verdict::shown) is_any_right = true;
    else
      wrong += fmt::format("{}{} ({})", wrong.empty() ? "" : ", ", base::in_quotes(place_text(citation)),
                           tasks::to_string(verdict));
  }
  if (!wrong.empty()) console.note("cited wrongly: " + wrong);
  if (!is_any_right) console.note("nothing in the answer is backed by a line that the model was shown: check it");
}

base::Result<int> run_ask(Invocation& invocation, const AskOptions& options) {
  OC_TRY(const std::string question, read_prompt(invocation, options.question));
  if (base::is_blank(question))
    return base::fail(base::ErrorKind::usage, "there is no question",
                      "ask one, or pass '-' to read it from standard input");
  OC_TRY(tasks::Project project, open_asked_project(invocation));
  AnswerView view(invocation, AnswerShape::stream);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(const tasks::CitedAnswer cited, tasks::ask_project(session, project, question));
  view.set_fields(citation_fields(cited.citations));
  OC_TRY(const int code, view.finish(cited.answer));
  if (!invocation.options.dry_run) tell_wrong_citations(invocation.console, cited.citations);
  return code;
}

}  // namespace

void add_ask_command(CommandLine& line) {
  auto options = std::make_shared<AskOptions>();
  Command& ask = line.add("ask", "Ask about the whole project: 'offline-coder ask \"where is the total computed?\"'",
                          [options](Invocation& invocation) { return run_ask(invocation, *options); });
  ask.app->add_option("question", options->question, "the question; '-' reads it from standard input")->required();
  CommandLine::add_generation_options(ask);
  CommandLine::add_context_options(ask);
  CommandLine::add_dry_run(ask);
}

}  // namespace oc::cli
