// SPDX-License-Identifier: Apache-2.0
// A loaded model to ask: what tasks use of the engine. For one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
    std::optional<protocol::Priority> priority;  // of all requests, instead of what their kind has
    // forecast: answers are not asked for, only how long they would take; they come back empty, as if cancelled.
    enum class Run { answer, forecast } run = Run::answer;
  };
  // Connects to the engine (starts it if need be) and has the model loaded. Kinds: `engine`, `model`, `usage`,
  // `cancelled`. `sink` gets every event of the session and must outlive it.
  static base::Result<ModelSession> open(const Options& options, const EventSink& sink,
                                         const base::CancelToken& cancel);

  const protocol::Loaded& loaded() const { return loaded_; }
  const protocol::ModelReference& model() const { return options_.model; }
  const GenerationOptions& generation() const { return options_.generation; }
  void tell(const Event& event) const { (*sink_)(event); }
  const base::CancelToken& cancel() const { return cancel_; }

  base::Result<base::TokenCount> count(const protocol::Prompt& prompt);

  // user: the answer is streamed as AnswerPiece events. task: it is only returned.
  enum class Audience { user, task };
  struct Request {
    Audience audience = Audience::user;
    protocol::Prompt prompt;
    std::vector<std::string> stop;
    std::string grammar;  // GBNF, root rule "root"; "": none
    base::TokenCount max_tokens;
    protocol::Priority priority = protocol::Priority::interactive;
    protocol::Reuse reuse = protocol::Reuse::exact;
    // Called with all of the answer so far; false ends it there, which is no cancelling.
    std::function<bool(std::string_view so_far)> wants_more;
  };
  // Computes a prompt, so that requests that begin like it find it done; others' requests come first. Kind `cancelled`.
  base::Result<protocol::Usage> prefill(const protocol::Prompt& prompt);
  // The same when nobody asks anything, instead of what was asked so about the same subject before; does not wait.
  base::Result<void> prefill_later(const protocol::Prompt& prompt, const std::string& subject, protocol::Power power) {
    return engine_.prefill_later(options_.model, prompt, subject, power);
  }
  // Streams the answer to its audience and returns it whole. Terminal controls never come through.
  base::Result<Answer> answer(const Request& request);
  // `count` answers to one prompt, 1 to protocol::k_most_alternatives, computed together, in their order: text, why it
  // ended, usage and timing of each. The first is what answer() gives; the others are sampled with other seeds, at a
  // temperature of at least 0.3. Nothing is streamed; `wants_more` is asked for each of them. One after the other where
  // the context has no room for all at once. Cancelled: with what there is of each. Kind `usage` for another number.
  base::Result<std::vector<Answer>> answer_alternatives(const Request& request, int count);
  // An answer to each of up to protocol::k_most_alternatives prompts, which are the request's, a ChatPrompt, with one
  // of the endings as its last user segment: the request's is computed once, the answers together. Otherwise as above.
  base::Result<std::vector<Answer>> answer_endings(const Request& request, const std::vector<std::string>& endings);

 private:
  ModelSession(engine_client::EngineConnection engine, Options options, const EventSink& sink, base::CancelToken cancel)
      : engine_(std::move(engine)), options_(std::move(options)), sink_(&sink), cancel_(std::move(cancel)) {}

  base::Result<Answer> forecast_only(const Request& request);
  protocol::Generate make_generate(const Request& request) const;
  base::Result<std::vector<Answer>> answer_several(const Request& request, const protocol::Generate& generate,
                                                   std::size_t count);
  void tell_progress(const protocol::Progress& progress) const;

  engine_client::EngineConnection engine_;
  Options options_;
  const EventSink* sink_;
  base::CancelToken cancel_;
  protocol::Loaded loaded_;
};

}  // namespace oc::tasks
