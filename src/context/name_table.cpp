// SPDX-License-Identifier: Apache-2.0
#include "context/name_table.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "syntax/outline.hpp"

namespace oc::context {
namespace {

// Beyond this a name says nothing even where it is imported.
constexpr std::size_t k_most_declared = 200;

// Headings, keys of data and selectors are no names that code refers to.
std::string linked_kinds() {
  using enum syntax::SymbolKind;
  return fmt::format("kind NOT IN ({},{},{})", static_cast<int>(section), static_cast<int>(key),
                     static_cast<int>(rule));
}

bool is_member_kind(std::int64_t kind) {
  return kind == static_cast<int>(syntax::SymbolKind::field) ||
         kind == static_cast<int>(syntax::SymbolKind::enum_member);
}

void add_home(std::vector<NameHome>& homes, const NameHome& home) {
  if (!homes.empty() && homes.back().file == home.file) {
    homes.back().defines |= home.defines;
    homes.back().is_member &= home.is_member;
    return;
  }
  homes.push_back(home);
}

}  // namespace

base::Result<NameTable> NameTable::load(storage::Database& database) {
  NameTable table;
  table.is_loaded_ = true;
  OC_TRY(auto count, database.prepare("SELECT count(*) FROM symbols"));
  OC_TRY(const bool has_count, count.step());
  if (has_count) table.all_.reserve(static_cast<std::size_t>(count.integer(0)));  // growing would take twice the memory
  count.reset();
  OC_TRY(auto select, database.prepare("SELECT name_hash,file,quality,form,kind FROM symbols WHERE " + linked_kinds()));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) break;
    if (select.integer(1) > std::numeric_limits<std::uint32_t>::max()) continue;
    table.all_.push_back({from_column(select.integer(0)), static_cast<std::uint32_t>(select.integer(1)),
                          static_cast<std::uint8_t>(std::clamp<std::int64_t>(select.integer(2), 1, 10)),
                          select.integer(3) == 0, is_member_kind(select.integer(4))});
  }
  std::ranges::sort(table.all_, {}, [](const Declared& d) { return std::pair(d.name, d.file); });
  return table;
}

base::Result<NameTable> NameTable::on_demand(storage::Database& database) {
  NameTable table;
  OC_TRY(table.select_, database.prepare("SELECT file,quality,form,kind FROM symbols WHERE name_hash=? AND " +
                                         linked_kinds() + " ORDER BY file"));
  return table;
}

base::Result<const std::vector<NameHome>*> NameTable::find(NameHash name) {
  if (is_loaded_) {
    last_.clear();
    for (const Declared& d : std::ranges::equal_range(all_, name, {}, &Declared::name)) {
      add_home(last_, {d.file, d.quality, d.defines, d.is_member});
      if (last_.size() > k_most_declared) return nullptr;
    }
    return last_.empty() ? nullptr : &last_;
  }
  auto known = known_.find(name);
  if (known == known_.end()) {
    known = known_.emplace(name, std::vector<NameHome>()).first;
    select_.bind(1, to_column(name));
    while (true) {
      OC_TRY(const bool has_row, select_.step());
      if (!has_row) break;
      if (known->second.size() <= k_most_declared)
        add_home(known->second,
                 {select_.integer(0), static_cast<int>(std::clamp<std::int64_t>(select_.integer(1), 1, 10)),
                  select_.integer(2) == 0, is_member_kind(select_.integer(3))});
    }
  }
  const auto& homes = known->second;
  return homes.empty() || homes.size() > k_most_declared ? nullptr : &homes;
}

}  // namespace oc::context
