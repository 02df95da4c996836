// SPDX-License-Identifier: Apache-2.0
#include "context/text_search.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "context/search_terms.hpp"

namespace oc::context {
namespace {

constexpr double k_saturation = 1.2, k_length_share = 0.75;  // k1 and b of the formula
// A term in the path or in the name of a symbol says more about a file than one in its text.
constexpr double k_path_weight = 3, k_symbols_weight = 2.5;
constexpr std::size_t k_most_terms = 64;
// A term of more files than this part says nothing, unless there are few files at all.
constexpr double k_common_part = 0.4;
constexpr std::size_t k_few_files = 50;

class Search {
 public:
  Search(storage::Database& database, const std::vector<FileRow>& files) : database_(database), files_(files) {
    by_document_.reserve(files.size());
    double terms = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      by_document_.emplace(files[i].document, i);
      terms += static_cast<double>(files[i].terms);
    }
    average_ = files.empty() ? 1 : std::max(1.0, terms / static_cast<double>(files.size()));
    scores_.resize(files.size(), 0);
    occurrences_.resize(files.size(), 0);
  }

  base::Result<void> add(const SearchTerm& term) {
    OC_CHECK(find(term.term));
    const auto found = static_cast<double>(found_.size()), all = static_cast<double>(files_.size());
    const double idf = is_common(found_.size()) ? 0 : std::log(1 + (all - found + 0.5) / (found + 0.5));
    for (const std::size_t index : found_) {
      const double length = static_cast<double>(files_[index].terms) / average_;
      const double tf = std::exchange(occurrences_[index], 0);
      scores_[index] += term.weight * idf * tf * (k_saturation + 1) /
                        (tf + k_saturation * (1 - k_length_share + k_length_share * length));
    }
    return {};
  }

  std::vector<SearchHit> best(std::size_t most) const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < scores_.size(); ++i)
      if (scores_[i] > 0) order.push_back(i);
    std::ranges::sort(order, [&](std::size_t x, std::size_t y) {
      return scores_[x] != scores_[y] ? scores_[x] > scores_[y] : files_[x].path < files_[y].path;
    });
    if (order.size() > most) order.resize(most);
    std::vector<SearchHit> hits;
    for (const std::size_t i : order) hits.push_back({files_[i].id, scores_[i]});
    return hits;
  }

 private:
  bool is_common(std::size_t files) const {
    return files_.size() > k_few_files &&
           static_cast<double>(files) > k_common_part * static_cast<double>(files_.size());
  }

  // Fills found_ and occurrences_, as far as it takes to see that a term is common. Rows that no file has any more are
  // of its past.
  base::Result<void> find(const std::string& term) {
    OC_TRY(select_, database_.prepare("SELECT doc,col FROM document_terms WHERE term=?"));
    select_.bind_text(1, term);
    found_.clear();
    while (!is_common(found_.size())) {
      OC_TRY(const bool has_row, select_.step());
      if (!has_row) return {};
      const auto file = by_document_.find(select_.integer(0));
      if (file == by_document_.end()) continue;
      double& occurrences = occurrences_[file->second];
      if (occurrences == 0) found_.push_back(file->second);
      const std::string_view column = select_.bytes(1);
      occurrences += column == "path" ? k_path_weight : column == "symbols" ? k_symbols_weight : 1;
    }
    return {};
  }

  storage::Database& database_;
  const std::vector<FileRow>& files_;
  std::unordered_map<std::int64_t, std::size_t> by_document_;
  double average_ = 1;
  std::vector<double> scores_;
  std::vector<std::size_t> found_;   // files that have the term, by index
  std::vector<double> occurrences_;  // of the term, weighted by where; 0 for other files
  storage::Statement select_;
};

}  // namespace

std::vector<SearchTerm> search_terms_of(std::string_view request) {
  TermCounts counts;
  count_terms(request, counts, 4 * k_most_terms);
  std::vector<SearchTerm> terms;
  for (const auto& [term, count] : counts)
    if (!is_filler(term)) terms.push_back({term, 1 + std::log2(count)});
  // Of long texts the terms that stand there most often.
  std::ranges::sort(terms, [](const SearchTerm& x, const SearchTerm& y) {
    return x.weight != y.weight ? x.weight > y.weight : x.term < y.term;
  });
  if (terms.size() > k_most_terms) terms.resize(k_most_terms);
  return terms;
}

base::Result<std::vector<SearchHit>> search_files(storage::Database& database, const std::vector<FileRow>& files,
                                                  const std::vector<SearchTerm>& terms, std::size_t most) {
  Search search(database, files);
  for (const SearchTerm& term : terms) OC_CHECK(search.add(term));
  return search.best(most);
}

}  // namespace oc::context
