// SPDX-License-Identifier: Apache-2.0
#include "context/inline_value.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/evaluation.hpp"

namespace oc::context {
namespace {

using syntax::Access;
using syntax::BindingForm;
using syntax::ByteRange;
using syntax::CodeTree;
using syntax::is_among;
using syntax::NameUse;

using Fault = std::string;  // "" for none

class DefinitionReader {
 public:
  explicit DefinitionReader(const ReadCode& code) : tree_(code.tree), names_(code.names) {}

  std::expected<InlineValue, std::string> read(const ByteRange& name) {
    const int use = names_.use_at(name.begin);
    if (use < 0 || names_.use(use).binding < 0)
      return std::unexpected("its definition is of no kind that is known here");
    found_.binding = names_.use(use).binding;
    int changes = 0;
    for (const int one : names_.binding(found_.binding).uses) changes += names_.use(one).access != Access::read ? 1 : 0;
    if (changes != 1) return std::unexpected("it gets a value in several places");
    const int leaf = tree_.exact(name);
    const Fault fault = read_definition(leaf);
    if (!fault.empty()) return std::unexpected(fault);
    found_.block = tree_.parent(found_.statement);
    if (const Fault inner = check_expression(); !inner.empty()) return std::unexpected(inner);
    return std::move(found_);
  }

 private:
  Fault read_definition(int leaf) {
    const int holder = leaf < 0 ? -1 : tree_.parent(leaf);
    const std::string_view kind = tree_.kind(holder);
    if (kind == "function_definition" || kind == "function_declaration") return read_function(holder, holder);
    if (kind == "assignment" && tree_.kind(tree_.parent(holder)) == "expression_statement")
      return read_value(tree_.child(holder, "right"), tree_.parent(holder));
    if (kind == "variable_declarator") {
      const int statement = tree_.parent(holder);
      if (tree_.children(statement).size() != 1) return "it is declared together with others";
      const int value = tree_.child(holder, "value");
      if (is_among(tree_.kind(value), "arrow_function function_expression")) return read_function(value, statement);
      if (tree_.is_typescript() && tree_.child(holder, "type") >= 0 && !is_plain_type(tree_.child(holder, "type")))
        return "the type that it is declared with would be lost";
      return read_value(value, statement);
    }
    if (kind.contains("class")) return "a class cannot be put in place of its uses";
    return "it is neither a function nor a variable that is given one value";
  }

  bool is_plain_type(int annotation) const {
    const std::string_view type = base::trim(tree_.text_of(annotation).substr(1));
    return is_among(type, "number string boolean bigint");
  }

  Fault read_value(int value, int statement) {
    if (value < 0) return "it has no value of its own";
    if (is_among(tree_.kind(value), "assignment assignment_expression")) return "its value is given to several names";
    found_.expression = value;
    found_.kind = is_constant(tree_, value) ? InlineValue::Kind::constant : InlineValue::Kind::variable;
    return set_statement(statement);
  }

  Fault set_statement(int statement) {
    found_.statement = statement;
    const int holder = tree_.parent(statement);
    if (tree_.kind(holder) == "export_statement") {
      if (tree_.has_token(holder, "default")) return "it is what the file exports by default";
      found_.statement = holder;
    }
    if (tree_.kind(holder) == "for_statement") return "it is counted in a loop";
    return "";
  }

  Fault read_function(int function, int statement) {
    found_.kind = InlineValue::Kind::function;
    if (const Fault fault = set_statement(statement); !fault.empty()) return fault;
    if (tree_.kind(tree_.parent(statement)) == "decorated_definition") return "it is decorated";
    if (tree_.has_token(function, "async")) return "it is async";
    if (tree_.child(function, "type_parameters") >= 0) return "it has type parameters";
    if (const int type = tree_.child(function, "return_type");
        type >= 0 && tree_.is_typescript() && !is_plain_type(type))
      return "the type that it says it returns may be another than that of the expression";
    if (const Fault fault = read_parameters(function); !fault.empty()) return fault;
    return read_body(function);
  }

