// SPDX-License-Identifier: Apache-2.0
#include "server/engine.hpp"

#include <algorithm>
#include <exception>
#include <type_traits>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/system.hpp"

namespace oc::server {

using protocol::ReplyBody;

struct Engine::Client::Shared {
  ReplySink sink;
  struct Pending {
    std::uint64_t job = 0;     // the Job's number
    std::uint64_t ticket = 0;  // the scheduler's
    base::CancelToken cancel;
  };
  std::mutex mutex;                          // guards pending
  std::map<std::uint64_t, Pending> pending;  // by request id

  void reply(std::uint64_t request, ReplyBody body) const { sink({request, std::move(body)}); }
};

struct Engine::Job {
  std::uint64_t number = 0;
  std::shared_ptr<Client::Shared> client;
  protocol::Request request;
  base::CancelToken cancel;
  base::Stopwatch queued;
};

Engine::Engine(Options options) : options_(std::move(options)), shelf_(options_.shelf) {}

void Engine::forget(std::uint64_t job) {
  const std::lock_guard lock(mutex_);
  running_.erase(job);
}

void Engine::touch() { last_use_ms_ = uptime_.elapsed_ms(); }

bool Engine::is_finished() const {
  if (shutdown_) return true;
  const double idle_ms = uptime_.elapsed_ms() - last_use_ms_;
  return scheduler_.pending() == 0 && idle_ms > options_.idle_seconds * 1000;
}

void Engine::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, token] : running_) token.request();
}

protocol::StatusReply Engine::status() const {
  protocol::StatusReply reply;
  {
    const std::lock_guard lock(mutex_);
    reply = status_;
    reply.queued = static_cast<int>(running_.size());
  }
  reply.version = options_.hello.version;
  reply.process_id = options_.hello.process_id;
  reply.uptime_s = uptime_.elapsed_ms() / 1000;
  reply.idle_exit_s = options_.idle_seconds - (uptime_.elapsed_ms() - last_use_ms_) / 1000;
  reply.resident_bytes = base::resident_memory().value;
  reply.clients = clients_;
  return reply;
}

base::Result<ReplyBody> Engine::perform(Job& job) {
  const auto progress = [&](const protocol::Progress& p) { job.client->reply(job.request.id, p); };
  const auto take = [&](const protocol::ModelReference& reference) {
    return shelf_.take(reference, progress, job.cancel);
  };
  if (const auto* load = std::get_if<protocol::Load>(&job.request.body)) {
    OC_TRY(const auto taken, take(load->model));
    return protocol::Loaded{taken.model->facts(), taken.model->context_limit(), taken.model->threads(), taken.load_ms};
  }
  if (const auto* count = std::get_if<protocol::Count>(&job.request.body)) {
    OC_TRY(const auto taken, take(count->model));
    protocol::Counted counted;
    for (const protocol::Prompt& prompt : count->prompts) {
      OC_TRY(const base::TokenCount tokens, taken.model->count(prompt));
      counted.counts.push_back(tokens);
    }
    return counted;
  }
  if (const auto* tokenize = std::get_if<protocol::Tokenize>(&job.request.body)) {
    OC_TRY(const auto taken, take(tokenize->model));
    return protocol::Tokenized{taken.model->tokenize(tokenize->text, tokenize->special)};
  }
  const auto& generate = std::get<protocol::Generate>(job.request.body);
  OC_TRY(const auto taken, take(generate.model));
  const double queue_ms = job.queued.elapsed_ms() - taken.load_ms;
  const auto text = [&](std::string_view piece) {
    job.client->reply(job.request.id, protocol::AnswerText{std::string(piece)});
  };
  OC_TRY(protocol::Generated generated, taken.model->generate(generate, progress, text, job.cancel));
  generated.timing.queue_ms = queue_ms;
  return generated;
}

