// SPDX-License-Identifier: Apache-2.0
#include "syntax/measure_kinds.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace oc::syntax {
namespace {

struct KindRow {
  std::string_view nodes;  // separated by blanks, surrounded by them
  unsigned traits = 0;
  bool is_named = true;
};

// Grammars call the same things by the same names, with the exceptions below.
constexpr KindRow k_rows[] = {
    {" if_statement if_expression ", k_nests | k_decides | k_else_if},
    {" if unless ", k_nests | k_decides},
    {" for_statement for_in_statement for_range_loop enhanced_for_statement foreach_statement for_expression "
     "c_style_for_statement while_statement while_expression do_statement repeat_statement while until for ",
     k_nests | k_decides},
    {" catch_clause except_clause seh_except_clause rescue ", k_nests | k_decides},
    {" loop_expression switch_statement switch_expression expression_switch_statement type_switch_statement "
     "select_statement match_statement match_expression case case_match ",
     k_nests},
    {" elif_clause else_if_clause elseif_statement elsif ternary_expression conditional_expression conditional "
     "if_modifier unless_modifier while_modifier until_modifier rescue_modifier for_in_clause if_clause ",
     k_decides},
    {" case_statement switch_case expression_case type_case communication_case switch_label switch_section "
     "match_conditional_expression when in_clause match_arm case_clause case_item switch_expression_arm ",
     k_case},
    {" else_clause else ", k_else},
    {" && || and or ?? ", k_operator, false},
    {" binary_expression boolean_operator binary let_chain list ", k_joins},
    {" parameters parameter_list formal_parameters method_parameters ", k_parameters},
    {" comment line_comment block_comment html_comment ", k_comment | k_no_parameter},
    {" self_parameter receiver_parameter keyword_separator positional_separator block_parameter ", k_no_parameter},
    {" import_statement import_from_statement future_import_statement import_declaration preproc_include "
     "use_declaration using_directive package_declaration package_clause namespace_use_declaration ",
     k_import},
    {" char_literal number_literal ", k_literal},
};

std::string_view take_word(std::string_view& words) {
  words.remove_prefix(std::min(words.find_first_not_of(' '), words.size()));
  const std::string_view word = words.substr(0, words.find(' '));
  words.remove_prefix(word.size());
  return word;
}

}  // namespace

void MeasureKinds::add(const TSLanguage* language, std::string_view words, bool is_named, unsigned traits) {
  const auto count = static_cast<TSSymbol>(traits_.size());
  for (std::string_view word; !(word = take_word(words)).empty();)
    for (TSSymbol kind = 0; kind < count; ++kind) {
      const bool kind_is_named = ts_language_symbol_type(language, kind) == TSSymbolTypeRegular;
      if (kind_is_named == is_named && word == ts_language_symbol_name(language, kind))
        traits_[kind] = static_cast<std::uint16_t>(traits);
    }
}

MeasureKinds::MeasureKinds(std::string_view language_id, const TSLanguage* language)
    : traits_(ts_language_symbol_count(language)) {
  for (const KindRow& row : k_rows) add(language, row.nodes, row.is_named, row.traits);
  // In Lua a block between do and end, in a shell the whole of `case … esac`.
  if (language_id == "lua") add(language, "do_statement", true, 0);
  if (language_id == "shell") add(language, "case_statement", true, k_nests);
}

const MeasureKinds& measure_kinds(std::string_view language_id, const TSLanguage* language) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<MeasureKinds>, std::less<>> all;
  const std::lock_guard lock(mutex);
  auto& kinds = all[std::string(language_id)];
  if (!kinds) kinds = std::make_unique<MeasureKinds>(language_id, language);
  return *kinds;
}

}  // namespace oc::syntax
