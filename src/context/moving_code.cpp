// SPDX-License-Identifier: Apache-2.0
#include "context/moving_code.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/code_lines.hpp"
#include "context/import_edit.hpp"

namespace oc::context {
namespace {

using syntax::Access;
using syntax::BindingForm;
using syntax::CodeTree;
using syntax::is_among;
using syntax::NameUse;

using Fault = std::string;  // "" for none

class MovingReader {
 public:
  explicit MovingReader(const ReadCode& home) : home_(home), tree_(home.tree), names_(home.names) {}

  std::expected<MovingCode, std::string> read(const syntax::ByteRange& name) {
    for (const auto& step : {&MovingReader::find_statement, &MovingReader::check_statement}) {
      const Fault fault = (this->*step)(name);
      if (!fault.empty()) return std::unexpected(fault);
    }
    for (const NameUse& use : names_.uses())
      if (syntax::holds(tree_.node(found_.statement).range, use.range))
        if (const Fault fault = look_at(use); !fault.empty()) return std::unexpected(fault);
    std::ranges::stable_sort(found_.needs, {}, [&](const NeededName& one) {
      return std::pair(!one.is_imported, names_.use(names_.binding(one.binding).uses.front()).range.begin);
    });
    return std::move(found_);
  }

 private:
  Fault find_statement(const syntax::ByteRange& name) {
    const int use = names_.use_at(name.begin);
    if (use < 0 || names_.use(use).binding < 0) return "its definition is of no kind that is known here";
    found_.binding = names_.use(use).binding;
    if (names_.binding(found_.binding).scope != 0) return "it is not at the top of its file";
    int at = tree_.covering(name);
    while (at > CodeTree::k_root && tree_.parent(at) != CodeTree::k_root) at = tree_.parent(at);
    found_.statement = at;
    const int named = tree_.exact(name);
    const int holder = named < 0 ? -1 : tree_.parent(named);
    const int round = holder < 0 ? -1 : tree_.parent(holder);
    const bool is_direct = round == CodeTree::k_root || tree_.parent(round) == CodeTree::k_root ||
                           tree_.parent(tree_.parent(round)) == CodeTree::k_root;
    if (!is_direct ||
        is_among(tree_.kind(at), "if_statement try_statement for_statement with_statement while_statement"))
      return "it is not at the top of its file";
    found_.is_exported = tree_.kind(at) == "export_statement";
    return "";
  }

  Fault check_statement(const syntax::ByteRange& /*name*/) {
    if (found_.is_exported && tree_.has_token(found_.statement, "default"))
      return "it is what the file exports by default";
    if (!has_lines_alone(tree_, found_.statement)) return "its lines hold other code as well";
    int declared = 0;
    for (const NameUse& use : names_.uses())
      declared +=
          use.declares && syntax::holds(tree_.node(found_.statement).range, use.range) && use.scope == 0 ? 1 : 0;
    if (declared > 1) return "it is declared together with others";
    for (const int index : names_.binding(found_.binding).uses) {
      const NameUse& use = names_.use(index);
      const bool is_inside = syntax::holds(tree_.node(found_.statement).range, use.range);
      if (use.access != Access::read && !(is_inside && use.declares && use.scope == 0))
        return "it gets a value in several places";
      found_.is_used_behind = found_.is_used_behind || !is_inside;
    }
    const int fault = tree_.find_inside(found_.statement, "ERROR");
    return fault >= 0 ? "near a syntax error, so the code cannot be read for certain" : "";
  }

