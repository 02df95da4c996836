// SPDX-License-Identifier: Apache-2.0
// Where the messages of a conversation come from: a terminal with line editing, or lines of standard input.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/units.hpp"

namespace oc::cli {

class MessageSource {
 public:
  virtual ~MessageSource() = default;
  struct Next {
    enum class Kind { message, interrupted, end } kind = Kind::end;
    std::string text;  // of a message: UTF-8, LF, without its last line end
  };
  // Blocks. interrupted: Ctrl-C. end: Ctrl-D, the end of the input, or a terminal that is gone. Kind `too_large`.
  virtual base::Result<Next> next() = 0;
};

// Each line is a message; nothing is edited. With a prompt on standard error where one is given.
class PlainLines final : public MessageSource {
 public:
  PlainLines(base::ByteCount limit, std::string prompt) : limit_(limit), prompt_(std::move(prompt)) {}
  base::Result<Next> next() override;

 private:
  base::ByteCount limit_;
  std::string prompt_;
};

}  // namespace oc::cli
