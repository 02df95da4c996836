// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "syntax/flow_reader.hpp"

namespace oc::syntax {
namespace {

constexpr std::string_view k_closures =
    "function_expression generator_function arrow_function method_definition function_type method_signature "
    "function_signature interface_declaration type_alias_declaration type_annotation type_arguments type_parameters "
    "field_definition public_field_definition class_static_block";

class JavaScriptFlow : public FlowReader {
 public:
  using FlowReader::FlowReader;

 protected:
  void visit_owner(int owner) override {
    if (owner == CodeTree::k_root) return visit_statements(tree_.children(owner));
    visit_field(owner, "parameter");
    visit_field(owner, "parameters");
    visit_field(owner, "body");
  }

  void visit(int node) override {
    const std::string_view kind = tree_.kind(node);
    if (is_among(kind, "identifier shorthand_property_identifier shorthand_property_identifier_pattern")) use(node);
    else if (is_among(kind, "statement_block")) visit_statements(tree_.children(node));
    else if (is_among(kind, "function_declaration generator_function_declaration")) visit_field(node, "name");
    else if (is_among(kind, k_closures)) return;
    else if (!statement(node, kind) && !jumping(node, kind) && !expression(node, kind)) visit_children(node);
  }

 private:
  bool statement(int node, std::string_view kind) {
    if (kind == "if_statement" || kind == "ternary_expression") branch(node);
    else if (kind == "while_statement") while_loop(node);
    else if (kind == "do_statement") do_loop(node);
    else if (kind == "for_statement") for_loop(node);
    else if (kind == "for_in_statement") for_in(node);
    else if (kind == "switch_statement") switch_statement(node);
    else if (kind == "try_statement") try_statement(node);
    else if (kind == "labeled_statement") labelled(node);
    else if (is_among(kind, "class_declaration class abstract_class_declaration")) {
      for (const int child : tree_.children(node))
        if (tree_.node(child).field != "name" && tree_.kind(child) != "class_body") visit(child);
      visit_field(node, "body");
      visit_field(node, "name");
    } else {
      return false;
    }
    return true;
  }

  bool jumping(int node, std::string_view kind) {
    if (kind == "return_statement" || kind == "throw_statement") {
      visit_children(node);
      jump(node, kind == "return_statement" ? JumpKind::returns : JumpKind::raises, "");
    } else if (kind == "break_statement" || kind == "continue_statement") {
      jump(node, kind == "break_statement" ? JumpKind::breaks : JumpKind::continues,
           tree_.text_of(tree_.child(node, "label")));
    } else {
      return false;
    }
    return true;
  }

  bool expression(int node, std::string_view kind) {
    if (kind == "binary_expression") {
      visit_field(node, "left");
      const std::string_view sign = tree_.kind(tree_.child(node, "operator"));
      if (sign == "&&" || sign == "||" || sign == "??") maybe([&] { visit_field(node, "right"); });
      else visit_field(node, "right");
    } else if (kind == "variable_declarator") {
      visit_field(node, "value");
      visit_field(node, "name");
    } else if (kind == "assignment_expression" || kind == "augmented_assignment_expression") {
      const int left = tree_.child(node, "left");
      const std::string_view sign = tree_.kind(tree_.child(node, "operator"));
      if (sign == "&&=" || sign == "||=" || sign == "?\?=") maybe([&] { visit_field(node, "right"); });
      else visit_field(node, "right");
      visit(left);
    } else if (kind == "assignment_pattern" || kind == "object_assignment_pattern") {
      maybe([&] { visit_field(node, "right"); });
      visit_field(node, "left");
    } else if (kind == "required_parameter" || kind == "optional_parameter") {
      if (tree_.child(node, "value") >= 0) maybe([&] { visit_field(node, "value"); });
      visit_field(node, "pattern");
    } else if (kind == "call_expression") {
      visit_field(node, "function");
      if (tree_.find_inside(node, "optional_chain") >= 0) maybe([&] { visit_field(node, "arguments"); });
      else visit_field(node, "arguments");
    } else if (kind == "pair_pattern") {
      visit_field(node, "key");
      visit_field(node, "value");
    } else {
      return false;
    }
    return true;
  }

  bool is_always(int condition) const {
    std::string_view text = tree_.text_of(condition);
    return text == "(true)" || text == "(1)";
  }