  Fault read_parameters(int function) {
    std::vector<int> list = tree_.children(tree_.child(function, "parameters"));
    if (const int one = tree_.child(function, "parameter"); one >= 0) list.push_back(one);
    for (const int one : list) {
      const std::string_view kind = tree_.kind(one);
      int name = one;
      if (kind == "required_parameter") name = tree_.child(one, "pattern");
      else if (kind == "typed_parameter") name = tree_.children(one).front();
      else if (is_among(kind, "default_parameter typed_default_parameter")) name = tree_.child(one, "name");
      const int value = tree_.child(one, "value");
      if (tree_.kind(name) != "identifier" || (value >= 0 && tree_.family() != "python"))
        return "its parameters are more than plain names";
      if (value >= 0 && !is_constant(tree_, value)) return "a default of its parameters is not a constant";
      const int use = names_.use_at(tree_.node(name).range.begin);
      if (use < 0 || names_.count_writes(names_.use(use).binding) != 1) return "it changes its parameters";
      found_.parameters.push_back({std::string(tree_.text_of(name)), names_.use(use).binding, value});
    }
    if (tree_.find_inside(tree_.child(function, "parameters"), "keyword_separator positional_separator") >= 0)
      return "its parameters are more than plain names";
    return "";
  }

  Fault read_body(int function) {
    Fault other = "its body is more than one returned expression";
    const int body = tree_.child(function, "body");
    if (!is_among(tree_.kind(body), "block statement_block")) {
      found_.expression = body;
      return "";
    }
    auto statements = tree_.children(body);
    if (statements.size() == 2 && tree_.kind(statements.front()) == "expression_statement" &&
        tree_.family() == "python" && tree_.kind(tree_.children(statements.front()).front()) == "string")
      statements.erase(statements.begin());
    if (statements.size() != 1 || tree_.kind(statements.front()) != "return_statement") return other;
    const auto parts = tree_.children(statements.front());
    if (parts.size() != 1) return other;
    found_.expression = parts.front();
    return "";
  }

  Fault check_expression() const {
    if (tree_.find_inside(found_.expression, "yield yield_expression await await_expression") >= 0)
      return "it waits or hands out values";
    if (tree_.find_inside(found_.expression, "this super meta_property named_expression") >= 0)
      return "its expression means something of its own there";
    if (tree_.find_inside(found_.expression, "ERROR comment") >= 0) return "its expression cannot be read for certain";
    const ByteRange& range = tree_.node(found_.expression).range;
    for (const NameUse& use : names_.uses()) {
      if (!syntax::holds(range, use.range)) continue;
      if (use.binding == found_.binding) return "it uses itself";
      if (use.name == "arguments" || is_among(use.name, "locals vars super __class__"))
        return "its expression means something of its own there";
      const bool is_inside = use.binding >= 0 && is_own(use.binding);
      if (use.access != Access::read && !is_inside) return "its expression changes a name";
    }
    return "";
  }

  bool is_own(int binding) const {
    const syntax::NameScope& scope = names_.scope(names_.binding(binding).scope);
    return syntax::holds(tree_.node(found_.expression).range, scope.range);
  }

  const CodeTree& tree_;
  const syntax::NameBindings& names_;
  InlineValue found_;
};

class UseWriter {
 public:
  UseWriter(const ReadCode& home, const InlineValue& value, const ReadCode& site)
      : home_(home), value_(value), site_(site), is_same_file_(&home == &site) {}

