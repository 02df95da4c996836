// SPDX-License-Identifier: Apache-2.0
#include "syntax/binding_reader.hpp"

namespace oc::syntax {
namespace {

constexpr std::string_view k_comprehensions =
    "list_comprehension set_comprehension dictionary_comprehension generator_expression";
constexpr std::string_view k_patterns =
    "pattern_list tuple_pattern list_pattern list_splat_pattern parenthesized_expression as_pattern_target tuple list "
    "list_splat dictionary_splat_pattern";

class PythonReader : public BindingReader {
 public:
  using BindingReader::BindingReader;

  void read() {
    skip_types();
    const int file = open(CodeTree::k_root, -1, ScopeKind::file);
    visit_children(CodeTree::k_root, file);
  }

  void visit(int node, int scope) override {
    const std::string_view kind = tree_.kind(node);
    if (kind == "identifier") use(node, scope, Access::read);
    else if (kind == "function_definition") function(node, scope);
    else if (kind == "lambda") lambda(node, scope);
    else if (kind == "class_definition") type(node, scope);
    else if (is_among(kind, k_comprehensions)) comprehension(node, scope);
    else if (kind.starts_with("import_") || kind == "future_import_statement") import(node, scope);
    else if (kind == "global_statement" || kind == "nonlocal_statement") outer_names(node, scope);
    else if (kind == "case_pattern") case_pattern(node, scope);
    else if (!assign(node, kind, scope)) visit_children(node, scope);
  }

 private:
  // false: it is none of what binds names.
  bool assign(int node, std::string_view kind, int scope) {
    if (kind == "attribute") {
      visit(tree_.child(node, "object"), scope);
    } else if (kind == "keyword_argument") {
      visit(tree_.child(node, "value"), scope);
    } else if (kind == "assignment" || kind == "for_statement" || kind == "for_in_clause") {
      const bool has_value = tree_.child(node, "right") >= 0;
      bind(tree_.child(node, "left"), scope, has_value ? Access::write : Access::declare);
      for (const int left : tree_.children(node, "left"))
        if (left != tree_.child(node, "left")) bind(left, scope, Access::write);
      visit_children_but(node, scope, "left");
    } else if (kind == "augmented_assignment") {
      bind(tree_.child(node, "left"), scope, Access::update);
      visit(tree_.child(node, "right"), scope);
    } else if (kind == "named_expression") {
      int home = scope;
      while (this->scope(home).is_comprehension) home = this->scope(home).parent;
      name(tree_.child(node, "name"), scope, home, Access::write);
      visit(tree_.child(node, "value"), scope);
    } else if (kind == "as_pattern_target") {
      for (const int child : tree_.children(node)) bind(child, scope, Access::write);
    } else if (kind == "delete_statement") {
      for (const int child : tree_.children(node)) bind_list(child, scope);
    } else if (kind == "type_alias_statement") {
      for (const int child : tree_.children(tree_.child(node, "left"))) bind(child, scope, Access::write);
      visit(tree_.child(node, "right"), scope);
    } else {
      return false;
    }
    return true;
  }

  void bind_list(int node, int scope) {
    if (tree_.kind(node) != "expression_list") return bind(node, scope, Access::erase);
    for (const int child : tree_.children(node)) bind(child, scope, Access::erase);
  }

  void name(int node, int scope, int home, Access access, BindingForm form = BindingForm::variable) {
    const int other = elsewhere(tree_.text_of(node), home);
    if (other == 0) declare(node, scope, 0, form, access);
    else if (other > 0) use(node, scope, access);  // of a function outside
    else declare(node, scope, home, form, access);
  }

  void bind(int node, int scope, Access access) {
    if (node < 0) return;
    const std::string_view kind = tree_.kind(node);
    if (kind == "identifier") return name(node, scope, scope, access);
    if (!is_among(kind, k_patterns)) return visit(node, scope);
    for (const int child : tree_.children(node)) bind(child, scope, access);
  }

  void parameters(int node, int outer, int inner, int types) {
    for (const int child : tree_.children(node)) {
      const std::string_view kind = tree_.kind(child);
      if (kind == "identifier") {
        declare(child, inner, inner, BindingForm::parameter);
      } else if (kind == "tuple_pattern" || kind.ends_with("_splat_pattern")) {
        parameters(child, outer, inner, types);
      } else if (kind.ends_with("_parameter") || kind.ends_with("_parameters")) {
        if (const int name = tree_.child(child, "name"); name >= 0) declare(name, inner, inner, BindingForm::parameter);
        else
          for (const int part : tree_.children(child))
            if (tree_.node(part).field != "type") bare_parameter(part, inner);
        if (const int value = tree_.child(child, "value"); value >= 0) visit(value, outer);
        if (const int type = tree_.child(child, "type"); type >= 0) visit(type, types);
      }
    }
  }

