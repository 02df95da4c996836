// SPDX-License-Identifier: Apache-2.0
// What a server answers, from JSON to values. Shapes that the protocol does not know are left out and counted; nothing
// is looked up here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language_server/text_positions.hpp"

namespace oc::language_server {

struct TextRange {
  Position begin, end;
  bool operator==(const TextRange&) const = default;
};

struct TextEdit {
  TextRange range;
  std::string text;
};

struct FileEdits {
  std::string uri;
  std::vector<TextEdit> edits;
};

struct WorkspaceEdit {
  std::vector<FileEdits> files;  // a file may stand there twice
  int other_operations = 0;      // files to be made, renamed, deleted
  int unreadable = 0;
};

struct Location {
  std::string uri;
  TextRange range;
};

struct ServerAbilities {
  PositionUnit unit = PositionUnit::utf16;
  bool renames = false, finds_references = false, finds_definitions = false, lists_symbols = false;
};

// The result of `textDocument/rename`; null is no edits.
WorkspaceEdit parse_workspace_edit(std::string_view json);
// Of `textDocument/references` and `textDocument/definition`: one location, several, or links.
std::vector<Location> parse_locations(std::string_view json);
// Of `initialize`.
ServerAbilities parse_abilities(std::string_view json);

}  // namespace oc::language_server
