// SPDX-License-Identifier: Apache-2.0
// Counts tokens with a model's own vocabulary, without loading the model; the engine is asked only when a count is
// really needed. For one thread.
#pragma once

#include <memory>
#include <string>

#include "base/cancel.hpp"
#include "context/piece.hpp"
#include "engine_client/engine_connection.hpp"
#include "protocol/messages.hpp"

namespace oc::tasks {

// A name for what a model counts with: changes when its file does.
std::string tokenizer_name(const protocol::ModelReference& model);

class TokenCounter {
 public:
  TokenCounter(engine_client::EngineOptions engine, protocol::ModelReference model, base::CancelToken cancel);

  const std::string& name() const { return name_; }
  // Kinds of the function: engine, model, cancelled. It may outlive the counter.
  context::CountTokens counts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::string name_;
};

}  // namespace oc::tasks