  void bare_parameter(int node, int inner) {
    if (tree_.kind(node) == "identifier") declare(node, inner, inner, BindingForm::parameter);
    else
      for (const int child : tree_.children(node)) bare_parameter(child, inner);
  }

  void function(int node, int scope) {
    name(tree_.child(node, "name"), scope, scope, Access::write, BindingForm::function);
    const int inner = open(node, scope, ScopeKind::function);
    const int types = type_parameters(node, inner) ? inner : scope;
    parameters(tree_.child(node, "parameters"), scope, inner, types);
    if (const int result = tree_.child(node, "return_type"); result >= 0) visit(result, types);
    body(node, inner);
  }

  bool type_parameters(int node, int inner) {
    const int list = tree_.child(node, "type_parameters");
    if (list < 0) return false;
    for (const int child : tree_.children(list)) {
      const int name = tree_.find_inside(child, "identifier");
      if (name >= 0) declare(name, inner, inner, BindingForm::type);
    }
    return true;
  }

  void lambda(int node, int scope) {
    const int inner = open(node, scope, ScopeKind::function);
    parameters(tree_.child(node, "parameters"), scope, inner, scope);
    visit(tree_.child(node, "body"), inner);
  }

  void type(int node, int scope) {
    name(tree_.child(node, "name"), scope, scope, Access::write, BindingForm::type);
    const int inner = open(node, scope, ScopeKind::type);
    type_parameters(node, inner);
    if (const int bases = tree_.child(node, "superclasses"); bases >= 0) visit(bases, scope);
    body(node, inner);
  }

  void body(int node, int inner) {
    const int body = tree_.child(node, "body");
    find_outer_names(body, inner);
    visit(body, inner);
  }

  // `global` holds for the whole function, also where it stands before.
  void find_outer_names(int node, int inner) {
    const std::string_view kind = tree_.kind(node);
    if (kind == "function_definition" || kind == "class_definition" || kind == "lambda") return;
    if (kind == "global_statement" || kind == "nonlocal_statement") {
      for (const int child : tree_.children(node)) {
        int other = 0;
        if (kind == "nonlocal_statement") other = scope(inner).parent;
        look_elsewhere(tree_.text_of(child), inner, other);
      }
      return;
    }
    for (const int child : tree_.children(node)) find_outer_names(child, inner);
  }

  void outer_names(int node, int scope) {
    for (const int child : tree_.children(node)) {
      if (tree_.kind(node) == "global_statement") found_global(child, scope);
      else use(child, scope, Access::declare);
    }
  }

  void found_global(int child, int scope) { declare(child, scope, 0, BindingForm::variable, Access::declare); }

  void comprehension(int node, int scope) {
    const int inner = open(node, scope, ScopeKind::function);
    this->scope(inner).is_comprehension = true;
    bool is_first = true;
    for (const int child : tree_.children(node)) {
      if (tree_.kind(child) != "for_in_clause") {
        visit(child, inner);
        continue;
      }
      for (const int left : tree_.children(child, "left")) bind(left, inner, Access::write);
      // The first iterable is computed outside.
      visit(tree_.child(child, "right"), is_first ? scope : inner);
      is_first = false;
    }
  }

  void import(int node, int scope) {
    for (const int child : tree_.children(node, "name")) {
      const bool has_alias = tree_.kind(child) == "aliased_import";
      int bound = has_alias ? tree_.child(child, "alias") : child;
      if (!has_alias) bound = tree_.children(child).front();  // `import a.b` binds a
      name(bound, scope, scope, Access::write, BindingForm::imported);
    }
  }

  void case_pattern(int node, int scope) {
    for (const int child : tree_.children(node)) pattern(child, scope);
  }

  void pattern(int node, int scope) {
    const std::string_view kind = tree_.kind(node);
    if (kind == "dotted_name") {
      const auto parts = tree_.children(node);
      if (parts.size() > 1) use(parts.front(), scope, Access::read);
      else if (!parts.empty() && tree_.text_of(node) != "_") name(parts.front(), scope, scope, Access::write);
    } else if (kind == "identifier") {
      name(node, scope, scope, Access::write);  // of `as` and of a splat
    } else if (kind == "class_pattern" || kind == "keyword_pattern") {
      bool is_first = true;
      for (const int child : tree_.children(node)) {
        if (!is_first) pattern(child, scope);
        else if (kind == "class_pattern") visit(tree_.children(child).front(), scope);
        is_first = false;
      }
    } else {
      for (const int child : tree_.children(node)) pattern(child, scope);
    }
  }
};

}  // namespace

void read_python_bindings(const CodeTree& tree, NameBindings& found) { PythonReader(tree, found).read(); }

}  // namespace oc::syntax
