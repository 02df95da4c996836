// SPDX-License-Identifier: Apache-2.0
#include "edit/edit_placement.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "edit/elision.hpp"
#include "edit/path_words.hpp"
#include "edit/syntax_gate.hpp"
#include "edit/text_lines.hpp"
#include "syntax/language.hpp"
#include "syntax/outline.hpp"

namespace oc::edit {
namespace {

using base::Path;
using base::Result;
using Form = ProposedEdit::Form;
using Naming = ProposedEdit::Naming;

// Languages whose words people mix up behind a fence.
constexpr std::array<std::string_view, 5> k_families{" javascript typescript tsx ", " c cpp objective-c cuda ",
                                                     " html xml vue svelte php ", " css scss ", " toml ini "};

std::string lower_case(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// Could a block with this fence be code of that file? Unknown words and no word could be anything.
bool fits_language(const std::string& fence, const syntax::Language* of_file) {
  const syntax::Language* of_block = syntax::find_language(fence);
  if (of_block == nullptr || of_file == nullptr || of_block->id == of_file->id) return true;
  return std::ranges::any_of(k_families, [&](std::string_view family) {
    const auto has = [&](std::string_view id) {
      return family.find(fmt::format(" {} ", id)) != std::string_view::npos;
    };
    return has(of_block->id) && has(of_file->id);
  });
}

// What people type and what programs print is no file's text unless it says so.
bool is_for_reading(const std::string& fence) {
  constexpr std::array<std::string_view, 10> k_words{"console", "shell",    "sh",  "bash",       "text",
                                                     "output",  "terminal", "cmd", "powershell", "plaintext"};
  return std::ranges::find(k_words, fence) != k_words.end();
}

// A first line that says nothing but the file's name is a label, unless the file has it, too.
std::string without_label(const std::string& code, const std::string& named, std::string_view file) {
  const std::size_t end = code.find('\n');
  const std::string first = code.substr(0, end);
  const NamedPath label = path_in_comment(first);
  if (label.naming == Naming::none || end == std::string::npos || file.starts_with(first)) return code;
  if (label.path != named && !named.ends_with("/" + label.path) && !label.path.ends_with("/" + named)) return code;
  return code.substr(end + 1);
}

// Are the names of the one the last ones of the other?
bool ends_with_names(const Path& path, const Path& names) {
  auto one = path.end(), other = names.end();
  while (other != names.begin())
    if (one == path.begin() || *--one != *--other) return false;
  return !names.empty();
}

// A line of a new file's code that stands for others: Python alone has a statement "...".
std::optional<std::string> find_elision(const std::string& code, const syntax::Language* language) {
  if (language == nullptr || !syntax::has_grammar(*language) || language->id == "markdown") return std::nullopt;
  for (const std::string_view line : lines_of(code))
    if (has_inner_elision(line) || (is_elision(line) && !(language->id == "python" && base::trim(line) == "...")))
      return std::string(base::trim(line));
  return std::nullopt;
}

class Placer {
 public:
  Placer(const AnswerEdits& answer, const PlacementOptions& options) : answer_(answer), options_(options) {}

  Placement place() {
    for (const Refusal& refusal : answer_.refusals) out_.refusals.push_back({"", refusal.reason});
    for (const ProposedEdit& edit : answer_.edits) sort_in(edit);
    for (const Path& path : order_) place_file(path, edits_of_.at(path));
    if (order_.empty() && out_.refusals.empty() && !out_.notes.empty())
      out_.refusals.push_back({"", "no block names the file it is for"});
    return std::move(out_);
  }

 private:
  bool exists(const Path& path) const {
    const auto earlier = std::ranges::find(options_.so_far, path, &FileChange::path);
    if (earlier != options_.so_far.end()) return earlier->after.has_value();
    const auto facts = base::find_file_facts(path);
    return facts && *facts;
  }

  std::string shown(const Path& path) const { return base::to_utf8(base::relative_to(path, options_.workspace)); }

  // The file that an edit is for; refused where its name may stand for several.
  OrRefusal<std::optional<Path>> find_target(const ProposedEdit& edit) const {
    if (edit.naming == Naming::none) return options_.file;
    if (std::ranges::any_of(edit.path, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      return refuse(fmt::format("the name {} holds control characters", base::in_quotes(edit.path)));
    const Path named = base::path_from_utf8(edit.path).lexically_normal();
    Path below_workspace = (options_.workspace / named).lexically_normal();
    if (named.has_parent_path() && exists(below_workspace)) return below_workspace;
    std::vector<Path> found;
    const auto add = [&](const Path& path) {
      if (std::ranges::find(found, path) == found.end()) found.push_back(path);
    };
    // A model often names the file alone, without its folders.
    if (options_.file && ends_with_names(*options_.file, named)) add(*options_.file);
    for (const Path& path : {below_workspace, (options_.folder / named).lexically_normal()})
      if (exists(path)) add(path);
    if (found.size() > 1)
      return refuse(fmt::format("the name {} may stand for {} and for {}: give all of it", base::in_quotes(edit.path),
                                base::in_quotes(shown(found[0])), base::in_quotes(shown(found[1]))));
    if (!found.empty()) return found.front();
    return edit.naming == Naming::stated ? below_workspace : options_.file;
  }

  void sort_in(const ProposedEdit& edit) {
    const auto found = find_target(edit);
    if (!found) {
      out_.refusals.push_back({"", found.error().reason});
      return;
    }
    const std::optional<Path>& target = *found;
    const bool is_unnamed_code = edit.form == Form::code && edit.naming != Naming::stated;
    const auto* language = target ? syntax::find_language_of_file(*target) : nullptr;
    const bool is_other = is_unnamed_code &&
                          (is_for_reading(edit.language) || !fits_language(edit.language, language)) &&
                          !(language != nullptr && language->id == "shell");
    if (!target || is_other) {
      if (edit.form != Form::code) {
        out_.refusals.push_back({"", "an edit names no file"});
        return;
      }
      out_.notes.push_back(fmt::format("a block of {} names no file and is left out",
                                       edit.language.empty() ? "code" : base::in_quotes(edit.language)));
      return;
    }
    if (!edits_of_.contains(*target)) order_.push_back(*target);
    edits_of_[*target].push_back(&edit);
  }

  // nullopt: there is no such file.
  Result<std::optional<std::string>> read_current(const Path& path) const {
    const auto earlier = std::ranges::find(options_.so_far, path, &FileChange::path);
    if (earlier != options_.so_far.end()) return earlier->after;
    OC_TRY(const auto facts, base::find_file_facts(path));
    if (!facts) return std::nullopt;
    OC_TRY(std::string bytes, base::read_file(path, options_.file_limit));
    return std::optional(std::move(bytes));
  }

  void refuse_file(const Path& path, std::string reason) { out_.refusals.push_back({shown(path), std::move(reason)}); }

  // Why the edits cannot be for that file, whatever it holds.
  static std::optional<std::string> find_misfit(const Path& path, const std::vector<const ProposedEdit*>& edits) {
    for (const ProposedEdit* edit : edits) {
      if (!edit->is_complete) return "the answer ends in the middle of its text";
      if (edit->form == Form::code && !fits_language(edit->language, syntax::find_language_of_file(path)))
        return fmt::format("the block is {}, which is not the language of the file", edit->language);
    }
    return std::nullopt;
  }

  void place_file(const Path& path, const std::vector<const ProposedEdit*>& edits) {
    if (auto misfit = find_misfit(path, edits)) return refuse_file(path, std::move(*misfit));
    const auto current = read_current(path);
    if (!current) return refuse_file(path, current.error().message);
    if (!*current) return place_new(path, edits);
    const std::string& bytes = **current;
    if (base::looks_binary(bytes)) return refuse_file(path, "it is a binary file");
    if (std::ranges::any_of(edits, [](const ProposedEdit* edit) { return edit->is_new_file; }))
      return refuse_file(path, "it exists, and the answer makes a new file of that name");
    auto after = edited(bytes, path, edits);
    if (!after) return refuse_file(path, after.error().reason);
    if (*after == bytes) out_.notes.push_back(fmt::format("{} is like that already", shown(path)));
    else out_.files.push_back({path, shown(path), bytes, std::move(*after)});
  }

  // nullopt: the file goes.
  OrRefusal<std::optional<std::string>> edited(const std::string& bytes, const Path& path,
                                               const std::vector<const ProposedEdit*>& edits) const {
    std::string_view text = bytes;
    if (text.starts_with(base::k_byte_order_mark)) text.remove_prefix(base::k_byte_order_mark.size());
    const std::string file = base::to_lf(text);
    std::vector<LineReplacement> all;
    bool is_removed = false;
    for (const ProposedEdit* edit : edits) {
      auto placed = place_one(file, path, *edit);
      if (!placed) return std::unexpected(placed.error());
      for (LineReplacement& one : *placed) all.push_back(std::move(one));
      is_removed = is_removed || edit->form == Form::removal;
    }
    auto after = replace_lines(bytes, std::move(all));
    if (!after) return std::unexpected(after.error());
    if (is_removed && !base::is_blank(*after)) return refuse("the diff removes the file, and does not show all of it");
    if (is_removed) return std::nullopt;
    return std::optional(std::move(*after));
  }

  OrRefusal<std::vector<LineReplacement>> place_one(const std::string& file, const Path& path,
                                                    const ProposedEdit& edit) const {
    if (edit.form == Form::code) {
      CodePlaceOptions place{syntax::find_language_of_file(path), CodeScope::unknown, ""};
      const bool is_asked_for = options_.file && options_.file->lexically_normal() == path.lexically_normal();
      if (is_asked_for) place.symbol = options_.symbol;
      // Another file that an answer names was not asked for as a whole.
      if (is_asked_for || !options_.file) place.scope = options_.scope;
      const auto code = without_label(edit.code, edit.path, file);
      auto placed = place_code(file, code, place);
      // Code that is broken rarely fits: what broke it says more.
      if (!placed)
        if (const auto error = find_syntax_error(code, place.language))
          placed.error().reason = fmt::format("{} ({})", *error, placed.error().reason);
      return placed;
    }
    std::vector<LineReplacement> all;
    for (const TextChange& change : edit.changes) {
      auto placed = place_text(file, change);
      if (!placed) return placed;
      for (LineReplacement& one : *placed) all.push_back(std::move(one));
    }
    return all;
  }

  // A name that differs from an existing one in case alone is a mistake, or the same file on another system. Also for
  // the folders on the way.
  std::optional<std::string> find_same_but_case(const Path& path) const {
    if (!base::is_inside(path, options_.workspace)) return std::nullopt;
    Path folder = options_.workspace;
    for (const Path& part : base::relative_to(path, options_.workspace)) {
      const Path next = folder / part;
      std::error_code code;
      if (!std::filesystem::exists(next, code)) {
        const std::string wanted = lower_case(base::to_utf8(part));
        for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
          if (lower_case(base::to_utf8(at->path().filename())) == wanted) return shown(at->path());
        return std::nullopt;
      }
      folder = next;
    }
    return std::nullopt;
  }

  void place_new(const Path& path, const std::vector<const ProposedEdit*>& edits) {
    if (const auto other = find_same_but_case(path))
      return refuse_file(path, fmt::format("there is no such file, but {}, whose name differs in case alone",
                                           base::in_quotes(*other)));
    std::optional<std::string> text;
    for (const ProposedEdit* edit : edits) {
      const bool is_text = edit->form == Form::code || (edit->form == Form::changes && edit->changes.size() == 1 &&
                                                        base::is_blank(edit->changes.front().old_text));
      if (!is_text) return refuse_file(path, "there is no such file");
      std::string own =
          edit->form == Form::code ? without_label(edit->code, edit->path, "") : edit->changes.front().new_text;
      if (const auto line = find_elision(own, syntax::find_language_of_file(path)))
        return refuse_file(path, fmt::format("there is no such file, and the line {} leaves something of it out",
                                             base::in_quotes(*line)));
      if (text && *text != own) return refuse_file(path, "two blocks are the whole of a new file");
      text = std::move(own);
    }
    out_.files.push_back({path, shown(path), std::nullopt, std::move(text)});
  }

  const AnswerEdits& answer_;
  const PlacementOptions& options_;
  std::vector<Path> order_;
  std::map<Path, std::vector<const ProposedEdit*>> edits_of_;
  Placement out_;
};

}  // namespace

Result<Placement> place_edits(const AnswerEdits& answer, const PlacementOptions& options) {
  return Placer(answer, options).place();
}

}  // namespace oc::edit
