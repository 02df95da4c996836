// SPDX-License-Identifier: Apache-2.0
// What answers prompts: a GGUF through libllama, or a script. Everything here runs on the inference thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "inference/answer_stream.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

using ProgressSink = std::function<void(const protocol::Progress&)>;

class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  virtual const protocol::ModelFacts& facts() const = 0;
  // Tokens that prompt and answer may have together: what was asked for, or what the context may be grown to.
  virtual int context_limit() const = 0;
  virtual int threads() const = 0;
  virtual base::TokenCount cached() const = 0;

  virtual base::Result<base::TokenCount> count(const protocol::Prompt& prompt) = 0;
  virtual std::vector<protocol::Token> tokenize(const std::string& text, protocol::ParseSpecial special) = 0;
  // Streams the answer. Cancelling ends it with StopReason::cancelled, within 250 ms also during prefill.
  // Kind `too_large`, with the numbers, when the prompt leaves no room for an answer.
  virtual base::Result<protocol::Generated> generate(const protocol::Generate& request, const ProgressSink& progress,
                                                     const TextSink& text, const base::CancelToken& cancel) = 0;
};

// The error of a prompt that does not fit; the same words for every kind of model.
base::Error does_not_fit(base::TokenCount prompt, int context_limit, const protocol::ModelFacts& facts);

}  // namespace oc::inference
