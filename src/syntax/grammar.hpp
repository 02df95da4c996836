// SPDX-License-Identifier: Apache-2.0
// A language's rules as the walk uses them: looked up by the number of a node's kind. Made once for each language.
#pragma once

#include <tree_sitter/api.h>

#include <array>
#include <cstdint>
#include <vector>

#include "syntax/node_rules.hpp"

namespace oc::syntax {

struct FieldRole {
  TSFieldId field = 0;
  Role role = Role::name;
};

struct CompiledRule {
  Step step = Step::enter;
  SymbolKind kind = SymbolKind::function;
  Role others = Role::name;
  unsigned traits = 0;
  Handler handler = nullptr;
  TSFieldId name = 0;
  TSFieldId body = 0;
  std::uint8_t field_count = 0;
  bool uses_role = false;  // must the role of the node itself be known?
  std::array<FieldRole, 7> fields{};
};

class Grammar {
 public:
  explicit Grammar(const LanguageRules& language_rules);

  const LanguageRules& language_rules() const { return *language_rules_; }
  const TSLanguage* language() const { return language_; }
  const CompiledRule& rule(TSSymbol kind) const {
    return kind < rule_of_kind_.size() ? rules_[rule_of_kind_[kind]] : rules_[1];  // ERROR
  }

 private:
  void add(const NodeRule& written);

  const LanguageRules* language_rules_;
  const TSLanguage* language_;
  std::vector<CompiledRule> rules_;
  std::vector<std::uint8_t> rule_of_kind_;
};

// nullptr: there is no grammar. Any thread; lives as long as the program.
const Grammar* find_grammar(std::string_view language_id);

}  // namespace oc::syntax
