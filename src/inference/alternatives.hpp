// SPDX-License-Identifier: Apache-2.0
// Several answers as one piece of work: to one prompt, or to several that differ in their endings. What they have in
// common is computed once, then all decode in common calls.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "inference/language_model.hpp"

namespace oc::inference {

class Alternatives final : public Generation {
 public:
  // `alternative`: whose text it is, from 0; where there are endings, to which of them.
  using Sink = std::function<void(int alternative, std::string_view text)>;

  // `listener.text` is not used. Kinds: those of LanguageModel::begin; `usage` for a number of answers out of
  // range, and for endings of what has none: prompts that are no conversation, alternatives.
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
