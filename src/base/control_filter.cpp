// SPDX-License-Identifier: Apache-2.0
#include "base/control_filter.hpp"

#include "base/text.hpp"

namespace oc::base {
namespace {

// Code point of a well-formed character.
char32_t code_of(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(bytes[i])); };
  switch (bytes.size()) {
    case 1: return at(0);
    case 2: return (at(0) & 0x1F) << 6 | (at(1) & 0x3F);
    case 3: return (at(0) & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F);
    default: return (at(0) & 0x07) << 18 | (at(1) & 0x3F) << 12 | (at(2) & 0x3F) << 6 | (at(3) & 0x3F);
  }
}

std::size_t character_length(char lead) {
  const auto c = static_cast<unsigned char>(lead);
  return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

}  // namespace

void ControlFilter::step(char32_t code, std::string_view bytes, std::string& out) {
  constexpr char32_t k_escape = 0x1B, k_bell = 0x07, k_cancel = 0x18, k_substitute = 0x1A;
  constexpr char32_t k_c1_csi = 0x9B, k_c1_string_end = 0x9C;
  const auto opens_string = [](char32_t c) { return c == 0x90 || c == 0x98 || (c >= 0x9D && c <= 0x9F); };
  if (code == k_cancel || code == k_substitute) {
    state_ = State::text;
    return;
  }
  switch (state_) {
    case State::text:
      if (code == k_escape) state_ = State::escape;
      else if (code == k_c1_csi) state_ = State::csi;
      else if (opens_string(code)) state_ = State::string;
      else if ((code >= 0x20 && code != 0x7F && (code < 0x80 || code > 0x9F) && !is_hidden_character(code)) ||
               code == '\n' || code == '\t')
        out.append(bytes);
      return;
    case State::escape:
      if (code == '[') state_ = State::csi;
      else if (code == ']' || code == 'P' || code == 'X' || code == '^' || code == '_') state_ = State::string;
      else if (code < 0x20 || code > 0x2F) state_ = code == k_escape ? State::escape : State::text;
      // else an intermediate: stay
      return;
    case State::csi:
      if (code == k_escape) state_ = State::escape;
      else if (code == '\n') {  // no sequence holds a newline: give up on it
        state_ = State::text;
        out.append(bytes);
      } else if (code >= 0x40) state_ = State::text;
      return;
    case State::string:
      if (code == k_escape) state_ = State::string_escape;
      else if (code == k_bell || code == k_c1_string_end) state_ = State::text;
      else if (code == '\n') {  // else one stray byte would swallow an answer
        state_ = State::text;
        out.append(bytes);
      }
      return;
    case State::string_escape:
      state_ = code == '\\' ? State::text : code == k_escape ? State::string_escape : State::string;
      return;
  }
}

std::string ControlFilter::filter(std::string_view chunk) {
  pending_.append(chunk);
  const std::size_t complete = complete_utf8_prefix(pending_);
  const std::string text = replace_invalid_utf8(std::string_view(pending_).substr(0, complete));
  pending_.erase(0, complete);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view bytes = std::string_view(text).substr(i, character_length(text[i]));
    step(code_of(bytes), bytes, out);
    i += bytes.size();
  }
  return out;
}

std::string ControlFilter::finish() {
  std::string out;
  if (!pending_.empty()) step(0xFFFD, "\xEF\xBF\xBD", out);
  pending_.clear();
  state_ = State::text;
  return out;
}

std::string filter_controls(std::string_view text) {
  ControlFilter filter;
  std::string out = filter.filter(text);
  return out + filter.finish();
}

}  // namespace oc::base
