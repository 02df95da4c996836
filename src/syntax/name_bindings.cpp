// SPDX-License-Identifier: Apache-2.0
#include "syntax/name_bindings.hpp"

#include <algorithm>

#include "syntax/binding_reader.hpp"

namespace oc::syntax {

void BindingReader::visit_children(int node, int scope) {
  for (const int child : tree_.children(node)) visit(child, scope);
}

void BindingReader::visit_children_but(int node, int scope, std::string_view fields) {
  for (const int child : tree_.children(node))
    if (!is_among(tree_.node(child).field, fields)) visit(child, scope);
}

int BindingReader::open(int node, int parent, ScopeKind kind) {
  const int index = static_cast<int>(found_.scopes_.size());
  NameScope made{.kind = kind, .range = tree_.node(node).range, .parent = parent, .node = node};
  made.function = kind == ScopeKind::function || parent < 0 ? index : scope(parent).function;
  found_.scopes_.push_back(made);
  found_.names_.emplace_back();
  found_.elsewhere_.emplace_back();
  return index;
}

NameUse& BindingReader::use(int node, int scope, Access access) {
  found_.uses_.push_back({.name = tree_.text_of(node),
                          .range = tree_.node(node).range,
                          .line = tree_.node(node).line,
                          .access = access,
                          .scope = scope});
  return found_.uses_.back();
}

NameUse& BindingReader::declare(int node, int scope, int home, BindingForm form, Access access) {
  found_.bind(home, tree_.text_of(node), form);
  NameUse& made = use(node, scope, access);
  made.declares = true;
  return made;
}

void BindingReader::look_elsewhere(std::string_view name, int scope, int other) {
  found_.elsewhere_[static_cast<std::size_t>(scope)][name] = other;
}

int BindingReader::elsewhere(std::string_view name, int scope) const {
  const auto& names = found_.elsewhere_[static_cast<std::size_t>(scope)];
  const auto found = names.find(name);
  return found == names.end() ? -1 : found->second;
}

bool NameBindings::can_read(const CodeTree& tree) { return tree.family() == "python" || tree.family() == "javascript"; }

NameBindings NameBindings::read(const CodeTree& tree) {
  NameBindings found;
  if (tree.family() == "python") read_python_bindings(tree, found);
  else read_javascript_bindings(tree, found);
  found.link();
  return found;
}

int NameBindings::bind(int scope, std::string_view name, BindingForm form) {
  const auto [at, is_new] = names_[static_cast<std::size_t>(scope)].emplace(name, static_cast<int>(bindings_.size()));
  if (is_new) bindings_.push_back({.name = name, .scope = scope, .form = form, .uses = {}});
  return at->second;
}

void NameBindings::link() {
  std::ranges::stable_sort(uses_, {}, [](const NameUse& one) { return one.range.begin; });
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    NameUse& one = uses_[i];
    by_begin_.emplace(one.range.begin, static_cast<int>(i));
    one.binding = resolve(one.name, one.scope);
    one.is_elsewhere = elsewhere_[static_cast<std::size_t>(one.scope)].contains(one.name);
    if (one.binding >= 0) bindings_[static_cast<std::size_t>(one.binding)].uses.push_back(static_cast<int>(i));
  }
}

int NameBindings::use_at(std::size_t begin) const {
  const auto found = by_begin_.find(begin);
  return found == by_begin_.end() ? -1 : found->second;
}

int NameBindings::resolve(std::string_view name, int scope) const {
  bool is_own = true;
  for (int at = scope; at >= 0; is_own = false) {
    const auto index = static_cast<std::size_t>(at);
    if (const auto other = elsewhere_[index].find(name); other != elsewhere_[index].end() && other->second != at) {
      at = other->second;
      continue;
    }
    const bool is_skipped = skips_types_ && !is_own && scopes_[index].kind == ScopeKind::type;
    if (!is_skipped)
      if (const auto found = names_[index].find(name); found != names_[index].end()) return found->second;
    at = scopes_[index].parent;
  }
  return -1;
}

int NameBindings::scope_at(const ByteRange& place) const {
  int best = 0;
  for (std::size_t i = 1; i < scopes_.size(); ++i)
    if (holds(scopes_[i].range, place)) best = static_cast<int>(i);  // inner ones are opened later
  return best;
}

bool NameBindings::is_within(int scope, int outer) const {
  while (scope >= 0 && scope != outer) scope = scopes_[static_cast<std::size_t>(scope)].parent;
  return scope == outer;
}

int NameBindings::count_writes(int binding) const {
  return static_cast<int>(std::ranges::count_if(this->binding(binding).uses, [&](int index) {
    const Access access = use(index).access;
    return access == Access::write || access == Access::update || access == Access::erase;
  }));
}

}  // namespace oc::syntax
