// SPDX-License-Identifier: Apache-2.0
#include "server/engine.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/system.hpp"
#include "inference/alternatives.hpp"

namespace oc::server {

using protocol::ReplyBody;

namespace {

constexpr std::uint64_t k_no_job = 0;  // of those that clients ask for
// Of one client, unfinished.
constexpr std::size_t k_most_requests = 256;

// What a request needs before it can be asked (the model, how long its parts are) is as urgent as itself.
protocol::Priority priority_of(const protocol::Request& request) {
  return std::visit(
      [](const auto& body) {
        if constexpr (requires { body.priority; }) return body.priority;
        else return protocol::Priority::interactive;
      },
      request.body);
}

}  // namespace

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

// A request on its way through the inference thread.
class Engine::Job final : public inference::Work {
 public:
  Job(Engine& engine, std::shared_ptr<Client::Shared> client, const protocol::Request& request,
      protocol::Priority priority, std::uint64_t number, base::CancelToken cancel = {})
      : engine_(engine),
        client_(std::move(client)),
        request_(request),
        priority_(priority),
        number_(number),
        cancel_(std::move(cancel)) {}

  inference::Generation::State state() const override { return generation_ ? generation_->state() : state_; }
  bool is_cancelled() const override { return cancel_.is_requested(); }
  void advance(const inference::Interrupt& interrupt) override;

  std::uint64_t number() const { return number_; }
  const base::CancelToken& cancel() const { return cancel_; }
  const protocol::Request& request() const { return request_; }

 private:
  // nullopt: it is not finished.
  base::Result<std::optional<ReplyBody>> go_on(const inference::Interrupt& interrupt);
  base::Result<inference::ModelShelf::Taken> take(const protocol::ModelReference& reference);
  // Its generation lost its model to what is more urgent; false: there is no room for it yet.
  base::Result<bool> take_model_again();
  base::Result<std::optional<ReplyBody>> begin_calibration(const protocol::Calibrate& calibrate);
  base::Result<std::optional<ReplyBody>> begin_generation(const protocol::Generate& generate);
  void finish(ReplyBody reply);
  void report(const protocol::Progress& progress) const { client_->reply(request_.id, progress); }

