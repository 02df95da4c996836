// SPDX-License-Identifier: Apache-2.0
// What each name of a text is bound to, by the scopes of the language: Python, JavaScript and TypeScript. Pure.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "syntax/code_tree.hpp"
#include "syntax/name_places.hpp"

namespace oc::syntax {

// declare: without a value, `let x;`. update: reads, then writes. erase: `del x`.
enum class Access { read, write, update, erase, declare };
enum class BindingForm { parameter, variable, constant, function, type, imported };

struct NameScope {
  ScopeKind kind = ScopeKind::file;
  ByteRange range;
  int parent = -1;
  int node = 0;
  int function = 0;               // the scope of the innermost function round it, itself counted; 0: the file
  bool is_comprehension = false;  // of Python
};

struct NameUse {
  std::string_view name;
  ByteRange range;
  base::LineNumber line;
  Access access = Access::read;
  int scope = 0;          // where it stands
  int binding = -1;       // -1: bound nowhere in the text
  bool declares = false;  // a declaration, an import, a parameter
  bool is_type = false;
  bool is_short = false;      // JavaScript: key and value at once
  bool is_elsewhere = false;  // Python: the function says `global` or `nonlocal` of it
};

struct NameBinding {
  std::string_view name;
  int scope = 0;
  BindingForm form = BindingForm::variable;
  std::vector<int> uses;  // by position
};

class NameBindings {
 public:
  // Has the language scopes that are known here?
  static bool can_read(const CodeTree& tree);
  static NameBindings read(const CodeTree& tree);

  const std::vector<NameScope>& scopes() const { return scopes_; }
  const std::vector<NameUse>& uses() const { return uses_; }
  const std::vector<NameBinding>& bindings() const { return bindings_; }
  const NameUse& use(int index) const { return uses_[static_cast<std::size_t>(index)]; }
  const NameScope& scope(int index) const { return scopes_[static_cast<std::size_t>(index)]; }
  const NameBinding& binding(int index) const { return bindings_[static_cast<std::size_t>(index)]; }
  // The use that begins at the byte; -1: none.
  int use_at(std::size_t begin) const;
  // What the name would mean in a scope; -1: nothing of this text.
  int resolve(std::string_view name, int scope) const;
  // The innermost scope round a place.
  int scope_at(const ByteRange& place) const;
  bool is_within(int scope, int outer) const;
  int count_writes(int binding) const;

 private:
  friend class BindingReader;
  void link();
  int bind(int scope, std::string_view name, BindingForm form);

  bool skips_types_ = false;  // Python: the names of a class are not known in its methods
  std::vector<NameScope> scopes_;
  std::vector<NameUse> uses_;
  std::vector<NameBinding> bindings_;
  std::vector<std::map<std::string_view, int>> names_;  // of each scope
  std::map<std::size_t, int> by_begin_;
  std::vector<std::map<std::string_view, int>> elsewhere_;  // of each scope: the scope from which a name is looked up
};

}  // namespace oc::syntax
