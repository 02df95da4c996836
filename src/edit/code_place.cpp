// SPDX-License-Identifier: Apache-2.0
#include "edit/code_place.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/elision.hpp"
#include "edit/import_place.hpp"
#include "edit/indentation.hpp"
#include "edit/symbol_match.hpp"
#include "edit/symbol_tree.hpp"
#include "edit/text_lines.hpp"
#include "edit/whole_file.hpp"

namespace oc::edit {
namespace {

using Replacements = std::vector<LineReplacement>;
using Comment = SymbolTree::CommentAbove;
constexpr int k_file = SymbolTree::k_file;
constexpr int k_none = SymbolTree::k_none;

void append(Replacements& made, Replacements more) {
  for (LineReplacement& one : more) made.push_back(std::move(one));
}

// Imports stand before new symbols that want the same place.
void append_imports(Replacements& made, const Replacements& imports) {
  std::size_t written = 0;
  for (const LineReplacement& one : imports) {
    const auto symbol = std::ranges::find_if(made, [&](const LineReplacement& there) {
      const bool is_one_line = there.text.find('\n') + 1 == there.text.size();
      return !is_one_line && there.begin == there.end && one.begin == one.end && there.begin == one.begin;
    });
    if (symbol == made.end()) {
      made.push_back(one);
      continue;
    }
    symbol->text.insert(written, one.text);
    written += one.text.size();
  }
}

class CodePlacer {
 public:
  CodePlacer(const SymbolTree& file, const SymbolTree& code, const SymbolMatch& match, const CodePlaceOptions& options)
      : file_(file), code_(code), match_(match), options_(options), style_(indent_style(file.lines())) {}

  OrRefusal<Replacements> place() const {
    if (!options_.symbol.empty()) return place_for_symbol();
    auto placed = place_members(k_file, k_file);
    if (!placed) return placed;
    std::erase_if(*placed, [&](const LineReplacement& one) { return one.text == file_.text_of({one.begin, one.end}); });
    const auto line = find_lost_line(file_, code_);
    if (placed->empty() && line && match_.find_missing(k_file, k_file).empty() && code_.line_count() > 1)
      return refuse(
          fmt::format("the code changes nothing but that it lacks the line {}, and what code leaves out stays: "
                      "give the old lines with the new ones",
                      base::in_quotes(base::trim(*line))));
    return placed;
  }

 private:
  // Is there a "..." that is none of the file's own?
  bool leaves_out(const LineSpan& in_code, const LineSpan& in_file) const {
    for (std::size_t i = in_code.begin; i < in_code.end; ++i)
      if (is_elision(code_.line(i)) && !file_.has_line_in(code_.line(i), in_file)) return true;
    return false;
  }

  std::vector<std::string> code_lines(const LineSpan& span) const {
    std::vector<std::string> lines;
    for (std::size_t i = span.begin; i < span.end; ++i) lines.emplace_back(code_.line(i));
    return in_indent_style(style_, lines);
  }

  // The code is for one symbol: it defines that one, perhaps with others round it or beside it.
  OrRefusal<Replacements> place_for_symbol() const {
    const auto wanted = file_.find_all(options_.symbol);
    if (wanted.size() != 1)
      return refuse(fmt::format("the file has {} symbols named {}", wanted.size(), base::in_quotes(options_.symbol)));
    const std::string& name = file_.symbol(wanted.front()).name;
    const auto defined = code_.find_all(name);
    if (defined.empty()) return refuse(fmt::format("the code does not define {}", base::in_quotes(name)));
    if (defined.size() > 1 || !is_alone(wanted.front(), defined.front())) return place_members(k_file, k_file);
    auto made = place_symbol(wanted.front(), defined.front());
    if (!made) return made;
    auto imports = place_imports(file_, code_);
    if (!imports) return imports;
    append_imports(*made, *imports);
    return made;
  }

  // Is there nothing beside it, but for the lines of what is round it in the file as well?
  bool is_alone(int in_file, int in_code) const {
    while (true) {
      in_code = code_.symbol(in_code).container;
      in_file = file_.symbol(in_file).container;
      if (code_.members(in_code).size() != 1 || !code_.fields(in_code).empty()) return false;
      if (in_file == k_file && in_code != k_file) return false;
      if (!check_loose_lines(in_code == k_file ? k_file : in_file, in_code)) return false;
      if (in_code == k_file) return true;
    }
  }

