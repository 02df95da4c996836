// SPDX-License-Identifier: Apache-2.0
#include "context/region_values.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::context {
namespace {

using syntax::Access;
using syntax::BindingForm;
using syntax::CodeTree;
using syntax::Jump;
using syntax::JumpKind;
using syntax::NameUse;

using Fault = std::string;  // "" for none

bool reads(const NameUse& use) { return use.access == Access::read || use.access == Access::update; }
bool writes(const NameUse& use) { return use.access == Access::write || use.access == Access::update; }

// One name of the function, as the lines and the code round them use it.
struct Traffic {
  int binding = 0;
  bool is_of_owner = false;
  bool is_read_inside = false, is_written_inside = false, is_declared_inside = false, is_erased_inside = false;
  bool is_used_outside = false, is_declared_outside = false;
  bool is_held_inside = false;          // by a function in the lines
  bool is_changed_by_function = false;  // … of any place
  bool is_held_before = false;          // by a function that may run while the lines do
  bool is_read_later = false;           // by a function that is made afterwards
  bool is_held_unwritten = false;       // by a function in the lines, before they write it
  bool is_untracked = false;            // used in the lines where the flow does not see it
};

class ValueFinder {
 public:
  ValueFinder(const CodeTree& tree, const syntax::NameBindings& names, const syntax::CodeRegion& region, int self)
      : tree_(tree),
        names_(names),
        region_(region),
        self_(self),
        flow_(read_flow(tree, names, region.owner, region.range)) {
    for (const auto& point : flow_.points)
      if (point.use >= 0) tracked_.insert(point.use);
    for (std::size_t i = 0; i < names.scopes().size(); ++i)
      if (names.scopes()[i].node == region.owner && names.scopes()[i].kind == syntax::ScopeKind::function)
        owner_scope_ = static_cast<int>(i);
    is_python_ = tree.family() == "python";
    is_of_file_ = region.owner == CodeTree::k_root;
  }

  std::expected<RegionValues, std::string> find() {
    if (flow_.region_entry < 0 || flow_.region_exit < 0)
      return std::unexpected("the order of what they do is not known");
    is_looped_ = flow_.leads(flow_.region_exit, [&](int at) { return at == flow_.region_entry; }, nothing);
    if (const Fault fault = check_jumps(); !fault.empty()) return std::unexpected(fault);
    for (const int binding : used_bindings())
      if (const Fault fault = look_at(binding); !fault.empty()) return std::unexpected(fault);
    return std::move(found_);
  }

 private:
  static bool nothing(int /*point*/) { return false; }
  bool in_region(const NameUse& use) const { return syntax::holds(region_.range, use.range); }
  std::string quoted(int binding) const { return base::in_quotes(names_.binding(binding).name); }

  Fault check_jumps() {
    const bool goes_on = flow_.leads(flow_.region_entry, [&](int at) { return at == flow_.region_exit; }, nothing);
    base::LineNumber returned;
    for (const Jump& jump : flow_.jumps) {
      if (!flow_.in_region(jump.from) || jump.kind == JumpKind::raises) continue;
      if (jump.kind == JumpKind::returns) returned = jump.line;
      else if (!flow_.in_region(jump.to))
        return fmt::format("'{}' at line {} leaves them", jump.kind == JumpKind::breaks ? "break" : "continue",
                           jump.line.value);
    }
    if (returned.value == 0) return "";
    const bool is_last = tree_.parent(region_.block) == region_.owner && is_last_of_block();
    if (goes_on && !is_last) return fmt::format("'return' at line {} leaves them on some ways only", returned.value);
    found_.end = RegionEnd::returns;
    return "";
  }

  bool is_last_of_block() const { return tree_.children(region_.block).back() == region_.statements.back(); }

  std::vector<int> used_bindings() const {
    std::vector<int> bindings;
    for (const NameUse& use : names_.uses())
      if (in_region(use) && use.binding >= 0 && std::ranges::find(bindings, use.binding) == bindings.end())
        bindings.push_back(use.binding);
    return bindings;
  }

  // The function in which a use is computed: comprehensions are part of theirs.
  int function_of(const NameUse& use) const {
    int scope = names_.scope(use.scope).function;
    while (names_.scope(scope).is_comprehension) scope = names_.scope(names_.scope(scope).parent).function;
    return scope;
  }

  bool is_lazy(const NameUse& use) const {
    for (int scope = use.scope; scope >= 0 && scope != owner_scope_; scope = names_.scope(scope).parent)
      if (tree_.kind(names_.scope(scope).node) == "generator_expression" && !is_used_up(names_.scope(scope).node))
        return true;
    return false;
  }

  // `sum(x for …)`: nothing is left of it afterwards.
  bool is_used_up(int generator) const {
    const int call = tree_.parent(generator);
    const std::string_view name = tree_.text_of(tree_.child(call, "function"));
    return tree_.kind(call) == "call" &&
           syntax::is_among(name, "sum any all list tuple set frozenset sorted min max dict");
  }

