// SPDX-License-Identifier: Apache-2.0
// The keys of the terminal on standard input, one after the other and without echo, while an object lives; before and
// after that the terminal is as it was. What the bytes mean is the caller's matter. Main thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace oc::base {

class Keyboard {
 public:
  // nullopt where standard input is no terminal, or one that cannot do without lines. Keys that were typed before stay.
  static std::optional<Keyboard> open();
  Keyboard(Keyboard&& other) noexcept;
  Keyboard& operator=(Keyboard&&) = delete;
  ~Keyboard();

  enum class Got { bytes, nothing, end };
  // Waits at most so long; appends what has come, as the terminal sends it (UTF-8, escape sequences). Ctrl-C and Ctrl-D
  // are bytes. end: the terminal is gone, or the program's end was asked for.
  Got read(std::string& bytes, std::chrono::milliseconds most);

 private:
  struct Before;  // the terminal's state
  explicit Keyboard(Before* before) : before_(before) {}
  Before* before_ = nullptr;
};

// Lines of the terminal behind standard error or output; 24 if unknown.
std::size_t terminal_height();

}  // namespace oc::base
