// SPDX-License-Identifier: Apache-2.0
#include "cli/editor/keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/control_filter.hpp"
#include "base/text.hpp"

namespace oc::cli {
namespace {

using Name = Key::Name;

constexpr char k_escape = '\x1b';
constexpr std::string_view k_paste_begins = "\x1b[200~";
constexpr std::string_view k_paste_ends = "\x1b[201~";
constexpr std::size_t k_longest_sequence = 32;

struct Sequence {
  std::string_view bytes;  // behind the escape
  Name name;
};
constexpr std::array k_sequences{
    Sequence{"[A", Name::up},
    Sequence{"OA", Name::up},
    Sequence{"[B", Name::down},
    Sequence{"OB", Name::down},
    Sequence{"[C", Name::right},
    Sequence{"OC", Name::right},
    Sequence{"[D", Name::left},
    Sequence{"OD", Name::left},
    Sequence{"[H", Name::home},
    Sequence{"OH", Name::home},
    Sequence{"[1~", Name::home},
    Sequence{"[7~", Name::home},
    Sequence{"[F", Name::end},
    Sequence{"OF", Name::end},
    Sequence{"[4~", Name::end},
    Sequence{"[8~", Name::end},
    Sequence{"[3~", Name::remove},
    Sequence{"[1;5C", Name::word_right},
    Sequence{"[1;3C", Name::word_right},
    Sequence{"[1;5D", Name::word_left},
    Sequence{"[1;3D", Name::word_left},
    Sequence{"b", Name::word_left},
    Sequence{"f", Name::word_right},
    Sequence{"\r", Name::new_line},
    Sequence{"\n", Name::new_line},
    Sequence{"\x7f", Name::kill_word},
    Sequence{"[13;2u", Name::new_line},
    Sequence{"[27;2;13~", Name::new_line},
};

Name control_key(char c) {
  switch (c) {
    case '\r': return Name::enter;
    case '\n': return Name::new_line;  // Ctrl-J
    case '\t': return Name::tab;
    case '\x7f':
    case '\b': return Name::backspace;
    case 1: return Name::home;
    case 2: return Name::left;
    case 3: return Name::interrupt;
    case 4: return Name::end_of_input;
    case 5: return Name::end;
    case 6: return Name::right;
    case 11: return Name::kill_to_end;
    case 12: return Name::clear_screen;
    case 14: return Name::down;
    case 16: return Name::up;
    case 18: return Name::search;
    case 20: return Name::transpose;
    case 21: return Name::kill_to_start;
    case 23: return Name::kill_word;
    case 25: return Name::yank;
    default: return Name::unknown;
  }
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

// What may stand in a message. Terminals end pasted lines with CR; a paste is as hostile as anything.
std::string cleaned(std::string text) {
  std::string lines;
  lines.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    lines += text[i] == '\r' ? '\n' : text[i];
  }
  return base::filter_controls(base::replace_invalid_utf8(lines));
}

// The length of an escape sequence; 0: it is not whole yet.
std::size_t length_of_sequence(std::string_view bytes) {
  if (bytes.size() < 2) return 0;
  if (bytes[1] == 'O') return bytes.size() < 3 ? 0 : 3;
  if (bytes[1] != '[') return 2;
  for (std::size_t i = 2; i < bytes.size(); ++i) {
    if (bytes[i] >= 0x40 && bytes[i] <= 0x7e) return i + 1;
    if (i == k_longest_sequence || is_control(bytes[i])) return i;
  }
  return 0;
}

}  // namespace

std::size_t KeyReader::take_escape(std::string_view bytes, std::vector<Key>& keys) {
  const std::size_t length = length_of_sequence(bytes);
  if (length == 0) return 0;
  const std::string_view sequence = bytes.substr(0, length);
  if (sequence == k_paste_begins) {
    in_paste_ = true;
    pasted_.clear();
    return length;
  }
  const auto known = std::ranges::find(k_sequences, sequence.substr(1), &Sequence::bytes);
  keys.push_back({known == k_sequences.end() ? Name::unknown : known->name, ""});
  return length;
}

// The end may be split over calls: as much as it has of bytes is looked at again.
std::size_t KeyReader::take_paste(std::string_view bytes, std::vector<Key>& keys) {
  const std::size_t end = bytes.find(k_paste_ends);
  if (end != std::string_view::npos) {
    pasted_ += bytes.substr(0, end);
    in_paste_ = false;
    keys.push_back({Name::paste, cleaned(std::exchange(pasted_, {}))});
    return end + k_paste_ends.size();
  }
  const std::size_t kept = std::min(bytes.size(), k_paste_ends.size() - 1);
  pasted_ += bytes.substr(0, bytes.size() - kept);
  return bytes.size() - kept;
}

std::size_t KeyReader::take_one(std::string_view bytes, std::vector<Key>& keys) {
  if (in_paste_) return take_paste(bytes, keys);
  if (bytes.front() == k_escape) return take_escape(bytes, keys);
  if (is_control(bytes.front())) {
    keys.push_back({control_key(bytes.front()), ""});
    return 1;
  }
  const auto end = std::ranges::find_if(bytes, [](char c) { return is_control(c); });
  const bool goes_on = end == bytes.end();
  std::string_view typed = bytes.substr(0, static_cast<std::size_t>(end - bytes.begin()));
  if (goes_on) typed = typed.substr(0, base::complete_utf8_prefix(typed));
  if (!typed.empty()) keys.push_back({Name::text, cleaned(std::string(typed))});
  return typed.size();
}

void KeyReader::feed(std::string_view bytes, std::vector<Key>& keys) {
  std::string joined;
  if (!pending_.empty()) {
    joined = std::exchange(pending_, {}) + std::string(bytes);
    bytes = joined;
  }
  while (!bytes.empty()) {
    const std::size_t taken = take_one(bytes, keys);
    bytes.remove_prefix(taken);
    if (taken == 0) break;
  }
  pending_ = bytes;
}

void KeyReader::pause(std::vector<Key>& keys) {
  if (in_paste_ || pending_.empty()) return;
  pending_.clear();
  keys.push_back({Name::escape, ""});
}

}  // namespace oc::cli