void Engine::run(Job& job) {
  { const std::lock_guard announced(job.client->mutex); }  // see submit
  ReplyBody reply;
  try {
    auto result =
        job.cancel.is_requested() ? base::fail(base::ErrorKind::cancelled, "the request was cancelled") : perform(job);
    reply = result ? std::move(*result) : ReplyBody(protocol::Failed{std::move(result).error()});
  } catch (const std::exception& e) {  // the inference thread's border: bad_alloc, a library's throw
    base::log(base::LogLevel::error, fmt::format("request failed: {}", e.what()));
    reply = protocol::Failed{{base::ErrorKind::engine, fmt::format("the engine failed: {}", e.what()), ""}};
  }
  touch();
  {
    const std::lock_guard lock(mutex_);
    running_.erase(job.number);
    const inference::LanguageModel* model = shelf_.loaded();
    status_.model = model != nullptr ? model->facts().path : "";
    status_.context_tokens = model != nullptr ? model->context_limit() : 0;
    status_.threads = model != nullptr ? model->threads() : 0;
    status_.cached_tokens = model != nullptr ? model->cached().value : 0;
  }
  {
    const std::lock_guard lock(job.client->mutex);
    job.client->pending.erase(job.request.id);
  }
  job.client->reply(job.request.id, std::move(reply));
}

Engine::Client::Client(Engine& engine, ReplySink sink) : engine_(engine), shared_(std::make_shared<Shared>()) {
  shared_->sink = std::move(sink);
  ++engine_.clients_;
  engine_.touch();
}

Engine::Client::~Client() {
  --engine_.clients_;
  const std::lock_guard lock(shared_->mutex);
  for (const auto& [request, pending] : shared_->pending) {
    pending.cancel.request();
    if (engine_.scheduler_.withdraw(pending.ticket)) engine_.forget(pending.job);
  }
}

void Engine::Client::cancel(std::uint64_t request) {
  {
    const std::lock_guard lock(shared_->mutex);
    const auto pending = shared_->pending.find(request);
    if (pending == shared_->pending.end()) return;
    pending->second.cancel.request();
    // What runs ends by itself. What waits is answered now, not when its turn would have come.
    if (!engine_.scheduler_.withdraw(pending->second.ticket)) return;
    engine_.forget(pending->second.job);
    shared_->pending.erase(pending);
  }
  shared_->reply(request, protocol::Failed{{base::ErrorKind::cancelled, "the request was cancelled", ""}});
}

void Engine::Client::handle(const protocol::Request& request) {
  engine_.touch();
  if (std::holds_alternative<protocol::Hello>(request.body)) return shared_->reply(request.id, engine_.options_.hello);
  if (std::holds_alternative<protocol::Status>(request.body)) return shared_->reply(request.id, engine_.status());
  if (const auto* cancel = std::get_if<protocol::Cancel>(&request.body)) {
    this->cancel(cancel->request);
    return shared_->reply(request.id, protocol::Acknowledged{});
  }
  if (const auto* shutdown = std::get_if<protocol::Shutdown>(&request.body)) {
    base::log(base::LogLevel::info, fmt::format("asked to leave: {}", shutdown->reason));
    shared_->reply(request.id, protocol::Acknowledged{});
    engine_.shutdown_ = true;
    return;
  }
  submit(request);
}

void Engine::Client::submit(const protocol::Request& request) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->pending.contains(request.id))
      return shared_->reply(
          0, protocol::Failed{{base::ErrorKind::engine, fmt::format("request {} is not finished", request.id), ""}});
  }
  auto job = std::make_shared<Job>();
  job->client = shared_;
  job->request = request;
  int others = 0;  // unfinished requests; one that has been answered may still count as running in the scheduler
  {
    const std::lock_guard lock(engine_.mutex_);
    job->number = engine_.next_job_++;
    others = static_cast<int>(engine_.running_.size());
    engine_.running_.emplace(job->number, job->cancel);
  }
  const auto* generate = std::get_if<protocol::Generate>(&request.body);
  const auto priority = generate != nullptr ? generate->priority : protocol::Priority::interactive;
  // Held until the ticket is noted and the client knows that it waits: a job begins and ends by taking this lock.
  const std::lock_guard lock(shared_->mutex);
  const auto ticket = engine_.scheduler_.submit(priority, [&engine = engine_, job] { engine.run(*job); });
  shared_->pending[request.id] = {job->number, ticket.number, job->cancel};
  const int ahead = std::min(ticket.ahead, others);
  if (ahead > 0) shared_->reply(request.id, protocol::Progress{protocol::Progress::Stage::queued, ahead, 0});
}

}  // namespace oc::server