  // The members of one container, each in its place.
  OrRefusal<Replacements> place_members(int in_file, int in_code) const {
    const auto& members = code_.members(in_code);
    const bool is_cut = leaves_out(code_.inside(in_code), file_.inside(in_file));
    if (members.empty()) {
      if (is_cut && in_file == k_file) return place_between_elisions();
      return refuse(whole_file_reason());
    }
    if (!file_.is_open(in_file) && !is_cut)
      if (const std::string missing = match_.find_missing(in_file, in_code); !missing.empty())
        return refuse(fmt::format("the code of {} lacks {}: give all of it, or say '...' where something stays",
                                  base::in_quotes(file_.symbol(in_file).name), base::in_quotes(missing)));
    if (auto checked = check_loose_lines(in_file, in_code); !checked) return std::unexpected(checked.error());
    return place_each(in_file, in_code, members);
  }

  OrRefusal<Replacements> place_each(int in_file, int in_code, const std::vector<int>& members) const {
    Replacements made;
    std::vector<int> fresh;  // new ones since the last that has a place
    int before = k_none, before_in_code = k_none;
    for (const int member : members) {
      auto counterpart = match_.find_counterpart(in_file, member);
      if (!counterpart) return std::unexpected(counterpart.error());
      if (*counterpart == k_none) {
        fresh.push_back(member);
        continue;
      }
      auto put = put_fresh(fresh, {before, before_in_code}, {*counterpart, member});
      if (!put) return put;
      append(made, std::move(*put));
      auto placed = place_symbol(*counterpart, member);
      if (!placed) return placed;
      append(made, std::move(*placed));
      fresh.clear();
      before = *counterpart;
      before_in_code = member;
    }
    if (before == k_none) return refuse(no_place_reason(members));
    auto put = put_fresh(fresh, {before, before_in_code}, {k_none, k_none});
    if (!put) return put;
    append(made, std::move(*put));
    if (in_code != k_file) return made;
    auto imports = place_imports(file_, code_);
    if (!imports) return imports;
    append_imports(made, *imports);
    return made;
  }

  struct Neighbour {
    int in_file = k_none;
    int in_code = k_none;
  };

  // Do the two stand side by side, with nothing but blank lines and comments between? "impl B {" would be something.
  bool are_side_by_side(int first, int second) const {
    const LineSpan one = code_.span(first, Comment::left_out), other = code_.span(second, Comment::left_out);
    for (std::size_t i = one.end; i < other.begin; ++i)
      if (!base::is_blank(code_.line(i)) && !code_.is_comment(i) && !is_elision(code_.line(i))) return false;
    return base::indentation(code_.line(one.begin)) == base::indentation(code_.line(other.begin));
  }

  // New symbols behind the one before them, or else before the one behind them, with a blank line between.
  OrRefusal<Replacements> put_fresh(const std::vector<int>& fresh, Neighbour before, Neighbour next) const {
    if (fresh.empty()) return {};
    for (std::size_t i = 1; i < fresh.size(); ++i)
      if (!are_side_by_side(fresh[i - 1], fresh[i])) return refuse(no_place_reason(fresh));
    const bool is_behind = before.in_code != k_none && are_side_by_side(before.in_code, fresh.front());
    const bool is_before = next.in_code != k_none && are_side_by_side(fresh.back(), next.in_code);
    const int neighbour = is_behind ? before.in_file : next.in_file;
    if ((!is_behind && !is_before) || file_.shares_lines(neighbour)) return refuse(no_place_reason(fresh));
    const LineSpan own = file_.span(neighbour, Comment::left_out);
    const std::string_view indent = base::indentation(file_.line(own.begin));
    std::string text;
    for (const int member : fresh) {
      const LineSpan span = code_.span(member, Comment::included);
      if (leaves_out(span, {0, 0}) && code_.text_of_body(member) != "...")
        return refuse(
            fmt::format("{} is new, but '...' leaves lines of it out", base::in_quotes(code_.symbol(member).name)));
      const std::string lines = joined(indented_like(code_lines(span), indent));
      text += is_behind ? "\n" + lines : lines + "\n";
    }
    const std::size_t at = is_behind ? own.end : file_.span(neighbour, Comment::included).begin;
    return Replacements{{at, at, std::move(text)}};
  }

