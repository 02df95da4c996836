// SPDX-License-Identifier: Apache-2.0
// The package's scanner of YAML, with a limit: it writes two numbers for each level of indentation into a buffer of fixed
// size and looks for its end only before the first. Compiled with the grammars (cmake/oc_grammars.cmake).
#define tree_sitter_yaml_external_scanner_serialize oc_yaml_serialize_without_limit
#include "scanner.c"
#undef tree_sitter_yaml_external_scanner_serialize

// Room for the five numbers before the levels.
enum { most_levels = (TREE_SITTER_SERIALIZATION_BUFFER_SIZE - 16) / (2 * sizeof(int16_t)) };

unsigned tree_sitter_yaml_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  if (scanner->ind_typ_stk.size > most_levels) scanner->ind_typ_stk.size = most_levels;
  if (scanner->ind_len_stk.size > most_levels) scanner->ind_len_stk.size = most_levels;
  return oc_yaml_serialize_without_limit(payload, buffer);
}
