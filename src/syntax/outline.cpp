// SPDX-License-Identifier: Apache-2.0
#include "syntax/outline.hpp"

#include <tree_sitter/api.h>

#include <algorithm>
#include <utility>

#include "syntax/name_reader.hpp"
#include "syntax/text_pieces.hpp"
#include "syntax/tree_parser.hpp"
#include "syntax/tree_walk.hpp"

namespace oc::syntax {
namespace {

using Clock = std::chrono::steady_clock;

std::string describe_error(const TSNode& node, std::string_view text) {
  constexpr std::size_t k_longest_quote = 40;
  if (ts_node_is_missing(node)) return "missing '" + std::string(cut_at_character(ts_node_type(node), 60)) + "'";
  const std::size_t begin = std::min<std::size_t>(ts_node_start_byte(node), text.size());
  std::string_view piece = text.substr(begin, std::min<std::size_t>(ts_node_end_byte(node), text.size()) - begin);
  piece = piece.substr(0, piece.find_first_of("\r\n"));
  std::string shown;
  for (const char c : cut_at_character(piece, k_longest_quote)) shown += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return "unexpected '" + shown + "'";
}

}  // namespace

struct OutlineReader::State : TreeParser {};

bool has_grammar(const Language& language) { return find_rules(language.id) != nullptr; }

OutlineReader::OutlineReader() : state_(new State) {}
OutlineReader::~OutlineReader() { delete state_; }
OutlineReader::OutlineReader(OutlineReader&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
OutlineReader& OutlineReader::operator=(OutlineReader&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

std::optional<Outline> OutlineReader::read(const Language& language, std::string_view text,
                                           const OutlineLimits& limits) {
  const Grammar* grammar = find_grammar(language.id);
  if (grammar == nullptr) return std::nullopt;
  const Parse parse{.text = text, .limits = &limits, .deadline = Clock::now() + limits.time};
  const auto [fitting, tree] = state_->parse_language(*grammar, parse);
  Outline outline;
  if (!tree) {
    outline.coverage = Coverage::cut;
    return outline;
  }
  outline.syntax_errors = count_errors(ts_tree_root_node(tree.get()));
  TreeWalk(*fitting, text, limits, parse.deadline, outline).run(ts_tree_root_node(tree.get()));
  return outline;
}

std::optional<NamePlaces> OutlineReader::find_names(const Language& language, std::string_view text,
                                                    const std::set<std::string, std::less<>>& names,
                                                    const OutlineLimits& limits) {
  const Grammar* grammar = find_grammar(language.id);
  if (grammar == nullptr) return std::nullopt;
  const Parse parse{.text = text, .limits = &limits, .deadline = Clock::now() + limits.time};
  const auto [fitting, tree] = state_->parse_language(*grammar, parse);
  NamePlaces found;
  if (!tree) {
    found.outline.coverage = Coverage::cut;
    return found;
  }
  const TSNode root = ts_tree_root_node(tree.get());
  NameWatch watch{.names = &names, .roles = {}};
  found.outline.syntax_errors = count_errors(ts_tree_root_node(tree.get()));
  TreeWalk walk(*fitting, text, limits, parse.deadline, found.outline);
  walk.watch(watch);
  walk.run(root);
  found.places = read_name_places(root, text, fitting->language_rules().language, watch, found.outline);
  return found;
}

std::optional<std::vector<OutlineReader::SyntaxError>> OutlineReader::find_errors(const Language& language,
                                                                                  std::string_view text,
                                                                                  const OutlineLimits& limits) {
  constexpr std::size_t k_most_errors = 1000;
  const Grammar* grammar = find_grammar(language.id);
  if (grammar == nullptr) return std::nullopt;
  const Parse parse{.text = text, .limits = &limits, .deadline = Clock::now() + limits.time};
  const auto [fitting, tree] = state_->parse_language(*grammar, parse);
  if (!tree) return std::nullopt;
  std::vector<SyntaxError> errors;
  for_each_error(ts_tree_root_node(tree.get()), [&](const TSNode& node) {
    errors.push_back({.line = base::LineNumber(std::int64_t{ts_node_start_point(node).row} + 1),
                      .what = describe_error(node, text)});
    return errors.size() < k_most_errors;
  });
  return errors;
}

int find_enclosing_symbol(const Outline& outline, base::LineNumber line) {
  int best = -1;
  bool best_has_body = false;
  for (std::size_t i = 0; i < outline.symbols.size(); ++i) {
    const Symbol& symbol = outline.symbols[i];
    if (line < symbol.lines.first || symbol.lines.last < line) continue;
    const bool has_body = symbol.body.has_value();
    // Later ones are further inside; one without a body only if nothing has one.
    if (!has_body && best_has_body) continue;
    best = static_cast<int>(i);
    best_has_body = has_body;
  }
  return best;
}

std::string_view to_string(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::function: return "function";
    case SymbolKind::method: return "method";
    case SymbolKind::class_type: return "class";
    case SymbolKind::struct_type: return "struct";
    case SymbolKind::union_type: return "union";
    case SymbolKind::interface_type: return "interface";
    case SymbolKind::trait_type: return "trait";
    case SymbolKind::enum_type: return "enum";
    case SymbolKind::enum_member: return "enum_member";
    case SymbolKind::type_alias: return "type_alias";
    case SymbolKind::field: return "field";
    case SymbolKind::variable: return "variable";
    case SymbolKind::constant: return "constant";
    case SymbolKind::macro: return "macro";
    case SymbolKind::module: return "module";
    case SymbolKind::section: return "section";
    case SymbolKind::key: return "key";
    case SymbolKind::rule: return "rule";
    case SymbolKind::table: return "table";
  }
  return "symbol";
}

}  // namespace oc::syntax
