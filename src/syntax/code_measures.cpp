// SPDX-License-Identifier: Apache-2.0
#include "syntax/code_measures.hpp"

#include <tree_sitter/api.h>

#include <algorithm>
#include <utility>

#include "syntax/measure_kinds.hpp"
#include "syntax/tree_parser.hpp"
#include "syntax/tree_walk.hpp"

namespace oc::syntax {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t k_nodes_between_clock_looks = 4096;

// FNV-1a.
std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

bool is_function(const Symbol& symbol) {
  return (symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method) &&
         symbol.form == SymbolForm::definition && symbol.body.has_value();
}

class MeasureWalk {
 public:
  MeasureWalk(const MeasureKinds& kinds, std::string_view text, const OutlineLimits& limits, Clock::time_point deadline,
              CodeMeasures& measures)
      : kinds_(kinds), text_(text), limits_(limits), deadline_(deadline), measures_(measures) {
    for (std::size_t i = 0; i < measures.outline.symbols.size(); ++i)
      if (is_function(measures.outline.symbols[i])) functions_.push_back(static_cast<int>(i));
    // A lambda and what it stands in may begin at the same byte: the larger one is round the other.
    std::ranges::stable_sort(functions_, {}, [&](int i) { return symbol(i).range.begin; });
  }

  // false: the time was over.
  bool run(const TSNode& root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    bool has_time = true;
    for (bool has_node = true; has_node && has_time;) {
      const TSNode node = ts_tree_cursor_current_node(&cursor);
      const bool goes_in = enter(node, cursor);
      if (goes_in && ts_tree_cursor_goto_first_child(&cursor)) {
        parents_.push_back({traits_, ts_node_symbol(node), (traits_ & k_nests) != 0 && !is_else_if_});
        depth_ += parents_.back().nests ? 1 : 0;
        imports_ += (traits_ & k_import) != 0 ? 1 : 0;
      } else {
        while (has_node && !ts_tree_cursor_goto_next_sibling(&cursor)) {
          has_node = ts_tree_cursor_goto_parent(&cursor);
          if (has_node) leave();
        }
      }
      has_time =
          ++visited_ % k_nodes_between_clock_looks != 0 || (!limits_.cancel.is_requested() && Clock::now() < deadline_);
    }
    ts_tree_cursor_delete(&cursor);
    finish();
    return has_time;
  }

 private:
  struct Parent {
    unsigned traits = 0;
    TSSymbol kind = 0;
    bool nests = false;
  };
  struct Open {
    std::size_t measures = 0;  // in CodeMeasures::functions
    std::int64_t depth = 0;    // of what is round it
    bool has_parameters = false;
  };

  const Symbol& symbol(int i) const { return measures_.outline.symbols[static_cast<std::size_t>(i)]; }

  void leave() {
    depth_ -= parents_.back().nests ? 1 : 0;
    imports_ -= (parents_.back().traits & k_import) != 0 ? 1 : 0;
    parents_.pop_back();
  }

  std::string_view text(const TSNode& node) const {
    const std::size_t begin = std::min<std::size_t>(ts_node_start_byte(node), text_.size());
    return text_.substr(begin, std::min<std::size_t>(ts_node_end_byte(node), text_.size()) - begin);
  }

  // Which function the byte is in. Nodes come in the order of their first bytes.
  void open_functions(std::size_t byte) {
    while (!open_.empty() && range_of(open_.back()).end <= byte) open_.pop_back();
    for (; next_ < functions_.size() && symbol(functions_[next_]).range.begin <= byte; ++next_) {
      if (symbol(functions_[next_]).range.end <= byte) continue;
      measures_.functions.push_back({.symbol = functions_[next_]});
      open_.push_back({measures_.functions.size() - 1, depth_, false});
    }
  }

  ByteRange range_of(const Open& open) const { return symbol(measures_.functions[open.measures].symbol).range; }

  // true: the children count as well.
  bool enter(const TSNode& node, const TSTreeCursor& cursor) {
    const std::size_t begin = ts_node_start_byte(node), end = ts_node_end_byte(node);
    traits_ = kinds_.traits(ts_node_symbol(node));
    is_else_if_ = false;
    open_functions(begin);
    if ((traits_ & k_comment) != 0) {
      if (end > begin)
        measures_.comments.push_back({{begin, end}, base::LineNumber(std::int64_t{ts_node_start_point(node).row} + 1)});
      return false;
    }
    if (!open_.empty()) count(node, cursor);
    const bool is_leaf = (traits_ & k_literal) != 0 || ts_node_child_count(node) == 0;
    if (is_leaf && end > begin) add_token(node);
    return !is_leaf;
  }

  void add_token(const TSNode& node) {
    const std::uint32_t first = ts_node_start_point(node).row, last = ts_node_end_point(node).row;
    measures_.tokens.push_back(
        {hash_text(text(node)), ts_node_start_byte(node), ts_node_end_byte(node), first + 1, imports_ > 0});
    if (rows_with_code_.size() <= last) rows_with_code_.resize(last + 1, false);
    std::fill(rows_with_code_.begin() + first, rows_with_code_.begin() + last + 1, true);
  }

