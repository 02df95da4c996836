// SPDX-License-Identifier: Apache-2.0
// The package's scanner of Ruby, with a limit: it writes four bytes more for each heredoc than it asks room for. Compiled
// with the grammars (cmake/oc_grammars.cmake).
#define tree_sitter_ruby_external_scanner_serialize oc_ruby_serialize_without_limit
#include "scanner.c"
#undef tree_sitter_ruby_external_scanner_serialize

unsigned tree_sitter_ruby_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  size_t size = 2 + 5 * (size_t)scanner->literal_stack.size;
  for (uint32_t i = 0; i < scanner->open_heredocs.size; ++i)
    size += 4 + (size_t)array_get(&scanner->open_heredocs, i)->word.size;
  if (size > TREE_SITTER_SERIALIZATION_BUFFER_SIZE) return 0;  // as the package does: forgets them
  return oc_ruby_serialize_without_limit(payload, buffer);
}
