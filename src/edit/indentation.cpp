// SPDX-License-Identifier: Apache-2.0
#include "edit/indentation.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.hpp"

namespace oc::edit {
namespace {

constexpr std::size_t k_usual_unit = 4;

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

IndentStyle indent_style(const std::vector<std::string_view>& lines) {
  IndentStyle style;
  std::optional<std::size_t> before;
  std::map<std::size_t, int> steps;
  for (const std::string_view line : lines) {
    if (base::is_blank(line)) continue;
    const std::string_view indent = base::indentation(line);
    // One space in front of "*" belongs to a block comment.
    if (indent.ends_with(' ') && line.substr(indent.size()).starts_with('*')) continue;
    const bool has_tabs = indent.find('\t') != std::string_view::npos;
    const bool has_spaces = indent.find(' ') != std::string_view::npos;
    if (has_tabs || has_spaces) {
      const IndentKind here = has_tabs && has_spaces ? IndentKind::mixed
                              : has_tabs             ? IndentKind::tabs
                                                     : IndentKind::spaces;
      style.kind = style.kind == IndentKind::none || style.kind == here ? here : IndentKind::mixed;
    }
    if (before && indent.size() > *before) ++steps[indent.size() - *before];
    before = indent.size();
  }
  if (style.kind != IndentKind::spaces) return style;
  // Lines that are aligned with something make odd steps, but few. Of lines without a step the unit is unknown.
  const auto usual = std::ranges::max_element(steps, {}, [](const auto& step) { return step.second; });
  style.unit = usual != steps.end() ? usual->first : k_usual_unit;
  return style;
}

std::vector<std::string> in_indent_style(const IndentStyle& wanted, const std::vector<std::string>& lines) {
  if (wanted.kind != IndentKind::tabs && wanted.kind != IndentKind::spaces) return lines;
  const IndentStyle own = indent_style({lines.begin(), lines.end()});
  const bool to_tabs = wanted.kind == IndentKind::tabs && own.kind == IndentKind::spaces;
  const bool to_spaces = wanted.kind == IndentKind::spaces && own.kind == IndentKind::tabs;
  if (!to_tabs && !to_spaces) return lines;
  const std::size_t unit = to_spaces ? wanted.unit : own.unit;
  std::vector<std::string> out;
  for (const std::string& line : lines) {
    const std::string_view indent = base::indentation(line);
    const std::string rest = line.substr(indent.size());
    if (to_spaces) out.push_back(std::string(indent.size() * unit, ' ') + rest);
    else out.push_back(repeated("\t", indent.size() / unit) + std::string(indent.size() % unit, ' ') + rest);
  }
  return out;
}

std::vector<std::string> indented_like(const std::vector<std::string>& lines, std::string_view indentation) {
  const auto first = std::ranges::find_if(lines, [](const std::string& line) { return !base::is_blank(line); });
  if (first == lines.end()) return lines;
  const std::string own(base::indentation(*first));
  if (own == indentation) return lines;
  std::vector<std::string> out;
  for (const std::string& line : lines) {
    const bool moves = !base::is_blank(line) && line.starts_with(own);
    out.push_back(moves ? std::string(indentation) + line.substr(own.size()) : line);
  }
  return out;
}

}  // namespace oc::edit
