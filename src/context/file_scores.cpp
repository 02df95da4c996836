// SPDX-License-Identifier: Apache-2.0
#include "context/file_scores.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "context/index_query.hpp"
#include "context/index_rank.hpp"
#include "context/outline_text.hpp"

namespace oc::context {
namespace {

constexpr std::size_t k_most_hits = 40;
// Words lead the walk along the links too, less than what is named.
constexpr double k_hit_seed = 0.4;
constexpr std::size_t k_hits_as_seeds = 8;
// Who uses a named file matters about as much as what it uses.
constexpr double k_backward = 0.8;
constexpr double k_epsilon = 2e-5;
constexpr std::size_t k_most_nodes = 3000;
// The parts of the score. Files of one kin (a header, its source, its test) nearly always belong together; what was
// changed last is a little likelier.
constexpr double k_words = 0.6, k_links = 0.25, k_kin = 0.4, k_recent = 0.03;
// Who is kin of a file that has the words of the request is likely to matter, if less than kin of what it names.
constexpr double k_kin_of_words = 0.5;
// More kin than this is a coincidence of names.
constexpr std::size_t k_most_kin = 8;
constexpr std::size_t k_most_recent = 12;
constexpr std::int64_t k_ns_per_minute = 60'000'000'000;
constexpr double k_test_share = 0.8, k_foreign_share = 0.4;

// Sums differ in their last bits with the numbers of the files, which say nothing: such scores are equal.
double rounded(double score) { return std::round(score * 1e9) / 1e9; }

struct Parts {
  double words = 0, links = 0, kin = 0, recent = 0;
};

class Scorer {
 public:
  Scorer(storage::Database& database, Evidence evidence) : database_(database), query_(database), evidence_(evidence) {}

  base::Result<std::vector<FileScore>> score(const std::vector<Seed>& seeds, const std::vector<SearchTerm>& terms,
                                             std::size_t most) {
    OC_TRY(files_, query_.load_files());
    OC_TRY(const auto hits, search_files(database_, files_, terms, k_most_hits));
    if (evidence_ != Evidence::links) add_words(hits);
    if (evidence_ != Evidence::text) OC_CHECK(add_links(seeds, hits));
    if (evidence_ == Evidence::all) {
      add_kin(seeds);
      add_recent();
    }
    return best(most);
  }

 private:
  void add_words(const std::vector<SearchHit>& hits) {
    for (const SearchHit& hit : hits) parts_[hit.file].words = hit.score / hits.front().score;
  }

  base::Result<void> add_links(const std::vector<Seed>& named, const std::vector<SearchHit>& hits) {
    std::vector<Seed> seeds = named;
    if (evidence_ == Evidence::all)
      for (std::size_t i = 0; i < std::min(hits.size(), k_hits_as_seeds); ++i)
        seeds.push_back({hits[i].file, k_hit_seed * hits[i].score / hits.front().score});
    if (seeds.empty()) return add_global_rank();
    std::set<FileId> targets;
    for (const Seed& seed : named) targets.insert(seed.node);
    OC_TRY(const auto sources, query_.find_files_linking_to(targets));
    base::Result<void> failed;
    const FindLinks find_links = [&](FileId file) {
      std::vector<LocalLink> links;
      auto edges = query_.load_edges(file);
      if (!edges) {
        failed = std::unexpected(edges.error());
        return links;
      }
      double forward = 0;
      for (const Edge& edge : *edges) {
        links.push_back({edge.target, static_cast<double>(edge.weight)});
        forward += static_cast<double>(edge.weight);
      }
      if (targets.contains(file)) add_backward(sources, forward, links);
      return links;
    };
    auto ranks = local_page_rank(seeds, find_links, k_epsilon, k_most_nodes);
    if (!failed) return failed;
    for (const Seed& seed : named) ranks.erase(seed.node);
    double top = 0;
    for (const auto& [file, rank] : ranks) top = std::max(top, rank);
    for (const auto& [file, rank] : ranks) parts_[file].links = rank / top;
    for (const Seed& seed : named) parts_[seed.node].links = 1;
    return {};
  }

