// SPDX-License-Identifier: Apache-2.0
// How often a call for a person is interrupted before it is let end. Without an end to that, a prompt that is read
// while somebody types would stand still: completions come faster than a call of it takes.
#pragma once

#include "protocol/messages.hpp"

namespace oc::inference {

// A completion that waits for such a call is still there within a second and a half.
inline constexpr double k_short_call_ms = 700;
inline constexpr int k_interruptions_of_short_call = 4;
// Longer calls are waited for by fewer than one completion in twenty.
inline constexpr int k_interruptions_of_long_call = 20;

// `interruptions`: how often this call was begun in vain; `call_ms`: how long it will take, 0 where nobody knows.
inline bool must_end(protocol::Priority priority, int interruptions, double call_ms) {
  if (priority == protocol::Priority::idle) return false;
  const bool is_short = call_ms > 0 && call_ms <= k_short_call_ms;
  return interruptions >= (is_short ? k_interruptions_of_short_call : k_interruptions_of_long_call);
}

}  // namespace oc::inference
