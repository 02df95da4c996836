// SPDX-License-Identifier: Apache-2.0
#include "tasks/warm_up.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/token_counter.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

using protocol::Role;

// Stands for the question: what is before it is computed as in any prompt that has the same beginning.
constexpr const char* k_any_question = ".";

}  // namespace

base::Result<std::vector<protocol::Prompt>> make_beginnings(ModelSession& session, const WarmUpRequest& request) {
  protocol::ChatPrompt common;
  common.segments.push_back({Role::system, system_prompt(session)});
  if (request.project != nullptr) {
    const base::TokenCount window(session.loaded().context_tokens);
    OC_TRY(const Project::Context chosen,
           without_index_errors(
               session, request.project->choose({}, window, text_counter(session), tokenizer_name(session.model()))));
    if (!chosen.map.empty()) common.segments.push_back({Role::user, framed_map(chosen.map)});
  }
  std::vector<protocol::Prompt> prompts;
  for (const context::Piece& piece : make_pieces(request.files)) {
    protocol::ChatPrompt prompt = common;
    prompt.segments.push_back({Role::user, framed_piece(piece)});
    prompt.segments.push_back({Role::user, k_any_question});
    OC_TRY(const base::TokenCount tokens, session.count(prompt));
    if (tokens.value < session.loaded().context_tokens) prompts.emplace_back(std::move(prompt));
    else session.tell(Note{fmt::format("left out {}: it does not fit into the context window", piece.path)});
  }
  if (!prompts.empty()) return prompts;
  common.segments.push_back({Role::user, k_any_question});
  prompts.emplace_back(std::move(common));
  return prompts;
}

base::Result<WarmedUp> warm_up(ModelSession& session, const WarmUpRequest& request) {
  OC_TRY(const auto prompts, make_beginnings(session, request));
  WarmedUp warmed;
  for (const protocol::Prompt& prompt : prompts) {
    const std::string what = warmed.prompts < request.files.size() ? request.files[warmed.prompts].file.shown_path
                                                                   : "what all requests share";
    session.tell(Step{static_cast<std::int64_t>(warmed.prompts), static_cast<std::int64_t>(prompts.size()), what});
    OC_TRY(const protocol::Usage usage, session.prefill(prompt));
    warmed.tokens += usage.prompt;
    warmed.cached += usage.cached;
    ++warmed.prompts;
  }
  return warmed;
}

base::Result<void> warm_up_later(ModelSession& session, const WarmUpRequest& request) {
  OC_TRY(const auto prompts, make_beginnings(session, request));
  for (const protocol::Prompt& prompt : prompts) OC_CHECK(session.prefill_later(prompt));
  return {};
}

}  // namespace oc::tasks
