// SPDX-License-Identifier: Apache-2.0
// A loaded model to ask: what tasks use of the engine. For one thread.
#pragma once

#include "base/cancel.hpp"
#include "engine_client/engine_connection.hpp"
#include "tasks/events.hpp"

namespace oc::tasks {

struct GenerationOptions {
  base::TokenCount max_tokens{1024};
  protocol::Sampling sampling;
  std::string system;  // "": prompts/system.md
};

class ModelSession {
 public:
  struct Options {
    engine_client::EngineOptions engine;
    protocol::ModelReference model;
    GenerationOptions generation;
  };
  // Connects to the engine (starts it if need be) and has the model loaded. Kinds: `engine`, `model`, `usage`,
  // `cancelled`. `sink` gets every event of the session and must outlive it.
  static base::Result<ModelSession> open(const Options& options, const EventSink& sink,
                                         const base::CancelToken& cancel);

  const protocol::Loaded& loaded() const { return loaded_; }
  const GenerationOptions& generation() const { return options_.generation; }
  void tell(const Event& event) const { (*sink_)(event); }
  const base::CancelToken& cancel() const { return cancel_; }

  base::Result<base::TokenCount> count(const protocol::Prompt& prompt);

  struct Request {
    protocol::Prompt prompt;
    std::vector<std::string> stop;
    base::TokenCount max_tokens;
    protocol::Priority priority = protocol::Priority::interactive;
    // Called with all of the answer so far; false ends it there, which is no cancelling.
    std::function<bool(std::string_view so_far)> wants_more;
  };
  // Streams the answer as AnswerPiece events and returns it whole. Terminal controls never come through.
  base::Result<Answer> answer(const Request& request);

 private:
  ModelSession(engine_client::EngineConnection engine, Options options, const EventSink& sink, base::CancelToken cancel)
      : engine_(std::move(engine)), options_(std::move(options)), sink_(&sink), cancel_(std::move(cancel)) {}

  engine_client::EngineConnection engine_;
  Options options_;
  const EventSink* sink_;
  base::CancelToken cancel_;
  protocol::Loaded loaded_;
};

}  // namespace oc::tasks