  Traffic traffic_of(int binding) const {
    Traffic made{.binding = binding};
    const int home = names_.scope(names_.binding(binding).scope).function;
    made.is_of_owner = home == owner_scope_;
    for (const int index : names_.binding(binding).uses) {
      const NameUse& use = names_.use(index);
      const bool is_inside = in_region(use);
      const bool is_own = function_of(use) == owner_scope_ && !is_lazy(use);
      if (is_inside) {
        made.is_read_inside = made.is_read_inside || reads(use);
        made.is_written_inside = made.is_written_inside || (writes(use) && is_own);
        made.is_declared_inside = made.is_declared_inside || (use.declares && is_own);
        made.is_erased_inside = made.is_erased_inside || use.access == Access::erase;
        made.is_held_inside = made.is_held_inside || !is_own;
        made.is_untracked = made.is_untracked || (is_own && !tracked_.contains(index));
        if (!is_own && !made.is_written_inside) made.is_held_unwritten = true;
      } else {
        made.is_used_outside = true;
        made.is_declared_outside = made.is_declared_outside || use.declares;
      }
      if (is_own) continue;
      // The function that has the name stands still while one inside of it runs.
      const bool is_home = !made.is_of_owner && function_of(use) == home && region_.awaits.value == 0;
      if (writes(use) || use.access == Access::erase)
        made.is_changed_by_function = made.is_changed_by_function || !is_home;
      if (!is_inside) note_holder(made, use, is_home);
    }
    return made;
  }

  void note_holder(Traffic& made, const NameUse& use, bool is_home) const {
    const bool is_later = use.range.begin > region_.range.end && !is_looped_ && !is_hoisted(use);
    made.is_held_before = made.is_held_before || !is_later;
    made.is_read_later = made.is_read_later || (is_later && !is_home);
  }

  bool is_hoisted(const NameUse& use) const {
    if (is_python_) return false;
    for (int scope = use.scope; scope >= 0 && scope != owner_scope_; scope = names_.scope(scope).parent)
      if (tree_.kind(names_.scope(scope).node).ends_with("function_declaration")) return true;
    return false;
  }

  // Names of the file stay what they are in a function of the file; but in Python it would have to say `global`.
  bool is_reached_anyway(const Traffic& one) const {
    if (names_.binding(one.binding).scope != 0) return false;
    if (!is_of_file_) return true;
    return is_python_ ? !one.is_written_inside : !one.is_declared_inside;
  }

  Fault look_at(int binding) {
    const Traffic one = traffic_of(binding);
    if (binding == self_)
      return one.is_written_inside ? fmt::format("they give {} another value", quoted(binding)) : "";
    if (is_of_outer_scope_in_region(binding)) return "";
    for (const int index : names_.binding(binding).uses)
      if (in_region(names_.use(index)) && names_.use(index).is_elsewhere && !reads(names_.use(index)))
        return fmt::format("they write {}, which the function says is not its own", quoted(binding));
    if (is_reached_anyway(one)) return "";
    for (const int index : names_.binding(binding).uses)
      if (in_region(names_.use(index)) && names_.use(index).is_type)
        return fmt::format("they name the type {}, which is not known outside of the function", quoted(binding));
    if (!one.is_used_outside && !(is_of_file_ && is_python_)) return look_at_inner(one);
    if (const Fault fault = check_shared(one); !fault.empty()) return fault;
    return pass(one);
  }

  // A name of a function or class that stands in the lines as a whole.
  bool is_of_outer_scope_in_region(int binding) const {
    const syntax::NameScope& scope = names_.scope(names_.binding(binding).scope);
    return scope.node != CodeTree::k_root && syntax::holds(region_.range, scope.range);
  }

  // Nothing outside of the lines uses it; only `var` in a loop still has what it had.
  Fault look_at_inner(const Traffic& one) const {
    if (!is_looped_ ||
        (!is_python_ && names_.scope(names_.binding(one.binding).scope).function != names_.binding(one.binding).scope))
      return "";
    const bool keeps = flow_.leads(
        flow_.region_entry, [&](int at) { return is_read(at, one.binding); },
        [&](int at) { return is_write(at, one.binding) || !flow_.in_region(at); });
    if (!keeps) return "";
    return fmt::format("{} keeps its value from one turn of the loop to the next", quoted(one.binding));
  }

  Fault check_shared(const Traffic& one) const {
    if (one.is_erased_inside) return fmt::format("they delete {}", quoted(one.binding));
    if (one.is_changed_by_function)
      return fmt::format("{} is changed by another function, which they may call", quoted(one.binding));
    if (one.is_written_inside && one.is_held_before)
      return fmt::format("they change {}, and another function reads it", quoted(one.binding));
    if (one.is_held_inside &&
        flow_.leads(flow_.region_exit, [&](int at) { return is_write(at, one.binding); }, nothing))
      return fmt::format("a function in them holds {}, which is changed afterwards", quoted(one.binding));
    if (one.is_declared_inside && one.is_declared_outside && !is_python_)
      return fmt::format("{} is declared in them and outside of them", quoted(one.binding));
    const BindingForm form = names_.binding(one.binding).form;
    if (!is_python_ && one.is_declared_inside && (form == BindingForm::function || form == BindingForm::type))
      return fmt::format("they declare {}, which is used outside of them", quoted(one.binding));
    return "";
  }

