// SPDX-License-Identifier: Apache-2.0
// What the engine does when nobody asks: measures the machine, loads the model as that chose, computes ahead.
#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hpp"
#include "server/engine.hpp"
#include "server/engine_job.hpp"

namespace oc::server {

// The first requests with a model run with what is usual; while nobody asks, the machine is measured for the next ones.
void Engine::calibrate_when_idle() {
  const inference::LanguageModel* model = shelf_.last_used();
  if (model == nullptr || !model->wants_calibration() || shelf_.last_reference() == calibrated_) return;
  if (later_.is_requested()) return;  // the end
  calibrated_ = shelf_.last_reference();
  submit_for_later({0, protocol::Calibrate{shelf_.last_reference()}});
}

void Engine::take_choice(const protocol::ModelReference& reference) {
  const inference::LanguageModel* model = shelf_.find(reference);
  if (model == nullptr || !model->wants_reload() || reference == reloaded_) return;
  const protocol::ReuseFacts reuse = model->reuse();
  const auto computed = static_cast<double>(reuse.prompt_tokens - reuse.reused_tokens);
  const bool is_much = computed * model->calibrated().prefill_token_ms > options_.again_ms;
  if (model->is_in_use() || (is_much && (!is_quiet() || is_on_battery()))) {
    const std::lock_guard lock(mutex_);
    waits_for_quiet_ = reference;
    return;
  }
  base::log(base::LogLevel::info, fmt::format("loads {} anew, as it was found best", reference.path));
  reloaded_ = reference;
  shelf_.drop(*model);
  calibrated_ = {};  // its calls take another time now
  (void)queue_later({0, protocol::Load{reloaded_, protocol::Priority::idle}});
  if (!last_question_ || last_question_->model != reloaded_) return;
  protocol::Generate again = *last_question_;
  again.max_tokens = base::TokenCount(0);
  again.alternatives = 1;
  again.endings.clear();
  again.replay.clear();
  again.priority = protocol::Priority::idle;
  again.power = protocol::Power::mains;
  submit_for_later({0, again});
}

// The calibration has nothing to do any more, and ends as it did.
void Engine::note_time() {
  if (scheduler_.pending() > 0 || !is_quiet()) return;
  {
    const std::lock_guard lock(mutex_);
    if (!waits_for_quiet_) return;
  }
  if (options_.is_on_battery()) return;
  std::optional<protocol::ModelReference> model;
  {
    const std::lock_guard lock(mutex_);
    model = std::exchange(waits_for_quiet_, std::nullopt);
  }
  if (model) submit_for_later({0, protocol::Calibrate{*model}});
}

void Engine::submit_for_later(const protocol::Request& request, std::int64_t bytes) {
  const auto* generate = std::get_if<protocol::Generate>(&request.body);
  if (generate != nullptr && !generate->subject.empty() && replace_subject(*generate)) return;
  (void)queue_later(request, bytes);
}

bool Engine::replace_subject(const protocol::Generate& wanted) {
  std::vector<Later> older;
  bool is_there = false;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_later_, [&](const Later& later) {
      const auto job = later.job.lock();
      const auto* its = job ? std::get_if<protocol::Generate>(&job->request().body) : nullptr;
      if (its == nullptr || its->subject != wanted.subject || its->model.path != wanted.model.path) return false;
      // Begun anew, it would lose what of it is being computed.
      const bool stays = !is_there && !job->is_cancelled() && its->prompt == wanted.prompt;
      is_there = is_there || stays;
      if (!stays) older.push_back(later);
      return !stays;
    });
  }
  for (const Later& later : older) drop(later);
  return is_there;
}

Engine::Later Engine::queue_later(const protocol::Request& request, std::int64_t bytes) {
  auto nobody = std::make_shared<Client::Shared>();
  nobody->sink = [](const protocol::Reply&) {};
  const auto job = std::make_shared<Job>(*this, std::move(nobody), request, protocol::Priority::idle, k_no_job, bytes,
                                         base::CancelToken().either(later_));
  const Later later{scheduler_.submit(protocol::Priority::idle, job).number, job};
  {
    const std::lock_guard lock(mutex_);
    waiting_later_.push_back(later);
  }
  drop_oldest_later();
  return later;
}

bool Engine::is_on_battery() {
  constexpr double k_interval_ms = 2000;
  if (!battery_seen_ || battery_seen_->elapsed_ms() > k_interval_ms) {
    was_on_battery_ = options_.is_on_battery();
    battery_seen_.emplace();
  }
  return was_on_battery_;
}

void Engine::improve_later(const protocol::Generate& completion) {
  drop(improving_);
  if (is_on_battery()) return;
  protocol::Generate exact = completion;
  exact.reuse = protocol::Reuse::exact;
  exact.priority = protocol::Priority::idle;
  exact.power = protocol::Power::mains;
  improving_ = queue_later({0, exact});
}

// What has begun ends by itself.
void Engine::drop(const Later& later) {
  if (const auto job = later.job.lock(); job && !scheduler_.withdraw(later.ticket)) job->cancel().request();
}

// But for measuring: there is one for each model at most, and nothing would ask for it again.
void Engine::drop_oldest_later() {
  const auto is_for_somebody = [](const Later& later) {
    const auto job = later.job.lock();
    return job == nullptr || !std::holds_alternative<protocol::Calibrate>(job->request().body);
  };
  std::vector<Later> dropped;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_later_, [](const Later& later) { return later.job.expired(); });
    while (waiting_later_.size() > k_most_later) {
      const auto oldest = std::ranges::find_if(waiting_later_, is_for_somebody);
      if (oldest == waiting_later_.end()) break;
      dropped.push_back(std::move(*oldest));
      waiting_later_.erase(oldest);
    }
  }
  for (const Later& later : dropped) drop(later);
}

}  // namespace oc::server
