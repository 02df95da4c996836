// SPDX-License-Identifier: Apache-2.0
// Several answers to one prompt as one piece of work: the prompt is computed once, then all decode in common calls.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "inference/language_model.hpp"

namespace oc::inference {

class Alternatives final : public Generation {
 public:
  // `alternative`: whose text it is, from 0.
  using Sink = std::function<void(int alternative, std::string_view text)>;

  // `listener.text` is not used. Kinds: those of LanguageModel::begin; `usage` for a number of alternatives out of
  // range.
  static base::Result<std::unique_ptr<Generation>> begin(LanguageModel& model, const protocol::Generate& request,
                                                         const Listener& listener, const Sink& sink);

  State state() const override;
  void advance(const Interrupt& interrupt) override;
  // All of them, in their order; the error of the first that has one.
  base::Result<protocol::Generated> take_result() override;
  bool wants_model() const override;
  void take_model(LanguageModel& model) override;

 private:
  Alternatives() = default;
  Generation* choose() const;

  std::vector<std::unique_ptr<Generation>> answers_;
};

}  // namespace oc::inference