  void branch(int node) {
    visit_field(node, "condition");
    const int before = at_;
    visit_field(node, "consequence");
    const int after = std::exchange(at_, before);
    if (const int other = tree_.child(node, "alternative"); other >= 0) {
      if (tree_.kind(other) == "else_clause") visit_children(other);
      else visit(other);
    }
    meet({after, at_});
  }

  std::string_view take_label() { return std::exchange(label_, {}); }

  void body_of_loop(int node, int head, int after) {
    begin_loop(head, after, take_label());
    visit_field(node, "body");
    end_loop();
  }

  void arrive(int after) {
    bool is_reached = false;
    for (const FlowPoint& point : flow_.points)
      for (const int next : point.next) is_reached = is_reached || next == after;
    at_ = is_reached ? after : -1;
  }

  void while_loop(int node) {
    const int head = new_point();
    const int after = new_point();
    go_to(head);
    visit_field(node, "condition");
    if (!is_always(tree_.child(node, "condition"))) link(at_, after);
    body_of_loop(node, head, after);
    link(at_, head);
    arrive(after);
  }

  void do_loop(int node) {
    const int head = new_point();
    const int test = new_point();
    const int after = new_point();
    go_to(head);
    body_of_loop(node, test, after);
    link(at_, test);
    arrive(test);
    visit_field(node, "condition");
    link(at_, head);
    if (!is_always(tree_.child(node, "condition"))) link(at_, after);
    arrive(after);
  }

  void for_loop(int node) {
    const std::string_view label = take_label();
    visit_field(node, "initializer");
    const int head = new_point();
    const int step = new_point();
    const int after = new_point();
    go_to(head);
    const int condition = tree_.child(node, "condition");
    const bool has_condition =
        condition >= 0 && tree_.node(condition).is_named && tree_.kind(condition) != "empty_statement";
    if (has_condition) visit(condition), link(at_, after);
    label_ = label;
    body_of_loop(node, step, after);
    link(at_, step);
    arrive(step);
    visit_field(node, "increment");
    link(at_, head);
    arrive(after);
  }

  void for_in(int node) {
    const std::string_view label = take_label();
    visit_field(node, "right");
    const int head = new_point();
    const int after = new_point();
    go_to(head);
    link(at_, after);
    visit_field(node, "left");
    label_ = label;
    body_of_loop(node, head, after);
    link(at_, head);
    at_ = after;
  }

  void switch_statement(int node) {
    const std::string_view label = take_label();
    visit_field(node, "value");
    const int after = new_point();
    begin_loop(k_switch, after, label);
    int deciding = at_;
    bool has_default = false;
    at_ = -1;
    for (const int one : tree_.children(tree_.child(node, "body"))) {
      const int falling = std::exchange(at_, deciding);
      visit_field(one, "value");
      deciding = at_;
      has_default = has_default || tree_.kind(one) == "switch_default";
      meet({falling, at_});
      visit_statements(tree_.children(one, "body"));
    }
    end_loop();
    link(at_, after);
    if (!has_default) link(deciding, after);
    arrive(after);
  }

  void try_statement(int node) {
    const int last = tree_.child(node, "finalizer");
    if (last < 0) return handled(node);
    with_end([&] { handled(node); }, [&] { visit_children(last); });
  }

  void handled(int node) {
    const int clause = tree_.child(node, "handler");
    if (clause < 0) return visit_field(node, "body");
    const int handler = new_point();
    guarded(handler, [&] { visit_field(node, "body"); });
    const int after = std::exchange(at_, handler);
    visit_children(clause);
    meet({after, at_});
  }

  void labelled(int node) {
    const std::string_view label = tree_.text_of(tree_.child(node, "label"));
    const int body = tree_.child(node, "body");
    if (is_among(tree_.kind(body), "for_statement for_in_statement while_statement do_statement switch_statement")) {
      label_ = label;
      return visit(body);
    }
    const int after = new_point();
    begin_loop(k_labelled_block, after, label);
    visit(body);
    end_loop();
    link(at_, after);
    arrive(after);
  }

  std::string_view label_;
};

}  // namespace

CodeFlow read_javascript_flow(const CodeTree& tree, const NameBindings& names, int owner, const ByteRange& region) {
  return JavaScriptFlow(tree, names, region).read(owner);
}

}  // namespace oc::syntax
