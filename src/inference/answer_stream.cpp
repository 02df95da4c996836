// SPDX-License-Identifier: Apache-2.0
#include "inference/answer_stream.hpp"

#include "base/text.hpp"

namespace oc::inference {

void AnswerStream::add(std::string_view bytes) {
  pending_.append(bytes);
  const std::size_t complete = base::complete_utf8_prefix(pending_);
  const std::string text = base::replace_invalid_utf8(std::string_view(pending_).substr(0, complete));
  pending_.erase(0, complete);
  send(stops_.add(text));
}

void AnswerStream::finish() {
  if (!pending_.empty()) send(stops_.add("\xEF\xBF\xBD"));
  pending_.clear();
  send(stops_.finish());
}

}  // namespace oc::inference
