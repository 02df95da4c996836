// SPDX-License-Identifier: Apache-2.0
#include "context/piece_finder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "context/file_scores.hpp"
#include "context/outline_text.hpp"
#include "context/piece_candidates.hpp"
#include "context/request_words.hpp"
#include "context/search_terms.hpp"
#include "context/text_search.hpp"

namespace oc::context {
namespace {

// What each kind of evidence is worth, most to least; files found by words and links come with at most 1.
constexpr double k_named_symbol = 3, k_used_by_focus = 2, k_user_of_focus = 1.4, k_test_of_focus = 1.3;
constexpr double k_plain_word = 0.1;  // a word that is a symbol's name, and may be prose
constexpr std::size_t k_most_homes = 4;
constexpr std::size_t k_most_used = 16, k_most_users = 4, k_most_tests = 2, k_most_files = 40;
// How many signatures of a file are shown: one for so many tokens of the budget, within bounds.
constexpr std::int64_t k_tokens_a_signature = 350, k_fewest_signatures = 3, k_most_signatures = 8;
constexpr double k_worth_a_body = 0.3;  // how well a symbol matches
constexpr double k_body_share = 0.4;    // of the score of its file
constexpr double k_users_share = 0.1, k_used_share = 0.3;

// People write "the scheduler" and mean the class Scheduler.
std::string capitalised(std::string name) {
  if (!name.empty() && name.front() >= 'a' && name.front() <= 'z')
    name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return name;
}

// A word of a sentence may be the name of a class or of a function; fields and keys have the names of anything.
bool can_be_meant_by_a_word(syntax::SymbolKind kind) {
  using enum syntax::SymbolKind;
  return kind != field && kind != enum_member && kind != key && kind != section && kind != rule && kind != variable;
}

base::LineRange united(base::LineRange a, base::LineRange b) {
  return {std::min(a.first, b.first), std::max(a.last, b.last)};
}

class PieceFinder {
 public:
  PieceFinder(storage::Database& database, const FinderOptions& options, const PieceRequest& request)
      : database_(database), query_(database), request_(request), candidates_(query_, options, request) {}

  base::Result<std::vector<Piece>> find() {
    words_ = parse_request_words(request_.text);
    terms_ = search_terms_of(request_.text);
    OC_CHECK(find_focus());
    if (request_.evidence == Evidence::all) {
      OC_CHECK(add_named_symbols());
      for (const FocusFile& focus : focus_) OC_CHECK(add_used_by(focus));
      for (const SymbolRow& symbol : asked_about_) OC_CHECK(add_users_of(symbol));
    }
    OC_CHECK(add_files());
    return candidates_.take();
  }

 private:
  struct FocusFile {
    FileRow row;
    std::optional<base::LineRange> lines;  // with all of the symbol round them
    std::vector<int> symbols;              // that lie in it, positions
  };

  base::Result<void> find_focus();
  base::Result<void> add_named_symbols();
  base::Result<void> add_used_by(const FocusFile& focus);
  base::Result<void> add_users_of(const SymbolRow& symbol);
  base::Result<void> add_place_of_use(const SymbolRow& symbol, const UserFile& user, std::size_t& tests,
                                      std::size_t& users);
  base::Result<void> add_files();
  base::Result<void> add_file(const FileScore& file);
  double match(const SymbolRow& symbol) const;
  std::vector<std::pair<double, int>> order_symbols(FileId file, const std::vector<SymbolRow>& symbols) const;
  std::size_t most_signatures() const {
    return static_cast<std::size_t>(
        std::clamp(request_.budget.value / k_tokens_a_signature, k_fewest_signatures, k_most_signatures));
  }