  OrRefusal<Replacements> place_symbol(int in_file, int in_code) const {
    const LineSpan own = code_.span(in_code, Comment::left_out);
    const LineSpan target = file_.span(in_file, Comment::left_out);
    const bool is_cut = leaves_out(own, target);
    if (!code_.members(in_code).empty() && (is_cut || file_.is_open(in_file))) return place_members(in_file, in_code);
    if (const std::string missing = match_.find_missing(in_file, in_code); !missing.empty() && !is_cut)
      return refuse(fmt::format("the code of {} lacks {}: give all of it, or say '...' where something stays",
                                base::in_quotes(file_.symbol(in_file).name), base::in_quotes(missing)));
    if (const std::string loss = match_.find_loss(in_file, in_code); !loss.empty()) return refuse(loss);
    Replacements made;
    const LineSpan comment{code_.span(in_code, Comment::included).begin, own.begin};
    const std::string_view indent = base::indentation(file_.line(target.begin));
    // What the code brings no word of stays: the comment above, decorators.
    const LineSpan kept = code_.decorators(in_code).begin == code_.decorators(in_code).end
                              ? file_.decorators(in_file)
                              : LineSpan{target.begin, target.begin};
    const LineSpan rest{kept.end, target.end};
    const std::string text = joined(indented_like(code_lines(own), indent));
    auto resolved = is_cut ? resolve_elisions(file_.text_of(rest), text, Edges::fixed) : OrRefusal<std::string>(text);
    if (!resolved) return std::unexpected(resolved.error());
    made.push_back({rest.begin, rest.end, std::move(*resolved)});
    if (comment.begin < comment.end)
      made.push_back({file_.span(in_file, Comment::included).begin, target.begin,
                      joined(indented_like(code_lines(comment), indent))});
    std::erase_if(made, [&](const LineReplacement& one) { return one.text == file_.text_of({one.begin, one.end}); });
    if (!made.empty() && file_.shares_lines(in_file))
      return refuse(fmt::format("{} shares a line with something else", base::in_quotes(file_.symbol(in_file).name)));
    return made;
  }

  OrRefusal<Replacements> place_between_elisions() const {
    const LineSpan all{0, file_.line_count()};
    auto resolved = resolve_elisions(file_.text_of(all), joined(code_lines({0, code_.line_count()})), Edges::open);
    if (!resolved) return std::unexpected(resolved.error());
    return Replacements{{all.begin, all.end, std::move(*resolved)}};
  }

  // Lines of the code that belong to no symbol must be such lines of the file, too: there is no place for others.
  OrRefusal<void> check_loose_lines(int in_file, int in_code) const {
    std::set<std::string_view> known;
    for (const std::size_t at : file_.loose_lines(in_file)) known.insert(base::trim(file_.line(at)));
    for (const std::size_t at : code_.loose_lines(in_code)) {
      const std::string_view line = base::trim(code_.line(at));
      if (line.empty() || known.contains(line) || is_elision(line) || code_.is_comment(at)) continue;
      if (in_code == k_file && code_.is_import(at)) continue;
      return refuse(
          fmt::format("the line {} belongs to no symbol of the file, so it has no place", base::in_quotes(line)));
    }
    return {};
  }

  std::string whole_file_reason() const {
    return fmt::format(
        "the code has {} lines, the file {}, and nothing says which of them it replaces: give the whole "
        "file, whole functions, or the old lines with the new ones",
        code_.line_count(), file_.line_count());
  }

  std::string no_place_reason(const std::vector<int>& members) const {
    return fmt::format("{} is new, and nothing says where it belongs: give what stands before it, too",
                       base::in_quotes(code_.symbol(members.front()).name));
  }

