// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_counter.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/files.hpp"

namespace oc::tasks {

struct TokenCounter::State {
  engine_client::EngineOptions options;
  protocol::ModelReference model;
  base::CancelToken cancel;
  std::optional<engine_client::EngineConnection> engine;

  base::Result<base::TokenCount> count(std::string_view text) {
    if (!engine) {
      OC_TRY(engine, engine_client::EngineConnection::open(options, cancel));
    }
    OC_TRY(const auto counts, engine->count(model, {protocol::RawPrompt{std::string(text)}}, cancel));
    return counts.front();
  }
};

std::string tokenizer_name(const protocol::ModelReference& model) {
  const auto facts = base::find_file_facts(base::path_from_utf8(model.path));
  if (!facts || !*facts) return model.path;
  return fmt::format("{} {} {}", model.path, (*facts)->size.value, (*facts)->modified_ns);
}

TokenCounter::TokenCounter(engine_client::EngineOptions engine, protocol::ModelReference model,
                           base::CancelToken cancel)
    : name_(tokenizer_name(model)) {
  state_ = std::make_shared<State>(State{std::move(engine), std::move(model), std::move(cancel), std::nullopt});
}

context::CountTokens TokenCounter::counts() const {
  return [state = state_](std::string_view text) { return state->count(text); };
}

}  // namespace oc::tasks