  Fault look_at(const NameUse& use) {
    if (is_among(use.name, "__name__ __file__ __dirname __filename __package__ globals require module exports") &&
        use.binding < 0)
      return fmt::format("it asks with {} for the file that it is in", base::in_quotes(use.name));
    if (use.binding == found_.binding) return "";
    if (use.binding < 0) {
      found_.built_in.emplace_back(use.name);
      return "";
    }
    const syntax::NameBinding& binding = names_.binding(use.binding);
    if (binding.scope != 0) return "";
    if (use.access != Access::read) return fmt::format("it changes {} of its file", base::in_quotes(use.name));
    const auto known = std::ranges::find(found_.needs, use.binding, &NeededName::binding);
    if (known != found_.needs.end()) return "";
    if (names_.count_writes(use.binding) != 1)
      return fmt::format("{}, which it needs, gets a value in several places", base::in_quotes(use.name));
    if (binding.form == BindingForm::imported) {
      const auto need = find_import_of(home_, use.binding);
      if (!need)
        return fmt::format("the import of {}, which it needs, is of no kind that is known here",
                           base::in_quotes(use.name));
      found_.needs.push_back(*need);
      return "";
    }
    NeededName need = import_of_item("", std::string(use.name));
    need.binding = use.binding;
    need.is_imported = false;
    found_.needs.push_back(std::move(need));
    return "";
  }

