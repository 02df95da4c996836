// SPDX-License-Identifier: Apache-2.0
#include "inference/language_model.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::inference {

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
