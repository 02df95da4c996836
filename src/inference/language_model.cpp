// SPDX-License-Identifier: Apache-2.0
#include "inference/language_model.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::inference {

base::Result<protocol::Generated> generate(LanguageModel& model, const protocol::Generate& request, Listener listener) {
  OC_TRY(const auto generation, model.begin(request, std::move(listener)));
  while (generation->state() != Generation::State::done) generation->advance([] { return false; });
  return generation->take_result();
}

int count_answers(const protocol::Generate& request) {
  return request.endings.empty() ? request.alternatives : static_cast<int>(request.endings.size());
}

protocol::Generate request_of(const protocol::Generate& request, int alternative) {
  protocol::Generate own = request;
  if (request.endings.empty()) {
    own.sampling = sampling_of(request.sampling, alternative);
  } else if (auto* chat = std::get_if<protocol::ChatPrompt>(&own.prompt)) {
    chat->segments.push_back({protocol::Role::user, request.endings[static_cast<std::size_t>(alternative)]});
  }
  return own;
}

protocol::Sampling sampling_of(const protocol::Sampling& sampling, int alternative) {
  constexpr double k_least_temperature = 0.3;
  if (alternative == 0) return sampling;
  protocol::Sampling own = sampling;
  own.temperature = std::max(sampling.temperature, k_least_temperature);
  own.seed += static_cast<std::uint32_t>(alternative);
  return own;
}

base::Error does_not_fit(base::TokenCount prompt, int context_limit, const protocol::ModelFacts& facts) {
  std::string hint = "send less: fewer files, or a part of one with --lines";
  if (context_limit < facts.context_trained)
    hint +=
        fmt::format("; the model itself could take {} tokens (--context)", base::format_count(facts.context_trained));
  return {base::ErrorKind::too_large,
          fmt::format("the prompt has {} tokens, the context window {}", base::format_count(prompt.value),
                      base::format_count(context_limit)),
          hint};
}

}  // namespace oc::inference
