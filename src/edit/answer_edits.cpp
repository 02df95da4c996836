// SPDX-License-Identifier: Apache-2.0
#include "edit/answer_edits.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "edit/diff_reader.hpp"
#include "edit/line_match.hpp"
#include "edit/path_words.hpp"
#include "edit/search_replace.hpp"
#include "edit/text_lines.hpp"

namespace oc::edit {
namespace {

constexpr std::size_t k_lines_before = 3;  // among these a block's file is named, blank ones not counted
constexpr std::string_view k_stray_end = "there is a '>>>>>>> REPLACE' without its '<<<<<<< SEARCH'";

using Lines = std::vector<std::string_view>;
using Naming = ProposedEdit::Naming;

bool is_markdown(std::string_view language) { return language == "markdown" || language == "md" || language == "mdx"; }

bool is_list_item(std::string_view line) {
  const std::string_view text = base::trim(line);
  return text.starts_with("- ") || text.starts_with("* ");
}

bool states_path(std::string_view line) { return path_in_line(line).naming == Naming::stated; }

class AnswerReader {
 public:
  explicit AnswerReader(const std::string& answer) : lines_(lines_of(answer)), ended_lines_(lines_with_ends(answer)) {}

  AnswerEdits read() {
    for (std::size_t at = 0; at < lines_.size();) {
      const std::size_t end = read_edit_at(at);
      if (end > at) {
        at = names_from_ = end;
        continue;
      }
      if (ends_replace(lines_[at])) refuse_part(k_stray_end);
      ++at;
    }
    return std::move(out_);
  }

 private:
  // The line behind the edit that begins here; `at` if none does.
  std::size_t read_edit_at(std::size_t at) {
    // What is read without fences around it may hold fences itself: they begin and end no blocks.
    if (begins_search(lines_[at])) return read_searches(lines_, at, name_before(at));
    if (begins_diff(lines_, at) && !lines_[at].starts_with("@@"))  // which is too little in prose
      return read_diff_at(lines_, at, name_before(at), DiffPlace::loose, true);
    const auto block = find_block_at(ended_lines_, at);
    if (!block) return at;
    read_block(*block);
    return std::max(at + 1, block->end_line);
  }

  void refuse_part(std::string_view reason) { out_.refusals.push_back(Refusal{std::string(reason)}); }

  // The name in the nearest line before `at` that says something.
  NamedPath name_before(std::size_t at) const {
    std::size_t seen = 0;
    while (at-- > names_from_ && seen < k_lines_before) {
      if (base::is_blank(lines_[at])) continue;
      NamedPath named = path_in_line(lines_[at]);
      if (named.naming == Naming::stated) return is_one_of_a_list(at) ? NamedPath{} : named;
      if (named.naming == Naming::mentioned && seen == 0) return named;
      ++seen;
    }
    return {};
  }

  // Several names in a list: which of them is meant?
  bool is_one_of_a_list(std::size_t at) const {
    if (!is_list_item(lines_[at])) return false;
    while (at-- > names_from_)
      if (!base::is_blank(lines_[at])) return is_list_item(lines_[at]) && states_path(lines_[at]);
    return false;
  }

  std::size_t read_searches(const Lines& lines, std::size_t at, NamedPath named) {
    ReadSearch read = read_search(lines, at);
    if (named.naming == Naming::none) named = last_named_;
    last_named_ = named;
    if (!read.fault.empty()) {
      refuse_part(read.fault);
      return read.end;
    }
    ProposedEdit edit;
    edit.form = ProposedEdit::Form::changes;
    edit.path = named.path;
    edit.naming = named.naming;
    edit.is_complete = read.is_complete;
    edit.changes.push_back(std::move(read.change));
    out_.edits.push_back(std::move(edit));
    return read.end;
  }

  std::size_t read_diff_at(const Lines& lines, std::size_t at, const NamedPath& named, DiffPlace place,
                           bool is_complete) {
    ReadDiff read = read_diff(lines, at, named.path, place);
    for (ProposedEdit& edit : read.edits) {
      edit.is_complete = is_complete;
      if (!named.path.empty() && edit.path == named.path) edit.naming = named.naming;
      out_.edits.push_back(std::move(edit));
    }
    for (Refusal& refusal : read.refusals) out_.refusals.push_back(std::move(refusal));
    return std::max(read.end, at + 1);
  }

