// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command_result.hpp"

#include <algorithm>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "cli/json_output.hpp"

namespace oc::cli {

void show_result(Invocation& invocation, std::string_view text, std::string_view fields) {
  const bool as_text = invocation.console.format() == Format::text;
  invocation.console.out(as_text ? base::filter_controls(text) : result_json(invocation.command, fields) + "\n");
}

std::string in_columns(const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t k_gap = 2;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], base::display_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] + k_gap - base::display_width(row[i]), ' ');
    text.append(base::trim_end(line)).append("\n");
  }
  return text;
}

}  // namespace oc::cli
