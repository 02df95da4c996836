// SPDX-License-Identifier: Apache-2.0
#include "tasks/project_actions.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/line_range.hpp"
#include "context/source_file.hpp"
#include "context/text_search.hpp"
#include "tasks/symbol_lookup.hpp"

namespace oc::tasks {
namespace {

using base::LineNumber;
using base::LineRange;

constexpr std::size_t k_most_files = 8;  // that a search shows
constexpr std::size_t k_most_lines_of_a_file = 4;
constexpr std::size_t k_most_names = 60;  // of a folder
constexpr std::size_t k_most_users = 12;
constexpr std::size_t k_longest_line = 200;
constexpr int k_most_cuts = 6;

ActionOutcome refusal(std::string why) {
  ActionOutcome outcome;
  outcome.result.text = why + "\n";
  outcome.result.reason = std::move(why);
  outcome.done = false;
  return outcome;
}

ActionOutcome no_such_action(const Action& action) {
  return refusal(fmt::format("there is no action {}; there are answer, read, search, symbol, edit and run",
                             base::in_quotes(action.target)));
}

std::string count_of(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string_view beginning_of(std::string_view line) {
  line = line.substr(0, k_longest_line);
  return line.substr(0, base::complete_utf8_prefix(line));
}

struct Target {
  std::string path;
  std::optional<LineRange> lines;
};

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

// "src/a.py", "./src/a.py:10", "src/a.py:10-40".
Target parse_target(std::string_view text) {
  Target target;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view numbers = text.substr(colon + 1);
    const std::size_t dash = std::min(numbers.find('-'), numbers.size());
    const auto first = parse_number(numbers.substr(0, dash));
    const auto last = dash < numbers.size() ? parse_number(numbers.substr(dash + 1)) : first;
    if (first && last) {
      target.lines = LineRange{LineNumber(std::min(*first, *last)), LineNumber(std::max(*first, *last))};
      text = text.substr(0, colon);
    }
  }
  while (text.starts_with("./")) text.remove_prefix(2);
  while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  target.path = std::string(text);
  return target;
}

class ProjectLook {
 public:
  ProjectLook(Project* project, const ActionLimits& limits) : project_(project), limits_(limits) {}

  base::Result<ActionOutcome> read(const std::string& text) {
    const Target target = parse_target(text);
    auto file = context::load_indexed_file(target.path, limits_.workspace, limits_.file_limit);
    if (!file) {
      OC_TRY(auto folder, list_folder(target.path));
      if (folder) return std::move(*folder);
      OC_TRY(const std::string nearest, nearest_paths(target.path));
      return refusal(file.error().message + nearest);
    }
    const std::int64_t lines = context::count_lines(file->text);
    if (lines == 0) return refusal(fmt::format("{} is empty", file->shown_path));
    LineRange range{LineNumber(1), LineNumber(lines)};
    if (target.lines && target.lines->first.value > lines)
      return refusal(fmt::format("{} has only {} lines", file->shown_path, lines));
    if (target.lines) range = {target.lines->first, LineNumber(std::min(target.lines->last.value, lines))};
    return show(*file, range, lines);
  }

  base::Result<ActionOutcome> search(const std::string& words) {
    if (project_ == nullptr) return refusal("there is no index to search; ask for files with read");
    OC_TRY(const auto paths, project_->index().search_paths(words, 2 * k_most_files));
    std::vector<std::string> terms;
    for (const auto& term : context::search_terms_of(words)) terms.push_back(base::to_lower_ascii(term.term));
    std::string text;
    std::size_t files = 0, places = 0;
    for (const std::string& path : paths) {
      if (files == k_most_files) break;
      const auto file = context::load_indexed_file(path, limits_.workspace, limits_.file_limit);
      if (!file) continue;
      const std::string found = matching_lines(*file, words, terms, places);
      if (found.empty()) continue;
      ++files;
      text += found;
    }
    if (text.empty()) return refusal(fmt::format("nothing was found about {}", base::in_quotes(words)));
    return finish("", text, count_of(places, "place", "places") + " in " + count_of(files, "file", "files"));
  }

  base::Result<ActionOutcome> symbol(const std::string& name) {
    if (project_ == nullptr) return refusal("there is no index to look it up in; ask for files with read");
    auto parts = find_symbol_in_project(*project_, name);
    if (!parts && parts.error().kind == base::ErrorKind::cancelled) return std::unexpected(parts.error());
    if (!parts) return refusal(parts.error().message);
    std::string text;
    for (const FilePart& part : *parts) {
      const LineRange lines = part.lines.value_or(LineRange{LineNumber(1), LineNumber(1)});
      text += fmt::format("{}:{}-{}\n{}\n", part.file.shown_path, lines.first.value, lines.last.value,
                          context::text_of_lines(part.file, lines));
    }
    const std::string bare = name.substr(name.find_last_of(".:") + 1);  // npos + 1: all of it
    OC_TRY(const auto users, project_->index().ask([&](context::IndexQuery query) { return query.find_users(bare); }));
    std::string used;
    for (std::size_t i = 0; i < std::min(users.size(), k_most_users); ++i)
      for (const LineNumber line : users[i].lines) used += fmt::format("{}:{}\n", users[i].path, line.value);
    if (!used.empty()) text += "Used in:\n" + used;
    return finish("", text, count_of(parts->size(), "definition", "definitions"));
  }

