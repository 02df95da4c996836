// SPDX-License-Identifier: Apache-2.0
#include "syntax/binding_reader.hpp"

namespace oc::syntax {
namespace {

constexpr std::string_view k_functions =
    "function_declaration generator_function_declaration function_expression generator_function arrow_function "
    "method_definition function_signature method_signature abstract_method_signature function_type call_signature "
    "construct_signature constructor_type";
constexpr std::string_view k_named_functions = "function_declaration generator_function_declaration function_signature";
constexpr std::string_view k_blocks = "statement_block for_statement switch_body";
constexpr std::string_view k_fields = "field_definition public_field_definition class_static_block";
constexpr std::string_view k_patterns =
    "array_pattern object_pattern rest_pattern parenthesized_expression non_null_expression";

class JavaScriptReader : public BindingReader {
 public:
  using BindingReader::BindingReader;

  void read() { visit_children(CodeTree::k_root, open(CodeTree::k_root, -1, ScopeKind::file)); }

  void visit(int node, int scope) override {
    const std::string_view kind = tree_.kind(node);
    if (kind == "identifier") use(node, scope, Access::read);
    else if (kind == "type_identifier") use(node, scope, Access::read).is_type = true;
    else if (kind == "shorthand_property_identifier") use(node, scope, Access::read).is_short = true;
    else if (is_among(kind, k_functions)) function(node, kind, scope);
    else if (is_among(kind, k_blocks)) visit_children(node, open(node, scope, ScopeKind::block));
    else if (is_among(kind, k_fields)) field(node, scope);
    else if (!declaration(node, kind, scope) && !expression(node, kind, scope) && !module(node, kind, scope))
      visit_children(node, scope);
  }

 private:
  bool declaration(int node, std::string_view kind, int scope) {
    if (kind == "lexical_declaration" || kind == "variable_declaration") {
      variables(node, scope);
    } else if (kind == "class_declaration" || kind == "abstract_class_declaration" || kind == "class") {
      type(node, kind, scope);
    } else if (kind == "interface_declaration" || kind == "type_alias_declaration") {
      declare(tree_.child(node, "name"), scope, scope, BindingForm::type);
      const int inner = open(node, scope, ScopeKind::block);
      visit_children_but(node, inner, "name");
    } else if (kind == "enum_declaration" || kind == "internal_module" || kind == "module") {
      const int name = tree_.child(node, "name");
      if (tree_.kind(name) == "identifier") declare(name, scope, scope, BindingForm::type);
      visit_children_but(node, scope, "name");
    } else if (kind == "type_parameter") {
      declare(tree_.child(node, "name"), scope, scope, BindingForm::type).is_type = true;
      visit_children_but(node, scope, "name");
    } else if (kind == "mapped_type_clause") {
      const int inner = open(tree_.parent(node), scope, ScopeKind::block);
      declare(tree_.child(node, "name"), inner, inner, BindingForm::type).is_type = true;
      visit_children_but(node, inner, "name");
    } else if (kind == "catch_clause") {
      const int inner = open(node, scope, ScopeKind::block);
      if (const int caught = tree_.child(node, "parameter"); caught >= 0)
        bind(caught, inner, inner, BindingForm::variable, Access::write);
      visit_children_but(node, inner, "parameter");
    } else if (kind == "for_in_statement") {
      for_in(node, scope);
    } else {
      return false;
    }
    return true;
  }

  bool expression(int node, std::string_view kind, int scope) {
    if (kind == "assignment_expression") {
      assign(tree_.child(node, "left"), scope, Access::write);
      visit(tree_.child(node, "right"), scope);
    } else if (kind == "augmented_assignment_expression") {
      assign(tree_.child(node, "left"), scope, Access::update);
      visit(tree_.child(node, "right"), scope);
    } else if (kind == "update_expression") {
      assign(tree_.child(node, "argument"), scope, Access::update);
    } else if (kind == "labeled_statement") {
      visit_children_but(node, scope, "label");
    } else if (kind == "nested_type_identifier") {
      visit(tree_.child(node, "module"), scope);
    } else if (kind == "nested_identifier") {
      visit(tree_.child(node, "object"), scope);
    } else if (kind == "index_signature") {
      visit_children_but(node, scope, "name");
    } else if (kind.starts_with("jsx_") && kind.ends_with("_element")) {
      const int name = tree_.child(node, "name");
      const std::string_view text = tree_.text_of(name);
      // <div> is no name of the program.
      const bool is_own =
          tree_.kind(name) != "identifier" || (!text.empty() && text.front() >= 'a' && text.front() <= 'z');
      visit_children_but(node, scope, is_own && tree_.kind(name) == "identifier" ? "name" : "");
    } else {
      return false;
    }
    return true;
  }

  bool module(int node, std::string_view kind, int scope) {
    if (kind == "import_clause" || kind == "namespace_import" || kind == "named_imports") {
      for (const int child : tree_.children(node)) {
        if (tree_.kind(child) == "identifier") declare(child, scope, scope, BindingForm::imported);
        else visit(child, scope);
      }
    } else if (kind == "import_specifier") {
      const int alias = tree_.child(node, "alias");
      const int name = alias >= 0 ? alias : tree_.child(node, "name");
      if (tree_.kind(name) == "identifier") declare(name, scope, scope, BindingForm::imported);
    } else if (kind == "export_statement" && tree_.child(node, "source") >= 0) {
      return true;
    } else if (kind == "export_specifier") {
      if (tree_.kind(tree_.child(node, "name")) == "identifier") visit(tree_.child(node, "name"), scope);
    } else {
      return false;
    }
    return true;
  }

