// SPDX-License-Identifier: Apache-2.0
#include "syntax/code_region.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace oc::syntax {
namespace {

constexpr std::string_view k_functions =
    "function_definition lambda function_declaration generator_function_declaration function_expression "
    "generator_function arrow_function method_definition";
constexpr std::string_view k_blocks = "module block program statement_block switch_case switch_default";
constexpr std::string_view k_types = "class_definition class_declaration class abstract_class_declaration";

class RegionReader {
 public:
  RegionReader(const CodeTree& tree, base::LineRange lines) : tree_(tree), lines_(lines) {}

  std::expected<CodeRegion, std::string> read() {
    if (const std::string fault = find_code(); !fault.empty()) return std::unexpected(fault);
    found_.block = find_block();
    if (const std::string fault = find_statements(); !fault.empty()) return std::unexpected(fault);
    found_.range = {tree_.node(found_.statements.front()).range.begin, tree_.node(found_.statements.back()).range.end};
    if (const std::string fault = find_owner(); !fault.empty()) return std::unexpected(fault);
    for (const int one : found_.statements) look(one, true, true);
    return std::move(found_);
  }

 private:
  std::string find_code() {
    const std::string_view text = tree_.text();
    std::size_t at = 0;
    for (std::int64_t line = 1; at < text.size() && line <= lines_.last.value; ++line) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::size_t first = text.find_first_not_of(" \t\r\f\xEF\xBB\xBF", at);
      if (line >= lines_.first.value && first != std::string_view::npos && first < end && !is_comment(first)) {
        if (code_.end == 0) code_.begin = first;
        code_.end = text.find_last_not_of(" \t\r\f", end - 1) + 1;
      }
      at = end + 1;
    }
    return code_.end == 0 ? "there is no code in these lines" : "";
  }

  bool is_comment(std::size_t byte) const { return tree_.kind(tree_.covering({byte, byte + 1})).ends_with("comment"); }

  int find_block() const {
    int inner = tree_.covering(code_);
    // Braces that stand alone are a statement of what is round them.
    if (tree_.kind(inner) == "statement_block" && tree_.node(inner).range == code_) inner = tree_.parent(inner);
    return std::max(tree_.nearest(inner, k_blocks), CodeTree::k_root);
  }

  std::string find_statements() {
    for (int child = tree_.node(found_.block).first_child; child >= 0; child = tree_.node(child).next) {
      const CodeNode& node = tree_.node(child);
      if (node.range.end <= code_.begin || node.range.begin >= code_.end) continue;
      if (!holds(code_, node.range) && !node.kind.ends_with("comment"))
        return fmt::format("the lines hold only a part of what begins at line {}", node.line.value);
      const bool is_statement = node.is_named && node.field != "value" && !node.kind.ends_with("comment");
      if (!node.is_named && node.kind != ";" && node.kind != "\n")
        return fmt::format("the lines hold only a part of what begins at line {}", tree_.node(found_.block).line.value);
      if (is_statement) found_.statements.push_back(child);
    }
    return found_.statements.empty() ? "there is no whole statement in these lines" : "";
  }

  std::string find_owner() {
    if (tree_.nearest(found_.block, "decorator type_annotation jsx_expression") >= 0)
      return "they are no statements of a function";
    const int near = tree_.nearest(found_.block, std::string(k_functions) + " " + std::string(k_types));
    if (near >= 0 && is_among(tree_.kind(near), k_types)) return "they stand in the body of a class, not in a method";
    found_.owner = std::max(near, CodeTree::k_root);
    if (const int last = tree_.nearest(found_.block, "finally_clause"); last > found_.owner)
      return "they stand in a 'finally'";
    int top = found_.statements.front();
    while (tree_.parent(top) > CodeTree::k_root) top = tree_.parent(top);
    found_.top = top;
    found_.this_owner = found_.owner;
    while (tree_.kind(found_.this_owner) == "arrow_function")
      found_.this_owner = std::max(tree_.nearest(tree_.parent(found_.this_owner), k_functions), CodeTree::k_root);
    if (found_.owner == CodeTree::k_root) return "";
    int holder = tree_.parent(found_.this_owner == CodeTree::k_root ? found_.owner : found_.this_owner);
    if (tree_.kind(holder) == "decorated_definition") holder = tree_.parent(holder);
    if (is_among(tree_.kind(holder), "block class_body") && is_among(tree_.kind(tree_.parent(holder)), k_types))
      found_.type = tree_.parent(holder);
    return "";
  }

