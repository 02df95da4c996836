// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "syntax/flow_reader.hpp"

namespace oc::syntax {
namespace {

constexpr std::string_view k_comprehensions =
    "list_comprehension set_comprehension dictionary_comprehension generator_expression";

class PythonFlow : public FlowReader {
 public:
  using FlowReader::FlowReader;

 protected:
  void visit_owner(int owner) override {
    if (owner == CodeTree::k_root) return visit_statements(tree_.children(owner));
    parameters(tree_.child(owner, "parameters"));
    visit(tree_.child(owner, "body"));
  }

  void visit(int node) override {
    const std::string_view kind = tree_.kind(node);
    if (kind == "identifier") use(node);
    else if (kind == "block") visit_statements(tree_.children(node));
    else if (!statement(node, kind) && !jumping(node, kind) && !expression(node, kind)) visit_children(node);
  }

 private:
  void parameters(int node) {
    for (int at = node; at >= 0 && at < tree_.count() && tree_.is_inside(at, node); ++at)
      if (const int one = names_.use_at(tree_.node(at).range.begin);
          one >= 0 && tree_.kind(at) == "identifier" && names_.use(one).declares)
        use(at);
  }

  bool statement(int node, std::string_view kind) {
    if (kind == "if_statement" || kind == "elif_clause") branch(node);
    else if (kind == "while_statement") while_loop(node);
    else if (kind == "for_statement") for_loop(node);
    else if (kind == "try_statement") try_statement(node);
    else if (kind == "with_statement") with_statement(node);
    else if (kind == "match_statement") match(node);
    else if (kind == "function_definition") definition(node);
    else if (kind == "class_definition") {
      visit_field(node, "superclasses");
      visit_field(node, "body");
      visit_field(node, "name");
    } else if (kind == "global_statement" || kind == "nonlocal_statement") {
    } else {
      return false;
    }
    return true;
  }

  bool jumping(int node, std::string_view kind) {
    JumpKind jump_kind{};
    if (kind == "return_statement") jump_kind = JumpKind::returns;
    else if (kind == "raise_statement") jump_kind = JumpKind::raises;
    else if (kind == "break_statement") jump_kind = JumpKind::breaks;
    else if (kind == "continue_statement") jump_kind = JumpKind::continues;
    else return false;
    visit_children(node);
    jump(node, jump_kind, "");
    return true;
  }

  bool expression(int node, std::string_view kind) {
    if (kind == "assignment") {
      visit_field(node, "right");
      for (const int left : tree_.children(node, "left")) visit(left);
      visit_field(node, "type");
    } else if (kind == "augmented_assignment") {
      visit_field(node, "right");
      visit_field(node, "left");
    } else if (kind == "named_expression") {
      visit_field(node, "value");
      visit_field(node, "name");
    } else if (kind == "boolean_operator") {
      visit_field(node, "left");
      maybe([&] { visit_field(node, "right"); });
    } else if (kind == "conditional_expression") {
      const auto parts = tree_.children(node);
      if (parts.size() != 3) return false;
      visit(parts[1]);
      const int before = at_;
      visit(parts[0]);
      const int after = std::exchange(at_, before);
      visit(parts[2]);
      meet({after, at_});
    } else if (kind == "lambda") {
      defaults(tree_.child(node, "parameters"));
    } else if (is_among(kind, k_comprehensions)) {
      comprehension(node);
    } else if (kind == "assert_statement") {
      const auto parts = tree_.children(node);
      for (std::size_t i = 0; i < parts.size(); ++i)
        if (i == 0) visit(parts[i]);
        else maybe([&] { visit(parts[i]); });
    } else {
      return false;
    }
    return true;
  }

  void branch(int node) {
    visit_field(node, "condition");
    int before = at_;
    visit_field(node, "consequence");
    std::vector<int> ends{at_};
    at_ = before;
    for (const int one : tree_.children(node, "alternative")) {
      if (tree_.kind(one) == "else_clause") {
        visit_field(one, "body");
      } else {
        visit_field(one, "condition");
        before = at_;
        visit_field(one, "consequence");
        ends.push_back(std::exchange(at_, before));
      }
    }
    ends.push_back(at_);
    meet(ends);
  }

  bool is_always(int condition) const {
    const std::string_view text = tree_.text_of(condition);
    return text == "True" || text == "1";
  }

