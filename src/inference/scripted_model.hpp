// SPDX-License-Identifier: Apache-2.0
// Replays written answers instead of running a model, for tests, demos and bug reports. The script is a file of JSON
// lines (docs/protocol.md, "Scripts"); each request takes the next answer and may be checked against words it must
// contain.
#pragma once

#include <deque>

#include "base/path.hpp"
#include "inference/language_model.hpp"

namespace oc::inference {

class ScriptedModel final : public LanguageModel {
 public:
  // Kind `io` when it cannot be read, `configuration` with the line when it is not a script.
  static base::Result<std::unique_ptr<ScriptedModel>> load(const base::Path& script);

  const protocol::ModelFacts& facts() const override { return facts_; }
  int context_limit() const override { return facts_.context_trained; }
  int threads() const override { return 1; }
  base::TokenCount cached() const override { return base::TokenCount(0); }
  base::Result<base::TokenCount> count(const protocol::Prompt& prompt) override;
  // A scripted token is up to four bytes, cut at character boundaries.
  std::vector<protocol::Token> tokenize(const std::string& text, protocol::ParseSpecial special) override;
  base::Result<protocol::Generated> generate(const protocol::Generate& request, const ProgressSink& progress,
                                             const TextSink& text, const base::CancelToken& cancel) override;

 private:
  struct Answer {
    std::vector<std::string> expect;  // texts the prompt must contain
    std::vector<std::string> reject;  // texts it must not contain
    std::string text;
    double delay_ms = 0;  // before each token
    double prefill_ms = 0;
    std::optional<base::Error> error;
    bool crash = false;  // the engine dies here, as if killed
  };
  friend struct ScriptReader;

  protocol::ModelFacts facts_;
  std::deque<Answer> answers_;
};

}  // namespace oc::inference
