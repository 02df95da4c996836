// SPDX-License-Identifier: Apache-2.0
#include "quality/symbol_use.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "context/outline_text.hpp"

namespace oc::quality {
namespace {

using syntax::Symbol;
using syntax::SymbolKind;

// Less than this a test would only say again.
constexpr std::int64_t k_least_complexity_to_test = 3;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c < 0;
}

bool is_function(const Symbol& symbol) {
  return symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method;
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_byte(text[at - 1]);
    if (begins && (at + word.size() == text.size() || !is_word_byte(text[at + word.size()]))) return true;
  }
  return false;
}

bool has_any_word(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return has_word(text, word); });
}

bool is_header(std::string_view path) {
  return path.ends_with(".h") || path.ends_with(".hpp") || path.ends_with(".hh") || path.ends_with(".hxx") ||
         path.ends_with(".inc") || path.ends_with(".inl");
}

// Names that tools and runtimes look for.
bool is_called_by_others(std::string_view name) {
  static const std::set<std::string_view> known = {"main",
                                                   "init",
                                                   "_init",
                                                   "_fini",
                                                   "constructor",
                                                   "wmain",
                                                   "WinMain",
                                                   "wWinMain",
                                                   "DllMain",
                                                   "setup",
                                                   "setUp",
                                                   "tearDown",
                                                   "teardown",
                                                   "readObject",
                                                   "writeObject",
                                                   "readResolve",
                                                   "writeReplace",
                                                   "readObjectNoData",
                                                   "serialVersionUID",
                                                   "initialize"};
  constexpr std::array<std::string_view, 9> starts = {"operator", "test", "Test", "Benchmark", "Example",
                                                      "Fuzz",     "__",   "JNI_", "LLVMFuzzer"};
  return name.size() < 2 || name == "_" || known.contains(name) ||
         std::ranges::any_of(starts, [&](std::string_view start) { return name.starts_with(start); });
}

// One file's text with its symbols, to ask what a symbol is for others.
class FileSymbols {
 public:
  FileSymbols(std::string_view path, std::string_view language, std::string_view text,
              const syntax::CodeMeasures& measures)
      : path_(path), language_(language), text_(text), measures_(measures) {
    if (language == "javascript" || language == "typescript" || language == "tsx")
      is_module_ = has_any_word(text, {"import", "export", "exports", "require"});
    if (language == "cpp") find_unnamed_namespaces();
  }

  // What stands before its name: decorators, attributes, modifiers.
  std::string_view head(const Symbol& symbol) const {
    const std::size_t begin = std::min(symbol.range.begin, text_.size());
    return text_.substr(begin, std::max(symbol.name_range.begin, begin) - begin);
  }

  bool is_decorated(const Symbol& symbol) const {
    const std::string_view words = head(symbol);
    return words.find('@') != std::string_view::npos || words.find('[') != std::string_view::npos ||
           has_any_word(words, {"__attribute__", "__declspec", "extern", "override", "abstract", "virtual", "export"});
  }

  const Symbol* container(const Symbol& symbol) const {
    return symbol.container < 0 ? nullptr : &measures_.outline.symbols[static_cast<std::size_t>(symbol.container)];
  }

  bool is_in_function(const Symbol& symbol) const {
    for (const Symbol* round = container(symbol); round != nullptr; round = container(*round))
      if (is_function(*round)) return true;
    return false;
  }

  enum class Reach { others, file_certain, file_likely };
  // Who may use it, by the rules of its language.
  Reach reach(const Symbol& symbol) const {
    const bool is_top = symbol.kind != SymbolKind::method && symbol.kind != SymbolKind::field;
    const std::string_view words = head(symbol);
    if (language_ == "c" || language_ == "cpp") return reach_in_c(symbol, words);
    if (language_ == "python") {
      const bool is_private = symbol.name.starts_with('_') && !symbol.name.ends_with('_');
      return is_private && is_function(symbol) ? Reach::file_likely : Reach::others;
    }
    if (language_ == "javascript" || language_ == "typescript" || language_ == "tsx") {
      if (symbol.name.starts_with('#')) return Reach::file_certain;
      if (!is_top) return has_word(words, "private") ? Reach::file_certain : Reach::others;
      return is_module_ && !has_word(words, "export") && symbol.container < 0 && symbol.name == symbol.qualified_name
                 ? Reach::file_certain
                 : Reach::others;
    }
    if (language_ == "go") return is_top && is_lower(symbol.name) ? Reach::file_likely : Reach::others;
    if (language_ == "rust")
      return is_top && symbol.container < 0 && !has_word(words, "pub") ? Reach::file_likely : Reach::others;
    if (language_ == "java" || language_ == "csharp" || language_ == "php")
      return has_word(words, "private") ? Reach::file_certain : Reach::others;
    if (language_ == "lua") return has_word(words, "local") ? Reach::file_certain : Reach::others;
    if (language_ == "shell") return text_.starts_with("#!") ? Reach::file_likely : Reach::others;
    return Reach::others;
  }

