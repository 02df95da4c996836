// SPDX-License-Identifier: Apache-2.0
#include "base/keyboard.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/terminal.hpp"
#include "base/windows_api.hpp"

namespace oc::base {

struct Keyboard::Before {
  HANDLE console = nullptr;
  DWORD mode = 0;
  wchar_t pending = 0;  // the first half of a character beyond the basic plane
};

std::optional<Keyboard> Keyboard::open() {
  const HANDLE console = ::GetStdHandle(STD_INPUT_HANDLE);
  DWORD mode = 0;
  if (!::GetConsoleMode(console, &mode)) return std::nullopt;
  const DWORD lines = ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_PROCESSED_INPUT;
  // Consoles before Windows 10 know no escape sequences.
  if (!::SetConsoleMode(console, (mode & ~lines) | ENABLE_VIRTUAL_TERMINAL_INPUT)) return std::nullopt;
  return Keyboard(new Before{console, mode});
}

Keyboard::Keyboard(Keyboard&& other) noexcept : before_(std::exchange(other.before_, nullptr)) {}

Keyboard::~Keyboard() {
  if (before_ == nullptr) return;
  ::SetConsoleMode(before_->console, before_->mode);
  delete before_;
}

Keyboard::Got Keyboard::read(std::string& bytes, std::chrono::milliseconds most) {
  const DWORD waited = ::WaitForSingleObject(before_->console, static_cast<DWORD>(most.count()));
  if (is_end_requested() || waited == WAIT_FAILED) return Got::end;
  if (waited != WAIT_OBJECT_0) return Got::nothing;
  // What is no key (the window's size, the focus) would make the next call wait.
  std::array<INPUT_RECORD, 512> events{};
  DWORD count = 0;
  if (!::ReadConsoleInputW(before_->console, events.data(), static_cast<DWORD>(events.size()), &count)) return Got::end;
  std::wstring typed;
  if (before_->pending != 0) typed += std::exchange(before_->pending, L'\0');
  for (DWORD i = 0; i < count; ++i) {
    const KEY_EVENT_RECORD& key = events[i].Event.KeyEvent;
    if (events[i].EventType != KEY_EVENT || !key.bKeyDown || key.uChar.UnicodeChar == 0) continue;
    typed.append(std::max<WORD>(1, key.wRepeatCount), key.uChar.UnicodeChar);
  }
  if (!typed.empty() && IS_HIGH_SURROGATE(typed.back())) {
    before_->pending = typed.back();
    typed.pop_back();
  }
  bytes += windows::to_narrow(typed);
  return typed.empty() ? Got::nothing : Got::bytes;
}

std::size_t terminal_height() {
  CONSOLE_SCREEN_BUFFER_INFO info{};
  for (const DWORD handle : {STD_ERROR_HANDLE, STD_OUTPUT_HANDLE}) {
    if (!::GetConsoleScreenBufferInfo(::GetStdHandle(handle), &info)) continue;
    const int lines = info.srWindow.Bottom - info.srWindow.Top + 1;
    if (lines > 0) return static_cast<std::size_t>(lines);
  }
  return 24;
}

}  // namespace oc::base