  void count(const TSNode& node, const TSTreeCursor& cursor) {
    Open& open = open_.back();
    FunctionMeasures& function = measures_.functions[open.measures];
    if ((traits_ & k_parameters) != 0 && !open.has_parameters) count_parameters(node, open, function);
    if ((traits_ & k_else_if) != 0 && !parents_.empty()) {
      const char* const field = ts_tree_cursor_current_field_name(&cursor);
      const bool is_alternative = field != nullptr && std::string_view(field) == "alternative";
      is_else_if_ =
          (parents_.back().traits & k_else) != 0 || (is_alternative && parents_.back().kind == ts_node_symbol(node));
    }
    const bool is_operator =
        (traits_ & k_operator) != 0 && !parents_.empty() && (parents_.back().traits & k_joins) != 0;
    if (is_operator || (traits_ & k_decides) != 0 || ((traits_ & k_case) != 0 && !is_default(node)))
      ++function.complexity;
    if ((traits_ & k_nests) != 0 && !is_else_if_)
      function.nesting = std::max(function.nesting, depth_ - open.depth + 1);
  }

  // `default:`, `case _:`, `_ =>`, `*)`
  bool is_default(const TSNode& node) const {
    std::string_view words = text(node);
    if (words.starts_with("default")) return true;
    if (words.starts_with("case ")) words.remove_prefix(5);
    words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
    if (words.empty() || (words.front() != '_' && words.front() != '*')) return false;
    words.remove_prefix(1);
    words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
    return words.starts_with(':') || words.starts_with("=>") || words.starts_with(')');
  }

  void count_parameters(const TSNode& node, Open& open, FunctionMeasures& function) const {
    const Symbol& owner = symbol(function.symbol);
    const std::size_t begin = ts_node_start_byte(node);
    // Before the name stands the receiver of a method, in the body the parameters of something else.
    if (begin < owner.name_range.end || (begin >= owner.body->begin && !text(node).starts_with('('))) return;
    open.has_parameters = true;
    const std::uint32_t children = std::min(ts_node_named_child_count(node), 1000U);
    for (std::uint32_t i = 0; i < children; ++i) {
      const TSNode child = ts_node_named_child(node, i);
      if ((kinds_.traits(ts_node_symbol(child)) & k_no_parameter) != 0) continue;
      const std::string_view words = text(child);
      if (words == "self" || words == "cls" || words == "void" || words.starts_with("this:")) continue;
      function.parameters += std::max(1U, count_names(child));
    }
  }

  // `a, b int` is one declaration of two.
  static std::uint32_t count_names(const TSNode& parameter) {
    std::uint32_t names = 0;
    TSTreeCursor cursor = ts_tree_cursor_new(parameter);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more; more = ts_tree_cursor_goto_next_sibling(&cursor)) {
      const char* const field = ts_tree_cursor_current_field_name(&cursor);
      if (field != nullptr && std::string_view(field) == "name" &&
          ts_node_is_named(ts_tree_cursor_current_node(&cursor)))
        ++names;
    }
    ts_tree_cursor_delete(&cursor);
    return names;
  }

  void finish() {
    std::vector<std::int64_t> before(rows_with_code_.size() + 1, 0);
    for (std::size_t row = 0; row < rows_with_code_.size(); ++row)
      before[row + 1] = before[row] + (rows_with_code_[row] ? 1 : 0);
    const auto bounded = [&](std::int64_t row) {
      return before[static_cast<std::size_t>(std::clamp<std::int64_t>(row, 0, std::ssize(before) - 1))];
    };
    for (FunctionMeasures& function : measures_.functions) {
      const base::LineRange lines = symbol(function.symbol).lines;
      function.code_lines = bounded(lines.last.value) - bounded(lines.first.value - 1);
    }
  }

  const MeasureKinds& kinds_;
  std::string_view text_;
  const OutlineLimits& limits_;
  Clock::time_point deadline_;
  CodeMeasures& measures_;
  std::vector<int> functions_;  // symbols, by their first byte
  std::size_t next_ = 0;
  std::vector<Open> open_;
  std::vector<Parent> parents_;
  std::vector<bool> rows_with_code_;
  std::int64_t depth_ = 0;
  int imports_ = 0;          // open nodes that import
  unsigned traits_ = 0;      // of the node at hand
  bool is_else_if_ = false;  // … is one
  std::uint32_t visited_ = 0;
};

}  // namespace

bool has_functions(const Language& language) {
  constexpr std::string_view k_without[] = {"css", "html", "json", "markdown", "sql", "yaml"};
  return has_grammar(language) && std::ranges::find(k_without, language.id) == std::end(k_without);
}

struct MeasureReader::State : TreeParser {};

MeasureReader::MeasureReader() : state_(new State) {}
MeasureReader::~MeasureReader() { delete state_; }

std::optional<CodeMeasures> MeasureReader::read(const Language& language, std::string_view text,
                                                const OutlineLimits& limits) {
  const Grammar* grammar = find_grammar(language.id);
  if (grammar == nullptr) return std::nullopt;
  const Parse parse{.text = text, .limits = &limits, .deadline = Clock::now() + limits.time};
  const auto [fitting, tree] = state_->parse_language(*grammar, parse);
  if (!tree) return std::nullopt;
  const TSNode root = ts_tree_root_node(tree.get());
  CodeMeasures measures;
  measures.outline.syntax_errors = count_errors(root);
  TreeWalk(*fitting, text, limits, parse.deadline, measures.outline).run(root);
  const MeasureKinds& kinds = measure_kinds(fitting->language_rules().language, fitting->language());
  if (!MeasureWalk(kinds, text, limits, parse.deadline, measures).run(root)) return std::nullopt;
  return measures;
}

}  // namespace oc::syntax