  bool is_read(int point, int binding) const {
    const int use = flow_.point(point).use;
    if (use < 0 || names_.use(use).binding != binding) return false;
    return reads(names_.use(use)) || names_.use(use).access == Access::erase;  // which must be there
  }
  bool is_write(int point, int binding) const {
    const int use = flow_.point(point).use;
    return use >= 0 && names_.use(use).binding == binding && names_.use(use).access == Access::write;
  }

  Fault pass(const Traffic& one) {
    const int binding = one.binding;
    const auto read = [&](int at) { return is_read(at, binding); };
    const auto written = [&](int at) { return is_write(at, binding); };
    const bool is_own_declaration = one.is_declared_inside && !is_python_;
    if (is_own_declaration && !one.is_written_inside)
      return fmt::format("they declare {}, which gets its value elsewhere", quoted(binding));
    const bool is_result =
        found_.end == RegionEnd::goes_on && one.is_written_inside &&
        (one.is_read_later || is_own_declaration || (is_of_file_ && (is_python_ || one.is_used_outside)) ||
         flow_.leads(flow_.region_exit, read, written));
    if (one.is_written_inside)
      if (const Fault fault = check_caught(binding); !fault.empty()) return fault;
    const auto leaves = [&](int at) { return at == flow_.region_exit; };
    const bool is_read_first = flow_.leads(
        flow_.region_entry, [&](int at) { return flow_.in_region(at) && is_read(at, binding); },
        [&](int at) { return is_write(at, binding) || !flow_.in_region(at); });
    const bool may_stay =
        flow_.leads(flow_.region_entry, leaves, [&](int at) { return is_write(at, binding) || !flow_.in_region(at); });
    const bool is_parameter = !is_own_declaration && (is_read_first || one.is_untracked || one.is_held_unwritten ||
                                                      ((is_result || one.is_held_inside) && may_stay));
    if (is_own_declaration && is_looped_ && (is_read_first || may_stay) && is_var(binding))
      return fmt::format("{} keeps its value from one turn of the loop to the next", quoted(binding));
    if (is_parameter) {
      if (const Fault fault = check_has_value(one); !fault.empty()) return fault;
      found_.parameters.push_back(binding);
    }
    if (is_result) found_.results.push_back(binding);
    if (!is_python_ && one.is_written_inside && !is_parameter && !one.is_declared_inside)
      found_.locals.push_back(binding);
    return "";
  }

  bool is_var(int binding) const {
    const int scope = names_.binding(binding).scope;
    return names_.scope(scope).function == scope;
  }

  // What is written in the lines, and read where an exception of theirs is caught, would be lost.
  Fault check_caught(int binding) const {
    for (std::size_t i = 0; i < flow_.points.size(); ++i) {
      if (!flow_.in_region(static_cast<int>(i))) continue;
      for (const int next : flow_.points[i].next) {
        if (flow_.in_region(next) || next == flow_.region_exit || next == flow_.exit) continue;
        if (flow_.leads(
                next, [&](int at) { return is_read(at, binding); }, [&](int at) { return is_write(at, binding); }))
          return fmt::format("{} is read where an exception from them is caught", quoted(binding));
      }
    }
    return "";
  }

  // In Python a name without a value must not be handed over.
  Fault check_has_value(const Traffic& one) const {
    if (!is_python_) return "";
    const syntax::NameBinding& binding = names_.binding(one.binding);
    if (!one.is_of_owner) {
      const NameUse& first = names_.use(binding.uses.front());
      const bool is_there = first.declares && first.range.begin < tree_.node(region_.owner).range.begin;
      if (is_there && binding.form != BindingForm::variable) return "";
      if (is_there && names_.count_writes(one.binding) == 1 && first.access == Access::write) return "";
      return fmt::format("it is not certain that {} has a value", quoted(one.binding));
    }
    const bool may_lack = flow_.leads(
        flow_.entry, [&](int at) { return at == flow_.region_entry; },
        [&](int at) { return is_write(at, one.binding); });
    return may_lack ? fmt::format("it is not certain that {} has a value before them", quoted(one.binding)) : "";
  }

  const CodeTree& tree_;
  const syntax::NameBindings& names_;
  const syntax::CodeRegion& region_;
  int self_;
  syntax::CodeFlow flow_;
  std::set<int> tracked_;
  int owner_scope_ = 0;
  bool is_python_ = false, is_of_file_ = false, is_looped_ = false;
  RegionValues found_;
};

}  // namespace

std::expected<RegionValues, std::string> find_region_values(const CodeTree& tree, const syntax::NameBindings& names,
                                                            const syntax::CodeRegion& region, int self) {
  return ValueFinder(tree, names, region, self).find();
}

}  // namespace oc::context