  std::expected<InlinedUse, std::string> write(const ByteRange& use) {
    const CodeTree& tree = site_.tree;
    place_ = tree.covering(use);
    if (tree.node(place_).range != use) return std::unexpected("it is not read as a name");
    while (is_among(tree.kind(tree.parent(place_)), "attribute member_expression") &&
           is_among(tree.node(place_).field, "attribute property"))
      place_ = tree.parent(place_);
    if (const Fault fault = check_place(); !fault.empty()) return std::unexpected(fault);
    if (const Fault fault = check_names(); !fault.empty()) return std::unexpected(fault);
    if (value_.kind == InlineValue::Kind::function) {
      if (const Fault fault = read_call(); !fault.empty()) return std::unexpected(fault);
      if (const Fault fault = check_order(); !fault.empty()) return std::unexpected(fault);
    }
    std::string text = write_expression();
    if (!fault_.empty()) return std::unexpected(fault_);
    if (needs_parentheses(home_.tree, value_.expression, tree, place_)) text = "(" + text + ")";
    if (const Fault fault = check_text(text); !fault.empty()) return std::unexpected(fault);
    if (tree.kind(place_) == "shorthand_property_identifier") text = fmt::format("{}: {}", tree.text_of(place_), text);
    return InlinedUse{tree.node(place_).range, std::move(text)};
  }

 private:
  Fault check_place() const {
    const CodeTree& tree = site_.tree;
    const std::string_view round = tree.kind(tree.parent(place_));
    if (is_among(round, "export_specifier export_statement")) return "it is exported here";
    if (is_among(round,
                 "type_query generic_type nested_identifier decorator jsx_opening_element jsx_self_closing_element"))
      return "it is not used as a value here";
    if (is_among(round, "delete_statement global_statement nonlocal_statement"))
      return "its name is meant here, not its value";
    const bool is_target =
        is_among(round,
                 "assignment_expression augmented_assignment_expression update_expression assignment "
                 "augmented_assignment");
    if (is_target && tree.node(place_).field != "right") return std::string(k_given_value);
    if (round == "expression_statement" && value_.kind != InlineValue::Kind::function) return "it stands alone here";
    return "";
  }

  // Each name of the expression must mean there what it means at home.
  Fault check_names() const {
    const int scope = site_.names.scope_at(site_.tree.node(place_).range);
    const ByteRange& range = home_.tree.node(value_.expression).range;
    for (const NameUse& use : home_.names.uses()) {
      if (!syntax::holds(range, use.range) || is_parameter(use.binding) || is_bound_inside(use.binding)) continue;
      const int meant = site_.names.resolve(use.name, scope);
      if (is_same_file_ ? meant == use.binding : (use.binding < 0 && meant < 0)) continue;
      return is_same_file_ ? fmt::format("{} means something else here", base::in_quotes(use.name))
                           : fmt::format("it needs {} of its own file here", base::in_quotes(use.name));
    }
    return "";
  }

  bool is_parameter(int binding) const {
    return std::ranges::any_of(value_.parameters, [&](const InlineParameter& one) { return one.binding == binding; });
  }

  bool is_bound_inside(int binding) const {
    return binding >= 0 && syntax::holds(home_.tree.node(value_.expression).range,
                                         home_.names.scope(home_.names.binding(binding).scope).range);
  }

