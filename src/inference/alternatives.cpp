// SPDX-License-Identifier: Apache-2.0
#include "inference/alternatives.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "base/log.hpp"

namespace oc::inference {

namespace {

base::Result<void> check(const protocol::Generate& request) {
  if (const auto endings = request.endings.size(); endings > std::size_t{protocol::k_most_alternatives})
    return base::fail(base::ErrorKind::usage,
                      fmt::format("cannot answer {} endings of a prompt, {} at most are possible", endings,
                                  protocol::k_most_alternatives));
  if (!request.endings.empty() && !std::holds_alternative<protocol::ChatPrompt>(request.prompt))
    return base::fail(base::ErrorKind::usage, "only a conversation can have several endings");
  if (!request.endings.empty() && request.alternatives != 1)
    return base::fail(base::ErrorKind::usage, "cannot give several answers to each of several endings");
  if (request.alternatives >= 1 && request.alternatives <= protocol::k_most_alternatives) return {};
  return base::fail(base::ErrorKind::usage, fmt::format("cannot give {} answers to a prompt, 1 to {} are possible",
                                                        request.alternatives, protocol::k_most_alternatives));
}

}  // namespace

base::Result<std::unique_ptr<Generation>> Alternatives::begin(LanguageModel& model, const protocol::Generate& request,
                                                              const Listener& listener, const Sink& sink) {
  OC_CHECK(check(request));
  std::unique_ptr<Alternatives> made(new Alternatives);
  for (int i = 0; i < count_answers(request); ++i) {
    // The first one computes what all have in common; its progress is everybody's.
    const ProgressSink progress = i == 0 ? listener.progress : [](const protocol::Progress&) {};
    const auto take = [sink, i](std::string_view text) { sink(i, text); };
    OC_TRY(auto answer, model.begin_alternative(request, i, {progress, take, listener.cancel}));
    made->answers_.push_back(std::move(answer));
  }
  return made;
}

// Prompts first, so that all answer together.
Generation* Alternatives::choose() const {
  for (const State wanted : {State::prefill, State::decode, State::blocked})
    for (const auto& answer : answers_)
      if (answer->state() == wanted) return answer.get();
  return nullptr;
}

Generation::State Alternatives::state() const {
  const Generation* next = choose();
  return next != nullptr ? next->state() : State::done;
}

void Alternatives::advance(const Interrupt& interrupt) {
  Generation* next = choose();
  if (next == nullptr) return;
  const auto is_done = [](const auto& answer) { return answer->state() == State::done; };
  const auto done_before = std::ranges::count_if(answers_, is_done);
  next->advance(interrupt);
  if (std::ranges::count_if(answers_, is_done) == done_before) return;
  // What one of them held may be what another waits for.
  for (const auto& answer : answers_)
    if (answer->state() == State::blocked) return answer->advance(interrupt);
}

bool Alternatives::wants_model() const {
  return std::ranges::any_of(answers_, [](const auto& answer) { return answer->wants_model(); });
}

void Alternatives::take_model(LanguageModel& model) {
  for (const auto& answer : answers_)
    if (answer->wants_model()) answer->take_model(model);
}

base::Result<protocol::Generated> Alternatives::take_result() {
  // One that failed takes the others with it only if all did: it counts as cut.
  std::optional<protocol::Generated> first;
  std::optional<base::Error> failure;
  std::vector<protocol::Generated::Alternative> all;
  for (const auto& answer : answers_) {
    auto result = answer->take_result();
    all.push_back(result ? protocol::Generated::Alternative{result->usage, result->timing, result->stop}
                         : protocol::Generated::Alternative{{}, {}, protocol::StopReason::cancelled});
    if (!result) {
      if (!failure) failure = std::move(result).error();
    } else if (!first) {
      first = *std::move(result);
    }
  }
  if (failure) base::log(base::LogLevel::warning, "one of several answers failed: " + failure->message);
  if (!first) return std::unexpected(*std::move(failure));
  first->alternatives = std::move(all);
  return *std::move(first);
}

}  // namespace oc::inference
