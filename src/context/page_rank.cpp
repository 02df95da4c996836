// SPDX-License-Identifier: Apache-2.0
#include "context/page_rank.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace oc::context {
namespace {

constexpr double k_damping = 0.85;
constexpr double k_tolerance = 1e-10;
constexpr int k_most_rounds = 100;

void normalise(std::vector<double>& values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (!(sum > 0) || !std::isfinite(sum)) {
    std::ranges::fill(values, 1.0 / static_cast<double>(values.size()));
    return;
  }
  for (double& value : values) value /= sum;
}

}  // namespace

std::span<const WeightedLink> LinkGraph::row(std::size_t node) const {
  const std::size_t begin = node == 0 ? 0 : row_ends[node - 1];
  return std::span(links).subspan(begin, row_ends[node] - begin);
}

std::vector<double> page_rank(const LinkGraph& graph, std::span<const double> start) {
  const std::size_t size = graph.size();
  if (size == 0) return {};
  std::vector<double> rank(size, 1.0);
  if (start.size() == size) rank.assign(start.begin(), start.end());
  normalise(rank);
  std::vector<double> row_weight(size, 0), next(size);
  for (std::size_t i = 0; i < size; ++i)
    for (const WeightedLink& link : graph.row(i)) row_weight[i] += link.weight;
  for (int round = 0; round < k_most_rounds; ++round) {
    double lost = 0;  // of nodes without links: spread over all
    std::ranges::fill(next, 0.0);
    for (std::size_t i = 0; i < size; ++i) {
      if (row_weight[i] <= 0) {
        lost += rank[i];
        continue;
      }
      const double share = k_damping * rank[i] / row_weight[i];
      for (const WeightedLink& link : graph.row(i)) next[link.target] += share * link.weight;
    }
    const double base = (1 - k_damping + k_damping * lost) / static_cast<double>(size);
    double change = 0;
    for (std::size_t i = 0; i < size; ++i) {
      next[i] += base;
      change += std::abs(next[i] - rank[i]);
    }
    rank.swap(next);
    if (change < k_tolerance) break;
  }
  return rank;
}

std::unordered_map<std::int64_t, double> local_page_rank(std::span<const Seed> seeds, const FindLinks& find_links,
                                                         double epsilon, std::size_t most_nodes) {
  std::unordered_map<std::int64_t, double> rank;
  std::unordered_map<std::int64_t, std::vector<LocalLink>> links;
  std::map<std::int64_t, double> residual;
  double total = 0;
  for (const Seed& seed : seeds) total += seed.weight;
  if (!(total > 0)) return rank;
  for (const Seed& seed : seeds) residual[seed.node] += seed.weight / total;
  // All that is large enough is pushed at once, round by round: the result does not depend on the order of nodes.
  for (bool pushed_any = true; std::exchange(pushed_any, false);) {
    std::map<std::int64_t, double> next;
    for (const auto& [node, waiting] : residual) {
      if (waiting < epsilon) {
        next[node] += waiting;
        continue;
      }
      pushed_any = true;
      rank[node] += (1 - k_damping) * waiting;
      auto known = links.find(node);
      if (known == links.end() && links.size() < most_nodes) known = links.emplace(node, find_links(node)).first;
      if (known == links.end()) continue;
      double weight = 0;
      for (const LocalLink& link : known->second) weight += link.weight;
      for (const LocalLink& link : known->second)
        if (weight > 0) next[link.target] += k_damping * waiting * link.weight / weight;
    }
    residual = std::move(next);
  }
  return rank;
}

}  // namespace oc::context