  void while_loop(int node) {
    const int head = new_point();
    const int after = new_point();
    go_to(head);
    visit_field(node, "condition");
    const int before = at_;
    begin_loop(head, after, "");
    visit_field(node, "body");
    end_loop();
    link(at_, head);
    at_ = is_always(tree_.child(node, "condition")) ? -1 : before;
    finish_loop(node, after);
  }

  // `else` belongs to the end without a break.
  void finish_loop(int node, int after) {
    if (const int other = tree_.child(node, "alternative"); other >= 0) visit_field(other, "body");
    link(at_, after);
    bool is_reached = false;
    for (const FlowPoint& point : flow_.points)
      for (const int next : point.next) is_reached = is_reached || next == after;
    at_ = is_reached ? after : -1;
  }

  void for_loop(int node) {
    visit_field(node, "right");
    const int head = new_point();
    const int after = new_point();
    go_to(head);
    visit_field(node, "left");
    begin_loop(head, after, "");
    visit_field(node, "body");
    end_loop();
    link(at_, head);
    at_ = head;
    finish_loop(node, after);
  }

  void try_statement(int node) {
    const int last = tree_.child_of_kind(node, "finally_clause");
    if (last < 0) return handled(node);
    with_end([&] { handled(node); }, [&] { visit_children(last); });
  }

  void handled(int node) {
    const int handler = new_point();
    guarded(handler, [&] { visit_field(node, "body"); });
    pass_on(handler);  // what no clause is for
    if (const int other = tree_.child_of_kind(node, "else_clause"); other >= 0) visit_field(other, "body");
    std::vector<int> ends{at_};
    for (const int clause : tree_.children(node)) {
      if (!tree_.kind(clause).starts_with("except")) continue;
      at_ = handler;
      visit_children(clause);
      ends.push_back(at_);
    }
    meet(ends);
  }

  void with_statement(int node) {
    const int body = tree_.child(node, "body");
    const int clause = tree_.child_of_kind(node, "with_clause");
    visit(clause);
    if (lets_exceptions_through(clause)) return visit(body);
    const int early = new_point();
    guarded(early, [&] { visit(body); });
    meet({at_, early});
  }

  // What a context manager does with an exception is not known, but for those that everybody knows.
  bool lets_exceptions_through(int clause) const {
    for (const int item : tree_.children(clause)) {
      const std::string_view text = tree_.text_of(item);
      bool is_known = false;
      for (const std::string_view word :
           {"open(", "lock", "Lock", "Temporary", "closing(", "redirect_std", "Executor(", "Pool("})
        is_known = is_known || text.find(word) != std::string_view::npos;
      if (!is_known) return false;
    }
    return true;
  }

  void match(int node) {
    visit_field(node, "subject");
    std::vector<int> ends;
    const int body = tree_.child(node, "body");
    for (const int one : tree_.children(body)) {
      const int before = at_;
      bool is_certain = tree_.child(one, "guard") < 0;
      for (const int part : tree_.children(one)) {
        if (tree_.kind(part) != "case_pattern") continue;
        is_certain = is_certain && is_any(part);
        visit(part);
      }
      visit_field(one, "guard");
      visit_field(one, "consequence");
      ends.push_back(std::exchange(at_, is_certain ? -1 : before));
    }
    ends.push_back(at_);
    meet(ends);
  }

  bool is_any(int pattern) const {
    const auto parts = tree_.children(pattern);
    if (parts.empty()) return true;
    return parts.size() == 1 && tree_.kind(parts.front()) == "dotted_name" && tree_.children(parts.front()).size() == 1;
  }

  void definition(int node) {
    const int list = tree_.child(node, "parameters");
    defaults(list);
    visit_field(node, "return_type");
    visit_field(node, "name");
  }

  void defaults(int list) {
    for (const int one : tree_.children(list)) {
      visit_field(one, "value");
      visit_field(one, "type");
    }
  }

  void comprehension(int node) {
    int after = -1;
    for (const int clause : tree_.children(node)) {
      if (clause == tree_.child(node, "body")) continue;
      if (tree_.kind(clause) == "for_in_clause") {
        visit_field(clause, "right");
        const int head = new_point();
        if (after < 0) after = head;
        go_to(head);
        visit_field(clause, "left");
      } else {
        visit(clause);
      }
    }
    visit_field(node, "body");
    if (after < 0) return;
    link(at_, after);
    at_ = after;
  }
};

}  // namespace

CodeFlow read_python_flow(const CodeTree& tree, const NameBindings& names, int owner, const ByteRange& region) {
  return PythonFlow(tree, names, region).read(owner);
}

}  // namespace oc::syntax
