// SPDX-License-Identifier: Apache-2.0
// Replays written answers instead of running a model, for tests, demos and bug reports. The script is a file of JSON
// lines (docs/protocol.md, "Scripts"); each request takes the next answer that is for it and may be checked against
// words it must contain.
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
  base::ByteCount memory() const override { return base::ByteCount(0); }
  base::ByteCount mapped() const override { return base::ByteCount(0); }
  bool is_in_use() const override { return false; }
  bool let_go(protocol::Priority) override { return true; }
  protocol::ReuseFacts reuse() const override { return {}; }
  base::TokenCount cached() const override { return base::TokenCount(0); }
  base::Result<base::TokenCount> count(const protocol::Prompt& prompt) override;
  // A scripted token is up to four bytes, cut at character boundaries.
  std::vector<protocol::Token> tokenize(const std::string& text, protocol::ParseSpecial special) override;
  std::unique_ptr<Generation> begin_calibration(Listener) override { return nullptr; }
  protocol::Calibrated calibrated() const override { return {}; }
  bool wants_calibration() const override { return false; }
  base::Result<protocol::Forecasted> forecast(const protocol::Prompt& prompt) override;
  // The whole answer comes in one step.
  base::Result<std::unique_ptr<Generation>> begin_alternative(const protocol::Generate& request, int alternative,
                                                              Listener listener) override;

 private:
  struct Answer {
    std::vector<std::string> only_for;  // waits for a prompt with all of these texts; others take what stands behind it
    std::vector<std::string> expect;    // texts the prompt must contain
    std::vector<std::string> reject;    // texts it must not contain
    std::vector<std::string> texts{""};  // of the alternatives; who asks for more gets the last one again
    double delay_ms = 0;                 // before each token
    double prefill_ms = 0;
    std::optional<base::Error> error;
    bool crash = false;  // the engine dies here, as if killed
  };
  friend struct ScriptReader;
  friend class ScriptedGeneration;
  base::Result<Answer> next_answer(const std::string& prompt);

  protocol::ModelFacts facts_;
  std::deque<Answer> answers_;
  Answer current_;  // of the request that began last
};

}  // namespace oc::inference
