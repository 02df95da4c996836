// SPDX-License-Identifier: Apache-2.0
#include "cli/editor/line_editor.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "cli/editor/screen_lines.hpp"

namespace oc::cli {
namespace {

using Name = Key::Name;

constexpr std::chrono::milliseconds k_look_again{100};  // for a new size of the window
constexpr std::string_view k_paste_on = "\x1b[?2004h", k_paste_off = "\x1b[?2004l";
constexpr std::string_view k_clear_below = "\r\x1b[J", k_clear_screen = "\x1b[H\x1b[2J";
constexpr std::size_t k_most_candidates = 40;

std::string common_beginning(const std::vector<std::string>& words) {
  std::string common = words.front();
  for (const std::string& word : words)
    common.resize(static_cast<std::size_t>(std::ranges::mismatch(common, word).in1 - common.begin()));
  common.resize(base::complete_utf8_prefix(common));
  return common;
}

}  // namespace

void LineEditor::remember(std::string message) {
  if (history_.empty() || history_.back() != message) history_.push_back(std::move(message));
}

void LineEditor::draw() {
  const std::size_t width = base::terminal_width();
  std::size_t cursor = 0;
  const std::string shown = buffer_.shown(cursor);
  const ScreenLines lines = part_on_screen(lay_out(options_.prompt, shown, cursor, width), base::terminal_height() - 1);
  // A terminal that became narrower or wider has moved what is on it.
  if (width != width_ && width_ != 0) drawn_row_ = lines.cursor_row;
  width_ = width;
  std::string bytes;
  if (drawn_row_ > 0) bytes += fmt::format("\x1b[{}A", drawn_row_);
  bytes += k_clear_below;
  for (std::size_t i = 0; i < lines.rows.size(); ++i) bytes += (i == 0 ? "" : "\r\n") + lines.rows[i];
  const std::size_t up = lines.rows.size() - 1 - lines.cursor_row;
  if (up > 0) bytes += fmt::format("\x1b[{}A", up);
  bytes += '\r';
  if (lines.cursor_column > 0) bytes += fmt::format("\x1b[{}C", lines.cursor_column);
  drawn_row_ = lines.cursor_row;
  options_.write(bytes);
}

LineEditor::Ending LineEditor::read(std::string& text) {
  buffer_ = {};
  place_ = history_.size();
  new_text_.clear();
  is_searching_ = false;
  drawn_row_ = width_ = 0;
  auto keyboard = base::Keyboard::open();
  if (!keyboard) return Ending::end;
  KeyReader reader;
  std::string bytes;
  std::vector<Key> keys;
  // What was typed before this was asked for went through the terminal's own lines, which end Enter with LF.
  if (keyboard->read(bytes, std::chrono::milliseconds(0)) == base::Keyboard::Got::bytes) {
    std::ranges::replace(bytes, '\n', '\r');
    reader.feed(bytes, ahead_);
  }
  options_.write(k_paste_on);
  draw();
  while (true) {
    bytes.clear();
    keys = std::exchange(ahead_, {});
    const auto got = keys.empty() ? keyboard->read(bytes, k_look_again) : base::Keyboard::Got::bytes;
    if (got == base::Keyboard::Got::bytes) reader.feed(bytes, keys);
    else if (got == base::Keyboard::Got::nothing) reader.pause(keys);
    Step step = got == base::Keyboard::Got::end ? Step::end : Step::goes_on;
    std::size_t taken = 0;
    while (taken < keys.size() && step == Step::goes_on) step = take(keys[taken++]);
    ahead_.assign(keys.begin() + static_cast<std::ptrdiff_t>(taken), keys.end());
    if (step == Step::goes_on && (!keys.empty() || base::terminal_width() != width_)) draw();
    if (step == Step::goes_on) continue;
    if (step == Step::entered) {
      buffer_.end();
      draw();
    }
    text = buffer_.message();
    options_.write(std::string(k_paste_off) + "\r\n");
    if (step == Step::entered && !base::is_blank(text)) remember(text);
    return step == Step::entered ? Ending::entered : step == Step::interrupted ? Ending::interrupted : Ending::end;
  }
}

LineEditor::Step LineEditor::enter() {
  // As in a shell: a backslash at the end asks for another line.
  if (!buffer_.text().ends_with('\\') || buffer_.cursor() != buffer_.text().size()) return Step::entered;
  buffer_.replace_before_cursor(buffer_.cursor() - 1, "\n");
  return Step::goes_on;
}

LineEditor::Step LineEditor::take(const Key& key) {
  if (key.name != Name::search) is_searching_ = false;
  switch (key.name) {
    case Name::text: buffer_.insert(key.text); break;
    case Name::paste: buffer_.insert_paste(key.text); break;
    case Name::enter: return enter();
    case Name::interrupt: return Step::interrupted;
    case Name::end_of_input:
      if (buffer_.empty()) return Step::end;
      buffer_.remove();
      break;
    case Name::tab: complete(); break;
    case Name::search: search(); break;
    case Name::up:
      if (!buffer_.up()) older();
      break;
    case Name::down:
      if (!buffer_.down()) newer();
      break;
    case Name::clear_screen:
      options_.write(k_clear_screen);
      drawn_row_ = 0;
      break;
    default: edit(key.name);
  }
  return Step::goes_on;
}

void LineEditor::edit(Name name) {
  switch (name) {
    case Name::new_line: return buffer_.insert("\n");
    case Name::backspace: return buffer_.backspace();
    case Name::remove: return buffer_.remove();
    case Name::left: return buffer_.left();
    case Name::right: return buffer_.right();
    case Name::word_left: return buffer_.word_left();
    case Name::word_right: return buffer_.word_right();
    case Name::home: return buffer_.home();
    case Name::end: return buffer_.end();
    case Name::kill_to_end: return buffer_.kill_to_end();
    case Name::kill_to_start: return buffer_.kill_to_start();
    case Name::kill_word: return buffer_.kill_word();
    case Name::yank: return buffer_.yank();
    case Name::transpose: return buffer_.transpose();
    default: return;
  }
}

void LineEditor::older() {
  if (place_ == 0) return;
  if (place_ == history_.size()) new_text_ = buffer_.text();
  buffer_.set(history_[--place_]);
}

void LineEditor::newer() {
  if (place_ == history_.size()) return;
  ++place_;
  buffer_.set(place_ == history_.size() ? new_text_ : history_[place_]);
}

// The next older message that has the typed text in it.
void LineEditor::search() {
  if (!is_searching_) {
    searched_ = buffer_.text();
    is_searching_ = true;
  }
  for (std::size_t i = place_; i > 0; --i)
    if (history_[i - 1].find(searched_) != std::string::npos) {
      if (place_ == history_.size()) new_text_ = buffer_.text();
      place_ = i - 1;
      return buffer_.set(history_[place_]);
    }
}

void LineEditor::complete() {
  const std::string before = buffer_.text().substr(0, buffer_.cursor());
  const Completion found = options_.complete ? options_.complete(before) : Completion{};
  if (found.candidates.empty()) return;
  const std::string common = common_beginning(found.candidates);
  if (common.size() > before.size() - found.begin || found.candidates.size() == 1)
    return buffer_.replace_before_cursor(found.begin, common);
  std::string list;
  for (std::size_t i = 0; i < std::min(found.candidates.size(), k_most_candidates); ++i)
    list += (i == 0 ? "" : "  ") + found.candidates[i];
  if (found.candidates.size() > k_most_candidates) list += "  …";
  // Below the text, where it stays; the text is drawn again under it.
  buffer_.end();
  draw();
  options_.write("\r\n" + base::filter_controls(list) + "\r\n");
  drawn_row_ = 0;
}

}  // namespace oc::cli
