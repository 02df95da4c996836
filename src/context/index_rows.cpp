// SPDX-License-Identifier: Apache-2.0
#include "context/index_rows.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "context/packed_bytes.hpp"

namespace oc::context {

std::string pack_edges(const std::vector<Edge>& edges) {
  PackedWriter writer;
  for (const Edge& edge : edges) {
    writer.add_varint(static_cast<std::uint64_t>(edge.target));
    writer.add_hash(edge.name);
    writer.add_float(edge.weight);
  }
  return writer.take();
}

namespace {

// nullopt: damaged.
std::optional<Edge> take_edge(PackedReader& reader) {
  Edge edge;
  edge.target = static_cast<FileId>(reader.take_varint());
  edge.name = reader.take_hash();
  edge.weight = reader.take_float();
  if (!std::isfinite(edge.weight) || edge.weight <= 0) return std::nullopt;
  return edge;
}

}  // namespace

std::vector<Edge> unpack_edges(std::string_view packed) {
  constexpr std::size_t k_least_bytes = 13;  // of an edge
  std::vector<Edge> edges;
  edges.reserve(packed.size() / k_least_bytes);
  for (PackedReader reader(packed); !reader.is_at_end();)
    if (const auto edge = take_edge(reader)) edges.push_back(*edge);
  return edges;
}

double weight_of_edges_to(const std::set<FileId>& targets, std::string_view packed) {
  if (targets.empty()) return 0;
  const FileId first = *targets.begin(), last = *targets.rbegin();
  double weight = 0;
  for (PackedReader reader(packed); !reader.is_at_end();) {
    const auto edge = take_edge(reader);
    const bool is_near = edge && first <= edge->target && edge->target <= last;
    if (is_near && targets.contains(edge->target)) weight += static_cast<double>(edge->weight);
  }
  return weight;
}

std::string pack_ids(const std::vector<FileId>& ids) {
  PackedWriter writer;
  for (const FileId id : ids) writer.add_varint(static_cast<std::uint64_t>(id));
  return writer.take();
}

std::vector<FileId> unpack_ids(std::string_view packed) {
  std::vector<FileId> ids;
  for (PackedReader reader(packed); !reader.is_at_end();) ids.push_back(static_cast<FileId>(reader.take_varint()));
  return ids;
}

int name_quality(std::string_view name) {
  const std::size_t length = name.size();
  int quality = length <= 2 ? 1 : length <= 4 ? 3 : length <= 7 ? 6 : 10;
  if (name.starts_with('_')) quality = std::max(1, quality / 3);
  return quality;
}

}  // namespace oc::context
