// SPDX-License-Identifier: Apache-2.0
#include "tasks/warm_up.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/path.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/token_counter.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

using protocol::Role;

// What a question and its frame take, roughly.
constexpr std::int64_t k_question_tokens = 64;

// A request has the map where its budget is left beside what was named and the room for an answer.
bool has_room_for_map(const ModelSession& session, const WarmUpRequest& request, base::TokenCount without_map) {
  if (request.project == nullptr) return true;
  const std::int64_t map = request.project->options().map_budget.value;
  return without_map.value + k_question_tokens + map + room_for_answer(session) <= session.loaded().context_tokens;
}

}  // namespace

base::Result<std::vector<Beginning>> make_beginnings(ModelSession& session, const WarmUpRequest& request) {
  protocol::ChatPrompt common;
  common.segments.push_back({Role::system, system_prompt(session)});
  if (request.project != nullptr) {
    const base::TokenCount window(session.loaded().context_tokens);
    OC_TRY(const Project::Context chosen,
           without_index_errors(
               session, request.project->choose({}, window, text_counter(session), tokenizer_name(session.model()))));
    if (!chosen.map.empty()) common.segments.push_back({Role::user, framed_map(chosen.map)});
  }
  std::vector<Beginning> beginnings;
  const std::vector<context::Piece> pieces = make_pieces(request.files);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    protocol::ChatPrompt prompt{{common.segments.front()}, ""};
    prompt.segments.push_back({Role::user, framed_piece(pieces[i])});
    prompt.segments.push_back({Role::user, k_any_question});
    OC_TRY(const base::TokenCount tokens, session.count(prompt));
    if (has_room_for_map(session, request, tokens))
      prompt.segments.insert(prompt.segments.begin() + 1, common.segments.begin() + 1, common.segments.end());
    if (tokens.value < session.loaded().context_tokens)
      beginnings.push_back({std::move(prompt), pieces[i].path, "file " + base::to_utf8(request.files[i].file.path)});
    else session.tell(Note{fmt::format("left out {}: it does not fit into the context window", pieces[i].path)});
  }
  if (!beginnings.empty()) return beginnings;
  common.segments.push_back({Role::user, k_any_question});
  const std::string workspace = request.project != nullptr ? base::to_utf8(request.project->options().workspace) : "";
  beginnings.push_back({std::move(common), "what all requests share", "project " + workspace});
  return beginnings;
}

base::Result<WarmedUp> warm_up(ModelSession& session, const WarmUpRequest& request) {
  OC_TRY(const auto beginnings, make_beginnings(session, request));
  WarmedUp warmed;
  for (const Beginning& beginning : beginnings) {
    session.tell(
        Step{static_cast<std::int64_t>(warmed.prompts), static_cast<std::int64_t>(beginnings.size()), beginning.what});
    OC_TRY(const protocol::Usage usage, session.prefill(beginning.prompt));
    warmed.tokens += usage.prompt;
    warmed.cached += usage.cached;
    ++warmed.prompts;
  }
  return warmed;
}

base::Result<void> warm_up_later(ModelSession& session, const WarmUpRequest& request, protocol::Power power) {
  OC_TRY(const auto beginnings, make_beginnings(session, request));
  for (const Beginning& each : beginnings) OC_CHECK(session.prefill_later(each.prompt, each.subject, power));
  return {};
}

}  // namespace oc::tasks