  void variables(int node, int scope) {
    const bool is_var = tree_.kind(node) == "variable_declaration";
    const bool is_constant = tree_.has_token(node, "const");
    const int home = is_var ? this->scope(scope).function : scope;
    for (const int one : tree_.children(node)) {
      if (tree_.kind(one) != "variable_declarator") continue;
      const bool has_value = tree_.child(one, "value") >= 0;
      // `var x;` changes nothing of an x that has a value.
      bind(tree_.child(one, "name"), scope, home, is_constant ? BindingForm::constant : BindingForm::variable,
           has_value ? Access::write : Access::declare);
      visit_children_but(one, scope, "name");
    }
  }

  void for_in(int node, int scope) {
    const int inner = open(node, scope, ScopeKind::block);
    const int left = tree_.child(node, "left");
    const int kind = tree_.child(node, "kind");
    if (kind < 0) {
      assign(left, inner, Access::write);
    } else {
      const bool is_var = tree_.kind(kind) == "var";
      bind(left, inner, is_var ? this->scope(scope).function : inner,
           tree_.kind(kind) == "const" ? BindingForm::constant : BindingForm::variable, Access::write);
    }
    visit_children_but(node, inner, "left");
  }

  // A pattern that declares.
  void bind(int node, int scope, int home, BindingForm form, Access access) {
    const std::string_view kind = tree_.kind(node);
    if (kind == "identifier") {
      declare(node, scope, home, form, access);
    } else if (kind == "shorthand_property_identifier_pattern") {
      declare(node, scope, home, form, access).is_short = true;
    } else if (kind == "object_assignment_pattern" || kind == "assignment_pattern") {
      bind(tree_.child(node, "left"), scope, home, form, access);
      visit(tree_.child(node, "right"), scope);
    } else if (kind == "pair_pattern") {
      visit(tree_.child(node, "key"), scope);
      bind(tree_.child(node, "value"), scope, home, form, access);
    } else if (is_among(kind, k_patterns)) {
      for (const int child : tree_.children(node)) bind(child, scope, home, form, access);
    } else if (node >= 0) {
      visit(node, scope);
    }
  }

  // … that assigns.
  void assign(int node, int scope, Access access) {
    const std::string_view kind = tree_.kind(node);
    if (kind == "identifier" || kind == "shorthand_property_identifier_pattern") {
      use(node, scope, access).is_short = kind != "identifier";
    } else if (kind == "object_assignment_pattern" || kind == "assignment_pattern") {
      assign(tree_.child(node, "left"), scope, access);
      visit(tree_.child(node, "right"), scope);
    } else if (kind == "pair_pattern") {
      visit(tree_.child(node, "key"), scope);
      assign(tree_.child(node, "value"), scope, access);
    } else if (is_among(kind, k_patterns)) {
      for (const int child : tree_.children(node)) assign(child, scope, access);
    } else if (node >= 0) {
      visit(node, scope);
    }
  }

  void function(int node, std::string_view kind, int scope) {
    const int name = tree_.child(node, "name");
    const bool has_own_name = (kind == "function_expression" || kind == "generator_function") && name >= 0;
    int outer = scope;
    if (is_among(kind, k_named_functions)) declare(name, scope, scope, BindingForm::function);
    if (has_own_name) {
      outer = open(node, scope, ScopeKind::block);
      declare(name, outer, outer, BindingForm::function);
    } else if (name >= 0 && tree_.kind(name) == "computed_property_name") {
      visit(name, scope);
    }
    const int inner = open(node, outer, ScopeKind::function);
    if (const int one = tree_.child(node, "parameter"); one >= 0)
      bind(one, inner, inner, BindingForm::parameter, Access::write);
    for (const int child : tree_.children(node)) {
      const std::string_view field = tree_.node(child).field;
      if (field == "parameters") parameters(child, inner);
      else if (field == "body" && tree_.kind(child) == "statement_block") visit_children(child, inner);
      else if (field != "name" && field != "parameter") visit(child, inner);
    }
  }

  void parameters(int node, int inner) {
    for (const int child : tree_.children(node)) {
      const int pattern = tree_.child(child, "pattern");
      bind(pattern >= 0 ? pattern : child, inner, inner, BindingForm::parameter, Access::write);
      if (pattern >= 0) visit_children_but(child, inner, "pattern");
    }
  }

  void type(int node, std::string_view kind, int scope) {
    const int name = tree_.child(node, "name");
    int outer = scope;
    if (kind == "class") outer = open(node, scope, ScopeKind::block);
    if (name >= 0) declare(name, outer, outer, BindingForm::type);
    const int inner = open(node, outer, ScopeKind::type);
    visit_children_but(node, inner, "name");
  }

  // What a field is given is computed when an object is made.
  void field(int node, int scope) {
    const int inner = open(node, scope, ScopeKind::function);
    visit_children(node, inner);
  }
};

}  // namespace

void read_javascript_bindings(const CodeTree& tree, NameBindings& found) { JavaScriptReader(tree, found).read(); }

}  // namespace oc::syntax
