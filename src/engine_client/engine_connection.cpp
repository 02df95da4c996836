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

void ignore_progress(const protocol::Progress&) {}
void ignore_text(std::string_view) {}

}  // namespace

base::Error EngineConnection::gone() const {
  return {base::ErrorKind::engine, "the engine ended in the middle of a request",
          fmt::format("run the command again, a new engine is started; the reason may be in {}", base::display(log_))};
}

base::Result<std::optional<EngineConnection>> EngineConnection::connect(const base::UserFolders& folders, const std::string& version) {
  OC_TRY(auto connection, LocalConnection::connect(folders.runtime / protocol::k_socket_name));
  if (!connection) return std::nullopt;
  EngineConnection engine(std::move(*connection), log_file(folders));
  const base::CancelToken never;
  auto hello = engine.ask_for<protocol::HelloReply>(protocol::Hello{protocol::k_version, version}, ignore_progress, ignore_text, never);
  // One that is just leaving accepts no more, or closes before it answers: the same as none.
  if (!hello) return std::nullopt;
  engine.hello_ = std::move(*hello);
  return engine;
}

base::Result<std::optional<EngineConnection>> EngineConnection::find_running(const base::UserFolders& folders) { return connect(folders, ""); }

base::Result<protocol::ReplyBody> EngineConnection::ask(protocol::RequestBody body, const ProgressSink& progress, const TextSink& text,
                                                        const base::CancelToken& cancel) {
  const std::uint64_t id = next_id_++;
  if (!connection_.write_all(protocol::encode(protocol::Request{id, std::move(body)}) + "\n")) return std::unexpected(gone());
  std::optional<base::Stopwatch> cancelled;
  for (;;) {
    if (cancel.is_requested() && !cancelled) {
      cancelled.emplace();
      (void)connection_.write_all(protocol::encode(protocol::Request{next_id_++, protocol::Cancel{id}}) + "\n");  // gone: the read says so
    }
    if (cancelled && cancelled->elapsed_ms() > k_cancel_patience_ms) return base::fail(base::ErrorKind::cancelled, "stopped");
    OC_TRY(const auto outcome, connection_.read_line(20ms, protocol::k_line_limit));
    if (outcome.state == LocalConnection::ReadState::timeout) continue;
    if (outcome.state == LocalConnection::ReadState::closed) return std::unexpected(gone());
    OC_TRY(protocol::Reply reply, protocol::decode_reply(outcome.line));
    if (reply.id != id && reply.id != 0) continue;  // the answer to a cancel
    if (const auto* p = std::get_if<protocol::Progress>(&reply.body)) progress(*p);
    else if (const auto* t = std::get_if<protocol::AnswerText>(&reply.body)) text(t->text);
    else if (auto* failed = std::get_if<protocol::Failed>(&reply.body)) return std::unexpected(std::move(failed->error));
    else return std::move(reply.body);
  }
}

template <class T>
base::Result<T> EngineConnection::ask_for(protocol::RequestBody body, const ProgressSink& progress, const TextSink& text, const base::CancelToken& cancel) {
  OC_TRY(auto reply, ask(std::move(body), progress, text, cancel));
  if (auto* wanted = std::get_if<T>(&reply)) return std::move(*wanted);
  return base::fail(base::ErrorKind::engine, "the engine gave an answer of the wrong type");
}

base::Result<protocol::Loaded> EngineConnection::load(const protocol::ModelReference& model, const ProgressSink& progress, const base::CancelToken& cancel) {
  return ask_for<protocol::Loaded>(protocol::Load{model}, progress, ignore_text, cancel);
}

base::Result<std::vector<base::TokenCount>> EngineConnection::count(const protocol::ModelReference& model, std::vector<protocol::Prompt> prompts,
                                                                    const base::CancelToken& cancel) {
  const std::size_t expected = prompts.size();
  OC_TRY(auto counted, ask_for<protocol::Counted>(protocol::Count{model, std::move(prompts)}, ignore_progress, ignore_text, cancel));
  if (counted.counts.size() != expected) return base::fail(base::ErrorKind::engine, "the engine counted something else");
  return std::move(counted.counts);
}

base::Result<std::vector<protocol::Token>> EngineConnection::tokenize(const protocol::Tokenize& request, const ProgressSink& progress,
                                                                      const base::CancelToken& cancel) {
  OC_TRY(auto tokenized, ask_for<protocol::Tokenized>(request, progress, ignore_text, cancel));
  return std::move(tokenized.tokens);
}

base::Result<protocol::Generated> EngineConnection::generate(const protocol::Generate& request, const ProgressSink& progress,
                                                             const TextSink& text, const base::CancelToken& cancel) {
  return ask_for<protocol::Generated>(request, progress, text, cancel);
}

base::Result<protocol::StatusReply> EngineConnection::status() {
  return ask_for<protocol::StatusReply>(protocol::Status{}, ignore_progress, ignore_text, {});
}

base::Result<void> EngineConnection::shut_down(const std::string& reason) {
  OC_CHECK(ask_for<protocol::Acknowledged>(protocol::Shutdown{reason}, ignore_progress, ignore_text, {}));
  const base::Stopwatch watch;
  while (watch.elapsed_ms() < 10'000) {
    const auto outcome = connection_.read_line(100ms, protocol::k_line_limit);
    if (!outcome || outcome->state == LocalConnection::ReadState::closed) return {};
  }
  return base::fail(base::ErrorKind::engine, fmt::format("the engine (process {}) was asked to leave but stays", hello_.process_id),
                    "end the process by hand");
}

}  // namespace oc::engine_client
