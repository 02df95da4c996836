// SPDX-License-Identifier: Apache-2.0
// From the bytes of tokens to the text a client sees: whole UTF-8 characters, cut at a stop text.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "inference/stop_texts.hpp"

namespace oc::inference {

using TextSink = std::function<void(std::string_view text)>;

class AnswerStream {
 public:
  AnswerStream(std::vector<std::string> stop_texts, const TextSink& sink)
      : stops_(std::move(stop_texts)), sink_(sink) {}

  void add(std::string_view bytes);
  // Sends what was held back; call when the answer ended without a stop text.
  void finish();
  bool is_stopped() const { return stops_.is_met(); }

 private:
  void send(const std::string& text) {
    if (!text.empty()) sink_(text);
  }

  StopTexts stops_;
  const TextSink& sink_;
  std::string pending_;  // an unfinished UTF-8 character
};

}  // namespace oc::inference