  Engine& engine_;
  std::shared_ptr<Client::Shared> client_;
  protocol::Request request_;
  protocol::Priority priority_;
  std::uint64_t number_;
  base::CancelToken cancel_;
  base::Stopwatch queued_;
  double queue_ms_ = 0;
  inference::Generation::State state_ = inference::Generation::State::prefill;
  inference::LanguageModel* model_ = nullptr;  // that is calibrated
  std::unique_ptr<inference::Generation> generation_;
};

namespace {

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
    : options_(std::move(options)), kv_(options_.kv), shelf_(with_store(options_.shelf, kv_)) {}

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
  if (is_asked_for || model_->wants_calibration())
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
  if (std::holds_alternative<protocol::Calibrate>(request_.body)) engine_.take_choice();
  engine_.calibrate_when_idle();
}

// The first requests with a model run with what is usual; while nobody asks, the machine is measured for the next ones.
void Engine::calibrate_when_idle() {
  const inference::LanguageModel* model = shelf_.last_used();
  if (model == nullptr || !model->wants_calibration() || shelf_.last_reference() == calibrated_) return;
  calibrated_ = shelf_.last_reference();
  submit_for_later({0, protocol::Calibrate{shelf_.last_reference()}});
}

void Engine::take_choice() {
  const inference::LanguageModel* model = shelf_.last_used();
  if (model == nullptr || model->is_in_use() || !model->wants_reload() || shelf_.last_reference() == reloaded_) return;
  const protocol::ReuseFacts reuse = model->reuse();
  const auto computed = static_cast<double>(reuse.prompt_tokens - reuse.reused_tokens);
  const bool is_much = computed * model->calibrated().prefill_token_ms > options_.again_ms;
  if (is_much && (!is_quiet() || is_on_battery())) {
    const std::lock_guard lock(mutex_);
    waits_for_quiet_ = shelf_.last_reference();
    return;
  }
  reloaded_ = shelf_.last_reference();
  base::log(base::LogLevel::info, fmt::format("loads {} anew, as it was found best", reloaded_.path));
  shelf_.drop_last_used();
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
  std::optional<protocol::ModelReference> model;
  {
    const std::lock_guard lock(mutex_);
    model = std::exchange(waits_for_quiet_, std::nullopt);
  }
  if (model) submit_for_later({0, protocol::Calibrate{*model}});
}

void Engine::submit_for_later(const protocol::Request& request) {
  const auto* generate = std::get_if<protocol::Generate>(&request.body);
  if (generate != nullptr && !generate->subject.empty() && replace_subject(*generate)) return;
  (void)queue_later(request);
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

Engine::Later Engine::queue_later(const protocol::Request& request) {
  auto nobody = std::make_shared<Client::Shared>();
  nobody->sink = [](const protocol::Reply&) {};
  const auto job = std::make_shared<Job>(*this, std::move(nobody), request, protocol::Priority::idle, k_no_job,
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

void Engine::drop_oldest_later() {
  std::vector<Later> dropped;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_later_, [](const Later& later) { return later.job.expired(); });
    while (waiting_later_.size() > k_most_later) {
      dropped.push_back(std::move(waiting_later_.front()));
      waiting_later_.pop_front();
    }
  }
  for (const Later& later : dropped) drop(later);
}

void Engine::note_end(std::uint64_t job) {
  touch();
  if (job != k_no_job) last_asked_ms_ = uptime_.elapsed_ms();
  const protocol::KvFacts kv = kv_facts(kv_.facts());
  const std::lock_guard lock(mutex_);
  running_.erase(job);
  const inference::LanguageModel* model = shelf_.last_used();
  status_.model = model != nullptr ? model->facts().path : "";
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

void Engine::Client::handle(const protocol::Request& request) {
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
  submit(request);
}

void Engine::Client::submit(const protocol::Request& request) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->pending.contains(request.id))
      return shared_->reply(
          0, protocol::Failed{{base::ErrorKind::engine, fmt::format("request {} is not finished", request.id), ""}});
    if (shared_->pending.size() >= k_most_requests)
      return shared_->reply(
          request.id,
          protocol::Failed{{base::ErrorKind::engine,
                            fmt::format("{} requests of this connection wait, there can be no more", k_most_requests),
                            "wait for some of the answers"}});
  }
  const auto* generate = std::get_if<protocol::Generate>(&request.body);
  if (generate != nullptr && generate->max_tokens.value == 0 && generate->priority == protocol::Priority::idle) {
    engine_.submit_for_later(request);
    return shared_->reply(request.id, protocol::Acknowledged{});
  }
  const protocol::Priority priority = priority_of(request);
  std::shared_ptr<Job> job;
  int others = 0;  // unfinished requests; one that has been answered may still count as running in the scheduler
  {
    const std::lock_guard lock(engine_.mutex_);
    job = std::make_shared<Job>(engine_, shared_, request, priority, engine_.next_job_++);
    others = static_cast<int>(engine_.running_.size());
    engine_.running_.emplace(job->number(), job->cancel());
  }
  // Held until the ticket is noted and the client knows that it waits: a job begins and ends by taking this lock.
  const std::lock_guard lock(shared_->mutex);
  const auto ticket = engine_.scheduler_.submit(priority, job);
  shared_->pending[request.id] = {job->number(), ticket.number, job->cancel()};
  const int ahead = std::min(ticket.ahead, others);
  if (ahead > 0) shared_->reply(request.id, protocol::Progress{protocol::Progress::Stage::queued, ahead, 0, 0});
}

}  // namespace oc::server