 private:
  base::Result<ActionOutcome> show(const context::SourceFile& file, LineRange range, std::int64_t all) {
    const std::string_view text = context::text_of_lines(file, range);
    OC_TRY(const std::string fitting, shortened(text, limits_.tokens, limits_.count_tokens));
    ActionOutcome outcome;
    outcome.result.path = file.shown_path;
    outcome.result.text = fitting;
    outcome.result.lines = range;
    const bool is_whole = fitting.size() == text.size();
    if (!is_whole) outcome.result.lines.last = LineNumber(range.first.value + context::count_lines(fitting) - 2);
    const bool is_all = is_whole && range.last.value - range.first.value + 1 == all;
    const LineRange& shown = outcome.result.lines;
    outcome.result.reason = is_all ? count_of(static_cast<std::size_t>(all), "line", "lines")
                                   : fmt::format("lines {}-{} of {}", shown.first.value, shown.last.value, all);
    return outcome;
  }

  base::Result<ActionOutcome> finish(std::string path, const std::string& text, std::string reason) {
    ActionOutcome outcome;
    outcome.result.path = std::move(path);
    outcome.result.reason = std::move(reason);
    OC_TRY(outcome.result.text, shortened(text, limits_.tokens, limits_.count_tokens));
    return outcome;
  }

  // Lines that have the words as they stand, else those with most of the terms.
  std::string matching_lines(const context::SourceFile& file, const std::string& words,
                             const std::vector<std::string>& terms, std::size_t& places) const {
    struct Match {
      std::size_t score;
      std::int64_t number;
      std::string_view line;
    };
    std::vector<Match> matches;
    std::int64_t number = 0;
    for (const std::string_view line : base::split_lines(file.text)) {
      ++number;
      const std::string lower = base::to_lower_ascii(line);
      auto score = static_cast<std::size_t>(
          std::ranges::count_if(terms, [&](const auto& term) { return lower.find(term) != std::string::npos; }));
      if (line.find(words) != std::string_view::npos) score += terms.size() + 1;
      if (score > 0) matches.push_back({score, number, line});
    }
    std::ranges::stable_sort(matches, std::greater{}, &Match::score);
    matches.resize(std::min(matches.size(), k_most_lines_of_a_file));
    std::ranges::sort(matches, {}, &Match::number);
    std::string text;
    for (const Match& match : matches)
      text += fmt::format("{}:{}: {}\n", file.shown_path, match.number, base::trim(beginning_of(match.line)));
    places += matches.size();
    return text;
  }

  base::Result<std::optional<ActionOutcome>> list_folder(const std::string& path) {
    if (project_ == nullptr) return std::nullopt;
    OC_TRY(const auto files, project_->index().ask([](context::IndexQuery query) { return query.load_files(); }));
    const std::string prefix = path.empty() || path == "." ? "" : path + "/";
    std::string names;
    std::size_t count = 0;
    for (const context::FileRow& file : files) {
      if (!file.path.starts_with(prefix)) continue;
      if (++count <= k_most_names) names += file.path + "\n";
    }
    if (count == 0) return std::nullopt;
    if (count > k_most_names) names += fmt::format("[… {} more]\n", count - k_most_names);
    OC_TRY(ActionOutcome outcome, finish("", names, count_of(count, "file", "files")));
    return std::optional(std::move(outcome));
  }

  base::Result<std::string> nearest_paths(const std::string& path) {
    if (project_ == nullptr) return std::string();
    const std::string name = path.substr(path.rfind('/') + 1);
    constexpr std::size_t k_most = 3;
    OC_TRY(const auto files,
           project_->index().ask([&](context::IndexQuery query) { return query.find_files_ending(name, k_most); }));
    std::string nearest;
    for (const context::FileRow& file : files) nearest += (nearest.empty() ? "; there is " : ", ") + file.path;
    return nearest;
  }

  Project* project_;
  const ActionLimits& limits_;
};

}  // namespace

base::Result<std::string> shortened(std::string_view text, base::TokenCount tokens,
                                    const context::CountTokens& count_tokens) {
  OC_TRY(base::TokenCount all, count_tokens(text));
  std::string_view kept = text;
  const std::int64_t lines = context::count_lines(text);
  for (int cut = 0; cut < k_most_cuts && all > tokens && !kept.empty(); ++cut) {
    const auto share = static_cast<double>(std::max<std::int64_t>(tokens.value, 1)) / static_cast<double>(all.value);
    kept = kept.substr(0, static_cast<std::size_t>(static_cast<double>(kept.size()) * share * 0.9));
    const std::size_t end = kept.rfind('\n');
    kept = kept.substr(0, end == std::string_view::npos ? 0 : end + 1);
    OC_TRY(all, count_tokens(kept));
  }
  if (kept.size() == text.size()) return std::string(text);
  return fmt::format("{}[… {} of {} lines; ask for the others]\n", kept, context::count_lines(kept), lines);
}

base::Result<ActionOutcome> look_into_project(const Action& action, Project* project, const ActionLimits& limits) {
  ProjectLook look(project, limits);
  const auto outcome = [&]() -> base::Result<ActionOutcome> {
    if (action.kind == ActionKind::read) return look.read(action.target);
    if (action.kind == ActionKind::search) return look.search(action.target);
    if (action.kind == ActionKind::symbol) return look.symbol(action.target);
    return no_such_action(action);
  }();
  // An index that cannot be read is no reason not to answer.
  if (!outcome && outcome.error().kind == base::ErrorKind::io) return refusal(outcome.error().message);
  return outcome;
}

}  // namespace oc::tasks
