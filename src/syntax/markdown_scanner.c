// SPDX-License-Identifier: Apache-2.0
// The package's scanner of Markdown, with a limit: it writes one entry for each open block (quotes in quotes, lists in
// lists) into a buffer of fixed size and looks at no end. Compiled with the grammars (cmake/oc_grammars.cmake).
#define tree_sitter_markdown_external_scanner_serialize oc_markdown_serialize_without_limit
#include "scanner.c"
#undef tree_sitter_markdown_external_scanner_serialize

// Room for the five numbers before the blocks; one number of the package counts blocks in a byte.
enum { most_by_room = (TREE_SITTER_SERIALIZATION_BUFFER_SIZE - 8) / sizeof(Block) };
enum { most_open_blocks = most_by_room < 250 ? most_by_room : 250 };

unsigned tree_sitter_markdown_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  if (scanner->open_blocks.size > most_open_blocks) scanner->open_blocks.size = most_open_blocks;
  if (scanner->matched > scanner->open_blocks.size) scanner->matched = (uint8_t)scanner->open_blocks.size;
  return oc_markdown_serialize_without_limit(payload, buffer);
}
