// SPDX-License-Identifier: Apache-2.0
#include "syntax/grammar.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace oc::syntax {
namespace {

std::string_view take_word(std::string_view& words) {
  words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
  const std::string_view word = words.substr(0, words.find(' '));
  words.remove_prefix(word.size());
  return word;
}

TSFieldId field_id(const TSLanguage* language, std::string_view name) {
  return ts_language_field_id_for_name(language, name.data(), static_cast<std::uint32_t>(name.size()));
}

Role parse_role(std::string_view word) {
  if (word == "none") return Role::none;
  if (word == "local") return Role::local;
  if (word == "call") return Role::call;
  if (word == "type") return Role::type;
  if (word == "member") return Role::member;
  if (word == "member_call") return Role::member_call;
  if (word == "inherit") return Role::inherit;
  if (word == "tail") return Role::tail;
  return Role::name;
}

bool passes_role_on(const CompiledRule& rule) {
  if (rule.others == Role::inherit || rule.others == Role::tail) return true;
  for (std::size_t i = 0; i < rule.field_count; ++i)
    if (rule.fields[i].role == Role::inherit || rule.fields[i].role == Role::tail) return true;
  return false;
}

CompiledRule compile(const TSLanguage* language, const NodeRule& written) {
  CompiledRule rule;
  rule.step = written.step;
  rule.kind = written.kind;
  rule.others = written.others;
  rule.traits = written.traits;
  rule.handler = written.handler;
  rule.name = field_id(language, written.name);
  rule.body = field_id(language, written.body);
  for (std::string_view words = written.fields, word; !(word = take_word(words)).empty();) {
    const std::size_t equals = word.find('=');
    const TSFieldId field = field_id(language, word.substr(0, equals));
    // Grammars of one family share a table, and not all of them have all the fields.
    if (field == 0 || rule.field_count == rule.fields.size()) continue;
    rule.fields[rule.field_count++] = {field, parse_role(word.substr(equals + 1))};
  }
  rule.uses_role = rule.step == Step::leaf || passes_role_on(rule);
  return rule;
}

}  // namespace

Grammar::Grammar(const LanguageRules& language_rules)
    : language_rules_(&language_rules),
      language_(language_rules.grammar()),
      rule_of_kind_(ts_language_symbol_count(language_)) {
  // Tokens without a name and leaves without a rule are most of a tree: the first rule is "nothing to see here".
  rules_.push_back({.step = Step::skip});
  rules_.push_back({.step = Step::enter});
  const auto kinds = static_cast<TSSymbol>(rule_of_kind_.size());
  for (TSSymbol kind = 0; kind < kinds; ++kind)
    rule_of_kind_[kind] = ts_language_symbol_type(language_, kind) == TSSymbolTypeAnonymous ? 0 : 1;
  for (const NodeRule& written : language_rules.rules) add(written);
}

void Grammar::add(const NodeRule& written) {
  rules_.push_back(compile(language_, written));
  const auto index = static_cast<std::uint8_t>(rules_.size() - 1);
  const auto kinds = static_cast<TSSymbol>(rule_of_kind_.size());
  for (std::string_view words = written.nodes, word; !(word = take_word(words)).empty();) {
    // "class" may be the name of a node and a keyword too: the node is meant.
    bool has_node = false;
    for (const bool named : {true, false}) {
      for (TSSymbol kind = 0; kind < kinds; ++kind) {
        const bool is_named = ts_language_symbol_type(language_, kind) != TSSymbolTypeAnonymous;
        if (is_named != named || ts_language_symbol_name(language_, kind) != word) continue;
        rule_of_kind_[kind] = index;
        has_node = has_node || named;
      }
      if (has_node) break;
    }
  }
}

const Grammar* find_grammar(std::string_view language_id) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const Grammar>, std::less<>> grammars;
  const std::lock_guard lock(mutex);
  if (const auto found = grammars.find(language_id); found != grammars.end()) return found->second.get();
  const LanguageRules* rules = find_rules(language_id);
  if (rules == nullptr) return nullptr;
  return grammars.emplace(language_id, std::make_unique<const Grammar>(*rules)).first->second.get();
}

}  // namespace oc::syntax
