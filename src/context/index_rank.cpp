// SPDX-License-Identifier: Apache-2.0
#include "context/index_rank.hpp"

#include <algorithm>
#include <vector>

#include "context/index_rows.hpp"
#include "context/packed_bytes.hpp"
#include "context/page_rank.hpp"

namespace oc::context {
namespace {

using storage::Database;
using storage::Statement;

base::Result<std::vector<FileId>> load_ids(Database& database) {
  std::vector<FileId> ids;
  OC_TRY(Statement select, database.prepare("SELECT id FROM files WHERE state=0 ORDER BY id"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return ids;
    ids.push_back(select.integer(0));
  }
}

// Edges of one pair of files become one link.
void append_row(LinkGraph& graph, const std::vector<Edge>& edges,
                const std::unordered_map<FileId, std::uint32_t>& nodes, std::uint32_t self) {
  std::vector<WeightedLink> row;
  for (const Edge& edge : edges) {
    const auto node = nodes.find(edge.target);
    if (node != nodes.end() && node->second != self) row.push_back({node->second, edge.weight});
  }
  std::ranges::stable_sort(row, {}, &WeightedLink::target);
  const auto begin = static_cast<std::ptrdiff_t>(graph.links.size());
  for (const WeightedLink& link : row) {
    if (static_cast<std::ptrdiff_t>(graph.links.size()) > begin && graph.links.back().target == link.target) {
      graph.links.back().weight += link.weight;
    } else {
      graph.links.push_back(link);
    }
  }
  graph.row_ends.push_back(graph.links.size());
}

base::Result<LinkGraph> load_graph(Database& database, const std::vector<FileId>& ids) {
  std::unordered_map<FileId, std::uint32_t> nodes;
  nodes.reserve(ids.size());
  for (std::uint32_t i = 0; i < ids.size(); ++i) nodes.emplace(ids[i], i);
  LinkGraph graph;
  graph.row_ends.reserve(ids.size());
  OC_TRY(Statement select, database.prepare("SELECT file,packed FROM edges ORDER BY file"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) break;
    const auto node = nodes.find(select.integer(0));
    if (node == nodes.end()) continue;
    while (graph.size() < node->second) graph.row_ends.push_back(graph.links.size());
    append_row(graph, unpack_edges(select.bytes(1)), nodes, node->second);
  }
  while (graph.size() < ids.size()) graph.row_ends.push_back(graph.links.size());
  return graph;
}

base::Result<std::unordered_map<FileId, double>> load_last(Database& database) {
  std::unordered_map<FileId, double> ranks;
  OC_TRY(Statement select, database.prepare("SELECT packed FROM vectors WHERE name='rank'"));
  OC_TRY(const bool has_row, select.step());
  if (!has_row) return ranks;
  for (PackedReader reader(select.bytes(0)); !reader.is_at_end();) {
    const auto id = static_cast<FileId>(reader.take_varint());
    const double rank = static_cast<double>(reader.take_float());
    if (rank > 0 && rank <= 1) ranks.emplace(id, rank);
  }
  return ranks;
}

base::Result<void> rank_files(Database& database) {
  OC_TRY(auto transaction, database.begin(Database::Access::write));
  OC_TRY(const std::vector<FileId> ids, load_ids(database));
  OC_TRY(const LinkGraph graph, load_graph(database, ids));
  OC_TRY(const auto last, load_last(database));
  std::vector<double> start;
  if (!last.empty()) {
    const double unknown = 1.0 / static_cast<double>(std::max<std::size_t>(1, ids.size()));
    for (const FileId id : ids) start.push_back(last.contains(id) ? last.at(id) : unknown);
  }
  const std::vector<double> rank = page_rank(graph, start);
  PackedWriter writer;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    writer.add_varint(static_cast<std::uint64_t>(ids[i]));
    writer.add_float(static_cast<float>(rank[i]));
  }
  const std::string packed = writer.take();
  OC_TRY(Statement store, database.prepare("INSERT OR REPLACE INTO vectors(name,packed) VALUES('rank',?)"));
  OC_CHECK(store.bind_blob(1, packed).run());
  OC_CHECK(database.execute("DELETE FROM numbers WHERE name='edges changed'"));
  return transaction.commit();
}

}  // namespace

base::Result<void> note_edges_changed(Database& database) {
  return database.execute("INSERT OR REPLACE INTO numbers(name,value) VALUES('edges changed',1)");
}

base::Result<std::unordered_map<FileId, double>> load_ranks(Database& database) {
  OC_TRY(Statement select, database.prepare("SELECT 1 FROM numbers WHERE name='edges changed'"));
  OC_TRY(const bool is_old, select.step());
  select.reset();
  if (is_old) OC_CHECK(rank_files(database));
  return load_last(database);
}

}  // namespace oc::context