  // In `namespace { … }` nothing is for other files.
  bool is_in_unnamed_namespace(const Symbol& symbol) const {
    return std::ranges::any_of(unnamed_, [&](const syntax::ByteRange& range) {
      return range.begin <= symbol.range.begin && symbol.range.end <= range.end;
    });
  }

  // Is it there to be called or named by code, rather than by a tool or a runtime?
  bool is_for_callers(const Symbol& symbol) const {
    switch (symbol.kind) {
      case SymbolKind::function:
      case SymbolKind::method:
      case SymbolKind::class_type:
      case SymbolKind::struct_type:
      case SymbolKind::constant: break;
      default: return false;
    }
    // TEST(…) { … } is a use of a macro that looks like a function.
    if ((language_ == "c" || language_ == "cpp") && is_function(symbol) && is_all_capitals(symbol.name)) return false;
    const Symbol* round = container(symbol);
    const bool is_constructor = round != nullptr && round->name == symbol.name;
    return symbol.form == syntax::SymbolForm::definition && !is_constructor && !is_called_by_others(symbol.name) &&
           !is_in_function(symbol) && symbol.name.find_first_of(" ~<(") == std::string::npos;
  }

 private:
  Reach reach_in_c(const Symbol& symbol, std::string_view words) const {
    const Symbol* round = container(symbol);
    const bool is_member = round != nullptr && round->kind != SymbolKind::module;
    if (is_header(path_) || is_member || symbol.kind != SymbolKind::function || is_all_capitals(words))
      return Reach::others;
    return has_word(words, "static") || is_in_unnamed_namespace(symbol) ? Reach::file_certain : Reach::others;
  }

  void find_unnamed_namespaces() {
    std::vector<std::size_t> open;  // where each open brace began; 0: of something else
    const auto& tokens = measures_.tokens;
    const auto word = [&](std::size_t i) { return text_.substr(tokens[i].begin, tokens[i].end - tokens[i].begin); };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::string_view text = word(i);
      if (text == "{") open.push_back(i > 0 && word(i - 1) == "namespace" ? tokens[i].end : 0);
      if (text != "}" || open.empty()) continue;
      if (open.back() > 0) unnamed_.push_back({open.back(), tokens[i].begin});
      open.pop_back();
    }
  }

  static bool is_lower(std::string_view name) { return !name.empty() && name[0] >= 'a' && name[0] <= 'z'; }

  // A macro before a function's name may do anything: DEFINE_HOOK, EXPORT.
  static bool is_all_capitals(std::string_view words) {
    std::size_t length = 0;
    for (const char c : words) {
      length = (c >= 'A' && c <= 'Z') || (length > 0 && (c == '_' || (c >= '0' && c <= '9'))) ? length + 1 : 0;
      if (length >= 4) return true;
    }
    return false;
  }

  std::string_view path_, language_, text_;
  const syntax::CodeMeasures& measures_;
  bool is_module_ = false;
  std::vector<syntax::ByteRange> unnamed_;  // namespaces without a name
};

// Where the names of one file stand.
class NameUses {
 public:
  NameUses(std::string_view text, const syntax::CodeMeasures& measures) {
    for (const Symbol& symbol : measures.outline.symbols) declared_.insert(symbol.name_range.begin);
    for (const syntax::CodeToken& token : measures.tokens) {
      const std::string_view word = text.substr(token.begin, token.end - token.begin);
      if (std::ranges::all_of(word, [](char c) { return is_word_byte(c) || c == '#'; }))
        words_[word].push_back(token.begin);
      else if (word.size() > 2) others_.push_back(word);  // strings, macros' bodies: anything may be in them
    }
  }

  // Does anything but its declarations and its own body name it?
  bool is_used(const Symbol& symbol) const {
    if (const auto found = words_.find(symbol.name); found != words_.end())
      for (const std::size_t at : found->second)
        if (!declared_.contains(at) && (at < symbol.range.begin || at >= symbol.range.end)) return true;
    return std::ranges::any_of(others_, [&](std::string_view text) { return has_word(text, symbol.name); });
  }

 private:
  std::unordered_map<std::string_view, std::vector<std::size_t>> words_;
  std::vector<std::string_view> others_;
  std::set<std::size_t> declared_;
};