  // Of what the request names, and of what its words found.
  void add_kin(const std::vector<Seed>& named) {
    std::unordered_map<FileId, double> weights;
    for (const auto& [file, parts] : parts_) weights[file] = k_kin_of_words * parts.words;
    for (const Seed& seed : named) weights[seed.node] = std::max(weights[seed.node], seed.weight);
    struct Kin {
      FileId best = 0;
      double weight = 0, second = 0;  // of the best, and of the next one
      std::vector<FileId> files;
    };
    std::map<std::string, Kin> kin;
    for (const FileRow& row : files_) {
      const auto weight = weights.find(row.id);
      if (weight == weights.end()) continue;
      Kin& own = kin[kin_name(row.path)];
      own.second = std::max(own.second, std::min(own.weight, weight->second));
      if (weight->second > own.weight) {
        own.weight = weight->second;
        own.best = row.id;
      }
    }
    kin.erase("");
    for (const FileRow& row : files_)
      if (const auto own = kin.find(kin_name(row.path)); own != kin.end()) own->second.files.push_back(row.id);
    for (const auto& [name, own] : kin)
      if (own.files.size() <= k_most_kin)
        for (const FileId file : own.files) parts_[file].kin = file == own.best ? own.second : own.weight;
  }

  static void add_backward(const std::unordered_map<FileId, double>& sources, double forward,
                           std::vector<LocalLink>& links) {
    double all = 0;
    for (const auto& [source, weight] : sources) all += weight;
    if (all <= 0) return;
    const double scale = k_backward * (forward > 0 ? forward : 1) / all;
    const std::map<FileId, double> ordered(sources.begin(), sources.end());
    for (const auto& [source, weight] : ordered) links.push_back({source, weight * scale});
  }

  base::Result<void> add_global_rank() {
    OC_TRY(const auto ranks, load_ranks(database_));
    double top = 0;
    for (const auto& [file, rank] : ranks) top = std::max(top, rank);
    std::vector<std::pair<double, const FileRow*>> order;
    for (const FileRow& row : files_)
      if (const auto rank = ranks.find(row.id); rank != ranks.end())
        order.emplace_back(rounded(rank->second / top), &row);
    std::ranges::sort(order, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second->path < b.second->path;
    });
    for (std::size_t i = 0; i < std::min(order.size(), k_most_hits); ++i)
      parts_[order[i].second->id].links = order[i].first;
    return {};
  }

  // By minutes: the order in which a checkout happened to write its files says nothing.
  void add_recent() {
    std::vector<std::pair<std::int64_t, FileId>> order;
    for (const FileRow& row : files_) order.emplace_back(row.stamp.modified_ns / k_ns_per_minute, row.id);
    const std::size_t count = std::min(order.size(), k_most_recent);
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>());
    std::map<std::int64_t, double> recent;  // by minute
    for (std::size_t i = 0; i < count; ++i)
      recent.try_emplace(order[i].first, 1 - static_cast<double>(i) / static_cast<double>(k_most_recent));
    for (const FileRow& row : files_) {
      const auto minute = recent.find(row.stamp.modified_ns / k_ns_per_minute);
      if (minute == recent.end()) continue;
      if (const auto known = parts_.find(row.id); known != parts_.end()) known->second.recent = minute->second;
    }
  }

  std::vector<FileScore> best(std::size_t most) const {
    std::unordered_map<FileId, const FileRow*> rows;
    for (const FileRow& row : files_)
      if (parts_.contains(row.id)) rows.emplace(row.id, &row);
    std::vector<FileScore> scores;
    for (const auto& [file, parts] : parts_) {
      const auto row = rows.find(file);
      if (row == rows.end()) continue;
      const double share = evidence_ != Evidence::all ? 1
                                                      : (is_test_path(row->second->path) ? k_test_share : 1) *
                                                            (is_foreign_path(row->second->path) ? k_foreign_share : 1);
      const double words = k_words * parts.words, links = k_links * parts.links, kin = k_kin * parts.kin;
      const char* reason = kin > 0 && kin >= std::max(words, links) ? "has the same name as what the request is about"
                           : words >= links                         ? "has the words of the request"
                                                                    : "linked with what the request is about";
      scores.push_back({file, rounded(share * (words + links + kin + k_recent * parts.recent)), reason});
    }
    std::ranges::sort(scores, [&](const FileScore& a, const FileScore& b) {
      return a.score != b.score ? a.score > b.score : rows.at(a.file)->path < rows.at(b.file)->path;
    });
    if (scores.size() > most) scores.resize(most);
    return scores;
  }

  storage::Database& database_;
  IndexQuery query_;
  Evidence evidence_;
  std::vector<FileRow> files_;
  std::map<FileId, Parts> parts_;
};

}  // namespace

base::Result<std::vector<FileScore>> score_files(storage::Database& database, const std::vector<Seed>& seeds,
                                                 const std::vector<SearchTerm>& terms, Evidence evidence,
                                                 std::size_t most) {
  return Scorer(database, evidence).score(seeds, terms, most);
}

}  // namespace oc::context
