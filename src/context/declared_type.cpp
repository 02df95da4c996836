// SPDX-License-Identifier: Apache-2.0
#include "context/declared_type.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::context {
namespace {

using syntax::CodeTree;
using syntax::NameUse;

class TypeFinder {
 public:
  TypeFinder(const CodeTree& tree, const syntax::NameBindings& names, int binding, std::size_t before)
      : tree_(tree), names_(names), binding_(binding), before_(before) {}

  std::expected<std::string, std::string> find() {
    const std::string name = base::in_quotes(names_.binding(binding_).name);
    int declaration = -1;
    for (const int index : names_.binding(binding_).uses)
      if (names_.use(index).declares && declaration < 0) declaration = index;
    if (declaration < 0) return std::unexpected(fmt::format("the type of {} is not written", name));
    read(tree_.exact(names_.use(declaration).range));
    if (type_.empty()) return std::unexpected(fmt::format("the type of {} is not written", name));
    if (!is_known_at_top()) return std::unexpected(fmt::format("the type of {} is not known outside", name));
    if (!is_plain() && may_be_narrowed())
      return std::unexpected(fmt::format("the type of {} may be narrower there", name));
    return type_;
  }

 private:
  void read(int leaf) {
    int node = leaf;
    int holder = tree_.parent(node);
    if (tree_.kind(holder) == "rest_pattern" || tree_.kind(holder) == "non_null_expression") {
      node = holder;
      holder = tree_.parent(node);
    }
    const std::string_view kind = tree_.kind(holder);
    if (kind == "object_pattern" && tree_.kind(leaf) == "shorthand_property_identifier_pattern") {
      const int outer = tree_.parent(holder);
      take(tree_.child(outer, "type"));
      if (!type_.empty()) type_ = fmt::format("({})[\"{}\"]", type_, tree_.text_of(leaf));
      is_member_ = true;
    } else if (kind == "required_parameter" || kind == "optional_parameter") {
      take(tree_.child(holder, "type"));
      if (type_.empty()) read_value(tree_.child(holder, "value"), false);
      else if (kind == "optional_parameter" && tree_.child(holder, "value") < 0) type_ += " | undefined";
    } else if (kind == "variable_declarator") {
      take(tree_.child(holder, "type"));
      if (type_.empty()) read_value(tree_.child(holder, "value"), tree_.has_token(tree_.parent(holder), "const"));
    } else if (kind == "for_in_statement") {
      read_element(holder);
    }
  }

  void take(int annotation) {
    if (annotation < 0) return;
    const auto parts = tree_.children(annotation);
    if (parts.size() != 1) return;
    at_ = parts.front();
    type_ = tree_.text_of(at_);
  }

  void read_value(int value, bool is_constant) {
    if (value < 0) return;
    const std::string_view kind = tree_.kind(value);
    if (kind == "number") type_ = is_constant ? tree_.text_of(value) : "number";
    else if (kind == "string") type_ = is_constant ? tree_.text_of(value) : "string";
    else if (kind == "true" || kind == "false") type_ = is_constant ? std::string(kind) : "boolean";
    else if (kind == "template_string") type_ = "string";
    else if (kind == "as_expression" && tree_.children(value).size() == 2)
      at_ = tree_.children(value)[1], type_ = tree_.text_of(at_);
    else if (kind == "new_expression") read_made(value);
    is_from_value_ = kind != "as_expression" && kind != "new_expression";
  }

  void read_made(int value) {
    const int type = tree_.child(value, "constructor");
    const int arguments = tree_.child_of_kind(value, "type_arguments");
    if (tree_.kind(type) != "identifier") return;
    const int use = names_.use_at(tree_.node(type).range.begin);
    const int binding = use < 0 ? -1 : names_.use(use).binding;
    if (arguments < 0) {
      // Without arguments, a class from elsewhere may have parameters that are inferred.
      if (binding < 0 || names_.binding(binding).form != syntax::BindingForm::type) return;
      const NameUse& declared = names_.use(names_.binding(binding).uses.front());
      const int holder = tree_.parent(tree_.covering(declared.range));
      if (tree_.kind(holder) != "class_declaration" || tree_.child(holder, "type_parameters") >= 0) return;
    }
    at_ = value;
    type_ = std::string(tree_.text_of(type)) + std::string(tree_.text_of(arguments));
    is_from_class_ = true;
  }

  // `for (const x of list)` with `list: T[]`.
  void read_element(int loop) {
    const int list = tree_.child(loop, "right");
    if (tree_.kind(tree_.child(loop, "operator")) != "of" || tree_.kind(list) != "identifier") return;
    const int use = names_.use_at(tree_.node(list).range.begin);
    if (use < 0 || names_.use(use).binding < 0 || names_.use(use).binding == binding_) return;
    const auto whole = find_declared_type(tree_, names_, names_.use(use).binding, tree_.node(loop).range.begin);
    if (whole && whole->ends_with("[]") && !whole->contains('|')) type_ = whole->substr(0, whole->size() - 2);
    is_element_ = true;
  }

  bool is_known_at_top() const {
    if (at_ < 0) return true;
    const syntax::ByteRange& range = tree_.node(at_).range;
    for (const NameUse& use : names_.uses())
      if (syntax::holds(range, use.range) && use.binding >= 0 && names_.binding(use.binding).scope != 0) return false;
    return true;
  }

  // A type that no test makes narrower.
  bool is_plain() const {
    if (is_from_value_ || is_from_class_) return true;
    const std::string_view type = type_;
    return type == "number" || type == "string" || type == "bigint" || type.ends_with("[]");
  }

  bool may_be_narrowed() const {
    if (type_.contains('|') && names_.count_writes(binding_) > 1) return true;
    for (const int index : names_.binding(binding_).uses) {
      const NameUse& use = names_.use(index);
      if (use.range.begin >= before_ || use.declares) continue;
      if (is_element_ || is_member_ || is_tested(tree_.exact(use.range))) return true;
    }
    return false;
  }

  bool is_tested(int node) const {
    for (int at = node; at > CodeTree::k_root; at = tree_.parent(at)) {
      const std::string_view kind = tree_.kind(tree_.parent(at));
      const std::string_view field = tree_.node(at).field;
      const bool is_deciding = field == "condition" || (kind == "switch_statement" && field == "value") ||
                               (kind == "binary_expression" && field == "left");
      if (is_deciding) return true;
      if (kind == "call_expression" && tree_.kind(tree_.parent(tree_.parent(at))) == "expression_statement")
        return true;
      if (kind == "assignment_expression" && field == "left") return true;
      if (kind == "statement_block") return false;
    }
    return false;
  }

  const CodeTree& tree_;
  const syntax::NameBindings& names_;
  int binding_;
  std::size_t before_;
  int at_ = -1;
  std::string type_;
  bool is_from_value_ = false, is_from_class_ = false, is_element_ = false, is_member_ = false;
};

}  // namespace

std::expected<std::string, std::string> find_declared_type(const CodeTree& tree, const syntax::NameBindings& names,
                                                           int binding, std::size_t before) {
  return TypeFinder(tree, names, binding, before).find();
}

}  // namespace oc::context
