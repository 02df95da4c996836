// SPDX-License-Identifier: Apache-2.0
// What answers prompts: a GGUF through libllama, or a script. Everything here runs on the inference thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "inference/answer_stream.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

using ProgressSink = std::function<void(const protocol::Progress&)>;
// True when somebody more urgent waits. Asked very often, must be quick.
using Interrupt = std::function<bool()>;

// Whom a request tells what happens, and how it is stopped.
struct Listener {
  ProgressSink progress;
  TextSink text;
  base::CancelToken cancel;
};

class LanguageModel;

// One request in progress. It advances by steps, so that others can come between. Must go before its model, or have let
// go of it.
class Generation {
 public:
  enum class State {
    blocked,  // others hold what it needs: try again when one of them is done
    prefill,
    decode,
    done
  };
  virtual ~Generation() = default;
  virtual State state() const = 0;
  // At most one call of the model. In decode, generations of the same model and priority that are in decode too advance
  // along. Gives up a prefill when `interrupt` says so; what was interrupted is computed again by the next call.
  // Cancelling ends it with StopReason::cancelled, within 250 ms also during prefill.
  virtual void advance(const Interrupt& interrupt) = 0;
  // Once done.
  virtual base::Result<protocol::Generated> take_result() = 0;
  // Once done: what it gave was made of what was computed for another prompt.
  virtual bool is_approximate() const { return false; }
  // It had to let go of its model (LanguageModel::let_go) and is blocked until it is given it again, newly loaded.
  virtual bool wants_model() const { return false; }
  virtual void take_model(LanguageModel&) {}
};

class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  virtual const protocol::ModelFacts& facts() const = 0;
  // Tokens that prompt and answer may have together: what was asked for, or what the context may be grown to.
  virtual int context_limit() const = 0;
  virtual int threads() const = 0;
  // Weights, KV cache and buffers.
  virtual base::ByteCount memory() const = 0;
  // Of it: pages of the file, which the system takes back when it needs them.
  virtual base::ByteCount mapped() const = 0;
  // Gives back memory that it can do without.
  virtual void give_spare_back() {}
  // It has generations that are not done.
  virtual bool is_in_use() const = 0;
  // Has generations that are less urgent let go of it, so that it is no longer in use; they keep what they have. false:
  // others use it, and nothing happened.
  virtual bool let_go(protocol::Priority asking) = 0;
  // Since it was loaded.
  virtual protocol::ReuseFacts reuse() const = 0;
  // Tokens in the KV cache.
  virtual base::TokenCount cached() const = 0;

  virtual base::Result<base::TokenCount> count(const protocol::Prompt& prompt) = 0;
  virtual std::vector<protocol::Token> tokenize(const std::string& text, protocol::ParseSpecial special) = 0;
  // Kind `too_large`, with the numbers, when the prompt leaves no room for an answer; `usage` for wrong settings.
  base::Result<std::unique_ptr<Generation>> begin(const protocol::Generate& request, Listener listener) {
    return begin_alternative(request, 0, std::move(listener));
  }
  // One of the answers that the request asks for, by its number from 0. Begun in order, all at once, they have their
  // prompt in common, or the beginning of it.
  virtual base::Result<std::unique_ptr<Generation>> begin_alternative(const protocol::Generate& request,
                                                                      int alternative, Listener listener) = 0;
  // Measures what this machine needs for it; null where there is nothing to measure.
  virtual std::unique_ptr<Generation> begin_calibration(Listener listener) = 0;
  // What is known by now, measured and learned.
  virtual protocol::Calibrated calibrated() const = 0;
  // Nobody has measured it here yet.
  virtual bool wants_calibration() const = 0;
  // What was measured is best takes effect with a load.
  virtual bool wants_reload() const { return false; }
  // Which part of a prompt is there, and how long the rest will take; milliseconds are 0 while that is not known.
  virtual base::Result<protocol::Forecasted> forecast(const protocol::Prompt& prompt) = 0;
};

// Runs a generation to its end.
base::Result<protocol::Generated> generate(LanguageModel& model, const protocol::Generate& request, Listener listener);

// How many answers a request asks for.
int count_answers(const protocol::Generate& request);

// The request of one of them: prompt and sampling are its own, what says how many there are stays.
protocol::Generate request_of(const protocol::Generate& request, int alternative);

// The settings of one of several answers to one prompt: the first has those of the request; each of the others another
// seed, and a temperature that lets them differ.
protocol::Sampling sampling_of(const protocol::Sampling& sampling, int alternative);

// The error of a prompt that does not fit; the same words for every kind of model.
base::Error does_not_fit(base::TokenCount prompt, int context_limit, const protocol::ModelFacts& facts);

}  // namespace oc::inference
