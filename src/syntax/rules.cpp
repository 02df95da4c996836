// SPDX-License-Identifier: Apache-2.0
#include "syntax/rules.hpp"

#include <algorithm>
#include <array>

#include "syntax/tree_walk.hpp"

namespace oc::syntax {

const LanguageRules* find_rules(std::string_view language_id) {
  static const std::array tables{
      &bash_rules(), &c_rules(),        &cpp_rules(),  &csharp_rules(),     &css_rules(),
      &go_rules(),   &html_rules(),     &java_rules(), &javascript_rules(), &json_rules(),
      &lua_rules(),  &markdown_rules(), &php_rules(),  &python_rules(),     &ruby_rules(),
      &rust_rules(), &sql_rules(),      &tsx_rules(),  &typescript_rules(), &yaml_rules(),
  };
  const auto found = std::ranges::find(tables, language_id, [](const LanguageRules* rules) { return rules->language; });
  return found == tables.end() ? nullptr : *found;
}

Descend open_unnamed_function(TreeWalk& walk, const TSNode& /*node*/) {
  walk.open_unnamed_function();
  return Descend::yes;
}

std::string_view without_quotes(std::string_view literal) {
  if (literal.size() < 2) return literal;
  const char first = literal.front();
  const char last = literal.back();
  const bool quoted =
      (first == last && (first == '"' || first == '\'' || first == '`')) || (first == '<' && last == '>');
  return quoted ? literal.substr(1, literal.size() - 2) : literal;
}

ImportForm import_form_of_path(std::string_view target) {
  const bool relative = target.starts_with("./") || target.starts_with("../") || target.starts_with('/') ||
                        target == "." || target == "..";
  return relative ? ImportForm::relative : ImportForm::module;
}

bool is_constant_name(std::string_view name) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto fits = [&](char c) { return is_capital(c) || c == '_' || (c >= '0' && c <= '9'); };
  return name.size() > 1 && std::ranges::all_of(name, fits) && std::ranges::any_of(name, is_capital);
}

}  // namespace oc::syntax
