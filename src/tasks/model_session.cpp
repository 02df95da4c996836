// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_session.hpp"

#include "base/control_filter.hpp"

namespace oc::tasks {

base::Result<ModelSession> ModelSession::open(const Options& options, const EventSink& sink,
                                              const base::CancelToken& cancel) {
  OC_TRY(auto engine, engine_client::EngineConnection::open(options.engine, cancel));
  ModelSession session(std::move(engine), options, sink, cancel);
  OC_TRY(session.loaded_, session.engine_.load(options.model, [&](const protocol::Progress& p) { sink(p); }, cancel));
  return session;
}

base::Result<base::TokenCount> ModelSession::count(const protocol::Prompt& prompt) {
  OC_TRY(const auto counts, engine_.count(options_.model, {prompt}, cancel_));
  return counts.front();
}

base::Result<Answer> ModelSession::answer(const Request& request) {
  Answer answer;
  answer.model = loaded_.facts;
  answer.load_ms = loaded_.load_ms;
  // The task's own end of an answer must not look like the user's Ctrl-C, so the engine gets a token that stands for
  // both.
  const base::CancelToken stop;
  base::ControlFilter filter;
  const auto take = [&](std::string text) {
    if (text.empty()) return;
    answer.text += text;
    tell(AnswerPiece{std::move(text)});
    if (request.wants_more && !request.wants_more(answer.text)) stop.request();
  };
  const protocol::Generate generate{options_.model,     request.prompt, options_.generation.sampling,
                                    request.max_tokens, request.stop,   request.priority};
  const auto progress = [&](const protocol::Progress& p) { tell(p); };
  OC_TRY(const protocol::Generated generated,
         engine_.generate(
             generate, progress, [&](std::string_view text) { take(filter.filter(text)); }, cancel_.either(stop)));
  take(filter.finish());
  answer.usage = generated.usage;
  answer.timing = generated.timing;
  answer.context_tokens = generated.context_tokens;
  const bool ended_by_task =
      generated.stop == protocol::StopReason::cancelled && stop.is_requested() && !cancel_.is_requested();
  answer.stop = ended_by_task ? protocol::StopReason::end : generated.stop;
  return answer;
}

}  // namespace oc::tasks
