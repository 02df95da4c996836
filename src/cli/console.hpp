// SPDX-License-Identifier: Apache-2.0
// The two output streams. Results go to standard output, everything said to a person to standard error. Colours only on
// a terminal that wants them; a status line only where somebody looks. Main thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace oc::cli {

enum class Format { text, json, jsonl };
enum class Colour { automatic, always, never };
enum class Verbosity { quiet, normal, verbose };
enum class Style { plain, bold, dim, code, heading, added, removed, hunk, warning };

class Console {
 public:
  struct Options {
    Format format = Format::text;
    Colour colour = Colour::automatic;
    Verbosity verbosity = Verbosity::normal;
  };
  explicit Console(Options options);

  Format format() const { return options_.format; }
  bool is_verbose() const { return options_.verbosity == Verbosity::verbose; }
  bool is_quiet() const { return options_.verbosity == Verbosity::quiet; }
  // Is a person reading the results on a terminal, as text?
  bool shows_text_live() const { return out_is_terminal_ && options_.format == Format::text; }
  // Does a person see what status() shows?
  bool shows_status() const { return err_is_terminal_ && !is_quiet(); }
  bool can_ask() const;

  // Results. A failed write is remembered (take_write_failure) and everything after it is dropped.
  void out(std::string_view text);
  void out(std::string_view text, Style style);
  void flush();
  // For people: a line on standard error; nothing when quiet.
  void note(std::string_view line);
  void error(const base::Error& error);
  // Text on standard error as it is, styled: diffs, questions.
  void err(std::string_view text, Style style = Style::plain);
  // A line that the next call or any other output replaces; "" removes it. Shown on a terminal only.
  void status(std::string_view line);

  // Yes or no, asked at the terminal; false when nobody can answer or the answer is not yes.
  bool ask(std::string_view question);
  // Why standard output could not be written, if so; `broken_pipe` when its reader has left.
  enum class WriteFailure { none, broken_pipe, other };
  WriteFailure write_failure() const { return write_failure_; }
  const std::string& write_failure_reason() const { return write_failure_reason_; }

 private:
  std::string styled(std::string_view text, Style style, bool colour) const;

  Options options_;
  bool out_is_terminal_;
  bool err_is_terminal_;
  bool out_colour_;
  bool err_colour_;
  bool status_shown_ = false;
  WriteFailure write_failure_ = WriteFailure::none;
  std::string write_failure_reason_;
};

}  // namespace oc::cli
