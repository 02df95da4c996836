// SPDX-License-Identifier: Apache-2.0
#include "inference/prompt_parts.hpp"

#include <algorithm>
#include <set>

namespace oc::inference {
namespace {

// A segment that begins sooner after a cut than this is not worth a call of its own.
constexpr std::size_t k_least_part = 16;

}  // namespace

std::vector<Part> split_into_parts(const EncodedPrompt& prompt, std::size_t most_tokens, kv::Chain& chain) {
  const std::size_t length = prompt.tokens.size();
  std::set<std::size_t> needed{length};  // cuts that must be; the others only where the part gets long enough
  for (const EncodedPrompt::Range& answer : prompt.answers) {
    // The end of the prompt that it was the answer to, and its own last token, which is computed by what follows, if it
    // is.
    needed.insert({answer.begin, answer.end - 1, answer.end});
  }
  const auto is_in_answer = [&](std::size_t token) {
    return std::ranges::any_of(prompt.answers, [&](const auto& a) { return token >= a.begin && token < a.end; });
  };

  std::vector<Part> parts;
  std::size_t begin = 0;
  while (begin < length) {
    std::size_t end = std::min(begin + most_tokens, *needed.upper_bound(begin));
    const auto segment = std::ranges::lower_bound(prompt.segments, begin + k_least_part);
    if (segment != prompt.segments.end()) end = std::min(end, *segment);
    const auto origin = is_in_answer(begin) ? kv::Origin::answer : kv::Origin::prompt;
    chain.append(origin, std::span(prompt.tokens).subspan(begin, end - begin));
    parts.push_back({begin, end, origin, chain.key()});
    begin = end;
  }
  return parts;
}

}  // namespace oc::inference
