// SPDX-License-Identifier: Apache-2.0
// The search of SessionStore, through SQLite's full text index.
#include "base/text.hpp"
#include "sessions/session_store.hpp"

namespace oc::sessions {
namespace {

// Every word in quotes, so that nothing the user writes is an operator of the query's language; the star lets it go on.
std::string query_of(std::string_view words) {
  std::string query;
  while (true) {
    words = base::trim(words);
    if (words.empty()) return query;
    const std::size_t end = std::min(words.find_first_of(" \t\r\n"), words.size());
    if (!query.empty()) query += ' ';
    query += '"';
    for (const char c : words.substr(0, end))
      if (c == '"') query += "\"\"";
      else if (c != '\0') query += c;
    query += "\"*";
    words.remove_prefix(end);
  }
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return line;
}

}  // namespace

base::Result<std::vector<SessionStore::Found>> SessionStore::search(std::string_view words,
                                                                    const std::optional<base::Path>& workspace,
                                                                    std::int64_t most) {
  std::vector<Found> found;
  const std::string query = query_of(words);
  if (query.empty()) return found;
  const std::string folder = workspace ? base::to_utf8(*workspace) : "";
  OC_TRY(auto select,
         database_.prepare("SELECT session.id, turn.id, session.title, snippet(words, -1, '', '', '…', 16) FROM words "
                           "JOIN turn ON turn.id = words.rowid JOIN session ON session.id = turn.session "
                           "WHERE words MATCH ?1 AND (?2 = '' OR session.workspace = ?2) "
                           "ORDER BY turn.id DESC LIMIT ?3"));
  select.bind_text(1, query).bind_text(2, folder).bind(3, most);
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return found;
    found.push_back({select.integer(0), select.integer(1), std::string(select.bytes(2)), one_line(select.bytes(3))});
  }
}

}  // namespace oc::sessions
