// SPDX-License-Identifier: Apache-2.0
// The gate between hostile text (model output, repository content, compiler messages) and a terminal.
// Removes what could act on the terminal or hide text: C0 controls but tab and newline, C1 controls, ESC and whole
// CSI/OSC/DCS/APC/PM/SOS sequences, bidirectional controls, zero-width and tag characters. Everything else passes
// unchanged. A stream: sequences and characters may be split over calls anywhere; the output does not depend on where.
#pragma once

#include <string>
#include <string_view>

namespace oc::base {

class ControlFilter {
 public:
  // The part of the text seen so far that may be shown now.
  std::string filter(std::string_view chunk);
  // The rest at the end of the stream; an unfinished sequence is dropped.
  std::string finish();

 private:
  enum class State { text, escape, csi, string, string_escape };
  void step(char32_t code, std::string_view bytes, std::string& out);

  State state_ = State::text;
  std::string pending_;  // an unfinished UTF-8 character
};

std::string filter_controls(std::string_view text);

}  // namespace oc::base
