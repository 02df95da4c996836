// SPDX-License-Identifier: Apache-2.0
#include "context/page_rank.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace oc::context {
namespace {

LinkGraph graph_of(const std::vector<std::vector<WeightedLink>>& rows) {
  LinkGraph graph;
  for (const auto& row : rows) {
    graph.links.insert(graph.links.end(), row.begin(), row.end());
    graph.row_ends.push_back(graph.links.size());
  }
  return graph;
}

TEST(PageRank, SumsToOneAndPrefersWhatIsUsed) {
  const LinkGraph graph = graph_of({{{2, 1}}, {{2, 1}}, {{3, 1}}, {}});
  const auto rank = page_rank(graph, {});
  EXPECT_NEAR(std::accumulate(rank.begin(), rank.end(), 0.0), 1, 1e-9);
  EXPECT_GT(rank[2], rank[0]);
  EXPECT_GT(rank[3], rank[2]);
  EXPECT_DOUBLE_EQ(rank[0], rank[1]);
}

TEST(PageRank, AWarmStartGivesTheSame) {
  std::mt19937 random(5);
  std::vector<std::vector<WeightedLink>> rows(200);
  for (auto& row : rows)
    for (int k = 0; k < 5; ++k) row.push_back({static_cast<std::uint32_t>(random() % 200), 1});
  const LinkGraph graph = graph_of(rows);
  const auto cold = page_rank(graph, {});
  std::vector<double> start = cold;
  for (double& value : start) value *= 0.5 + static_cast<double>(random() % 100) / 100;
  const auto warm = page_rank(graph, start);
  for (std::size_t i = 0; i < cold.size(); ++i) EXPECT_NEAR(cold[i], warm[i], 1e-9);
}

TEST(PageRank, AnEmptyGraphAndAWeightlessOne) {
  EXPECT_TRUE(page_rank({}, {}).empty());
  const auto rank = page_rank(graph_of({{}, {}}), std::vector<double>{0, 0});
  EXPECT_DOUBLE_EQ(rank[0], 0.5);
}

// Other numbers for the same nodes: the same ranks.
TEST(LocalPageRank, DoesNotDependOnTheNumbersOfNodes) {
  std::mt19937 random(9);
  constexpr std::int64_t k_nodes = 60;
  std::vector<std::vector<LocalLink>> rows(k_nodes);
  for (auto& row : rows)
    for (int k = 0; k < 4; ++k)
      row.push_back({static_cast<std::int64_t>(random() % k_nodes), 1.0 + static_cast<double>(random() % 3)});
  const auto rank_with = [&](std::int64_t factor) {
    const auto number = [&](std::int64_t node) { return node * factor % 61 + 1; };  // 61 is prime: a permutation
    std::vector<std::int64_t> node_of(62);
    for (std::int64_t node = 0; node < k_nodes; ++node) node_of[static_cast<std::size_t>(number(node))] = node;
    const std::vector<Seed> seeds = {{number(3), 1}, {number(17), 0.5}};
    auto ranks = local_page_rank(
        seeds,
        [&](std::int64_t given) {
          std::vector<LocalLink> links;
          for (const LocalLink& link : rows[static_cast<std::size_t>(node_of[static_cast<std::size_t>(given)])])
            links.push_back({number(link.target), link.weight});
          return links;
        },
        1e-4, 1000);
    std::vector<double> by_node(k_nodes);
    for (std::int64_t node = 0; node < k_nodes; ++node) by_node[static_cast<std::size_t>(node)] = ranks[number(node)];
    return by_node;
  };
  const auto one = rank_with(1), other = rank_with(37);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], 1e-12);
  EXPECT_EQ(std::ranges::max_element(one) - one.begin(), 3);
}

}  // namespace
}  // namespace oc::context
