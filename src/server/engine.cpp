// SPDX-License-Identifier: Apache-2.0
#include "server/engine.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/system.hpp"
#include "server/engine_job.hpp"

namespace oc::server {

using protocol::ReplyBody;

namespace {

// Of one client, unfinished.
constexpr std::size_t k_most_requests = 256;
constexpr std::int64_t k_most_request_bytes = 128 << 20, k_most_request_bytes_of_all = 256 << 20;

// What a request needs before it can be asked (the model, how long its parts are) is as urgent as itself.
protocol::Priority priority_of(const protocol::Request& request) {
  return std::visit(
      [](const auto& body) {
        if constexpr (requires { body.priority; }) return body.priority;
        else return protocol::Priority::interactive;
      },
      request.body);
}

inference::ModelShelf::Options with_store(inference::ModelShelf::Options options, kv::Store& store) {
  options.kv_store = &store;
  return options;
}

// But for what is on disk, which is looked up when somebody wants to know.
protocol::KvFacts kv_facts(const kv::Facts& f) {
  return {f.memory_bytes.value, f.memory_limit.value, 0,        f.disk_limit.value, 0,
          f.memory_hits,        f.disk_hits,          f.misses, f.refused,          f.memory_evicted + f.disk_evicted,
          f.failed_writes,      f.dropped_writes};
}

}  // namespace

Engine::Engine(Options options)
    : options_(std::move(options)),
      kv_(options_.kv),
      shelf_(with_store(options_.shelf, kv_)),
      scheduler_(inference::Scheduler::k_quiet, options_.turns) {}

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
  for (const Later& later : waiting_later_)
    if (const auto job = later.job.lock()) job->cancel().request();
  later_.request();
}

protocol::StatusReply Engine::status() const {
  protocol::StatusReply reply;
  {
    const std::lock_guard lock(mutex_);
    reply = status_;
    reply.queued = static_cast<int>(running_.size());
  }
  const kv::Store::OnDisk on_disk = kv_.on_disk();
  reply.kv.disk_entries = on_disk.entries;
  reply.kv.disk_bytes = on_disk.bytes.value;
  reply.version = options_.hello.version;
  reply.process_id = options_.hello.process_id;
  reply.uptime_s = uptime_.elapsed_ms() / 1000;
  reply.idle_exit_s = options_.idle_seconds - (uptime_.elapsed_ms() - last_use_ms_) / 1000;
  reply.resident_bytes = base::resident_memory().value;
  reply.clients = clients_;
  return reply;
}

void Engine::note_end(std::uint64_t job) {
  // What nobody waits for keeps no engine.
  if (job != k_no_job) {
    touch();
    last_asked_ms_ = uptime_.elapsed_ms();
  }
  const protocol::KvFacts kv = kv_facts(kv_.facts());
  const std::lock_guard lock(mutex_);
  running_.erase(job);
  const inference::LanguageModel* model = shelf_.last_used();
  status_.model = model != nullptr ? model->facts().path : "";
  status_.models = shelf_.loaded();
  status_.context_tokens = model != nullptr ? model->context_limit() : 0;
  status_.threads = model != nullptr ? model->threads() : 0;
  status_.cached_tokens = model != nullptr ? model->cached().value : 0;
  status_.reuse = model != nullptr ? model->reuse() : protocol::ReuseFacts{};
  status_.kv = kv;
  status_.speeds = model != nullptr ? model->calibrated() : protocol::Calibrated{};
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

void Engine::Client::handle(const protocol::Request& request, std::int64_t bytes) {
  engine_.touch();
  engine_.last_asked_ms_ = engine_.uptime_.elapsed_ms();
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
  submit(request, bytes);
}

std::optional<base::Error> Engine::Client::find_excess(std::int64_t bytes) const {
  constexpr const char* hint = "wait for some of the answers";
  if (shared_->pending.size() >= k_most_requests)
    return base::Error{base::ErrorKind::engine,
                       fmt::format("{} requests of this connection wait, there can be no more", k_most_requests), hint};
  std::int64_t of_client = bytes;
  for (const auto& [request, pending] : shared_->pending) of_client += pending.bytes;
  if (of_client <= k_most_request_bytes && engine_.request_bytes_ + bytes <= k_most_request_bytes_of_all)
    return std::nullopt;
  return base::Error{base::ErrorKind::engine, "the requests that wait take too much memory, there can be no more",
                     hint};
}

void Engine::Client::submit(const protocol::Request& request, std::int64_t bytes) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->pending.contains(request.id))
      return shared_->reply(
          0, protocol::Failed{{base::ErrorKind::engine, fmt::format("request {} is not finished", request.id), ""}});
    if (auto excess = find_excess(bytes)) return shared_->reply(request.id, protocol::Failed{*std::move(excess)});
  }
  const auto* generate = std::get_if<protocol::Generate>(&request.body);
  if (generate != nullptr && generate->max_tokens.value == 0 && generate->priority == protocol::Priority::idle) {
    engine_.submit_for_later(request, bytes);
    return shared_->reply(request.id, protocol::Acknowledged{});
  }
  const protocol::Priority priority = priority_of(request);
  std::shared_ptr<Job> job;
  int others = 0;  // unfinished requests; one that has been answered may still count as running in the scheduler
  {
    const std::lock_guard lock(engine_.mutex_);
    job = std::make_shared<Job>(engine_, shared_, request, priority, engine_.next_job_++, bytes);
    others = static_cast<int>(engine_.running_.size());
    engine_.running_.emplace(job->number(), job->cancel());
  }
  // Held until the ticket is noted and the client knows that it waits: a job begins and ends by taking this lock.
  const std::lock_guard lock(shared_->mutex);
  // Whether a model may be loaded that nobody waits for is said at once.
  const bool is_load = std::holds_alternative<protocol::Load>(request.body);
  const auto turn = is_load ? std::min(priority, protocol::Priority::interactive) : priority;
  const auto ticket = engine_.scheduler_.submit(turn, job);
  shared_->pending[request.id] = {job->number(), ticket.number, job->cancel(), bytes};
  const int ahead = std::min(ticket.ahead, others);
  if (ahead > 0) shared_->reply(request.id, protocol::Progress{protocol::Progress::Stage::queued, ahead, 0, 0});
}

}  // namespace oc::server