  Fault read_call() {
    const CodeTree& tree = site_.tree;
    const int call = tree.parent(place_);
    if (!is_among(tree.kind(call), "call call_expression") || tree.node(place_).field != "function")
      return "it is not called here";
    const int list = tree.child(call, "arguments");
    if (!is_among(tree.kind(list), "argument_list arguments") || tree.child_of_kind(call, "optional_chain") >= 0)
      return "it is called in another way here";
    if (is_among(tree.kind(tree.parent(call)), "decorator await await_expression new_expression"))
      return "what it returns is used in another way here";
    if (tree.find_inside(list, "comment") >= 0) return "there is a comment among its arguments";
    if (tree.find_inside(list,
                         "named_expression assignment_expression yield await await_expression update_expression "
                         "augmented_assignment_expression") >= 0)
      return "its arguments do more than to compute a value";
    std::size_t next = 0;
    for (const int one : tree.children(list)) {
      const std::string_view kind = tree.kind(one);
      if (is_among(kind, "list_splat dictionary_splat spread_element")) return "its arguments are unpacked here";
      if (kind == "keyword_argument") {
        const std::string name(tree.text_of(tree.child(one, "name")));
        const auto found = std::ranges::find(value_.parameters, name, &InlineParameter::name);
        if (found == value_.parameters.end() || arguments_.contains(found->binding)) return "its arguments do not fit";
        arguments_[found->binding] = tree.child(one, "value");
        order_.push_back(found->binding);
        continue;
      }
      if (next >= value_.parameters.size()) return "its arguments do not fit";
      const int binding = value_.parameters[next++].binding;
      arguments_[binding] = one;
      order_.push_back(binding);
    }
    for (const InlineParameter& one : value_.parameters)
      if (!arguments_.contains(one.binding) && one.default_value < 0) return "its arguments do not fit";
    place_ = call;
    return "";
  }

  // The same value wherever in the expression it is computed, and nothing happens by it.
  bool is_steady(int argument) const {
    if (is_constant(site_.tree, argument)) return true;
    if (site_.tree.kind(argument) != "identifier") return false;
    const int use = site_.names.use_at(site_.tree.node(argument).range.begin);
    return use >= 0 && is_steady_name(site_.names, site_.names.use(use), false);
  }

  static bool is_steady_name(const syntax::NameBindings& names, const NameUse& use, bool is_later) {
    if (use.binding < 0) return true;
    const syntax::NameBinding& binding = names.binding(use.binding);
    int writes = 0;
    bool is_written_by_function = false;
    for (const int one : binding.uses) {
      if (names.use(one).access == Access::read) continue;
      ++writes;
      is_written_by_function =
          is_written_by_function || names.scope(names.use(one).scope).function != names.scope(use.scope).function;
    }
    // What is given a value once may be given it again, in a loop.
    if (is_later) return writes <= 1 && binding.form != BindingForm::variable;
    return writes <= 1 || (!is_written_by_function && binding.scope != 0);
  }

  Fault check_order() const {
    const Evaluation all = steps_of(home_.tree, value_.expression);
    std::vector<int> waiting;  // arguments that do something, in their order
    for (const int binding : order_)
      if (!is_steady(arguments_.at(binding))) waiting.push_back(binding);
    std::size_t done = 0;
    bool has_effect = false;
    for (const Evaluation::Step& step : all.steps) {
      const int use = step.is_name ? home_.names.use_at(home_.tree.node(step.node).range.begin) : -1;
      const int binding = use < 0 ? -1 : home_.names.use(use).binding;
      if (step.is_name && arguments_.contains(binding)) {
        const int argument = arguments_.at(binding);
        if (std::ranges::find(waiting, binding) != waiting.end()) {
          if (!step.is_certain || step.is_later) return "an argument would be computed at another time or not at all";
          if (done >= waiting.size() || waiting[done] != binding)
            return "its arguments would be computed in another order";
          if (has_effect) return "something would be done before its arguments are computed";
          ++done;
        } else if (step.is_later && !is_constant(site_.tree, argument)) {
          const int named = site_.names.use_at(site_.tree.node(argument).range.begin);
          if (named >= 0 && !is_steady_name(site_.names, site_.names.use(named), true))
            return "an argument may have another value later";
        }
        continue;
      }
      if (!step.is_name || (use >= 0 && !is_steady_name(home_.names, home_.names.use(use), false)))
        has_effect = has_effect || !is_module_member(step.node);
    }
    return done == waiting.size() ? "" : "an argument would not be computed any more";
  }