  const ReadCode& home_;
  const CodeTree& tree_;
  const syntax::NameBindings& names_;
  MovingCode found_;
};

std::string quoted_source(const CodeTree& tree, int statement) {
  const std::string_view text = tree.text_of(tree.child(statement, "source"));
  return text.size() < 2 ? "" : std::string(text.substr(1, text.size() - 2));
}

}  // namespace

std::expected<MovingCode, std::string> find_moving_code(const ReadCode& home, const syntax::ByteRange& name) {
  return MovingReader(home).read(name);
}

std::optional<NeededName> find_import_of(const ReadCode& code, int binding) {
  const CodeTree& tree = code.tree;
  const NameUse& use = code.names.use(code.names.binding(binding).uses.front());
  const int leaf = tree.covering(use.range);
  const int statement = tree.nearest(leaf, "import_statement import_from_statement");
  if (statement < 0 || tree.parent(statement) != CodeTree::k_root) return std::nullopt;
  NeededName need = import_of_item("", std::string(use.name));
  need.binding = binding;
  if (tree.family() == "python") {
    const int alias = tree.nearest(leaf, "aliased_import");
    const int named = alias >= 0 ? tree.child(alias, "name") : tree.nearest(leaf, "dotted_name");
    need.item = tree.text_of(named);
    if (tree.kind(statement) == "import_statement") {
      need.form = NeededName::Form::module;
      need.module = need.item;
    } else {
      need.module = tree.text_of(tree.child(statement, "module_name"));
    }
    return need;
  }
  need.module = quoted_source(tree, statement);
  need.is_type = tree.text_of(statement).starts_with("import type ");
  const int specifier = tree.nearest(leaf, "import_specifier");
  if (specifier >= 0) {
    need.item = tree.text_of(tree.child(specifier, "name"));
    need.is_type = need.is_type || tree.text_of(specifier).starts_with("type ");
  } else {
    const bool is_all = tree.nearest(leaf, "namespace_import") >= 0;
    need.form = is_all ? NeededName::Form::everything : NeededName::Form::standard;
  }
  return need;
}

std::string write_import(const ReadCode& like, const NeededName& need) {
  const std::string_view text = like.tree.text();
  if (like.tree.family() == "python") {
    const std::string alias =
        need.item == need.name || (need.form == NeededName::Form::module && need.item.starts_with(need.name + "."))
            ? ""
            : " as " + need.name;
    if (need.form == NeededName::Form::module) return fmt::format("import {}{}", need.module, alias);
    return fmt::format("from {} import {}{}", need.module, need.item, alias);
  }
  const char quote = std::ranges::count(text, '\'') > std::ranges::count(text, '"') ? '\'' : '"';
  const std::string_view end = text.contains(";\n") || text.contains(";\r\n") || text.empty() ? ";" : "";
  const std::string_view type = need.is_type ? "type " : "";
  const std::string item = need.item == need.name ? need.name : need.item + " as " + need.name;
  const std::string what = need.form == NeededName::Form::standard     ? need.name
                           : need.form == NeededName::Form::everything ? "* as " + need.name
                                                                       : "{ " + item + " }";
  return fmt::format("import {}{} from {}{}{}{}", type, what, quote, need.module, quote, end);
}

std::size_t place_for_import(const CodeTree& tree) {
  const std::string_view text = tree.text();
  std::size_t place = begin_of_line(text, 0);
  bool has_imports = false;
  for (int at = tree.node(CodeTree::k_root).first_child; at >= 0; at = tree.node(at).next) {
    const std::string_view kind = tree.kind(at);
    const bool is_import = is_among(kind, "import_statement import_from_statement future_import_statement");
    const bool is_text = kind == "expression_statement" && tree.children(at).size() == 1 &&
                         tree.kind(tree.children(at).front()) == "string";
    const bool is_above = kind == "hash_bang_line" || (!has_imports && (is_text || is_among(kind, "comment")));
    if (!is_import && !is_above && kind != "comment") break;
    if (kind == "comment" && has_imports) continue;
    // A comment right above the code belongs to it.
    const std::size_t end = end_of_line(text, tree.node(at).range.end);
    const bool is_apart = end >= text.size() || base::is_blank(text.substr(end, end_of_line(text, end) - end));
    if (is_import || is_text || kind == "hash_bang_line" || is_apart ||
        text.substr(tree.node(at).range.begin).starts_with("#!"))
      place = end;
    has_imports = has_imports || is_import;
  }
  return place;
}

NeededName import_of_item(std::string module, std::string name) {
  NeededName need;
  need.is_imported = true;
  need.module = std::move(module);
  need.item = name;
  need.name = std::move(name);
  return need;
}

namespace {

// With LF line ends.
std::string moved_text(const ReadCode& home, const MovingCode& moving) {
  const CodeTree& tree = home.tree;
  const syntax::ByteRange lines = lines_with_comment(tree, moving.statement);
  std::string text(tree.text().substr(lines.begin, lines.end - lines.begin));
  const bool needs_export = tree.family() != "python" && !moving.is_exported;
  if (needs_export) text.insert(tree.node(moving.statement).range.begin - lines.begin, "export ");
  text = base::to_lf(text);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

// `if __name__ == "__main__":` at the end, which runs what stands above it.
int last_part(const CodeTree& tree) {
  const auto parts = tree.children(CodeTree::k_root);
  if (tree.family() != "python" || parts.empty() || tree.kind(parts.back()) != "if_statement") return -1;
  return tree.text_of(tree.child(parts.back(), "condition")).contains("__name__") ? parts.back() : -1;
}

}  // namespace

std::vector<PlannedPlace> places_in_new_file(const ReadCode& home, const MovingCode& moving, const ReadCode& to,
                                             const NewFile& file) {
  const std::string_view text = to.tree.text();
  const std::string gap = to.tree.family() == "python" ? "\n\n" : "\n";
  const std::string code = moved_text(home, moving);
  std::string imports;
  for (const std::string& line : file.imports) imports += line + "\n";
  std::vector<PlannedPlace> places;
  const auto add = [&](std::size_t at, const std::string& lf) {
    const bool is_crlf = line_end_of(file.is_new ? home.tree.text() : text) == "\r\n";
    places.push_back({file.path,
                      line_at(text, at),
                      {at, at},
                      base::with_line_end(lf, is_crlf ? base::LineEnd::crlf : base::LineEnd::lf)});
  };
  if (file.is_new || base::is_blank(text)) {
    add(text.size(), imports + (imports.empty() ? "" : gap) + code);
    return places;
  }
  const std::size_t top = place_for_import(to.tree);
  const bool is_below = top > begin_of_line(text, 0);
  if (file.is_used_there) {
    const bool is_apart = base::is_blank(text.substr(top, end_of_line(text, top) - top));
    add(top, imports + (is_below || !imports.empty() ? gap : "") + code + (is_apart ? gap.substr(1) : gap));
    return places;
  }
  if (!imports.empty()) add(top, (is_below && text[top - 1] != '\n' ? "\n" : "") + imports + (is_below ? "" : gap));
  if (const int last = last_part(to.tree); last >= 0) {
    add(begin_of_line(text, to.tree.node(last).range.begin), code + gap);
  } else {
    add(text.size(), (text.ends_with('\n') ? "" : "\n") + gap + code);
  }
  return places;
}

}  // namespace oc::context
