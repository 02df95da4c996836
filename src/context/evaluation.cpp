// SPDX-License-Identifier: Apache-2.0
#include "context/evaluation.hpp"

namespace oc::context {
namespace {

using syntax::CodeTree;
using syntax::is_among;

constexpr std::string_view k_quiet =
    "parenthesized_expression argument_list arguments keyword_argument pair tuple list array object dictionary set "
    "expression_list string integer float number true false none null undefined template_string interpolation "
    "string_start string_content string_end string_fragment escape_sequence concatenated_string template_substitution "
    "property_identifier type_annotation type_arguments as_expression non_null_expression satisfies_expression "
    "format_specifier type_conversion";
constexpr std::string_view k_functions =
    "lambda arrow_function function_expression generator_function generator_expression";
constexpr std::string_view k_comprehensions = "list_comprehension set_comprehension dictionary_comprehension";
constexpr std::string_view k_atoms =
    "identifier string integer float true false none null undefined number call attribute subscript "
    "parenthesized_expression list dictionary set list_comprehension set_comprehension dictionary_comprehension "
    "call_expression member_expression subscript_expression array template_string this";
constexpr std::string_view k_open_places =
    "expression_list parenthesized_expression argument_list arguments keyword_argument assignment return_statement "
    "list array pair "
    "variable_declarator tuple template_substitution expression_statement assignment_expression if_statement "
    "elif_clause while_statement assert_statement throw_statement raise_statement default_parameter dictionary set";
// What must have them wherever something stands round it.
constexpr std::string_view k_always =
    "lambda named_expression yield expression_list sequence_expression assignment_expression arrow_function object "
    "function_expression class yield_expression augmented_assignment_expression concatenated_string tuple";

class StepReader {
 public:
  explicit StepReader(const CodeTree& tree) : tree_(tree) {}

  void visit(int node, bool is_certain, bool is_later) {
    const std::string_view kind = tree_.kind(node);
    if (is_among(kind, "identifier shorthand_property_identifier")) return add(node, true, is_certain, is_later);
    if (is_among(kind, "attribute member_expression")) {
      visit(tree_.child(node, "object"), is_certain, is_later);
      return add(node, false, is_certain, is_later);
    }
    if (kind == "keyword_argument") return visit(tree_.child(node, "value"), is_certain, is_later);
    if (is_among(kind, k_functions)) return visit_all(node, false, true);
    if (is_among(kind, k_comprehensions)) {
      visit_comprehension(node, is_certain, is_later);
      return add(node, false, is_certain, is_later);
    }
    if (kind == "conditional_expression" && tree_.children(node).size() == 3) {
      const auto parts = tree_.children(node);
      visit(parts[1], is_certain, is_later);
      add(node, false, is_certain, is_later);  // the test asks the value for its truth
      visit(parts[0], false, is_later);
      return visit(parts[2], false, is_later);
    }
    bool is_first = true;
    const bool may_end_early =
        is_among(kind, "boolean_operator ternary_expression comparison_operator") || is_short(node);
    for (const int child : tree_.children(node)) {
      const bool is_type = tree_.family() == "javascript" && tree_.kind(child).contains("type");
      if (!is_type) visit(child, is_certain && (is_first || !may_end_early || is_plain_comparison(node)), is_later);
      if (is_first && may_end_early && !is_plain_comparison(node)) add(node, false, is_certain, is_later);
      is_first = false;
    }
    if (tree_.node(node).is_named && !is_among(kind, k_quiet) && !may_end_early) add(node, false, is_certain, is_later);
    if (is_plain_comparison(node)) add(node, false, is_certain, is_later);
    if (is_among(kind, "interpolation template_substitution")) add(node, false, is_certain, is_later);
  }

 private:
  void add(int node, bool is_name, bool is_certain, bool is_later) {
    steps.push_back({.node = node, .is_name = is_name, .is_certain = is_certain, .is_later = is_later});
  }

  // The first iterable is computed once, all else for each of its values.
  void visit_comprehension(int node, bool is_certain, bool is_later) {
    const int first = tree_.child_of_kind(node, "for_in_clause");
    visit(tree_.child(first, "right"), is_certain, is_later);
    for (const int child : tree_.children(node)) {
      if (child != first) visit(child, false, is_later);
      else visit(tree_.child(child, "left"), false, is_later);
    }
  }

  void visit_all(int node, bool is_certain, bool is_later) {
    for (const int child : tree_.children(node)) visit(child, is_certain, is_later);
  }

  bool is_plain_comparison(int node) const {
    return tree_.kind(node) == "comparison_operator" && tree_.children(node).size() == 2;
  }

  bool is_short(int node) const {
    const std::string_view sign = tree_.kind(tree_.child(node, "operator"));
    return sign == "&&" || sign == "||" || sign == "??" || tree_.find_inside(node, "optional_chain") >= 0;
  }

  const CodeTree& tree_;

 public:
  std::vector<Evaluation::Step> steps;
};

}  // namespace

Evaluation steps_of(const CodeTree& tree, int expression) {
  StepReader reader(tree);
  reader.visit(expression, true, false);
  return {std::move(reader.steps)};
}

bool is_constant(const CodeTree& tree, int node) {
  const std::string_view kind = tree.kind(node);
  if (is_among(kind, "integer float number true false none null")) return true;
  if (kind == "string") return tree.find_inside(node, "interpolation") < 0;
  if (kind == "parenthesized_expression")
    return tree.children(node).size() == 1 && is_constant(tree, tree.children(node).front());
  if (kind == "template_string") return tree.find_inside(node, "template_substitution") < 0;
  if (kind == "unary_operator" || kind == "unary_expression") {
    const auto parts = tree.children(node);
    const std::string_view text = tree.text_of(node);
    return parts.size() == 1 && (text.starts_with('-') || text.starts_with('+')) &&
           is_among(tree.kind(parts.front()), "integer float number");
  }
  return false;
}

bool needs_parentheses(const CodeTree& from, int expression, const CodeTree& to, int place) {
  const std::string_view kind = from.kind(expression);
  const int holder = to.parent(place);
  const std::string_view round = to.kind(holder);
  const std::string_view field = to.node(place).field;
  if (is_among(kind, "integer float number") && is_among(round, "attribute member_expression")) return true;
  if (is_among(kind, k_atoms)) return false;
  if (from.text_of(expression).contains('\n') && !is_among(round, "parenthesized_expression argument_list arguments"))
    return true;
  if (is_among(kind, k_always)) return round != "parenthesized_expression";
  if (is_among(round, "subscript subscript_expression")) return field == "value" || field == "object";
  return !is_among(round, k_open_places);
}

}  // namespace oc::context