  storage::Database& database_;
  IndexQuery query_;
  const PieceRequest& request_;
  PieceCandidates candidates_;
  RequestWords words_;
  std::vector<SearchTerm> terms_;
  std::vector<FocusFile> focus_;
  std::vector<SymbolRow> asked_about_;                 // whose users and tests matter
  std::map<FileId, double> seeds_;                     // files that the request names
  std::map<FileId, std::map<NameHash, double>> used_;  // names that files in the focus use, 0 to 1
};

base::Result<void> PieceFinder::find_focus() {
  for (const Focus& focus : request_.focus) {
    OC_TRY(auto row, query_.find_file(focus.path));
    if (!row) continue;
    seeds_[row->id] = 1;
    FocusFile file{*row, focus.lines, {}};
    OC_TRY(const auto* symbols, candidates_.symbols_of(row->id));
    for (const SymbolRow& symbol : *symbols) {
      const bool is_inside =
          !focus.lines || (symbol.lines.first <= focus.lines->last && focus.lines->first <= symbol.lines.last);
      if (is_inside) file.symbols.push_back(symbol.position);
    }
    // Of a part of a file, the innermost symbol round it is what the question is about.
    if (focus.lines && !file.symbols.empty()) {
      const int innermost = *std::ranges::min_element(file.symbols, {}, [&](int p) {
        const base::LineRange& lines = (*symbols)[static_cast<std::size_t>(p)].lines;
        return lines.last.value - lines.first.value;
      });
      asked_about_.push_back((*symbols)[static_cast<std::size_t>(innermost)]);
      file.lines = united(*file.lines, asked_about_.back().lines);
    }
    focus_.push_back(std::move(file));
  }
  return {};
}

base::Result<void> PieceFinder::add_named_symbols() {
  for (const std::string& path : words_.paths) {
    OC_TRY(const auto files, query_.find_files_ending(path, k_most_homes));
    for (const FileRow& row : files) seeds_[row.id] = std::max(seeds_[row.id], 1.0 / static_cast<double>(files.size()));
  }
  for (const NamedSymbol& named : words_.symbols) {
    OC_TRY(auto symbols, query_.find_symbols(named.name, k_most_homes + 1));
    if (symbols.empty() && !named.is_code) {
      OC_TRY(symbols, query_.find_symbols(capitalised(named.name), k_most_homes + 1));
    }
    if (!named.is_code) std::erase_if(symbols, [](const SymbolRow& s) { return !can_be_meant_by_a_word(s.kind); });
    if (symbols.empty() || symbols.size() > k_most_homes) continue;
    const double share = (named.is_code ? 1 : k_plain_word) / static_cast<double>(symbols.size());
    for (const SymbolRow& symbol : symbols) {
      seeds_[symbol.file] = std::max(seeds_[symbol.file], share);
      const double form = symbol.form == syntax::SymbolForm::definition ? 1 : 0.5;
      OC_CHECK(candidates_.add_symbol(symbol, k_named_symbol * share * form,
                                      fmt::format("the request names {}", symbol.qualified_name)));
      if (named.is_code && asked_about_.size() < 3) asked_about_.push_back(symbol);
    }
  }
  return {};
}

// Definitions that the code in question uses. Of a whole file there are many: they only decide which signatures of a
// file are shown.
base::Result<void> PieceFinder::add_used_by(const FocusFile& focus) {
  OC_TRY(auto edges, query_.load_edges(focus.row.id));
  std::set<NameHash> used_here;
  if (focus.lines) {
    OC_TRY(used_here, query_.find_names_used(focus.row.id, *focus.lines));
    std::erase_if(edges, [&](const Edge& edge) { return !used_here.contains(edge.name); });
  }
  std::erase_if(edges, [](const Edge& edge) { return edge.name == 0; });
  std::ranges::stable_sort(edges, std::greater{}, &Edge::weight);
  const float best = edges.empty() ? 1 : edges.front().weight;
  if (focus.lines && edges.size() > k_most_used) edges.resize(k_most_used);
  for (const Edge& edge : edges) {
    const double weight = static_cast<double>(edge.weight / best);
    if (!focus.lines) {
      used_[edge.target][edge.name] = weight;
      continue;
    }
    OC_TRY(const auto* symbols, candidates_.symbols_of(edge.target));
    const auto symbol =
        std::ranges::find_if(*symbols, [&](const SymbolRow& s) { return hash_name(s.name) == edge.name; });
    if (symbol != symbols->end())
      OC_CHECK(candidates_.add_symbol(*symbol, k_used_by_focus * (0.5 + 0.5 * weight),
                                      fmt::format("{} uses {}", focus.row.path, symbol->qualified_name)));
  }
  return {};
}

base::Result<void> PieceFinder::add_place_of_use(const SymbolRow& symbol, const UserFile& user, std::size_t& tests,
                                                 std::size_t& users) {
  OC_TRY(const FileRow* row, candidates_.file_of(user.file));
  if (row == nullptr || user.lines.empty()) return {};
  const bool is_test = is_test_path(row->path);
  std::size_t& count = is_test ? tests : users;
  if (count >= (is_test ? k_most_tests : k_most_users)) return {};
  if (user.file != symbol.file) {
    OC_TRY(const auto edges, query_.load_edges(user.file));
    const NameHash name = hash_name(symbol.name);
    if (std::ranges::none_of(edges, [&](const Edge& e) { return e.target == symbol.file && e.name == name; }))
      return {};
  }
  OC_TRY(const auto* symbols, candidates_.symbols_of(user.file));
  const SymbolRow* round = nullptr;
  for (const SymbolRow& other : *symbols) {
    const bool holds = other.lines.first <= user.lines.front() && user.lines.front() <= other.lines.last;
    if (holds && !(user.file == symbol.file && other.position == symbol.position)) round = &other;
  }
  if (round == nullptr) return {};
  ++count;
  return candidates_.add_symbol(*round, is_test ? k_test_of_focus : k_user_of_focus,
                                fmt::format("{} {}", is_test ? "a test of" : "uses", symbol.qualified_name));
}

base::Result<void> PieceFinder::add_users_of(const SymbolRow& symbol) {
  OC_TRY(const auto found, query_.find_users(symbol.name));
  std::size_t tests = 0, users = 0, looked_at = 0;
  for (const UserFile& user : found) {
    if (looked_at++ >= 4 * (k_most_users + k_most_tests)) break;
    OC_CHECK(add_place_of_use(symbol, user, tests, users));
  }
  return {};
}

// How well a symbol's own words match the request, 0 to about 1.
double PieceFinder::match(const SymbolRow& symbol) const {
  TermCounts own;
  count_terms(symbol.qualified_name, own, 64);
  count_terms(symbol.signature, own, 128);
  count_terms(symbol.doc, own, 192);
  double found = 0, all = 0.5;
  for (const SearchTerm& term : terms_) {
    all += term.weight;
    if (own.contains(term.term)) found += term.weight;
  }
  return found / all;
}

// The symbols of a file by how much they have to do with the request.
std::vector<std::pair<double, int>> PieceFinder::order_symbols(FileId file,
                                                               const std::vector<SymbolRow>& symbols) const {
  const auto used = used_.find(file);
  std::vector<std::pair<double, int>> order;
  for (const SymbolRow& symbol : symbols) {
    if (symbol.kind == syntax::SymbolKind::enum_member || symbol.kind == syntax::SymbolKind::field) continue;
    double value = match(symbol) + k_users_share * static_cast<double>(std::min<std::int64_t>(symbol.users, 10)) / 10;
    if (used != used_.end())
      if (const auto name = used->second.find(hash_name(symbol.name)); name != used->second.end())
        value += k_used_share * name->second;
    order.emplace_back(value, symbol.position);
  }
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
  return order;
}

// Its signatures first, and the text of what matches best after those of other files: better to know of many files
// than much of one.
base::Result<void> PieceFinder::add_file(const FileScore& file) {
  OC_TRY(const FileRow* row, candidates_.file_of(file.file));
  if (row == nullptr || candidates_.is_focus_file(row->path)) return {};
  OC_TRY(const auto* symbols, candidates_.symbols_of(file.file));
  const auto order = order_symbols(file.file, *symbols);
  if (order.empty())
    return candidates_.add_lines(*row, {base::LineNumber(1), base::LineNumber(std::min<std::int64_t>(row->lines, 12))},
                                 file.score * 0.5, file.reason);
  const auto [best_match, best] = order.front();
  if (best_match > k_worth_a_body)
    OC_CHECK(
        candidates_.add_symbol((*symbols)[static_cast<std::size_t>(best)], file.score * k_body_share, file.reason));
  std::vector<int> chosen;
  for (const auto& [value, position] : order)
    if (chosen.size() < most_signatures()) chosen.push_back(position);
  return candidates_.add_outline(*row, chosen, file.score, file.reason);
}

base::Result<void> PieceFinder::add_files() {
  std::vector<Seed> seeds;
  for (const auto& [file, weight] : seeds_) seeds.push_back({file, weight});
  OC_TRY(const auto scores, score_files(database_, seeds, terms_, request_.evidence, k_most_files));
  for (const FileScore& file : scores) OC_CHECK(add_file(file));
  return {};
}

}  // namespace

base::Result<std::vector<Piece>> find_pieces(storage::Database& database, const FinderOptions& options,
                                             const PieceRequest& request) {
  return PieceFinder(database, options, request).find();
}

}  // namespace oc::context
