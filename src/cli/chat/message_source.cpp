// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/message_source.hpp"

#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::cli {

base::Result<MessageSource::Next> PlainLines::next() {
  if (!prompt_.empty()) {
    std::fputs(prompt_.c_str(), stderr);
    std::fflush(stderr);
  }
  std::string line;
  bool is_too_large = false;
  int c = 0;
  errno = 0;
  while ((c = std::getc(stdin)) != EOF && c != '\n') {
    if (std::ssize(line) < limit_.value) line += static_cast<char>(c);
    else is_too_large = true;
  }
  if (c == EOF && std::ferror(stdin) != 0 && errno == EINTR) {
    std::clearerr(stdin);
    return Next{Next::Kind::interrupted, ""};
  }
  if (is_too_large)
    return base::fail(base::ErrorKind::too_large, fmt::format("a message has more than {}", base::format_bytes(limit_)),
                      "limits.prompt_bytes");
  if (c == EOF && line.empty()) return Next{Next::Kind::end, ""};
  if (line.ends_with('\r')) line.pop_back();
  return Next{Next::Kind::message, base::replace_invalid_utf8(line)};
}

}  // namespace oc::cli
