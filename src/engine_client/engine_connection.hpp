// SPDX-License-Identifier: Apache-2.0
// The engine as its clients see it: found or started, then asked. One request at a time on a connection; for one
// thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/cancel.hpp"
#include "base/local_socket.hpp"
#include "engine_client/engine_program.hpp"
#include "protocol/messages.hpp"

namespace oc::engine_client {

using ProgressSink = std::function<void(const protocol::Progress&)>;
using TextSink = std::function<void(std::string_view text)>;
using AlternativeSink = std::function<void(int alternative, std::string_view text)>;

class EngineConnection {
 public:
  // Connects to this user's engine; starts one if there is none, replaces one of another version or one that was
  // rebuilt since it started. 2 ms when it is there, about 50 ms when it must be started. Kind `engine` when that
  // fails.
  static base::Result<EngineConnection> open(const EngineOptions& options, const base::CancelToken& cancel);
  // Connects if an engine runs, of whatever version; nullopt if none does. Kind `engine` when what listens does not
  // answer.
  static base::Result<std::optional<EngineConnection>> find_running(const base::UserFolders& folders);

  // Something listens where the engine does; whether it answers is not asked. At once.
  static bool is_listening(const base::UserFolders& folders);

  const protocol::HelloReply& hello() const { return hello_; }

  // All of these block until the engine answers, status and shut_down at most 5 s. When cancelled they tell the engine
  // and end with kind `cancelled` (generate: with what was generated). An engine that dies gives kind `engine` with the
  // place of its log.
  base::Result<protocol::Loaded> load(const protocol::ModelReference& model, const ProgressSink& progress,
                                      const base::CancelToken& cancel);
  base::Result<std::vector<base::TokenCount>> count(const protocol::ModelReference& model,
                                                    std::vector<protocol::Prompt> prompts,
                                                    const base::CancelToken& cancel);
  base::Result<std::vector<protocol::Token>> tokenize(const protocol::Tokenize& request, const ProgressSink& progress,
                                                      const base::CancelToken& cancel);
  base::Result<protocol::Generated> generate(const protocol::Generate& request, const ProgressSink& progress,
                                             const TextSink& text, const base::CancelToken& cancel);
  // With request.alternatives answers: `text` is told whose a piece is, and Generated::alternatives is filled.
  base::Result<protocol::Generated> generate_alternatives(const protocol::Generate& request,
                                                          const ProgressSink& progress, const AlternativeSink& text,
                                                          const base::CancelToken& cancel);
  base::Result<protocol::Forecasted> forecast(const protocol::ModelReference& model, const protocol::Prompt& prompt,
                                              const ProgressSink& progress, const base::CancelToken& cancel);
  base::Result<protocol::Calibrated> calibrate(const protocol::ModelReference& model, const ProgressSink& progress,
                                               const base::CancelToken& cancel);
  // Has a prompt computed when nobody asks anything, instead of what was asked so about the same subject ("": none)
  // before, with such power; does not wait for it.
  base::Result<void> prefill_later(const protocol::ModelReference& model, const protocol::Prompt& prompt,
                                   const std::string& subject, protocol::Power power);
  base::Result<protocol::StatusReply> status();
  // Asks the engine to leave and waits until it has closed the connection, at most 10 s.
  base::Result<void> shut_down(const std::string& reason);

 private:
  EngineConnection(base::LocalConnection connection, base::Path log)
      : connection_(std::move(connection)), log_(std::move(log)) {}
  static base::Result<std::optional<EngineConnection>> connect(const base::UserFolders& folders,
                                                               const std::string& version,
                                                               const base::CancelToken& cancel);
  base::Result<std::uint64_t> send(protocol::RequestBody body);
  // The next reply to the request within `wait_ms`, nullopt if none came.
  base::Result<std::optional<protocol::ReplyBody>> receive(std::uint64_t request, int wait_ms);
  base::Result<protocol::ReplyBody> ask(protocol::RequestBody body, const ProgressSink& progress,
                                        const AlternativeSink& text, const base::CancelToken& cancel);
  template <class T>
  base::Result<T> ask_for(protocol::RequestBody body, const ProgressSink& progress, const AlternativeSink& text,
                          const base::CancelToken& cancel);
  // For what the engine answers at once, whatever it works on.
  template <class T>
  base::Result<T> ask_at_once(protocol::RequestBody body, const base::CancelToken& cancel);
  base::Error gone();

  base::LocalConnection connection_;
  base::Path log_;
  protocol::HelloReply hello_;
  protocol::Priority priority_ = protocol::Priority::interactive;  // of what is asked beside answers
  bool is_ahead_ = false;
  std::uint64_t next_id_ = 1;
  bool is_gone_ = false;  // the engine has closed the connection
};

}  // namespace oc::engine_client
