// SPDX-License-Identifier: Apache-2.0
// A source file as a model may see it, and as it is on disk. Refuses what must not reach a model: secrets, binaries.
// Writing files is left to base and edit; which files matter is left to the caller.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "base/units.hpp"

namespace oc::context {

enum class ByteOrderMark { absent, present };
enum class Encoding { utf8, repaired };

struct SourceFile {
  base::Path path;
  std::string shown_path;  // relative to the workspace if inside, '/' separators, valid UTF-8, no control characters
  std::string bytes;       // as on disk
  std::string text;        // valid UTF-8, LF line ends, no byte order mark
  base::LineEnd line_end = base::LineEnd::lf;
  ByteOrderMark byte_order_mark = ByteOrderMark::absent;
  Encoding encoding = Encoding::utf8;  // repaired: `text` has U+FFFD where `bytes` are not UTF-8
  std::vector<std::string> notes;      // what a person should know about how the file was read; one sentence each
};

// Kinds: denied (named like a secret, see is_secret_name; also when a link points to one), io (missing, unreadable, a
// folder), too_large (more than `limit` bytes), usage (binary, UTF-16). An empty file is fine.
base::Result<SourceFile> load_source_file(const base::Path& path, const base::Path& workspace, base::ByteCount limit);

// A file that the index names, as it is now: the path is not trusted. Kind `denied` where it is none of a plain file in
// the workspace (a link, a name that leads out); else as load_source_file.
base::Result<SourceFile> load_indexed_file(std::string_view path, const base::Path& workspace, base::ByteCount limit);

// The name a model and a person see for a path: see SourceFile::shown_path. Lexical.
std::string shown_path_of(const base::Path& path, const base::Path& workspace);

// Is this the name of a file that usually holds keys or passwords (".env", "id_rsa", "server.pem" …)? Looks at the last
// part of the path, without regard to case. Examples that are meant to be shared (".env.example", "id_rsa.pub") are
// not.
bool is_secret_name(const base::Path& path);
// The same of a name without its folders; cheap enough for every file of a large tree.
bool is_secret_file_name(std::string_view name);

// Lines of `text`; a last line without its newline counts, an empty text has none.
std::int64_t count_lines(std::string_view text);

}  // namespace oc::context
