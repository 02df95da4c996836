// SPDX-License-Identifier: Apache-2.0
// Small models fall into circles: the same text again and again, the same action with the same result, two of them in
// turn. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oc::tasks {

// Does the text end with the same passage (of up to 600 bytes) four times or more, 600 bytes or more in all? Looks at
// the last 2 400 bytes: about 5 µs.
bool goes_round_in_circles(std::string_view text);

// What a person is told when an answer is ended for that.
inline constexpr std::string_view k_went_round = "stopped: the answer went round in circles";

// The same question, asked of an answer that grows: only when another 64 bytes have come.
class CircleWatch {
 public:
  bool goes_round(std::string_view so_far);

 private:
  std::size_t next_look_ = 0;
};

// What was done in one turn, in order.
class ActionHistory {
 public:
  enum class Verdict {
    fresh,
    repeated,  // the same action had the same result before: worth a word
    circling   // that for the third time, or two actions in turn twice: no more actions
  };
  Verdict add(const std::string& action, const std::string& result);

 private:
  std::vector<std::string> done_;  // action and result, joined
};

}  // namespace oc::tasks
