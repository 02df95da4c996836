// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_session.hpp"

#include <algorithm>

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

void ModelSession::tell_progress(const protocol::Progress& progress) const {
  if (progress.stage != protocol::Progress::Stage::forecast) return tell(progress);
  tell(Forecast{base::TokenCount(progress.total), base::TokenCount(progress.done), progress.first_token_ms});
}

base::Result<Answer> ModelSession::forecast_only(const Request& request) {
  const auto progress = [&](const protocol::Progress& p) { tell_progress(p); };
  OC_TRY(const auto forecast, engine_.forecast(options_.model, request.prompt, progress, cancel_));
  tell(Forecast{forecast.prompt, forecast.cached, forecast.first_token_ms});
  Answer nothing;
  nothing.model = loaded_.facts;
  nothing.stop = protocol::StopReason::cancelled;
  return nothing;
}

base::Result<protocol::Usage> ModelSession::prefill(const protocol::Prompt& prompt) {
  protocol::Generate request;
  request.model = options_.model;
  request.prompt = prompt;
  request.max_tokens = base::TokenCount(0);
  request.priority = protocol::Priority::batch;
  const auto progress = [&](const protocol::Progress& p) { tell_progress(p); };
  OC_TRY(const protocol::Generated done, engine_.generate(request, progress, [](std::string_view) {}, cancel_));
  if (done.stop == protocol::StopReason::cancelled) return base::fail(base::ErrorKind::cancelled, "stopped");
  return done.usage;
}

protocol::Generate ModelSession::make_generate(const Request& request) const {
  protocol::Generate generate;
  generate.model = options_.model;
  generate.prompt = request.prompt;
  generate.sampling = options_.generation.sampling;
  generate.max_tokens = request.max_tokens;
  generate.stop = request.stop;
  if (!request.grammar.empty()) generate.sampling.grammar = request.grammar;
  generate.priority = options_.priority.value_or(request.priority);
  generate.reuse = request.reuse;
  return generate;
}

base::Result<Answer> ModelSession::answer(const Request& request) {
  if (options_.run == Options::Run::forecast) return forecast_only(request);
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
    if (request.audience == Audience::user) tell(AnswerPiece{std::move(text)});
    if (request.wants_more && !request.wants_more(answer.text)) stop.request();
  };
  const protocol::Generate generate = make_generate(request);
  const auto progress = [&](const protocol::Progress& p) { tell_progress(p); };
  OC_TRY(const protocol::Generated generated,
         engine_.generate(
             generate, progress, [&](std::string_view text) { take(filter.filter(text)); }, cancel_.either(stop)));
  take(filter.finish());
  answer.usage = generated.usage;
  answer.is_approximate = generated.is_approximate;
  answer.timing = generated.timing;
  answer.context_tokens = generated.context_tokens;
  const bool ended_by_task =
      generated.stop == protocol::StopReason::cancelled && stop.is_requested() && !cancel_.is_requested();
  answer.stop = ended_by_task ? protocol::StopReason::end : generated.stop;
  return answer;
}

base::Result<std::vector<Answer>> ModelSession::answer_alternatives(const Request& request, int count) {
  if (options_.run == Options::Run::forecast) {
    OC_TRY(Answer nothing, forecast_only(request));
    return std::vector<Answer>{std::move(nothing)};
  }
  protocol::Generate generate = make_generate(request);
  generate.alternatives = count;
  return answer_several(request, generate,
                        static_cast<std::size_t>(std::clamp(count, 1, protocol::k_most_alternatives)));
}

base::Result<std::vector<Answer>> ModelSession::answer_endings(const Request& request,
                                                               const std::vector<std::string>& endings) {
  if (endings.empty()) return std::vector<Answer>();
  if (options_.run == Options::Run::forecast) {
    OC_TRY(Answer nothing, forecast_only(request));
    return std::vector<Answer>{std::move(nothing)};
  }
  protocol::Generate generate = make_generate(request);
  generate.endings = endings;
  return answer_several(request, generate, endings.size());
}

base::Result<std::vector<Answer>> ModelSession::answer_several(const Request& request,
                                                               const protocol::Generate& generate, std::size_t count) {
  struct Taken {
    std::string text;
    base::ControlFilter filter;
    bool is_over = false;  // the task wants no more of it
  };
  std::vector<Taken> taken(count);
  const base::CancelToken stop;
  const auto take = [&](Taken& of, const std::string& text) {
    if (text.empty() || of.is_over) return;
    of.text += text;
    of.is_over = request.wants_more && !request.wants_more(of.text);
    if (std::ranges::all_of(taken, &Taken::is_over)) stop.request();
  };
  const auto take_piece = [&](int alternative, std::string_view text) {
    if (alternative < 0 || alternative >= std::ssize(taken)) return;
    Taken& of = taken[static_cast<std::size_t>(alternative)];
    take(of, of.filter.filter(text));
  };
  const auto progress = [&](const protocol::Progress& p) { tell_progress(p); };
  OC_TRY(protocol::Generated generated,
         engine_.generate_alternatives(generate, progress, take_piece, cancel_.either(stop)));
  // An engine says nothing apart of an only one.
  if (generated.alternatives.empty())
    generated.alternatives.push_back({generated.usage, generated.timing, generated.stop});
  if (generated.alternatives.size() != taken.size())
    return base::fail(base::ErrorKind::engine, "the engine gave another number of answers than it was asked for");
  std::vector<Answer> answers(taken.size());
  for (std::size_t i = 0; i < taken.size(); ++i) {
    take(taken[i], taken[i].filter.finish());
    const protocol::Generated::Alternative& own = generated.alternatives[i];
    const bool ended_by_task = taken[i].is_over && own.stop == protocol::StopReason::cancelled;
    answers[i].text = std::move(taken[i].text);
    answers[i].model = loaded_.facts;
    answers[i].load_ms = loaded_.load_ms;
    answers[i].context_tokens = generated.context_tokens;
    answers[i].usage = own.usage;
    answers[i].timing = own.timing;
    answers[i].stop = ended_by_task ? protocol::StopReason::end : own.stop;
  }
  return answers;
}

}  // namespace oc::tasks
