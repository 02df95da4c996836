// SPDX-License-Identifier: Apache-2.0
// A request on its way through the inference thread, and the client that waits for it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/cancel.hpp"
#include "base/clock.hpp"
#include "server/engine.hpp"

namespace oc::server {

inline constexpr std::uint64_t k_no_job = 0;  // the number of those that no client asked for

struct Engine::Client::Shared {
  ReplySink sink;
  struct Pending {
    std::uint64_t job = 0;     // the Job's number
    std::uint64_t ticket = 0;  // the scheduler's
    base::CancelToken cancel;
    std::int64_t bytes = 0;
  };
  std::mutex mutex;                          // guards pending
  std::map<std::uint64_t, Pending> pending;  // by request id

  void reply(std::uint64_t request, protocol::ReplyBody body) const { sink({request, std::move(body)}); }
};

class Engine::Job final : public inference::Work {
 public:
  Job(Engine& engine, std::shared_ptr<Client::Shared> client, const protocol::Request& request,
      protocol::Priority priority, std::uint64_t number, std::int64_t bytes, base::CancelToken cancel = {})
      : engine_(engine),
        client_(std::move(client)),
        request_(request),
        priority_(priority),
        number_(number),
        bytes_(bytes),
        cancel_(std::move(cancel)) {
    engine_.request_bytes_ += bytes_;
  }
  ~Job() override { engine_.request_bytes_ -= bytes_; }

  inference::Generation::State state() const override { return generation_ ? generation_->state() : state_; }
  bool is_cancelled() const override { return cancel_.is_requested(); }
  void advance(const inference::Interrupt& interrupt) override;

  std::uint64_t number() const { return number_; }
  const base::CancelToken& cancel() const { return cancel_; }
  const protocol::Request& request() const { return request_; }

 private:
  // nullopt: it is not finished.
  base::Result<std::optional<protocol::ReplyBody>> go_on(const inference::Interrupt& interrupt);
  base::Result<inference::ModelShelf::Taken> take(const protocol::ModelReference& reference);
  // Its generation lost its model to what is more urgent; false: there is no room for it yet.
  base::Result<bool> take_model_again();
  base::Result<std::optional<protocol::ReplyBody>> begin_calibration(const protocol::Calibrate& calibrate);
  base::Result<std::optional<protocol::ReplyBody>> begin_generation(const protocol::Generate& generate);
  void finish(protocol::ReplyBody reply);
  void report(const protocol::Progress& progress) const { client_->reply(request_.id, progress); }

  Engine& engine_;
  std::shared_ptr<Client::Shared> client_;
  protocol::Request request_;
  protocol::Priority priority_;
  std::uint64_t number_;
  std::int64_t bytes_;
  base::CancelToken cancel_;
  base::Stopwatch queued_;
  double queue_ms_ = 0;
  inference::Generation::State state_ = inference::Generation::State::prefill;
  inference::LanguageModel* model_ = nullptr;  // that is calibrated
  std::unique_ptr<inference::Generation> generation_;
};

}  // namespace oc::server
