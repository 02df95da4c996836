// SPDX-License-Identifier: Apache-2.0
#include "inference/stop_texts.hpp"

#include <algorithm>
#include <utility>

namespace oc::inference {

StopTexts::StopTexts(std::vector<std::string> texts) : texts_(std::move(texts)) { std::erase(texts_, std::string()); }

std::string StopTexts::add(std::string_view chunk) {
  if (met_) return {};
  held_.append(chunk);
  // The text that is complete first wins, as it would if the answer came byte by byte.
  std::size_t stop = std::string::npos, stop_end = std::string::npos;
  for (const std::string& text : texts_) {
    const std::size_t at = held_.find(text);
    if (at == std::string::npos || at + text.size() > stop_end || (at + text.size() == stop_end && at > stop)) continue;
    stop = at;
    stop_end = at + text.size();
  }
  if (stop != std::string::npos) {
    met_ = true;
    std::string out = held_.substr(0, stop);
    held_.clear();
    return out;
  }
  std::size_t keep = 0;  // the longest end of the answer that begins a stop text
  for (const std::string& text : texts_)
    for (std::size_t n = std::min(text.size() - 1, held_.size()); n > keep; --n)
      if (held_.ends_with(std::string_view(text).substr(0, n))) {
        keep = n;
        break;
      }
  std::string out = held_.substr(0, held_.size() - keep);
  held_.erase(0, held_.size() - keep);
  return out;
}

std::string StopTexts::finish() { return std::exchange(held_, {}); }

}  // namespace oc::inference
