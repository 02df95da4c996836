// SPDX-License-Identifier: Apache-2.0
#include "context/rename_judge.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/rename_words.hpp"

namespace oc::context {
namespace {

using syntax::NamePlace;
using syntax::NameRole;
using syntax::ScopeKind;
using syntax::SymbolKind;

const Verdict k_yes{Verdict::Kind::yes, ""};
const Verdict k_no{};

Verdict perhaps(std::string reason) { return {Verdict::Kind::perhaps, std::move(reason)}; }

Verdict unknown_object(std::string_view object) {
  constexpr std::size_t k_longest_shown = 40;
  const std::string_view line = object.substr(0, object.find('\n'));
  if (line.empty() || line.size() > k_longest_shown) return perhaps("a member of something whose type is not known");
  return perhaps(fmt::format("the type of {} is not known", base::in_quotes(line)));
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool is_self(std::string_view object) {
  return object == "self" || object == "this" || object == "cls" || object == "(*this)";
}

// `func (c *C) name(…)` → "c".
std::string_view receiver_of(std::string_view signature) {
  if (!signature.starts_with("func (")) return {};
  signature.remove_prefix(6);
  return signature.substr(0, signature.find_first_of(" )*"));
}

// The lines of the import at this place.
std::string_view text_of_import(const RenameSource& source, const syntax::Import& import) {
  std::string_view text = source.file->text;
  for (std::int64_t line = 1; line < import.line.value && !text.empty(); ++line)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

bool has_name(const syntax::Import& import, std::string_view name) {
  return std::ranges::find(import.names, name) != import.names.end();
}

}  // namespace

RenameJudge::RenameJudge(const RenameSources& sources, const RenameTarget& target,
                         const std::vector<RenameTarget>& others)
    : sources_(sources), target_(target), others_(others), homes_(target.homes) {
  if (!target_.is_member && !target_.scope) find_homes();
}

// Files that import the name from a home hand it on to those that import it from them.
void RenameJudge::find_homes() {
  for (bool grew = true; grew;) {
    grew = false;
    for (const RenameSource& source : sources_.all())
      for (const NamePlace& place : source.names.places)
        if (place.name == target_.name && place.role == NameRole::imported && !place.is_aliased && !place.is_alias &&
            !homes_.contains(source.path()) && imported(source, place).kind == Verdict::Kind::yes)
          grew = homes_.insert(source.path()).second || grew;
  }
}

Verdict RenameJudge::judge(const RenameSource& source, const NamePlace& place) {
  if (place.role == NameRole::text) {
    switch (place.text) {
      case syntax::TextKind::comment: return perhaps("in a comment");
      case syntax::TextKind::string: return perhaps("in a string");
      case syntax::TextKind::macro: return perhaps("in a macro");
      case syntax::TextKind::other: return perhaps("in text that is not read as code");
    }
  }
  Verdict verdict = code(source, place);
  if (verdict.kind == Verdict::Kind::yes && place.is_broken)
    return perhaps("near a syntax error, so the code cannot be read for certain");
  return verdict;
}

Verdict RenameJudge::code(const RenameSource& source, const NamePlace& place) {
  if (place.role == NameRole::declared) return declared(source, place);
  if (target_.scope) {  // known inside of one function alone
    if (!homes_.contains(source.path()) || place.role != NameRole::plain) return k_no;
    if (place.range.begin < target_.scope->begin || place.range.end > target_.scope->end) return k_no;
    // The declaration itself is one of those that hide: deeper ones are what counts.
    const bool has_deeper = std::ranges::any_of(source.names.places, [&](const NamePlace& other) {
      return other.name == place.name && other.role == NameRole::local && other.scope != *target_.scope;
    });
    return has_deeper ? perhaps("a local name may hide it here") : k_yes;
  }
  switch (place.role) {
    case NameRole::imported: return imported(source, place);
    case NameRole::plain: return target_.is_member ? own_name(source, place) : free_name(source, place);
    case NameRole::member: return target_.is_member ? own_member(source, place) : free_member(source, place);
    case NameRole::qualified: return target_.is_member ? own_qualified(source, place) : free_qualified(source, place);
    case NameRole::key: return own_key(source, place);
    case NameRole::local: {
      const bool is_files_own = place.scope_kind == ScopeKind::file && !target_.is_member;
      if (source.family == "python") {
        // `global name` makes the function's name the file's; outside of functions there is no other.
        const bool is_global = std::ranges::any_of(source.names.places, [&](const NamePlace& other) {
          return other.is_global && other.name == place.name && other.scope == place.scope;
        });
        if (is_global || is_files_own) return target_.is_member ? k_no : meaning(source);
        return k_no;
      }
      if (is_files_own && source.family == "javascript" && !target_.homes.contains(source.path()))
        return by_imports(source).kind == Verdict::Kind::no ? k_no : perhaps("taken out of an object");
      return k_no;
    }
    case NameRole::declared:
    case NameRole::text: break;
  }
  return k_no;
}

Verdict RenameJudge::declared(const RenameSource& source, const NamePlace& place) const {
  const RenameTarget::Declared here{source.path(), place.symbol, place.line};
  if (std::ranges::find(target_.declared, here) != target_.declared.end()) return k_yes;
  if (!target_.is_member || place.symbol < 0) return k_no;
  // A type that has to do with ours may override the member, or be overridden by it.
  const syntax::Symbol& symbol = source.symbol(place.symbol);
  if (symbol.container < 0) return k_no;
  const syntax::Symbol& type = source.symbol(symbol.container);
  if (is_type(type.kind) && has_word(type.signature, target_.owner))
    return perhaps(fmt::format("{} derives from {}", base::in_quotes(type.name), base::in_quotes(target_.owner)));
  for (const RenameSource& other : sources_.all())
    for (const syntax::Symbol& one : other.names.outline.symbols)
      if (one.qualified_name == target_.prefix && is_type(one.kind) && one.name != type.name &&
          has_word(one.signature, type.name))
        return perhaps(fmt::format("{} derives from {}", base::in_quotes(target_.owner), base::in_quotes(type.name)));
  return k_no;
}

bool RenameJudge::leads_home(const RenameSource& source, const syntax::Import& import) const {
  const auto paths = sources_.resolve(source, import, target_.name);
  return !paths.empty() && std::ranges::all_of(paths, [&](const std::string& path) { return homes_.contains(path); });
}

Verdict RenameJudge::imported(const RenameSource& source, const NamePlace& place) const {
  if (place.is_alias) return k_no;
  for (const syntax::Import& import : source.names.outline.imports) {
    if (import.line != place.statement_line || !has_name(import, place.name)) continue;
    const auto paths = sources_.resolve(source, import, target_.name);
    const auto is_home = [&](const std::string& path) { return homes_.contains(path); };
    if (std::ranges::none_of(paths, is_home)) continue;
    if (target_.is_member) {  // Java: `import static a.B.name;`
      const bool is_ours = source.family == "java" && names_prefix(target_.owner, prefix_of_name(import.target));
      return is_ours ? k_yes : k_no;
    }
    return std::ranges::all_of(paths, is_home) ? k_yes : perhaps("what is imported is not certain");
  }
  return k_no;
}

Verdict RenameJudge::by_imports(const RenameSource& source) const {
  Verdict best = k_no;
  for (const syntax::Import& import : source.names.outline.imports) {
    if (!leads_home(source, import)) continue;
    if (has_name(import, "*") && !std::string_view(text_of_import(source, import)).contains("* as"))
      best = perhaps("it may come with an import of everything");
    if (source.family == "javascript" && import.names.empty()) best = perhaps("it may come with 'require'");
  }
  return best;
}

Verdict RenameJudge::meaning(const RenameSource& source) {
  const auto known = meanings_.find(source.path());
  if (known != meanings_.end()) return known->second;
  return meanings_.emplace(source.path(), find_meaning(source)).first->second;
}

Verdict RenameJudge::find_meaning(const RenameSource& source) {
  const std::string& path = source.path();
  if (target_.homes.contains(path)) {
    const bool is_twice = std::ranges::any_of(others_, [&](const RenameTarget& other) {
      return !other.is_member && !other.scope && other.homes.contains(path);
    });
    return is_twice ? perhaps("the file declares several of this name") : k_yes;
  }
  const bool is_taken = std::ranges::any_of(others_, [&](const RenameTarget& other) {
    return !other.is_member && !other.scope && other.homes.contains(path);
  });
  if (is_taken) return k_no;
  // The name as this file's own choice for something else.
  for (const NamePlace& place : source.names.places)
    if (place.name == target_.name && place.is_alias) return k_no;
  for (const NamePlace& place : source.names.places) {
    if (place.name != target_.name || place.role != NameRole::imported || place.is_aliased) continue;
    return imported(source, place);
  }
  if (source.family == "go" || source.family == "java") {
    for (const std::string& home : target_.homes) {
      if (folder_of(home) != folder_of(path)) continue;
      const std::string package = target_.prefix;
      const bool is_same = std::ranges::any_of(source.names.outline.symbols, [&](const syntax::Symbol& symbol) {
        return symbol.kind == SymbolKind::module && symbol.qualified_name == package;
      });
      return is_same || package.empty() ? k_yes : k_no;
    }
  }
  Verdict found = by_imports(source);
  const bool is_only = std::ranges::none_of(others_, [](const RenameTarget& other) { return !other.is_member; });
  if (source.family == "java" && is_only && found.kind == Verdict::Kind::perhaps) return k_yes;
  return found;
}

Verdict RenameJudge::meaning_in_c(const RenameSource& source, const NamePlace& place) {
  if (!target_.homes.contains(source.path()) && !sources_.reaches(source, target_.homes)) return k_no;
  const std::string round = RenameSources::scope_round(source, place);
  for (const RenameTarget& other : others_) {
    if (other.is_member || other.scope) continue;
    const bool is_seen = other.homes.contains(source.path()) || sources_.reaches(source, other.homes);
    if (!is_seen) continue;
    if (other.prefix.size() > target_.prefix.size() && is_in_prefix(round, other.prefix)) return k_no;
    if (!is_in_prefix(round, target_.prefix) || target_.prefix.empty())
      return perhaps(fmt::format("there is {} as well", base::in_quotes(other.qualified)));
  }
  if (is_in_prefix(round, target_.prefix)) return k_yes;
  const std::string& text = source.file->text;
  const std::string last(last_part_of_name(target_.prefix));
  const bool is_opened =
      text.contains("using namespace " + target_.prefix + ";") || text.contains("using namespace " + last + ";") ||
      text.contains("using " + target_.qualified + ";") || text.contains("::" + target_.qualified + ";");
  return is_opened
             ? k_yes
             : perhaps(fmt::format("nothing here says that it is the one of {}", base::in_quotes(target_.prefix)));
}

Verdict RenameJudge::free_name(const RenameSource& source, const NamePlace& place) {
  switch (RenameSources::hiding(source, place, target_.name)) {
    case Hiding::hidden: return k_no;
    case Hiding::unsure: {
      const Verdict found = source.family == "c" ? meaning_in_c(source, place) : meaning(source);
      return found.kind == Verdict::Kind::no ? k_no : perhaps("a local name may hide it here");
    }
    case Hiding::none: break;
  }
  if (source.family == "java" && place.is_callee && is_type(target_.kind)) return k_no;
  Verdict in_type = free_name_in_type(source, place);
  if (in_type.kind != Verdict::Kind::yes) return in_type;
  return source.family == "c" ? meaning_in_c(source, place) : meaning(source);
}

// yes: nothing of the type round the place hides the name.
Verdict RenameJudge::free_name_in_type(const RenameSource& source, const NamePlace& place) const {
  const std::string type = RenameSources::type_round(source, place);
  if (type.empty()) return k_yes;
  const bool is_direct = place.scope_kind == ScopeKind::type;
  if (source.family == "python") {
    const bool is_hidden = is_direct && is_declared_otherwise(source, type);
    return is_hidden ? perhaps("a name of the class may hide it here") : k_yes;
  }
  if (source.family != "c" && source.family != "java") return k_yes;
  if (plain_type_name(type) == target_.name) return k_yes;
  bool is_any_member = false;
  for (const RenameTarget& other : others_) {
    if (!other.is_member) continue;
    if (other.prefix == type) return k_no;
    is_any_member = true;
  }
  for (const RenameSource& one : sources_.all())
    for (const syntax::Symbol& symbol : one.names.outline.symbols)
      if (is_any_member && symbol.qualified_name == type && is_type(symbol.kind) &&
          (symbol.signature.contains(" : ") || symbol.signature.contains(" extends ")))
        return perhaps("it may be an inherited member");
  return k_yes;
}

bool RenameJudge::is_declared_otherwise(const RenameSource& source, std::string_view type) const {
  return std::ranges::any_of(others_, [&](const RenameTarget& other) {
    return other.is_member && other.prefix == type && other.homes.contains(source.path());
  });
}

// Is the object before the dot a module or package that holds the symbol?
bool RenameJudge::is_module(const RenameSource& source, const NamePlace& place) const {
  const std::string object(place.object);
  for (const syntax::Import& import : source.names.outline.imports) {
    syntax::Import bare = import;
    const bool names_object = has_name(import, object) && source.family == "python";
    bare.names = names_object ? std::vector{object} : std::vector<std::string>{};
    const auto paths = sources_.resolve(source, bare, "");
    const auto is_home = [&](const std::string& path) { return homes_.contains(path); };
    const bool leads_home =
        source.family == "go" ? std::ranges::any_of(paths, is_home) : !paths.empty() && is_home(paths.front());
    if (!leads_home) continue;
    const std::string_view text = text_of_import(source, import);
    bool is_it = names_object;
    if (source.family == "python")
      is_it = is_it || (import.names.empty() && (object == import.target || text.contains(" as " + object)));
    if (source.family == "javascript") is_it = text.contains("* as " + object + " ");
    if (source.family == "go") {
      const std::string_view before = base::trim(text.substr(0, text.find('"')));
      const std::string_view alias = before.starts_with("import") ? base::trim(before.substr(6)) : before;
      is_it = alias.empty() ? object == target_.prefix : alias == object;
    }
    if (is_it) return RenameSources::count_locals(source, place, object) == 0;
  }
  return false;
}

Verdict RenameJudge::free_member(const RenameSource& source, const NamePlace& place) {
  if (source.family == "c" || source.family == "rust" || is_self(place.object)) return k_no;
  if (source.family == "java") return names_prefix(place.object, target_.prefix) ? k_yes : k_no;
  if (is_module(source, place)) return k_yes;
  if (source.family == "go") return k_no;  // fields and methods are told from names of packages by the import alone
  return unknown_object(place.object);
}

Verdict RenameJudge::free_qualified(const RenameSource& source, const NamePlace& place) {
  const std::string object(place.object);
  if (source.family == "go") return is_module(source, place) ? k_yes : k_no;
  if (source.family == "javascript") return is_module(source, place) ? k_yes : unknown_object(object);
  if (source.family == "java")
    return object == target_.prefix ? k_yes
                                    : perhaps(fmt::format("it is not certain what {} is", base::in_quotes(object)));
  if (source.family == "c") {
    if (object.empty() && target_.prefix.empty()) return k_yes;
    if (object == "std" || target_.prefix.empty()) return k_no;
    for (const RenameTarget& other : others_)
      if (names_prefix(object, other.prefix) && !names_prefix(object, target_.prefix)) return k_no;
    if (!target_.homes.contains(source.path()) && !sources_.reaches(source, target_.homes)) return k_no;
    if (names_prefix(object, target_.prefix)) return k_yes;
    return perhaps(fmt::format("it is not certain what {} is", base::in_quotes(object)));
  }
  // Rust: a path of modules.
  syntax::Import path{
      .target = object, .names = {target_.name}, .form = syntax::ImportForm::module, .line = place.line};
  if (object.starts_with("crate") || object.starts_with("self") || object.starts_with("super"))
    path.form = syntax::ImportForm::relative;
  if (object.find(':') == std::string::npos) {
    if (!target_.prefix.empty() && plain_type_name(target_.prefix) == object && target_.homes.contains(source.path()))
      return k_yes;
    for (const syntax::Import& import : source.names.outline.imports)
      if ((import.target == object || has_name(import, object) || import.target.ends_with("::" + object)) &&
          leads_home(source, import.names.empty()
                                 ? import
                                 : syntax::Import{import.target + "::" + object, {}, import.form, import.line}))
        return k_yes;
    path.form = syntax::ImportForm::relative;
  }
  if (leads_home(source, path)) return k_yes;
  const bool is_type_name =
      !object.empty() && plain_type_name(object).front() >= 'A' && plain_type_name(object).front() <= 'Z';
  return is_type_name ? k_no : perhaps(fmt::format("it is not certain what {} is", base::in_quotes(object)));
}

// A plain name as a member: where the language has an implicit object, and in the body of the type itself.
Verdict RenameJudge::own_name(const RenameSource& source, const NamePlace& place) const {
  const bool is_implicit = source.family == "c" || source.family == "java";
  if (!is_implicit && !(source.family == "python" && place.scope_kind == ScopeKind::type)) return k_no;
  switch (RenameSources::hiding(source, place, target_.name)) {
    case Hiding::hidden: return k_no;
    case Hiding::unsure: return perhaps("a local name may hide it here");
    case Hiding::none: break;
  }
  const std::string type = RenameSources::type_round(source, place);
  for (const NamePlace& other : source.names.places)
    if (other.name == place.name && other.role == NameRole::imported &&
        imported(source, other).kind == Verdict::Kind::yes)
      return type.empty() || type != target_.prefix ? k_yes : perhaps("it is imported as well");
  if (type.empty()) return k_no;
  const Verdict found = of_type(source, type);
  return found;
}

// What the name means as a member of a type.
Verdict RenameJudge::of_type(const RenameSource& source, const std::string& type) const {
  const bool is_here = source.family == "c" || source.family == "java" || source.family == "go" ||
                       homes_.contains(source.path()) || knows_owner(source);
  if (type == target_.prefix) return is_here ? k_yes : k_no;
  const bool declares =
      std::ranges::any_of(others_, [&](const RenameTarget& other) { return other.is_member && other.prefix == type; });
  if (declares) return k_no;
  for (const RenameSource& other : sources_.all())
    for (const syntax::Symbol& symbol : other.names.outline.symbols)
      if (symbol.qualified_name == type && is_type(symbol.kind) && has_word(symbol.signature, target_.owner))
        return perhaps(fmt::format("{} derives from {}", base::in_quotes(symbol.name), base::in_quotes(target_.owner)));
  const bool is_inside = is_in_prefix(type, target_.prefix);  // an inner type
  return is_inside ? perhaps("the type round it is not the one that declares it") : k_no;
}

// Does the owner's name mean the owner in this file?
bool RenameJudge::knows_owner(const RenameSource& source) const {
  if (target_.homes.contains(source.path())) return true;
  if (source.family == "c") return sources_.reaches(source, target_.homes);
  for (const std::string& home : target_.homes)
    if ((source.family == "go" || source.family == "java") && folder_of(home) == folder_of(source.path())) return true;
  for (const syntax::Import& import : source.names.outline.imports) {
    if (!has_name(import, target_.owner) && !has_name(import, "*")) continue;
    const auto paths = sources_.resolve(source, import, target_.owner);
    if (!paths.empty() &&
        std::ranges::all_of(paths, [&](const std::string& path) { return target_.homes.contains(path); }))
      return true;
  }
  return false;
}

Verdict RenameJudge::own_member(const RenameSource& source, const NamePlace& place) {
  const std::string_view object = place.object;
  const std::string type = RenameSources::type_round(source, place);
  if (is_self(object)) return of_type(source, type);
  if (object == "super" || object == "super()") {
    return type == target_.prefix ? perhaps("it is the one of the type above") : of_type(source, type);
  }
  if (source.family == "go" && place.within >= 0 && !object.empty()) {
    const syntax::Symbol& method = source.symbol(place.within);
    if (receiver_of(method.signature) == object)
      return RenameSources::count_locals(source, place, object) > 1
                 ? unknown_object(object)
                 : of_type(source, prefix_of_name(method.qualified_name));
  }
  if (object == target_.owner || object == target_.prefix)
    return knows_owner(source) && RenameSources::count_locals(source, place, object) == 0 ? k_yes
                                                                                          : unknown_object(object);
  return unknown_object(object);
}

Verdict RenameJudge::own_qualified(const RenameSource& source, const NamePlace& place) {
  const std::string object(place.object);
  if (object == "Self") return of_type(source, RenameSources::type_round(source, place));
  for (const RenameTarget& other : others_)
    if (names_prefix(object, other.prefix) && !names_prefix(object, target_.prefix)) return k_no;
  if (names_prefix(object, target_.prefix)) {
    if (knows_owner(source)) return k_yes;
    return perhaps(fmt::format("it is not certain what {} is", base::in_quotes(object)));
  }
  if (object.empty() || object == "std" || object.starts_with("std::")) return k_no;
  return perhaps(fmt::format("it is not certain what {} is", base::in_quotes(object)));
}

Verdict RenameJudge::own_key(const RenameSource& source, const NamePlace& place) const {
  const bool is_field = target_.is_member && target_.kind != SymbolKind::method;
  if (source.family == "go" && !target_.is_member)
    return target_.kind == SymbolKind::constant || target_.kind == SymbolKind::variable
               ? perhaps("it may be the name of a field")
               : k_no;
  if (!target_.is_member) return k_no;
  const bool is_literal = !place.object.empty();
  if (is_literal && plain_type_name(place.object) == target_.owner && knows_owner(source) && !place.is_short)
    return k_yes;
  if (is_literal && plain_type_name(place.object) != target_.owner && source.family != "c") return k_no;
  if (source.family == "c" && RenameSources::type_round(source, place) == target_.prefix && is_field && !is_literal)
    return k_yes;  // `: name(1)` of a constructor
  if (!is_field && source.family != "javascript") return k_no;
  return perhaps("the name of a field or an argument, of what is not known");
}

}  // namespace oc::context
