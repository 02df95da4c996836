// SPDX-License-Identifier: Apache-2.0
// Where a prompt is cut for prefill. A part is always computed in the same call, and where the cuts are depends on
// nothing but the prompt up to there: so prompts that begin alike have parts in common, and KV that was computed for
// one of them is bit for bit what the other would compute.
#pragma once

#include <span>
#include <vector>

#include "inference/prompt_encoding.hpp"
#include "kv/chain.hpp"

namespace oc::inference {

struct Part {
  std::size_t begin = 0, end = 0;  // tokens of the prompt
  kv::Origin origin = kv::Origin::prompt;
  kv::Key key;  // of the prompt up to `end`
};

// Cuts after `most_tokens`, where a segment begins and around earlier answers. `chain`: that of an empty prompt;
// becomes this prompt's.
std::vector<Part> split_into_parts(const EncodedPrompt& prompt, std::size_t most_tokens, kv::Chain& chain);

}  // namespace oc::inference
