// SPDX-License-Identifier: Apache-2.0
// From a tree to the bindings of its names; one reader for each family of languages. Only src/syntax includes this.
#pragma once

#include "syntax/name_bindings.hpp"

namespace oc::syntax {

class BindingReader {
 public:
  BindingReader(const CodeTree& tree, NameBindings& found) : tree_(tree), found_(found) {}
  BindingReader(const BindingReader&) = delete;
  BindingReader& operator=(const BindingReader&) = delete;
  virtual ~BindingReader() = default;

  virtual void visit(int node, int scope) = 0;

 protected:
  void visit_children(int node, int scope);
  // Those that have none of the fields.
  void visit_children_but(int node, int scope, std::string_view fields);
  int open(int node, int parent, ScopeKind kind);
  NameScope& scope(int index) { return found_.scopes_[static_cast<std::size_t>(index)]; }
  NameUse& use(int node, int scope, Access access);
  // A name of `home`, which stands in `scope`.
  NameUse& declare(int node, int scope, int home, BindingForm form, Access access = Access::write);
  // From `scope`, the name is looked up in `other`.
  void look_elsewhere(std::string_view name, int scope, int other);
  int elsewhere(std::string_view name, int scope) const;
  void skip_types() { found_.skips_types_ = true; }

  const CodeTree& tree_;
  NameBindings& found_;
};

void read_python_bindings(const CodeTree& tree, NameBindings& found);
void read_javascript_bindings(const CodeTree& tree, NameBindings& found);

}  // namespace oc::syntax
