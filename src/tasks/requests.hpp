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
#include "protocol/messages.hpp"
#include "tasks/completion_text.hpp"
#include "tasks/project.hpp"

namespace oc::tasks {

struct FilePart {
  context::SourceFile file;
  std::optional<base::LineRange> lines;  // checked; nullopt: all of it
};

// `project`, in all of them: null when there is none, or none is wanted; must outlive the call.
struct GenerateRequest {
  Project* project = nullptr;
  std::string request;
  std::string language;              // what the user calls it; "": from the target's name
  std::vector<FilePart> files;       // context
  std::optional<base::Path> target;  // where the code is meant to go; may not exist yet
};

struct ExplainRequest {
  Project* project = nullptr;
  std::vector<FilePart> files;
  std::string text;      // from standard input, e.g. a diff; "" if none
  std::string question;  // "": the usual one
};

struct DebugRequest {
  Project* project = nullptr;
  std::vector<FilePart> files;
  std::string trace;  // what a program or a compiler printed
  std::string question;
  base::Path workspace;
  base::ByteCount file_limit;
};

struct FixRequest {
  Project* project = nullptr;
  std::vector<FilePart> files;
  base::Path workspace;
  base::ByteCount file_limit;
  int rounds = 3;
};

struct DocumentRequest {
  Project* project = nullptr;
  context::SourceFile file;
  std::vector<std::string> symbols;  // names; empty: all functions, methods and types without a comment
};

struct RefactorRequest {
  Project* project = nullptr;
  std::string request;
  std::vector<FilePart> files;  // empty: what the project's context shows
  base::Path workspace;
  base::ByteCount file_limit;
  base::Path progress_file;  // what is done of a refactoring that was interrupted
};

struct TestRequest {
  Project* project = nullptr;
  FilePart part;                     // the file, or the lines of the symbol
  std::string symbol;                // "": all of the file
  std::optional<base::Path> target;  // the file of tests; nullopt: where the project has them
  base::Path workspace;
  base::ByteCount file_limit;
};

struct CommitMessageRequest {
  enum class Text { commit_message, pull_request } text = Text::commit_message;
  std::string diff;   // what is staged, or what is to be merged, as git prints it
  std::string notes;  // what the user wants said; may be ""
};

struct CompleteRequest {
  protocol::Reuse reuse = protocol::Reuse::exact;
  Project* project = nullptr;
  context::SourceFile file;
  base::LineNumber line;
  std::optional<int> column;  // 1-based; nullopt: the end of the line
  CompletionShape shape = CompletionShape::multi_line;
  base::TokenCount max_tokens{128};
};

}  // namespace oc::tasks
