// SPDX-License-Identifier: Apache-2.0
#include "syntax/outline.hpp"

#include <tree_sitter/api.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "syntax/c_guards.hpp"
#include "syntax/grammar.hpp"
#include "syntax/name_reader.hpp"
#include "syntax/text_pieces.hpp"
#include "syntax/tree_walk.hpp"

namespace oc::syntax {
namespace {

using Clock = std::chrono::steady_clock;

struct TreeDeleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using Tree = std::unique_ptr<TSTree, TreeDeleter>;

struct Parse {
  std::string_view text;
  const OutlineLimits* limits = nullptr;
  Clock::time_point deadline;
};

const char* read_text(void* payload, std::uint32_t byte, TSPoint /*position*/, std::uint32_t* length) {
  const std::string_view text = static_cast<const Parse*>(payload)->text;
  const std::size_t begin = std::min<std::size_t>(byte, text.size());
  *length = static_cast<std::uint32_t>(text.size() - begin);
  return text.data() + begin;
}

bool must_stop(TSParseState* state) {
  const Parse& parse = *static_cast<const Parse*>(state->payload);
  return parse.limits->cancel.is_requested() || Clock::now() >= parse.deadline;
}

// Calls visit(node) for each node that is an error or is missing; false from it ends the walk.
template <class Visit>
void for_each_error(const TSNode& root, Visit visit) {
  if (!ts_node_has_error(root)) return;
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  bool goes_on = true;
  for (bool has_node = true; has_node && goes_on;) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const bool is_error = ts_node_is_error(node) || ts_node_is_missing(node);
    if (is_error) goes_on = visit(node);
    // What an error holds is part of the same mistake.
    if (!is_error && ts_node_has_error(node) && ts_tree_cursor_goto_first_child(&cursor)) continue;
    while (has_node && !ts_tree_cursor_goto_next_sibling(&cursor)) has_node = ts_tree_cursor_goto_parent(&cursor);
  }
  ts_tree_cursor_delete(&cursor);
}

std::int64_t count_errors(const TSTree* tree) {
  std::int64_t count = 0;
  for_each_error(ts_tree_root_node(tree), [&](const TSNode&) {
    ++count;
    return true;
  });
  return count;
}

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

// Does a header named .h look like C++? Words that C does not have, at the beginning of a line.
bool looks_like_cpp(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    for (const std::string_view word : {"namespace ", "template", "class ", "public:", "private:", "protected:",
                                        "using ", "inline namespace ", "constexpr "})
      if (line.starts_with(word)) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

}  // namespace

struct OutlineReader::State {
  State() : parser_(ts_parser_new()) {}
  ~State() { ts_parser_delete(parser_); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  struct Choice {
    const Grammar* grammar = nullptr;
    Tree tree;
  };
  // The tree and what it was read with; no tree: the time was over.
  Choice parse_language(const Grammar& grammar, const Parse& parse);

 private:
  Tree parse(const Grammar& grammar, const Parse& parse);

  // C or C++, whichever fits better.
  Choice parse_header(const Grammar& c, const Parse& parse);

  TSParser* parser_;
};

Tree OutlineReader::State::parse(const Grammar& grammar, const Parse& parse) {
  if (parse.text.size() > std::numeric_limits<std::uint32_t>::max() / 2) return nullptr;
  if (!ts_parser_set_language(parser_, grammar.language())) return nullptr;
  Parse payload = parse;
  const TSInput input{.payload = &payload, .read = read_text, .encoding = TSInputEncodingUTF8, .decode = nullptr};
  const TSParseOptions options{.payload = &payload, .progress_callback = must_stop};
  if (parse.limits->cancel.is_requested()) return nullptr;
  Tree tree(ts_parser_parse_with_options(parser_, nullptr, input, options));
  if (!tree) ts_parser_reset(parser_);
  return tree;
}

OutlineReader::State::Choice OutlineReader::State::parse_header(const Grammar& c, const Parse& parse) {
  const Grammar* cpp = looks_like_cpp(parse.text) ? find_grammar("cpp") : nullptr;
  if (cpp == nullptr) return {&c, this->parse(c, parse)};
  Tree as_cpp = this->parse(*cpp, parse);
  if (!as_cpp || !ts_node_has_error(ts_tree_root_node(as_cpp.get()))) return {cpp, std::move(as_cpp)};
  Tree as_c = this->parse(c, parse);
  if (!as_c || count_errors(as_c.get()) > count_errors(as_cpp.get())) return {cpp, std::move(as_cpp)};
  return {&c, std::move(as_c)};
}

OutlineReader::State::Choice OutlineReader::State::parse_language(const Grammar& grammar, const Parse& parse) {
  const std::string_view language = grammar.language_rules().language;
  if (language != "c" && language != "cpp") return {&grammar, this->parse(grammar, parse)};
  const std::string blanked = blank_c_guards(parse.text);
  Parse clean = parse;
  if (!blanked.empty()) clean.text = blanked;
  if (language == "c") return parse_header(grammar, clean);
  return {&grammar, this->parse(grammar, clean)};
}

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
  outline.syntax_errors = count_errors(tree.get());
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
  found.outline.syntax_errors = count_errors(tree.get());
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
