// SPDX-License-Identifier: Apache-2.0
// What a model says behind whole prompts: the logits of their last tokens. A prompt that is there as a whole, because
// it is asked again or for several answers, is then answered without computing anything of it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "inference/timeline.hpp"

namespace oc::inference {

class PromptEnds {
 public:
  // `vocabulary`: how many logits there are. `home` must outlive it.
  PromptEnds(const KvHome& home, int vocabulary) : home_(&home), vocabulary_(vocabulary) {}

  using Logits = std::shared_ptr<const std::vector<float>>;
  // `prompt`: the chain of all of it. The newest is kept here, and all of them in the store, if there is one: each as
  // large as the KV of ten tokens of a 7B.
  void put(const kv::Chain& prompt, std::span<const float> logits);
  // nullptr: not known.
  Logits find(const kv::Chain& prompt) const;
  // In the store by its name alone: find() may still refuse it.
  bool contains(const kv::Chain& prompt) const;

 private:
  const KvHome* home_;
  int vocabulary_;
  kv::Key newest_key_;
  Logits newest_;  // nullptr: none
};

}  // namespace oc::inference
