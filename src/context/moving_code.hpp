// SPDX-License-Identifier: Apache-2.0
// The statement that moves: its text, and what it needs of its file. Python, JavaScript and TypeScript. Pure.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "context/inline_value.hpp"
#include "context/refactor_plan.hpp"

namespace oc::context {

// A name of the old file that the new one must have, too.
struct NeededName {
  int binding = -1;
  bool is_imported = false;  // else the old file declares it
  // Of an import: `import module as name`, `from module import item as name`, `import name from "module"` …
  enum class Form { module, item, standard, everything } form = Form::item;
  std::string module{}, item{}, name{};
  bool is_type = false;  // TypeScript's `import type`
};

struct MovingCode {
  int binding = -1;
  int statement = -1;  // of the file, with its decorators or `export`
  bool is_exported = false;
  std::vector<NeededName> needs;
  std::vector<std::string> built_in;  // names that must not mean anything in the new file
  bool is_used_behind = false;        // by the rest of its file
};

std::expected<MovingCode, std::string> find_moving_code(const ReadCode& home, const syntax::ByteRange& name);

// The import of a binding; nullopt: it is no import that can be repeated elsewhere.
std::optional<NeededName> find_import_of(const ReadCode& code, int binding);

// The line, without its end: `from m import a as b`, `import { a as b } from "./m";`.
std::string write_import(const ReadCode& like, const NeededName& need);

NeededName import_of_item(std::string module, std::string name);

// The byte where a line with an import is put: behind the file's first imports, or what must stand above them.
std::size_t place_for_import(const syntax::CodeTree& tree);

struct NewFile {
  std::string path;
  bool is_new = false;               // there is none yet
  std::vector<std::string> imports;  // lines that it gets
  bool is_used_there = false;        // then the code must stand before what uses it
};
// The code and the imports, where they come to stand in the new file.
std::vector<PlannedPlace> places_in_new_file(const ReadCode& home, const MovingCode& moving, const ReadCode& to,
                                             const NewFile& file);

}  // namespace oc::context
