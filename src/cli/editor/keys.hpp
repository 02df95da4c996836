// SPDX-License-Identifier: Apache-2.0
// Bytes of a terminal → keys. A stream: sequences and characters may be split over calls anywhere. Linear, also for a
// paste of megabytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oc::cli {

struct Key {
  enum class Name {
    text,   // characters that were typed
    paste,  // a text that was pasted (bracketed paste), LF line ends
    enter,
    new_line,
    tab,
    escape,
    backspace,
    remove,
    left,
    right,
    word_left,
    word_right,
    home,
    end,
    up,
    down,
    kill_to_end,
    kill_to_start,
    kill_word,
    yank,
    clear_screen,
    transpose,
    search,
    interrupt,
    end_of_input,
    unknown,
  } name = Name::unknown;
  std::string text;
  bool operator==(const Key&) const = default;
};

class KeyReader {
 public:
  // Appends the keys that the bytes complete. What is typed is valid UTF-8 without control characters.
  void feed(std::string_view bytes, std::vector<Key>& keys);
  // Nothing has come for a while: an escape that was begun stands for itself.
  void pause(std::vector<Key>& keys);
  bool is_waiting() const { return !pending_.empty() || in_paste_; }

 private:
  std::size_t take_one(std::string_view bytes, std::vector<Key>& keys);
  std::size_t take_escape(std::string_view bytes, std::vector<Key>& keys);
  std::size_t take_paste(std::string_view bytes, std::vector<Key>& keys);

  std::string pending_;  // an unfinished sequence or character
  bool in_paste_ = false;
  std::string pasted_;
};

}  // namespace oc::cli
