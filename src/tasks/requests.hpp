// SPDX-License-Identifier: Apache-2.0
// What the use cases are asked for, free of terminals and flags.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/path.hpp"
#include "base/units.hpp"
#include "context/line_range.hpp"
#include "context/source_file.hpp"
#include "tasks/completion_text.hpp"

namespace oc::tasks {

struct FilePart {
  context::SourceFile file;
  std::optional<base::LineRange> lines;  // checked; nullopt: all of it
};

struct GenerateRequest {
  std::string request;
  std::string language;              // what the user calls it; "": from the target's name
  std::vector<FilePart> files;       // context
  std::optional<base::Path> target;  // where the code is meant to go; may not exist yet
};

struct ExplainRequest {
  std::vector<FilePart> files;
  std::string text;      // from standard input, e.g. a diff; "" if none
  std::string question;  // "": the usual one
};

struct DebugRequest {
  std::vector<FilePart> files;
  std::string trace;  // what a program or a compiler printed
  std::string question;
  base::Path workspace;
  base::ByteCount file_limit;
};

struct CompleteRequest {
  context::SourceFile file;
  base::LineNumber line;
  std::optional<int> column;  // 1-based; nullopt: the end of the line
  CompletionShape shape = CompletionShape::multi_line;
  base::TokenCount max_tokens{128};
};

}  // namespace oc::tasks
