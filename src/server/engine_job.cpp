// SPDX-License-Identifier: Apache-2.0
#include "server/engine_job.hpp"

#include <exception>

#include <fmt/format.h>

#include "base/log.hpp"
#include "inference/alternatives.hpp"

namespace oc::server {

using protocol::ReplyBody;

base::Result<std::optional<ReplyBody>> Engine::Job::begin_generation(const protocol::Generate& generate) {
  OC_TRY(const auto taken, take(generate.model));
  if (taken.model == nullptr) return std::nullopt;
  queue_ms_ = queued_.elapsed_ms() - taken.load_ms;
  const auto send = [this](int alternative, std::string_view piece) {
    client_->reply(request_.id, protocol::AnswerText{std::string(piece), alternative});
  };
  inference::Listener listener{[this](const auto& p) { report(p); }, [send](std::string_view piece) { send(0, piece); },
                               cancel_};
  if (generate.alternatives == 1 && generate.endings.empty()) {
    OC_TRY(generation_, taken.model->begin(generate, std::move(listener)));
  } else {
    OC_TRY(generation_, inference::Alternatives::begin(*taken.model, generate, listener, send));
  }
  return std::nullopt;
}

base::Result<std::optional<ReplyBody>> Engine::Job::go_on(const inference::Interrupt& interrupt) {
  const auto* later = number_ == k_no_job ? std::get_if<protocol::Generate>(&request_.body) : nullptr;
  if (later != nullptr && later->power == protocol::Power::mains && engine_.is_on_battery())
    return base::fail(base::ErrorKind::cancelled, "the machine runs on its battery");
  if (generation_) {
    OC_TRY(const bool is_there, take_model_again());
    if (!is_there) return std::nullopt;
    generation_->advance(interrupt);
    if (generation_->state() != inference::Generation::State::done) return std::nullopt;
    OC_TRY(protocol::Generated generated, generation_->take_result());
    if (std::holds_alternative<protocol::Calibrate>(request_.body)) {
      if (generated.stop == protocol::StopReason::cancelled)
        return base::fail(base::ErrorKind::cancelled, "the calibration was cancelled");
      return model_->calibrated();
    }
    generated.timing.queue_ms = queue_ms_;
    // Also one that was stopped: mostly because it had said enough.
    if (generation_->is_approximate()) engine_.improve_later(std::get<protocol::Generate>(request_.body));
    return generated;
  }
  if (cancel_.is_requested()) return base::fail(base::ErrorKind::cancelled, "the request was cancelled");
  const auto progress = [this](const protocol::Progress& p) { report(p); };
  inference::ModelShelf& shelf = engine_.shelf_;
  if (const auto* load = std::get_if<protocol::Load>(&request_.body)) {
    OC_TRY(const auto taken, take(load->model));
    if (taken.model == nullptr) return std::nullopt;
    return protocol::Loaded{taken.model->facts(), taken.model->context_limit(), taken.model->threads(), taken.load_ms};
  }
  if (const auto* count = std::get_if<protocol::Count>(&request_.body)) {
    protocol::Counted counted;
    for (const protocol::Prompt& prompt : count->prompts) {
      OC_TRY(const base::TokenCount tokens, shelf.count(count->model, prompt, progress, cancel_));
      counted.counts.push_back(tokens);
    }
    return counted;
  }
  if (const auto* tokenize = std::get_if<protocol::Tokenize>(&request_.body)) {
    OC_TRY(auto tokens, shelf.tokenize(*tokenize, progress, cancel_));
    return protocol::Tokenized{std::move(tokens)};
  }
  if (const auto* forecast = std::get_if<protocol::Forecast>(&request_.body)) {
    OC_TRY(const auto taken, take(forecast->model));
    if (taken.model == nullptr) return std::nullopt;
    OC_TRY(auto forecasted, taken.model->forecast(forecast->prompt));
    return forecasted;
  }
  if (const auto* calibrate = std::get_if<protocol::Calibrate>(&request_.body)) return begin_calibration(*calibrate);
  return begin_generation(std::get<protocol::Generate>(request_.body));
}

// The model; null, and blocked, while there is no room for it.
base::Result<inference::ModelShelf::Taken> Engine::Job::take(const protocol::ModelReference& reference) {
  OC_TRY(const auto taken, engine_.shelf_.take(reference, priority_, [this](const auto& p) { report(p); }, cancel_));
  const bool is_awaited = number_ != k_no_job && priority_ != protocol::Priority::idle;
  if (taken.model == nullptr && !is_awaited)
    return base::fail(base::ErrorKind::cancelled, "its model would have to take the place of another one");
  if (taken.model == nullptr) state_ = inference::Generation::State::blocked;
  return taken;
}

base::Result<bool> Engine::Job::take_model_again() {
  if (!generation_->wants_model() || cancel_.is_requested()) return true;
  const auto* calibrate = std::get_if<protocol::Calibrate>(&request_.body);
  OC_TRY(const auto taken,
         take(calibrate != nullptr ? calibrate->model : std::get<protocol::Generate>(request_.body).model));
  if (taken.model == nullptr) return false;
  model_ = taken.model;
  generation_->take_model(*taken.model);
  return true;
}

base::Result<std::optional<ReplyBody>> Engine::Job::begin_calibration(const protocol::Calibrate& calibrate) {
  OC_TRY(const auto taken, take(calibrate.model));
  if (taken.model == nullptr) return std::nullopt;
  model_ = taken.model;
  const bool is_asked_for = number_ != k_no_job;
  // What was chosen comes first: measured as it is now, it would be measured for nothing.
  if (is_asked_for || (model_->wants_calibration() && !model_->wants_reload()))
    generation_ = model_->begin_calibration({[](const auto&) {}, [](std::string_view) {}, cancel_});
  if (generation_ == nullptr) return model_->calibrated();  // nothing to measure, or it is known by now
  return std::nullopt;
}

void Engine::Job::advance(const inference::Interrupt& interrupt) {
  { const std::lock_guard announced(client_->mutex); }  // see submit
  try {
    auto result = go_on(interrupt);
    if (!result) finish(protocol::Failed{std::move(result).error()});
    else if (*result) finish(std::move(**result));
  } catch (const std::exception& e) {  // the inference thread's border: bad_alloc, a library's throw
    base::log(base::LogLevel::error, fmt::format("request failed: {}", e.what()));
    finish(protocol::Failed{{base::ErrorKind::engine, fmt::format("the engine failed: {}", e.what()), ""}});
  }
}

void Engine::Job::finish(ReplyBody reply) {
  const auto* failed = std::get_if<protocol::Failed>(&reply);
  const bool is_cut_short = failed != nullptr && failed->error.kind == base::ErrorKind::cancelled;
  generation_.reset();
  state_ = inference::Generation::State::done;
  engine_.note_end(number_);
  {
    const std::lock_guard lock(client_->mutex);
    client_->pending.erase(request_.id);
  }
  client_->reply(request_.id, std::move(reply));
  const auto* generate = std::get_if<protocol::Generate>(&request_.body);
  if (generate != nullptr && generate->priority == protocol::Priority::interactive) engine_.last_question_ = *generate;
  if (const auto* calibrate = std::get_if<protocol::Calibrate>(&request_.body)) {
    if (number_ != k_no_job) engine_.reloaded_ = {};  // somebody wants it anew
    // By somebody who needed the memory: again when the model is there again.
    if (is_cut_short && engine_.calibrated_ == calibrate->model) engine_.calibrated_ = {};
    engine_.take_choice(calibrate->model);
  }
  engine_.calibrate_when_idle();
}

}  // namespace oc::server