  const SymbolTree& file_;
  const SymbolTree& code_;
  const SymbolMatch& match_;
  const CodePlaceOptions& options_;
  IndentStyle style_;  // of the file
};

// A method alone is no code in JavaScript: what it becomes in a class, the name of which is looked up in the file.
std::optional<std::string> in_its_class(const SymbolTree& file, const SymbolTree& code, std::string_view text,
                                        const syntax::Language* language) {
  constexpr std::array<std::string_view, 3> k_languages{"javascript", "typescript", "tsx"};
  if (language == nullptr || std::ranges::find(k_languages, language->id) == k_languages.end()) return std::nullopt;
  if (!code.members(SymbolTree::k_file).empty()) return std::nullopt;
  const auto wrapped = [&](std::string_view head) { return fmt::format("{}\n// ...\n{}}}\n", head, text); };
  const std::string tried = wrapped("class Any {");
  const SymbolTree tree(tried, language);
  const auto& classes = tree.members(SymbolTree::k_file);
  if (classes.size() != 1) return std::nullopt;
  int found = k_none;
  for (const int method : tree.members(classes.front()))
    for (const int one : file.find_all(tree.symbol(method).name)) {
      const int container = file.symbol(one).container;
      if (container < 0 || file.symbol(container).kind != syntax::SymbolKind::class_type) continue;
      if (found != k_none && found != container) return std::nullopt;
      found = container;
    }
  if (found == k_none) return std::nullopt;
  const std::string_view head = file.line(file.decorators(found).end);
  return head.ends_with('{') ? std::optional(wrapped(head)) : std::nullopt;
}

OrRefusal<void> check_inner_elisions(const SymbolTree& file, const SymbolTree& code) {
  for (const std::string_view line : code.lines())
    if (!is_elision(line) && has_inner_elision(line) && !file.has_line(line))
      return refuse(fmt::format("the line {} leaves something out: give all of it, or '...' on a line of its own",
                                base::in_quotes(base::trim(line))));
  return {};
}

// Is all of it indented at least as far as its first line, and that line is?
bool has_margin(const std::vector<std::string>& lines) {
  const auto is_filled = [](const std::string& line) { return !base::is_blank(line); };
  const auto first = std::ranges::find_if(lines, is_filled);
  if (first == lines.end() || base::indentation(*first).empty()) return false;
  return std::ranges::all_of(
      lines, [&](const std::string& line) { return !is_filled(line) || line.starts_with(base::indentation(*first)); });
}

std::string_view first_indentation(const SymbolTree& file) {
  const auto first = std::ranges::find_if(file.lines(), [](std::string_view line) { return !base::is_blank(line); });
  return first == file.lines().end() ? std::string_view{} : base::indentation(*first);
}

}  // namespace

OrRefusal<Replacements> place_code(std::string_view file, std::string_view code, const CodePlaceOptions& options) {
  if (base::is_blank(code)) return refuse("the code is empty");
  if (base::is_blank(file)) return Replacements{{0, lines_of(file).size(), std::string(code)}};
  const SymbolTree file_tree(file, options.language);
  // A method alone comes as it stands in its class.
  const std::vector<std::string> code_lines = owned_lines(code);
  const auto margin = has_margin(code_lines) ? SymbolMatch::CodeMargin::indented : SymbolMatch::CodeMargin::none;
  std::string text = joined(margin == SymbolMatch::CodeMargin::none ? code_lines : indented_like(code_lines, ""));
  if (auto wrapped = in_its_class(file_tree, SymbolTree(text, options.language), text, options.language))
    text = std::move(*wrapped);
  const SymbolTree code_tree(text, options.language);
  if (auto checked = check_inner_elisions(file_tree, code_tree); !checked) return std::unexpected(checked.error());
  const SymbolMatch match(file_tree, code_tree, options.language, margin);
  if (options.symbol.empty()) {
    auto whole = find_whole_file(file_tree, code_tree, match, options.scope);
    if (!whole) return std::unexpected(whole.error());
    if (*whole == WholeFile::yes) {
      // What was not asked for as a whole may have been moved as a whole.
      const auto lines =
          options.scope == CodeScope::unknown ? indented_like(code_lines, first_indentation(file_tree)) : code_lines;
      return Replacements{{0, file_tree.line_count(), joined(in_indent_style(indent_style(file_tree.lines()), lines))}};
    }
  }
  return CodePlacer(file_tree, code_tree, match, options).place();
}

}  // namespace oc::edit
