// SPDX-License-Identifier: Apache-2.0
// What the answering commands read before they ask: files, standard input, prompts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/invocation.hpp"
#include "tasks/requests.hpp"

namespace oc::cli {

// Does something stand on standard input that was meant for this run? A terminal is no input.
bool has_piped_input();
// Standard input as text a model may see: UTF-8 (repaired with a note), LF. Kinds: io, too_large, usage (binary).
base::Result<std::string> read_piped_text(Invocation& invocation);
// The prompt: as given, or from standard input when it is "-". Missing words become "".
base::Result<std::string> read_prompt(Invocation& invocation, const std::string& given);

// The files by name, relative to the working directory; `lines` (may be "") applies to the first. Notes on how files
// were read are told. Kinds as load_source_file and check_line_range.
base::Result<std::vector<tasks::FilePart>> load_files(Invocation& invocation, const std::vector<std::string>& names,
                                                      const std::string& lines);

// As load_files; a folder stands for its files, by git's rules, without those that may not be shown or hold no text
// (told). Kind `usage` for a folder without any.
base::Result<std::vector<tasks::FilePart>> load_files_and_folders(Invocation& invocation,
                                                                  const std::vector<std::string>& names,
                                                                  const std::string& lines);

// Is there something of that name? Does the word look as if a path was meant ("src/", "a.py") rather than a question?
bool is_existing_path(const Invocation& invocation, const std::string& name);
bool looks_like_path(const std::string& word);

base::Path absolute_path(const Invocation& invocation, const std::string& name);

}  // namespace oc::cli
