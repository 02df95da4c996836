// SPDX-License-Identifier: Apache-2.0
// The parts of files.hpp that the standard library does on every system.
#include "base/files.hpp"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::base {

namespace fs = std::filesystem;

Result<std::string> read_part(const Path& path, ByteCount begin, ByteCount count) {
  std::ifstream in(path, std::ios::binary);
  if (begin.value > 0) in.seekg(static_cast<std::streamoff>(begin.value));
  std::string bytes(static_cast<std::size_t>(count.value), '\0');
  if (!in || (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) && !in.eof()))
    return fail(ErrorKind::io,
                fmt::format("cannot read {}: {}", display(path), std::generic_category().message(errno)));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

Result<std::string> read_standard_input(ByteCount limit) {
  std::string text;
  char buffer[1 << 16];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, stdin)) {
    text.append(buffer, n);
    if (static_cast<std::int64_t>(text.size()) > limit.value)
      return fail(ErrorKind::too_large, fmt::format("standard input is longer than {}", format_bytes(limit)));
    if (n < sizeof buffer) break;  // its end, or a signal: another read would wait again
  }
  if (std::ferror(stdin)) return fail(ErrorKind::io, "cannot read standard input");
  return text;
}

Result<void> remove_file(const Path& path) {
  std::error_code code;
  fs::remove(path, code);
  if (code) return fail(ErrorKind::io, fmt::format("cannot delete {}: {}", display(path), code.message()));
  return {};
}

Result<void> link_file(const Path& from, const Path& to) {
  std::error_code code;
  fs::create_hard_link(from, to, code);
  if (code) {
    code.clear();
    fs::create_symlink(fs::absolute(from), to, code);
  }
  if (code)
    return fail(ErrorKind::io, fmt::format("cannot link {} to {}: {}", display(to), display(from), code.message()));
  return {};
}

}  // namespace oc::base
