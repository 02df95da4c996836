// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/terminal.hpp"
#include "base/text.hpp"
#include "base/user_folders.hpp"

namespace oc::cli {
namespace {

constexpr std::string_view k_reset = "\x1b[0m";
constexpr std::string_view k_clear_line = "\r\x1b[K";

std::string_view sequence_of(Style style) {
  switch (style) {
    case Style::plain: return "";
    case Style::bold: return "\x1b[1m";
    case Style::dim: return "\x1b[2m";
    case Style::code: return "\x1b[36m";
    case Style::heading: return "\x1b[1;34m";
    case Style::added: return "\x1b[32m";
    case Style::removed: return "\x1b[31m";
    case Style::hunk: return "\x1b[36m";
    case Style::warning: return "\x1b[33m";
  }
  return "";
}

bool wants_colour(Colour colour, bool is_terminal) {
  if (colour == Colour::always) return true;
  if (colour == Colour::never || !is_terminal) return false;
  return !base::environment_variable("NO_COLOR") && base::environment_variable("TERM").value_or("") != "dumb";
}

// The longest beginning that fits into the columns.
std::string_view fitting(std::string_view line, std::size_t columns) {
  while (base::display_width(line) > columns) line.remove_suffix(1);
  return line.substr(0, base::complete_utf8_prefix(line));
}

}  // namespace

Console::Console(Options options)
    : options_(options),
      out_is_terminal_(base::is_terminal(base::Stream::output)),
      err_is_terminal_(base::is_terminal(base::Stream::errors)),
      out_colour_(wants_colour(options.colour, out_is_terminal_)),
      err_colour_(wants_colour(options.colour, err_is_terminal_)) {}

std::string Console::styled(std::string_view text, Style style, bool colour) const {
  const std::string_view sequence = colour ? sequence_of(style) : "";
  if (sequence.empty()) return std::string(text);
  return fmt::format("{}{}{}", sequence, text, k_reset);
}

void Console::out(std::string_view text) {
  status("");
  if (write_failure_ != WriteFailure::none) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return;
  write_failure_ = errno == EPIPE ? WriteFailure::broken_pipe : WriteFailure::other;
  write_failure_reason_ = std::generic_category().message(errno);
}

void Console::out(std::string_view text, Style style) { out(styled(text, style, out_colour_)); }

void Console::flush() {
  if (write_failure_ != WriteFailure::none || std::fflush(stdout) == 0) return;
  write_failure_ = errno == EPIPE ? WriteFailure::broken_pipe : WriteFailure::other;
  write_failure_reason_ = std::generic_category().message(errno);
}

void Console::err(std::string_view text, Style style) {
  status("");
  const std::string bytes = styled(text, style, err_colour_);
  (void)std::fwrite(bytes.data(), 1, bytes.size(), stderr);  // nobody is left to be told
}

void Console::note(std::string_view line) {
  if (options_.verbosity == Verbosity::quiet) return;
  flush();
  err(base::filter_controls(line), Style::dim);
  err("\n");
}

void Console::error(const base::Error& error) {
  flush();
  err("offline-coder: ", Style::warning);
  err(base::filter_controls(error.message) + "\n");
  if (!error.hint.empty()) err("  hint: " + base::filter_controls(error.hint) + "\n", Style::dim);
}

void Console::status(std::string_view line) {
  if (!err_is_terminal_ || options_.verbosity == Verbosity::quiet || (line.empty() && !status_shown_)) return;
  if (base::environment_variable("TERM").value_or("") == "dumb") return;
  std::fflush(stdout);
  const std::string shown = styled(fitting(line, base::terminal_width() - 1), Style::dim, err_colour_);
  const std::string bytes = std::string(k_clear_line) + (line.empty() ? "" : shown);
  (void)std::fwrite(bytes.data(), 1, bytes.size(), stderr);
  std::fflush(stderr);
  status_shown_ = !line.empty();
}

bool Console::can_ask() const { return err_is_terminal_ && options_.format == Format::text; }

bool Console::ask(std::string_view question) {
  if (!can_ask()) return false;
  flush();
  err(fmt::format("{} [y/N] ", question), Style::bold);
  std::fflush(stderr);
  std::array<char, 64> line{};
  if (!base::read_answer_from_terminal(line.data(), line.size())) {
    err("\n");
    return false;
  }
  const std::string_view answer = base::trim(line.data());
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace oc::cli
