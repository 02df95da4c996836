// SPDX-License-Identifier: Apache-2.0
#include "base/keyboard.hpp"

#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/terminal.hpp"

namespace oc::base {

struct Keyboard::Before {
  termios state{};
};

std::optional<Keyboard> Keyboard::open() {
  termios state{};
  if (::tcgetattr(STDIN_FILENO, &state) != 0) return std::nullopt;
  termios raw = state;
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cflag |= CS8;
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0) return std::nullopt;
  return Keyboard(new Before{state});
}

Keyboard::Keyboard(Keyboard&& other) noexcept : before_(std::exchange(other.before_, nullptr)) {}

Keyboard::~Keyboard() {
  if (before_ == nullptr) return;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_->state);
  delete before_;
}

Keyboard::Got Keyboard::read(std::string& bytes, std::chrono::milliseconds most) {
  fd_set readable;
  FD_ZERO(&readable);
  FD_SET(STDIN_FILENO, &readable);
  timeval timeout{static_cast<time_t>(most.count() / 1000), static_cast<suseconds_t>(most.count() % 1000 * 1000)};
  const int ready = ::select(STDIN_FILENO + 1, &readable, nullptr, nullptr, &timeout);
  if (is_end_requested()) return Got::end;
  if (ready == 0 || (ready < 0 && errno == EINTR)) return Got::nothing;
  if (ready < 0) return Got::end;
  std::array<char, 65536> buffer{};
  const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return Got::nothing;
  if (count <= 0) return Got::end;
  bytes.append(buffer.data(), static_cast<std::size_t>(count));
  return Got::bytes;
}

std::size_t terminal_height() {
  winsize size{};
  for (const int fd : {2, 1})
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return size.ws_row;
  return 24;
}

}  // namespace oc::base
