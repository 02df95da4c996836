// SPDX-License-Identifier: Apache-2.0
#include "engine_client/engine_connection.hpp"

#include <chrono>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "protocol/codec.hpp"

namespace oc::engine_client {

using namespace std::chrono_literals;
using base::LocalConnection;

namespace {

// How long a cancelled request may take to end before its client leaves anyway (the engine notices and stops it).
constexpr double k_cancel_patience_ms = 2000;
// How long the engine may take for what needs no model.
constexpr double k_at_once_patience_ms = 5000;
constexpr int k_step_ms = 20;

void ignore_progress(const protocol::Progress&) {}
void ignore_text(int, std::string_view) {}

template <class T>
base::Result<T> as(protocol::ReplyBody reply) {
  if (auto* failed = std::get_if<protocol::Failed>(&reply)) return std::unexpected(std::move(failed->error));
  if (auto* wanted = std::get_if<T>(&reply)) return std::move(*wanted);
  return base::fail(base::ErrorKind::engine, "the engine gave an answer of the wrong type");
}

}  // namespace

base::Error EngineConnection::gone() {
  is_gone_ = true;
  return {base::ErrorKind::engine, "the engine ended in the middle of a request",
          fmt::format("run the command again, a new engine is started; the reason may be in {}", base::display(log_))};
}

base::Result<std::optional<EngineConnection>> EngineConnection::connect(const base::UserFolders& folders,
                                                                        const std::string& version,
                                                                        const base::CancelToken& cancel) {
  const base::Path address = folders.runtime / protocol::k_socket_name;
  OC_TRY(auto connection, LocalConnection::connect(address));
  if (!connection) return std::nullopt;
  EngineConnection engine(std::move(*connection), log_file(folders));
  auto hello = engine.ask_at_once<protocol::HelloReply>(protocol::Hello{protocol::k_version, version}, cancel);
  // One that is just leaving accepts no more, or closes before it answers: the same as none.
  if (!hello && engine.is_gone_) return std::nullopt;
  if (!hello && hello.error().kind == base::ErrorKind::cancelled) return std::unexpected(hello.error());
  if (!hello)
    return base::fail(
        base::ErrorKind::engine,
        fmt::format("cannot talk to what listens at {}: {}", base::display(address), hello.error().message),
        "end that process by hand, then run the command again");
  engine.hello_ = std::move(*hello);
  return engine;
}

base::Result<std::optional<EngineConnection>> EngineConnection::find_running(const base::UserFolders& folders) {
  return connect(folders, "", {});
}

bool EngineConnection::is_listening(const base::UserFolders& folders) {
  const auto connection = LocalConnection::connect(folders.runtime / protocol::k_socket_name);
  return connection && connection->has_value();
}

base::Result<std::uint64_t> EngineConnection::send(protocol::RequestBody body) {
  const std::uint64_t id = next_id_++;
  if (!connection_.write_all(protocol::encode(protocol::Request{id, std::move(body)}) + "\n"))
    return std::unexpected(gone());
  return id;
}

base::Result<std::optional<protocol::ReplyBody>> EngineConnection::receive(std::uint64_t request, int wait_ms) {
  OC_TRY(const auto outcome, connection_.read_line(std::chrono::milliseconds(wait_ms), protocol::k_line_limit));
  if (outcome.state == LocalConnection::ReadState::timeout) return std::nullopt;
  if (outcome.state == LocalConnection::ReadState::closed) return std::unexpected(gone());
  OC_TRY(protocol::Reply reply, protocol::decode_reply(outcome.line));
  if (reply.id != request && reply.id != 0) return std::nullopt;  // the answer to a cancel
  return std::move(reply.body);
}

base::Result<protocol::ReplyBody> EngineConnection::ask(protocol::RequestBody body, const ProgressSink& progress,
                                                        const AlternativeSink& text, const base::CancelToken& cancel) {
  OC_TRY(const std::uint64_t id, send(std::move(body)));
  std::optional<base::Stopwatch> cancelled;
  for (;;) {
    if (cancel.is_requested() && !cancelled) {
      cancelled.emplace();
      (void)send(protocol::Cancel{id});  // gone: the read says so
    }
    if (cancelled && cancelled->elapsed_ms() > k_cancel_patience_ms)
      return base::fail(base::ErrorKind::cancelled, "stopped");
    OC_TRY(auto reply, receive(id, k_step_ms));
    if (!reply) continue;
    if (const auto* p = std::get_if<protocol::Progress>(&*reply)) progress(*p);
    else if (const auto* t = std::get_if<protocol::AnswerText>(&*reply)) text(t->alternative, t->text);
    else return std::move(*reply);
  }
}

template <class T>
base::Result<T> EngineConnection::ask_for(protocol::RequestBody body, const ProgressSink& progress,
                                          const AlternativeSink& text, const base::CancelToken& cancel) {
  OC_TRY(auto reply, ask(std::move(body), progress, text, cancel));
  return as<T>(std::move(reply));
}

template <class T>
base::Result<T> EngineConnection::ask_at_once(protocol::RequestBody body, const base::CancelToken& cancel) {
  OC_TRY(const std::uint64_t id, send(std::move(body)));
  const base::Stopwatch watch;
  while (watch.elapsed_ms() < k_at_once_patience_ms) {
    if (cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
    OC_TRY(auto reply, receive(id, k_step_ms));
    if (reply) return as<T>(std::move(*reply));
  }
  return base::fail(base::ErrorKind::engine, "it does not answer");
}

base::Result<protocol::Loaded> EngineConnection::load(const protocol::ModelReference& model,
                                                      const ProgressSink& progress, const base::CancelToken& cancel) {
  return ask_for<protocol::Loaded>(protocol::Load{model, is_ahead_ ? protocol::Priority::idle : priority_}, progress,
                                   ignore_text, cancel);
}

base::Result<std::vector<base::TokenCount>> EngineConnection::count(const protocol::ModelReference& model,
                                                                    std::vector<protocol::Prompt> prompts,
                                                                    const base::CancelToken& cancel) {
  const std::size_t expected = prompts.size();
  OC_TRY(auto counted, ask_for<protocol::Counted>(protocol::Count{model, std::move(prompts), priority_},
                                                  ignore_progress, ignore_text, cancel));
  if (counted.counts.size() != expected)
    return base::fail(base::ErrorKind::engine, "the engine counted something else");
  return std::move(counted.counts);
}

base::Result<std::vector<protocol::Token>> EngineConnection::tokenize(const protocol::Tokenize& request,
                                                                      const ProgressSink& progress,
                                                                      const base::CancelToken& cancel) {
  OC_TRY(auto tokenized, ask_for<protocol::Tokenized>(request, progress, ignore_text, cancel));
  return std::move(tokenized.tokens);
}

base::Result<protocol::Generated> EngineConnection::generate(const protocol::Generate& request,
                                                             const ProgressSink& progress, const TextSink& text,
                                                             const base::CancelToken& cancel) {
  const auto take = [&](int, std::string_view piece) { text(piece); };
  return generate_alternatives(request, progress, take, cancel);
}

base::Result<protocol::Generated> EngineConnection::generate_alternatives(const protocol::Generate& request,
                                                                          const ProgressSink& progress,
                                                                          const AlternativeSink& text,
                                                                          const base::CancelToken& cancel) {
  return ask_for<protocol::Generated>(request, progress, text, cancel);
}

base::Result<protocol::Forecasted> EngineConnection::forecast(const protocol::ModelReference& model,
                                                              const protocol::Prompt& prompt,
                                                              const ProgressSink& progress,
                                                              const base::CancelToken& cancel) {
  return ask_for<protocol::Forecasted>(protocol::Forecast{model, prompt, priority_}, progress, ignore_text, cancel);
}

base::Result<protocol::Calibrated> EngineConnection::calibrate(const protocol::ModelReference& model,
                                                               const ProgressSink& progress,
                                                               const base::CancelToken& cancel) {
  return ask_for<protocol::Calibrated>(protocol::Calibrate{model}, progress, ignore_text, cancel);
}

base::Result<void> EngineConnection::prefill_later(const protocol::ModelReference& model,
                                                   const protocol::Prompt& prompt, const std::string& subject,
                                                   protocol::Power power) {
  protocol::Generate request;
  request.model = model;
  request.prompt = prompt;
  request.max_tokens = base::TokenCount(0);
  request.priority = protocol::Priority::idle;
  request.subject = subject;
  request.power = power;
  OC_CHECK(ask_at_once<protocol::Acknowledged>(std::move(request), {}));
  return {};
}

base::Result<protocol::StatusReply> EngineConnection::status() {
  return ask_at_once<protocol::StatusReply>(protocol::Status{}, {});
}

base::Result<void> EngineConnection::shut_down(const std::string& reason) {
  const auto stays = [&](std::string_view how) {
    return base::fail(base::ErrorKind::engine,
                      fmt::format("the engine (process {}) was asked to leave but {}", hello_.process_id, how),
                      "end the process by hand, then run the command again");
  };
  const auto acknowledged = ask_at_once<protocol::Acknowledged>(protocol::Shutdown{reason}, {});
  if (!acknowledged && !is_gone_) return stays("does not answer");
  const base::Stopwatch watch;
  while (!is_gone_ && watch.elapsed_ms() < 10'000) {
    const auto outcome = connection_.read_line(100ms, protocol::k_line_limit);
    is_gone_ = !outcome || outcome->state == LocalConnection::ReadState::closed;
  }
  if (!is_gone_) return stays("stays");
  return {};
}

}  // namespace oc::engine_client
