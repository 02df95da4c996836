// SPDX-License-Identifier: Apache-2.0
// How central the nodes of a weighted graph are. Pure numbers; deterministic.
// Page, Brin, Motwani, Winograd: "The PageRank Citation Ranking" (1999); the local form is Andersen, Chung, Lang:
// "Local Graph Partitioning using PageRank Vectors" (2006).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

namespace oc::context {

struct WeightedLink {
  std::uint32_t target = 0;
  float weight = 0;  // > 0
};

// Rows of links, one row a node.
struct LinkGraph {
  std::vector<std::size_t> row_ends;  // links of node i: [row_ends[i-1], row_ends[i])
  std::vector<WeightedLink> links;
  std::size_t size() const { return row_ends.size(); }
  std::span<const WeightedLink> row(std::size_t node) const;
};

// Sums to 1. Starts from `start` (one value a node, any scale) where it has the right size, which costs a few rounds
// instead of tens when little has changed; the result is the same to about 1e-9.
std::vector<double> page_rank(const LinkGraph& graph, std::span<const double> start);

struct LocalLink {
  std::int64_t target = 0;
  double weight = 0;
};
// Links of a node, asked for once a node.
using FindLinks = std::function<std::vector<LocalLink>(std::int64_t node)>;
struct Seed {
  std::int64_t node = 0;
  double weight = 0;  // > 0
};

// Personalised rank round the seeds, following links forward; nodes that get less than `epsilon` of it are left alone,
// so the cost depends on 1/epsilon and not on the graph. At most `most_nodes` nodes are looked into.
std::unordered_map<std::int64_t, double> local_page_rank(std::span<const Seed> seeds, const FindLinks& find_links,
                                                         double epsilon, std::size_t most_nodes);

}  // namespace oc::context
