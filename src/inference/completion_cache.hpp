// SPDX-License-Identifier: Apache-2.0
// Completions that were given lately. Who types what was suggested gets the rest of it at once.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/messages.hpp"

namespace oc::inference {

class CompletionCache {
 public:
  // The rest of a completion that was given where the prefix was shorter, or the whole of one that was given here;
  // nullopt when none fits. Only the prefix may differ: the text behind the cursor, the other files, the settings are
  // the same. Never an empty rest: there the model has to go on. Cost: a comparison for each kept one.
  struct Known {
    std::string text;
    bool is_approximate = false;  // given for another prefix, or not computed exactly
  };
  std::optional<Known> find(const protocol::Generate& request) const;
  // Instead of what was given to the same request before. Of an answer that was stopped before its end, whole lines are
  // kept. Nothing is kept of what is no completion, was sampled, or is empty.
  void put(const protocol::Generate& request, std::string_view answer, protocol::StopReason stop,
           bool is_approximate = false);

 private:
  struct Entry {
    std::string surroundings;  // all of the request but the prefix
    std::string prefix;
    std::string answer;
    bool is_approximate;
  };
  static constexpr std::size_t k_most = 64;
  std::deque<Entry> entries_;  // oldest first
};

}  // namespace oc::inference
