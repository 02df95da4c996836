// SPDX-License-Identifier: Apache-2.0
#include "tasks/repetition.hpp"

#include <algorithm>

namespace oc::tasks {
namespace {

constexpr std::size_t k_longest_passage = 600;
constexpr std::size_t k_least_times = 4;
constexpr std::size_t k_least_bytes = 600;
constexpr std::size_t k_look_every = 64;
constexpr std::ptrdiff_t k_most_repeats = 2;  // of one action, after its first time

}  // namespace

// The failure function of Knuth, Morris and Pratt over the text read backwards: a beginning of length n whose longest
// border is b has the period n - b.
bool goes_round_in_circles(std::string_view text) {
  text = text.substr(text.size() - std::min(text.size(), k_longest_passage * k_least_times));
  if (text.size() < k_least_bytes) return false;
  const auto at = [&](std::size_t i) { return text[text.size() - 1 - i]; };
  std::vector<std::size_t> border(text.size(), 0);
  for (std::size_t i = 1; i < text.size(); ++i) {
    std::size_t length = border[i - 1];
    while (length > 0 && at(i) != at(length)) length = border[length - 1];
    border[i] = at(i) == at(length) ? length + 1 : 0;
    const std::size_t size = i + 1;
    const std::size_t period = size - border[i];
    if (size >= k_least_bytes && size >= k_least_times * period) return true;
  }
  return false;
}

bool CircleWatch::goes_round(std::string_view so_far) {
  if (so_far.size() < next_look_) return false;
  next_look_ = so_far.size() + k_look_every;
  return goes_round_in_circles(so_far);
}

ActionHistory::Verdict ActionHistory::add(const std::string& action, const std::string& result) {
  const std::string done = action + '\0' + result;
  const auto times = std::ranges::count(done_, done);
  done_.push_back(done);
  const std::size_t n = done_.size();
  const bool alternates = n >= 4 && done_[n - 1] == done_[n - 3] && done_[n - 2] == done_[n - 4];
  if (times >= k_most_repeats || alternates) return Verdict::circling;
  return times > 0 ? Verdict::repeated : Verdict::fresh;
}

}  // namespace oc::tasks