  void read_block(const PlacedBlock& placed) {
    const std::string code = base::to_lf(placed.block.code);
    const Lines inside = lines_of(code);
    NamedPath named = path_in_fence(placed.info);
    if (named.naming == Naming::none) named = name_before(placed.first_line);
    if (std::ranges::any_of(inside, begins_search) || std::ranges::any_of(inside, ends_replace))
      return read_searches_in_block(inside, std::move(named));
    if (placed.block.language == "diff" || placed.block.language == "patch") {
      read_diff_at(inside, diff_begin(inside), named, DiffPlace::fenced, placed.block.is_closed);
      return;
    }
    const auto first = std::ranges::find_if(inside, [](std::string_view line) { return !base::is_blank(line); });
    const auto begin = static_cast<std::size_t>(first - inside.begin());
    if (begins_diff(inside, begin) && !inside[begin].starts_with("@@")) {
      read_diff_at(inside, begin, named, DiffPlace::fenced, placed.block.is_closed);
      return;
    }
    const bool is_for_markdown = is_markdown(placed.block.language) || named.path.ends_with(".md");
    if (is_for_markdown && is_bare_block_next(placed.end_line)) {
      refuse_part(
          "a block of Markdown is followed by a bare fence, which may belong to its text: put four backticks around "
          "it");
      return;
    }
    add_code(placed, code, std::move(named));
  }

  bool is_bare_block_next(std::size_t at) const {
    for (; at < lines_.size(); ++at)
      if (const auto block = find_block_at(ended_lines_, at)) return block->info.empty();
    return false;
  }

  // Behind what tools write before a diff, if there is no line of a diff in it.
  static std::size_t diff_begin(const Lines& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (begins_diff(lines, i)) return i;
      if (lines[i].starts_with('+') || lines[i].starts_with('-')) break;
    }
    return 0;
  }

  void read_searches_in_block(const Lines& inside, NamedPath named) {
    for (std::size_t i = 0; i < inside.size();) {
      if (begins_search(inside[i])) {
        i = read_searches(inside, i, std::move(named));
        named = {};
        continue;
      }
      if (ends_replace(inside[i])) refuse_part(k_stray_end);
      const NamedPath here = path_in_line(inside[i]);
      if (here.naming == Naming::stated) named = here;
      ++i;
    }
  }

  void add_code(const PlacedBlock& placed, std::string code, NamedPath named) {
    if (base::is_blank(code)) return;
    // A first line "# notes.md" is a heading there.
    if (named.naming != Naming::stated && !is_markdown(placed.block.language)) {
      NamedPath commented = path_in_comment(code.substr(0, code.find('\n')));
      if (commented.naming != Naming::none) named = std::move(commented);
    }
    ProposedEdit edit;
    edit.form = ProposedEdit::Form::code;
    edit.path = std::move(named.path);
    edit.naming = named.naming;
    edit.language = placed.block.language;
    if (!code.ends_with('\n')) code += '\n';
    edit.code = std::move(code);
    edit.is_complete = placed.block.is_closed;
    out_.edits.push_back(std::move(edit));
  }

  Lines lines_;
  Lines ended_lines_;
  std::size_t names_from_ = 0;  // lines before are of another edit
  NamedPath last_named_;
  AnswerEdits out_;
};

// Models that think aloud write drafts that they discard.
std::string_view behind_thoughts(std::string_view text) {
  constexpr std::string_view k_begin = "<think>", k_end = "</think>";
  const std::size_t end = text.find(k_end);
  if (base::trim(text).starts_with(k_begin))
    return end == std::string_view::npos ? std::string_view{} : text.substr(end + k_end.size());
  // The beginning may have been put into the model's mouth.
  const bool is_line = end != std::string_view::npos && (end == 0 || text[end - 1] == '\n') &&
                       base::is_blank(text.substr(end + k_end.size(), text.find('\n', end) - end - k_end.size()));
  return is_line && text.substr(0, end).find(k_begin) == std::string_view::npos ? text.substr(end + k_end.size())
                                                                                : text;
}

}  // namespace

AnswerEdits parse_answer(std::string_view answer) {
  const std::string text = base::to_lf(behind_thoughts(answer));
  return AnswerReader(text).read();
}

}  // namespace oc::edit
