// SPDX-License-Identifier: Apache-2.0
// Prompts → tokens, with the places where their segments begin.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "inference/chat_format.hpp"
#include "llama/vocabulary.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

struct EncodedPrompt {
  struct Range {
    std::size_t begin = 0, end = 0;
  };
  std::vector<llama::TokenId> tokens;
  std::vector<std::size_t> segments;  // index of the first token of a segment, ascending; some may be missing
  std::vector<Range> answers;         // earlier answers of the model, with the tokens that it generated
};

// An answer as it was computed.
struct KnownAnswer {
  std::vector<llama::TokenId> tokens;
  std::size_t given = 0;  // so many of them, at the beginning, were part of the prompt: its answer_start
};

// What the model gave as this answer after this prompt; nullopt when nobody knows. An answer's text tokenised again
// often gives other tokens, and then nothing that was computed fits.
using FindAnswer = std::function<std::optional<KnownAnswer>(const EncodedPrompt& prompt, std::string_view answer)>;

// The tokens of a prompt, ready to be decoded, with the vocabulary's begin token. Kind `model` when the vocabulary
// cannot express it (infill without FIM tokens). `find_answer` may be empty.
base::Result<EncodedPrompt> encode_prompt(const protocol::Prompt& prompt, const ChatFormat& format,
                                          const llama::Vocabulary& vocabulary, const FindAnswer& find_answer = {});

}  // namespace oc::inference
