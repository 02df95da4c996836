// SPDX-License-Identifier: Apache-2.0
// The package's scanner of Python, with a limit: it writes two bytes for each indentation and looks for the end of its
// buffer only before the first. Compiled with the grammars (cmake/oc_grammars.cmake).
#define tree_sitter_python_external_scanner_serialize oc_python_serialize_without_limit
#include "scanner.c"
#undef tree_sitter_python_external_scanner_serialize

// Room for at most 255 delimiters and two counts before the indentations.
enum { most_indents = (TREE_SITTER_SERIALIZATION_BUFFER_SIZE - 260) / 2 };

unsigned tree_sitter_python_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  if (scanner->indents.size > most_indents) scanner->indents.size = most_indents;
  return oc_python_serialize_without_limit(payload, buffer);
}
