// SPDX-License-Identifier: Apache-2.0
#include "edit/symbol_match.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/elision.hpp"
#include "edit/text_lines.hpp"

namespace oc::edit {
namespace {

using syntax::Symbol;
using syntax::SymbolKind;
using View = std::string_view;

bool is_callable(const Symbol& symbol) {
  return symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method;
}

// "T" of "func (t *T) f()".
View go_receiver(View signature) {
  constexpr View k_start = "func (";
  if (!signature.starts_with(k_start)) return {};
  View receiver = signature.substr(k_start.size(), signature.find(')') - k_start.size());
  receiver = receiver.substr(0, receiver.find('['));
  return receiver.substr(receiver.find_last_of(" *") + 1);
}

// What the name belongs to: "n::A" of "n::A::f".
View scope_of(const Symbol& symbol, bool is_go) {
  if (is_go) return go_receiver(symbol.signature);
  const View qualified = symbol.qualified_name;
  if (qualified.size() <= symbol.name.size() || !qualified.ends_with(symbol.name)) return {};
  View scope = qualified.substr(0, qualified.size() - symbol.name.size());
  while (!scope.empty() && View(":.#/\\").find(scope.back()) != View::npos) scope.remove_suffix(1);
  return scope;
}

// "A" ends "n::A", not "n::BA".
bool ends_scope(View whole, View end) {
  if (!whole.ends_with(end)) return false;
  if (end.empty() || end.size() == whole.size()) return true;
  return View(":.#/\\").find(whole[whole.size() - end.size() - 1]) != View::npos;
}

// "(int a)" of "int f(int a) const".
View parameters(const Symbol& symbol) {
  const View signature = symbol.signature;
  const std::size_t name = signature.find(symbol.name);
  const std::size_t begin = signature.find('(', name == View::npos ? 0 : name + symbol.name.size());
  if (begin == View::npos) return {};
  int depth = 0;
  for (std::size_t i = begin; i < signature.size(); ++i) {
    if (signature[i] == '(') ++depth;
    if (signature[i] == ')' && --depth == 0) return signature.substr(begin, i + 1 - begin);
  }
  return signature.substr(begin);
}

bool has_overloads(const syntax::Language* language) {
  constexpr std::array<View, 8> k_languages{"cpp", "java", "csharp", "cuda", "kotlin", "swift", "scala", "dart"};
  return language != nullptr && std::ranges::find(k_languages, language->id) != k_languages.end();
}

bool has_visibility(View signature) {
  constexpr std::array<View, 6> k_words{"export ", "pub", "public ", "protected ", "private ", "internal "};
  return std::ranges::any_of(k_words, [&](View word) { return signature.starts_with(word); });
}

View first_word(View text) { return text.substr(0, text.find_first_of(" (")); }

// A body of nothing, comments, "pass" or "...".
bool is_empty_body(View body) {
  std::string code;
  for (const View line : lines_of(body)) {
    const View text = base::trim(line);
    if (text.starts_with("//") || text.starts_with("/*") || text.starts_with('#') || text.starts_with('*')) continue;
    const std::size_t comment = std::min(text.find("//"), text.find(" #"));
    code.append(text.substr(0, comment)).append(" ");
  }
  for (const View word : {View("pass"), View("..."), View("{"), View("}"), View(";")})
    for (std::size_t at = code.find(word); at != std::string::npos; at = code.find(word, at))
      code.erase(at, word.size());
  const View rest = base::trim(code);
  for (const View quotes : {View("\"\"\""), View("'''")})
    if (rest.size() >= 2 * quotes.size() && rest.starts_with(quotes) &&
        rest.find(quotes, quotes.size()) == rest.size() - quotes.size())
      return true;
  return rest.empty();
}

}  // namespace

bool SymbolMatch::is_candidate(int in_file, int container, int in_code) const {
  const Symbol& one = file_.symbol(in_file);
  const Symbol& wanted = code_.symbol(in_code);
  if (!file_.can_stand_alone(in_file) || one.form != wanted.form || one.name != wanted.name) return false;
  if (!file_.is_open(container)) return one.container == container;
  if (!file_.is_within(in_file, container)) return false;
  const bool is_go = language_ != nullptr && language_->id == "go";
  const View scope = scope_of(one, is_go), wanted_scope = scope_of(wanted, is_go);
  return is_go ? scope == wanted_scope : ends_scope(scope, wanted_scope);
}

// Did a method come without its class?
bool SymbolMatch::is_method_alone(int in_file, int in_code) const {
  const Symbol& one = file_.symbol(in_file);
  const Symbol& wanted = code_.symbol(in_code);
  if (one.kind != SymbolKind::method || wanted.kind == SymbolKind::method) return true;
  if (margin_ == CodeMargin::indented || one.signature == wanted.signature) return true;
  const View own = parameters(wanted);
  return std::ranges::any_of(std::array<View, 6>{"(self", "(cls", "(&self", "(&mut self", "(mut self", "(this"},
                             [&](View start) { return own.starts_with(start); });
}

OrRefusal<int> SymbolMatch::find_counterpart(int container, int in_code) const {
  const Symbol& wanted = code_.symbol(in_code);
  std::vector<int> found;
  for (int i = 0; i < file_.symbol_count(); ++i)
    if (is_candidate(i, container, in_code)) found.push_back(i);
  const auto keep_if_any = [&](auto is_better) {
    std::vector<int> better;
    for (const int i : found)
      if (is_better(file_.symbol(i))) better.push_back(i);
    if (!better.empty()) found = std::move(better);
  };
  keep_if_any([&](const Symbol& one) { return one.qualified_name == wanted.qualified_name; });
  keep_if_any([&](const Symbol& one) { return one.signature == wanted.signature; });
  keep_if_any([&](const Symbol& one) { return parameters(one) == parameters(wanted); });
  if (is_callable(wanted)) {
    // Those that the code has as well stand for themselves.
    std::erase_if(found,
                  [&](int i) { return parameters(file_.symbol(i)) != parameters(wanted) && is_claimed(i, in_code); });
    if (!found.empty() && parameters(file_.symbol(found.front())) != parameters(wanted) && has_overloads(language_))
      return refuse(
          fmt::format("{} has other parameters in the file (line {}), so it may be another function: give "
                      "both, or the old lines with the new ones",
                      base::in_quotes(wanted.name), file_.name_lines(found)));
  }
  if (found.empty()) return SymbolTree::k_none;
  if (found.size() > 1)
    return refuse(fmt::format("{} stands in {} places of the file (lines {})", base::in_quotes(wanted.name),
                              found.size(), file_.name_lines(found)));
  const Symbol& one = file_.symbol(found.front());
  if (!is_method_alone(found.front(), in_code))
    return refuse(
        fmt::format("{} is a method in the file (line {}) and stands alone in the code: give it inside of "
                    "its class, with '...' for the rest",
                    base::in_quotes(one.qualified_name), one.lines.first.value));
  return found.front();
}

// Does another symbol of the code stand for it?
bool SymbolMatch::is_claimed(int in_file, int in_code) const {
  const Symbol& wanted = code_.symbol(in_code);
  return std::ranges::any_of(code_.members(wanted.container), [&](int other) {
    const Symbol& one = code_.symbol(other);
    return other != in_code && one.name == wanted.name && parameters(one) == parameters(file_.symbol(in_file));
  });
}

std::string SymbolMatch::find_missing(int in_file, int in_code) const {
  const bool is_go = language_ != nullptr && language_->id == "go";
  const auto key = [&](const Symbol& symbol) {
    return fmt::format("{}|{}", in_file == SymbolTree::k_file ? scope_of(symbol, is_go) : View{}, symbol.name);
  };
  std::multimap<std::string, int> known;
  for (const int member : code_.members(in_code)) known.emplace(key(code_.symbol(member)), member);
  for (const int member : file_.members(in_file)) {
    const auto found = known.find(key(file_.symbol(member)));
    if (found == known.end()) return file_.symbol(member).name;
    if (std::string missing = find_missing(member, found->second); !missing.empty()) return missing;
    known.erase(found);
  }
  const auto fields = file_.fields(in_file);
  const auto code_fields = code_.fields(in_code);
  if (fields.size() <= code_fields.size()) return {};
  for (const int field : fields)
    if (std::ranges::none_of(code_fields, [&](int one) { return code_.symbol(one).name == file_.symbol(field).name; }))
      return file_.symbol(field).name;
  return file_.symbol(fields.back()).name;
}

std::string SymbolMatch::find_loss(int in_file, int in_code) const {
  const Symbol& one = file_.symbol(in_file);
  const Symbol& wanted = code_.symbol(in_code);
  if (is_callable(one) && is_callable(wanted) && is_empty_body(code_.text_of_body(in_code)) &&
      !is_empty_body(file_.text_of_body(in_file)))
    return fmt::format("the code of {} has no body: leave {} out, or give all of it", base::in_quotes(wanted.name),
                       base::in_quotes(wanted.name));
  if (has_visibility(one.signature) && !has_visibility(wanted.signature))
    return fmt::format("the code of {} lacks the {} that the file has", base::in_quotes(wanted.name),
                       base::in_quotes(first_word(one.signature)));
  return {};
}

}  // namespace oc::edit
