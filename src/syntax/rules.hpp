// SPDX-License-Identifier: Apache-2.0
// The tables of the languages, one file for each family of them; rules.cpp lists them.
#pragma once

#include <string>
#include <string_view>

#include "syntax/node_rules.hpp"
#include "syntax/outline.hpp"

namespace oc::syntax {

const LanguageRules& bash_rules();
const LanguageRules& c_rules();
const LanguageRules& cpp_rules();
const LanguageRules& csharp_rules();
const LanguageRules& css_rules();
const LanguageRules& go_rules();
const LanguageRules& html_rules();
const LanguageRules& java_rules();
const LanguageRules& javascript_rules();
const LanguageRules& json_rules();
const LanguageRules& lua_rules();
const LanguageRules& markdown_rules();
const LanguageRules& php_rules();
const LanguageRules& python_rules();
const LanguageRules& ruby_rules();
const LanguageRules& rust_rules();
const LanguageRules& sql_rules();
const LanguageRules& tsx_rules();
const LanguageRules& typescript_rules();
const LanguageRules& yaml_rules();

// A handler: the names declared inside are local, and there is no symbol for it.
Descend open_unnamed_function(TreeWalk& walk, const TSNode& node);
// What stands between the quotes; the text itself if it has none.
std::string_view without_quotes(std::string_view literal);
// "./a", "../a", "/a" are looked for beside the file, other names are not.
ImportForm import_form_of_path(std::string_view target);
// "MAX_SIZE": capitals, digits and underlines, at least two of them.
bool is_constant_name(std::string_view name);

}  // namespace oc::syntax