  void note(base::LineNumber& which, int node) const {
    if (which.value == 0) which = tree_.node(node).line;
  }

  // own: the code runs as a part of the function; own_this: `this` is that of the function.
  void look(int node, bool own, bool own_this) {
    const std::string_view kind = tree_.kind(node);
    if (is_among(kind, "yield yield_expression") && own && tree_.node(node).is_named) note(found_.yields, node);
    if (is_among(kind, "await await_expression async") && own && !is_of_function(node)) note(found_.awaits, node);
    if (is_among(kind, "this super") && own_this) note(found_.uses_this, node);
    if (kind == "call_expression" && tree_.kind(tree_.child(node, "function")) == "super")
      note(found_.calls_super, node);
    if (kind == "meta_property" && own_this) note(found_.uses_arguments, node);
    if (kind == "identifier") look_at_name(node, own_this);
    if (kind.starts_with("import_") && kind.ends_with("statement")) note(found_.imports, node);
    if (kind == "future_import_statement") note(found_.imports, node);
    if (own && is_among(kind,
                        "function_definition class_definition function_declaration class_declaration "
                        "generator_function_declaration export_statement decorated_definition"))
      note(found_.declares, node);
    if (own && is_among(kind, "global_statement nonlocal_statement with_statement") &&
        (kind != "with_statement" || tree_.family() != "python"))
      note(found_.says_outer, node);
    const bool is_function = is_among(kind, k_functions);
    const bool is_arrow = kind == "arrow_function" || kind == "lambda";
    const bool is_type_body = is_among(kind, "class_body");
    for (int child = tree_.node(node).first_child; child >= 0; child = tree_.node(child).next)
      look(child, own && !is_function && !is_type_body, own_this && (!is_function || is_arrow) && !is_type_body);
  }

  bool is_of_function(int node) const { return is_among(tree_.kind(tree_.parent(node)), k_functions); }

  void look_at_name(int node, bool own_this) {
    const std::string_view name = tree_.text_of(node);
    if (tree_.family() == "python") {
      if (name == "super" || name == "__class__") note(found_.calls_super, node);
      if (is_among(name, "locals vars eval exec dir")) note(found_.uses_arguments, node);
      return;
    }
    if (name == "eval" || (name == "arguments" && own_this)) note(found_.uses_arguments, node);
  }

  const CodeTree& tree_;
  base::LineRange lines_;
  ByteRange code_;
  CodeRegion found_;
};

}  // namespace

std::expected<CodeRegion, std::string> find_region(const CodeTree& tree, base::LineRange lines) {
  return RegionReader(tree, lines).read();
}

MethodFacts facts_of_method(const CodeTree& tree, int function) {
  MethodFacts facts;
  if (tree.family() != "python") {
    facts.is_static = tree.has_token(function, "static");
    facts.is_constructor = tree.text_of(tree.child(function, "name")) == "constructor";
    return facts;
  }
  if (const int holder = tree.parent(function); tree.kind(holder) == "decorated_definition")
    for (const int one : tree.children(holder)) {
      if (tree.kind(one) != "decorator") continue;
      facts.is_static = facts.is_static || tree.text_of(one) == "@staticmethod";
      facts.is_of_class = facts.is_of_class || tree.text_of(one) == "@classmethod";
    }
  const std::string_view name = tree.text_of(tree.child(function, "name"));
  facts.is_of_class = facts.is_of_class || is_among(name, "__new__ __init_subclass__ __class_getitem__");
  const auto parameters = tree.children(tree.child(function, "parameters"));
  if (facts.is_static || parameters.empty()) return facts;
  const int first = parameters.front();
  if (tree.kind(first) == "identifier") facts.self = tree.text_of(first);
  else if (tree.kind(first) == "typed_parameter") facts.self = tree.text_of(tree.children(first).front());
  return facts;
}

}  // namespace oc::syntax