// Who names what, as the index has it.
class Naming {
 public:
  static base::Result<Naming> load(const std::vector<MeasuredFile>& files, context::ProjectIndex& index) {
    Naming naming;
    std::set<context::NameHash> wanted;
    for (const MeasuredFile& file : files) {
      for (const PrivateSymbol& symbol : file.unused_here) wanted.insert(context::hash_name(symbol.name));
      for (const PublicFunction& function : file.public_functions) wanted.insert(context::hash_name(function.name));
    }
    OC_TRY(const auto rows, index.ask([](context::IndexQuery query) { return query.load_files(); }));
    std::map<context::FileId, std::string> paths;
    for (const context::FileRow& row : rows) {
      paths[row.id] = row.path;
      naming.has_tests_ = naming.has_tests_ || context::is_test_path(row.path);
    }
    OC_TRY(const auto users, index.ask([&](context::IndexQuery query) { return query.find_files_naming(wanted); }));
    for (const auto& [id, names] : users)
      for (const context::NameHash name : names) {
        naming.users_[name].push_back(paths[id]);
        if (context::is_test_path(paths[id])) naming.tested_.insert(name);
      }
    return naming;
  }

  bool has_tests() const { return has_tests_; }
  bool is_tested(std::string_view name) const { return tested_.contains(context::hash_name(name)); }
  bool is_used_outside(std::string_view name, std::string_view path) const {
    const auto found = users_.find(context::hash_name(name));
    return found != users_.end() &&
           std::ranges::any_of(found->second, [&](const std::string& user) { return user != path; });
  }

 private:
  std::unordered_map<context::NameHash, std::vector<std::string>> users_;  // their paths
  std::set<context::NameHash> tested_;
  bool has_tests_ = false;
};

// Without `static` another file may declare it, too: a header does so for all the world.
base::Result<bool> is_declared_once(const PrivateSymbol& symbol, context::ProjectIndex& index) {
  OC_TRY(const auto same, index.ask([&](context::IndexQuery query) { return query.find_symbols(symbol.name, 2); }));
  return same.size() <= 1;
}

}  // namespace

std::vector<PrivateSymbol> find_unused_here(std::string_view path, std::string_view language, std::string_view text,
                                            const syntax::CodeMeasures& measures) {
  std::vector<PrivateSymbol> unused;
  // What could not be read might use anything.
  if (measures.outline.syntax_errors > 0 || measures.outline.coverage == syntax::Coverage::cut) return unused;
  const FileSymbols symbols(path, language, text, measures);
  std::optional<NameUses> uses;
  for (const Symbol& symbol : measures.outline.symbols) {
    if (!symbols.is_for_callers(symbol) || symbols.is_decorated(symbol)) continue;
    const FileSymbols::Reach reach = symbols.reach(symbol);
    if (reach == FileSymbols::Reach::others) continue;
    if (!uses) uses.emplace(text, measures);
    if (uses->is_used(symbol)) continue;
    unused.push_back(
        {symbol.name, symbol.qualified_name, symbol.kind, symbol.lines, reach == FileSymbols::Reach::file_certain});
  }
  return unused;
}

std::vector<PublicFunction> find_public_functions(std::string_view path, std::string_view language,
                                                  std::string_view text, const syntax::CodeMeasures& measures) {
  std::vector<PublicFunction> functions;
  if (context::is_test_path(path)) return functions;
  const FileSymbols symbols(path, language, text, measures);
  for (const syntax::FunctionMeasures& function : measures.functions) {
    const Symbol& symbol = measures.outline.symbols[static_cast<std::size_t>(function.symbol)];
    if (function.complexity < k_least_complexity_to_test || !symbols.is_for_callers(symbol)) continue;
    if (symbols.reach(symbol) == FileSymbols::Reach::file_certain || symbols.is_in_unnamed_namespace(symbol) ||
        symbol.name.starts_with('_'))
      continue;
    functions.push_back({symbol.name, symbol.qualified_name, symbol.lines, function.complexity});
  }
  return functions;
}

base::Result<SymbolUse> find_symbol_use(const std::vector<MeasuredFile>& files, context::ProjectIndex& index) {
  SymbolUse use;
  OC_TRY(const Naming naming, Naming::load(files, index));
  use.has_tests = naming.has_tests();
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t k = 0; k < files[i].unused_here.size(); ++k) {
      const PrivateSymbol& symbol = files[i].unused_here[k];
      if (naming.is_used_outside(symbol.name, files[i].path)) continue;
      OC_TRY(const bool is_alone, is_declared_once(symbol, index));
      if (symbol.is_certain || is_alone) use.unused.push_back({i, k});
    }
    for (std::size_t k = 0; use.has_tests && k < files[i].public_functions.size(); ++k)
      if (!naming.is_tested(files[i].public_functions[k].name)) use.untested.push_back({i, k});
  }
  return use;
}

}  // namespace oc::quality
