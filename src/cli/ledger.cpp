// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/json_output.hpp"

namespace oc::cli {
namespace {

std::string place(const std::string& path, base::LineRange lines) {
  if (lines.last.value <= 1) return path;
  return fmt::format("{}:{}-{}", path, lines.first.value, lines.last.value);
}

}  // namespace

std::string ledger_text(const context::Selection& ledger) {
  std::vector<std::vector<std::string>> rows;
  for (const context::Item& item : ledger.items)
    rows.push_back({base::format_count(item.tokens.value), place(item.path, item.lines), item.reason});
  std::string text = in_columns(rows);
  text +=
      fmt::format("{} of {} tokens\n", base::format_count(ledger.used.value), base::format_count(ledger.budget.value));
  if (ledger.dropped.empty()) return text;
  rows.clear();
  for (const context::Dropped& item : ledger.dropped)
    rows.push_back({base::format_count(item.tokens.value), place(item.path, item.lines), item.reason});
  return text + "left out:\n" + in_columns(rows);
}

std::string ledger_fields(const context::Selection& ledger) { return "{\"context\":" + selection_json(ledger) + "}"; }

}  // namespace oc::cli
