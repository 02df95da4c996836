// SPDX-License-Identifier: Apache-2.0
// The part of the SQL grammar that is C by design: strings in dollars, `$tag$ … $tag$`. In place of the package's own,
// which loses memory at each tag. Compiled with the grammars (cmake/oc_grammars.cmake), against their parser.h.
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "tree_sitter/parser.h"

enum Token { START_TAG, END_TAG, WHOLE_STRING };

// Identifiers of SQL have at most 63 bytes.
enum { longest_tag = 64 };
// One token is read at one go: what never ends must not be searched to the end of the file at each dollar.
enum { longest_string = 1 << 20 };

typedef struct {
  unsigned length;  // 0: outside of a string
  char text[longest_tag];
} Tag;

static bool is_same(const Tag *a, const Tag *b) {
  return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

// Reads `$tag$`. False: there is none; the lexer stands where that was seen.
static bool read_tag(TSLexer *lexer, Tag *tag) {
  tag->length = 0;
  if (lexer->lookahead != '$') return false;
  do {
    if (tag->length + 1 >= longest_tag || lexer->lookahead > 0x7F || iswspace((wint_t)lexer->lookahead) ||
        lexer->eof(lexer))
      return false;
    tag->text[tag->length++] = (char)lexer->lookahead;
    lexer->advance(lexer, false);
  } while (lexer->lookahead != '$');
  tag->text[tag->length++] = '$';
  lexer->advance(lexer, false);
  return true;
}

static void skip_blanks(TSLexer *lexer) {
  while (iswspace((wint_t)lexer->lookahead)) lexer->advance(lexer, true);
}

static bool read_string(TSLexer *lexer, const Tag *open) {
  Tag start, end;
  lexer->mark_end(lexer);
  skip_blanks(lexer);
  if (!read_tag(lexer, &start) || is_same(&start, open)) return false;
  for (int i = 0; i < longest_string && !lexer->eof(lexer); ++i) {
    if (lexer->lookahead != '$') {
      lexer->advance(lexer, false);
    } else if (read_tag(lexer, &end) && is_same(&start, &end)) {
      lexer->mark_end(lexer);
      lexer->result_symbol = WHOLE_STRING;
      return true;
    }
  }
  return false;
}

void *tree_sitter_sql_external_scanner_create(void) { return calloc(1, sizeof(Tag)); }

void tree_sitter_sql_external_scanner_destroy(void *payload) { free(payload); }

bool tree_sitter_sql_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Tag *open = payload;
  Tag tag;
  if (open == NULL) return false;
  if (valid[START_TAG] && open->length == 0) {
    skip_blanks(lexer);
    if (!read_tag(lexer, &tag)) return false;
    *open = tag;
    lexer->result_symbol = START_TAG;
    return true;
  }
  if (valid[END_TAG] && open->length > 0) {
    skip_blanks(lexer);
    if (!read_tag(lexer, &tag) || !is_same(&tag, open)) return false;
    open->length = 0;
    lexer->result_symbol = END_TAG;
    return true;
  }
  return valid[WHOLE_STRING] && read_string(lexer, open);
}

unsigned tree_sitter_sql_external_scanner_serialize(void *payload, char *buffer) {
  const Tag *open = payload;
  if (open == NULL) return 0;
  memcpy(buffer, open->text, open->length);
  return open->length;
}

void tree_sitter_sql_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  Tag *open = payload;
  if (open == NULL) return;
  open->length = length < longest_tag ? length : 0;
  if (open->length > 0) memcpy(open->text, buffer, open->length);
}
