// SPDX-License-Identifier: Apache-2.0
#include "context/workspace_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "context/index_query.hpp"
#include "context/index_rank.hpp"
#include "context/outline_text.hpp"

namespace oc::context {
namespace {

// A map of every file would say nothing; of more symbols of one file neither.
constexpr std::size_t k_most_files = 150;
constexpr std::size_t k_most_symbols_of_file = 12;
// Tests and other people's code are seldom what a request is about.
constexpr double k_test_share = 0.15, k_foreign_share = 0.15;

struct MapSymbol {
  std::size_t file = 0;  // index in the files of the map
  int position = 0;
  double score = 0;
};
struct MapFile {
  std::string path;
  double rank = 0;
  FileId id = 0;
  std::vector<SymbolRow> symbols;
};

double kind_share(const SymbolRow& symbol) {
  using enum syntax::SymbolKind;
  switch (symbol.kind) {
    case class_type:
    case struct_type:
    case interface_type:
    case trait_type: return 1.5;
    case function:
    case enum_type:
    case type_alias:
    case table: return 1;
    case method:
    case macro:
    case union_type: return 0.7;
    case variable:
    case constant: return 0.4;
    default: return 0;  // members, headings, keys: not without what holds them
  }
}

// A name with a newline would be read as more than a name.
bool is_one_line(std::string_view path) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !base::find_invalid_utf8(path) && std::ranges::none_of(path, is_control);
}

class MapMaker {
 public:
  MapMaker(storage::Database& database, const CountTokens& count_tokens)
      : database_(database), query_(database), count_tokens_(count_tokens) {}

  base::Result<WorkspaceMap> make(base::TokenCount budget) {
    OC_CHECK(choose_files());
    OC_CHECK(choose_symbols());
    return fit(budget);
  }

 private:
  base::Result<void> choose_files() {
    OC_TRY(const auto ranks, load_ranks(database_));
    OC_TRY(const auto rows, query_.load_files());
    for (const FileRow& row : rows) {
      const auto rank = ranks.find(row.id);
      if (rank == ranks.end() || !is_one_line(row.path)) continue;
      const double share =
          (is_test_path(row.path) ? k_test_share : 1) * (is_foreign_path(row.path) ? k_foreign_share : 1);
      files_.push_back({row.path, rank->second * share, row.id, {}});
    }
    std::ranges::sort(files_, [](const MapFile& a, const MapFile& b) {
      return a.rank != b.rank ? a.rank > b.rank : a.path < b.path;
    });
    if (files_.size() > k_most_files) files_.resize(k_most_files);
    return {};
  }

  base::Result<void> choose_symbols() {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      OC_TRY(files_[i].symbols, query_.load_symbols(files_[i].id));
      std::vector<MapSymbol> own;
      double users = 0;
      for (const SymbolRow& symbol : files_[i].symbols) users += 1 + static_cast<double>(symbol.users);
      for (const SymbolRow& symbol : files_[i].symbols) {
        const double share = kind_share(symbol) * (1 + static_cast<double>(symbol.users)) / users;
        if (share > 0) own.push_back({i, symbol.position, files_[i].rank * share});
      }
      std::ranges::stable_sort(own, std::greater{}, &MapSymbol::score);
      if (own.size() > k_most_symbols_of_file) own.resize(k_most_symbols_of_file);
      symbols_.insert(symbols_.end(), own.begin(), own.end());
    }
    std::ranges::stable_sort(symbols_, std::greater{}, &MapSymbol::score);
    return {};
  }

  std::string render(std::size_t count, std::size_t& files) const {
    std::map<std::string, std::pair<std::size_t, std::vector<int>>> by_path;
    for (std::size_t i = 0; i < count; ++i) {
      auto& entry = by_path[files_[symbols_[i].file].path];
      entry.first = symbols_[i].file;
      entry.second.push_back(symbols_[i].position);
    }
    std::string text;
    for (const auto& [path, entry] : by_path) {
      text.append(path).append(":\n");
      const std::string outline = outline_text(files_[entry.first].symbols, entry.second);
      for (const std::string_view line : base::split_lines(outline)) text.append("  ").append(line).append("\n");
    }
    files = by_path.size();
    return text;
  }

  // The most symbols that fit: tokens grow with their number.
  base::Result<WorkspaceMap> fit(base::TokenCount budget) {
    WorkspaceMap best;
    std::size_t fits = 0, too_many = symbols_.size() + 1;
    for (std::size_t count = std::min<std::size_t>(symbols_.size(), 64); fits + 1 < too_many;) {
      WorkspaceMap map;
      map.text = render(count, map.files);
      OC_TRY(map.tokens, count_tokens_(map.text));
      if (map.tokens <= budget) {
        fits = count;
        best = std::move(map);
        count = std::min(too_many - 1, count * 2);
        if (count == fits) break;
      } else {
        too_many = count;
      }
      if (too_many <= symbols_.size()) count = fits + (too_many - fits) / 2;
      if (count == fits) break;
    }
    return best;
  }

  storage::Database& database_;
  IndexQuery query_;
  const CountTokens& count_tokens_;
  std::vector<MapFile> files_;      // by rank
  std::vector<MapSymbol> symbols_;  // by score
};

}  // namespace

base::Result<WorkspaceMap> make_workspace_map(storage::Database& database, const MapRequest& request,
                                              const CountTokens& count_tokens) {
  IndexQuery query(database);
  OC_TRY(const std::int64_t signatures, query.signatures_fingerprint());
  const std::string name = fmt::format("map {} {}", request.budget.value, request.tokenizer);
  const std::string fingerprint = std::to_string(signatures);
  OC_TRY(auto select, database.prepare("SELECT text FROM texts WHERE name=? AND fingerprint=?"));
  OC_TRY(const bool is_known, select.bind_text(1, name).bind_text(2, fingerprint).step());
  if (is_known) {
    WorkspaceMap map;
    map.text = base::replace_invalid_utf8(select.bytes(0));
    for (const std::string_view line : base::split_lines(map.text)) map.files += !line.starts_with(' ');
    OC_TRY(map.tokens, count_tokens(map.text));
    if (map.tokens <= request.budget) return map;
  }
  select.reset();
  OC_TRY(WorkspaceMap map, MapMaker(database, count_tokens).make(request.budget));
  OC_TRY(auto store, database.prepare("INSERT OR REPLACE INTO texts(name,fingerprint,text) VALUES(?,?,?)"));
  OC_CHECK(store.bind_text(1, name).bind_text(2, fingerprint).bind_text(3, map.text).run());
  return map;
}

}  // namespace oc::context