  // `math.sqrt` of an imported module: reading it does nothing.
  bool is_module_member(int node) const {
    const int object = home_.tree.child(node, "object");
    if (home_.tree.kind(object) != "identifier") return false;
    const int use = home_.names.use_at(home_.tree.node(object).range.begin);
    return use >= 0 && home_.names.use(use).binding >= 0 &&
           home_.names.binding(home_.names.use(use).binding).form == BindingForm::imported;
  }

  std::string write_expression() {
    const ByteRange range = home_.tree.node(value_.expression).range;
    const std::string_view text = home_.tree.text();
    std::string written;
    std::size_t copied = range.begin;
    for (const NameUse& use : home_.names.uses()) {
      if (!syntax::holds(range, use.range) || !is_parameter(use.binding)) continue;
      written.append(text.substr(copied, use.range.begin - copied)).append(write_argument(use));
      copied = use.range.end;
    }
    written.append(text.substr(copied, range.end - copied));
    return written;
  }

  std::string write_argument(const NameUse& use) {
    const auto given = arguments_.find(use.binding);
    const CodeTree& from = given == arguments_.end() ? home_.tree : site_.tree;
    int node = given == arguments_.end() ? -1 : given->second;
    if (node < 0) node = std::ranges::find(value_.parameters, use.binding, &InlineParameter::binding)->default_value;
    std::string text(from.text_of(node));
    const int place = home_.tree.covering(use.range);
    if (captures(from, node, use)) fault_ = "a name of its arguments means something else in its expression";
    if (home_.tree.family() == "python" && home_.tree.nearest(place, "interpolation") >= 0 && !is_plain_text(text))
      fault_ = "an argument would stand inside of a string";
    if (place != value_.expression && needs_parentheses(from, node, home_.tree, place)) text = "(" + text + ")";
    if (place == value_.expression && needs_parentheses(from, node, site_.tree, place_)) text = "(" + text + ")";
    if (use.is_short) text = fmt::format("{}: {}", use.name, text);
    return text;
  }

  static bool is_plain_text(std::string_view text) {
    return text.find_first_of("\"'\\{}\n:!#`") == std::string_view::npos;
  }

  // Is a name of the argument bound round the place where it is put?
  bool captures(const CodeTree& from, int node, const NameUse& use) const {
    if (&from != &site_.tree) return false;
    for (const NameUse& one : site_.names.uses()) {
      if (!syntax::holds(from.node(node).range, one.range)) continue;
      const int bound = home_.names.resolve(one.name, use.scope);
      if (bound >= 0 && is_bound_inside(bound)) return true;
    }
    return false;
  }

  Fault check_text(const std::string& text) const {
    const CodeTree& tree = site_.tree;
    if (tree.family() == "python")
      return tree.nearest(place_, "interpolation") >= 0 && !is_plain_text(text) ? "it stands inside of a string here"
                                                                                : "";
    const int statement = tree.nearest(place_, "expression_statement");
    if (statement < 0 || tree.node(statement).range.begin != tree.node(place_).range.begin) return "";
    const std::string_view before = base::trim_end(tree.text().substr(0, tree.node(place_).range.begin));
    const bool is_open = !before.empty() && !std::string_view(";{}").contains(before.back());
    return is_open && std::string_view("([`+-/").contains(text.front()) ? "it would be read as a part of the line above"
                                                                        : "";
  }

  const ReadCode& home_;
  const InlineValue& value_;
  const ReadCode& site_;
  bool is_same_file_;
  int place_ = -1;
  std::map<int, int> arguments_;  // node by binding of the parameter
  std::vector<int> order_;        // bindings of the parameters, as they are computed
  Fault fault_;
};

}  // namespace

std::expected<InlineValue, std::string> find_inline_value(const ReadCode& home, const ByteRange& name) {
  return DefinitionReader(home).read(name);
}

std::expected<InlinedUse, std::string> inline_at(const ReadCode& home, const InlineValue& value, const ReadCode& site,
                                                 const ByteRange& use) {
  return UseWriter(home, value, site).write(use);
}

}  // namespace oc::context
