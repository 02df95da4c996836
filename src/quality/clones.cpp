// SPDX-License-Identifier: Apache-2.0
#include "quality/clones.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace oc::quality {
namespace {

constexpr std::uint64_t k_base = 0x9e3779b97f4a7c15;
// Of a window that stands in more places than these, each is compared with the next one only.
constexpr std::size_t k_most_compared = 12;
// Comparisons of tokens, for each token there is.
constexpr std::size_t k_patience = 64;

struct Fingerprint {
  std::uint64_t hash = 0;
  std::uint32_t at = 0;
  auto operator<=>(const Fingerprint&) const = default;
};

// All files one after the other; between them stands a token that is equal to none.
struct AllTokens {
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint32_t> lines;  // 0: between two files
  std::vector<std::size_t> begins;   // of each file
  bool is_whole = true;

  std::size_t file_of(std::size_t at) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(begins, at) - begins.begin()) - 1;
  }
};

AllTokens join(std::span<const FileTokens> files) {
  AllTokens all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    all.begins.push_back(all.hashes.size());
    if (all.hashes.size() + files[i].hashes.size() > k_most_clone_tokens) {
      all.is_whole = false;
      continue;
    }
    all.hashes.insert(all.hashes.end(), files[i].hashes.begin(), files[i].hashes.end());
    all.lines.insert(all.lines.end(), files[i].lines.begin(), files[i].lines.end());
    all.hashes.push_back(k_base * (2 * i + 1));
    all.lines.push_back(0);
  }
  return all;
}

// Winnowing (Schleimer, Wilkerson, Aiken 2003): of each `window` neighbouring hashes of `length` tokens the smallest is
// kept, so that two equal runs of window + length - 1 tokens have one in common.
std::vector<Fingerprint> fingerprints(const std::vector<std::uint64_t>& tokens, std::size_t length,
                                      std::size_t window) {
  std::vector<Fingerprint> kept;
  if (tokens.size() < length) return kept;
  std::uint64_t highest = 1, hash = 0;
  for (std::size_t i = 1; i < length; ++i) highest *= k_base;
  std::vector<std::uint64_t> hashes(tokens.size() - length + 1);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i >= length) hash -= tokens[i - length] * highest;
    hash = hash * k_base + tokens[i];
    // Low bits of the product depend on low bits only: mixed, so that the smallest is any of them.
    if (i + 1 >= length) hashes[i + 1 - length] = (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9;
  }
  std::size_t chosen = hashes.size();
  for (std::size_t end = std::min(window, hashes.size()); end <= hashes.size(); ++end) {
    const std::size_t begin = end - std::min(window, end);
    const std::size_t before = chosen;
    if (chosen >= hashes.size() || chosen < begin) {
      chosen = begin;
      for (std::size_t i = begin; i < end; ++i)
        if (hashes[i] <= hashes[chosen]) chosen = i;
    } else if (hashes[end - 1] < hashes[chosen]) {
      chosen = end - 1;
    }
    if (chosen != before) kept.push_back({hashes[chosen], static_cast<std::uint32_t>(chosen)});
  }
  std::ranges::sort(kept);
  return kept;
}

struct Match {
  std::size_t a = 0, b = 0, length = 0;
};

class MatchFinder {
 public:
  MatchFinder(const AllTokens& all, std::size_t least, const base::CancelToken& cancel)
      : tokens_(all.hashes), least_(least), cancel_(cancel), steps_(k_patience * tokens_.size() + 1000) {}

  std::vector<Match> find() {
    const std::size_t length = std::max<std::size_t>(1, least_ / 2);
    const auto prints = fingerprints(tokens_, length, least_ - length + 1);
    for (std::size_t begin = 0, end = 0; begin < prints.size(); begin = end) {
      while (end < prints.size() && prints[end].hash == prints[begin].hash) ++end;
      if (end - begin < 2) continue;
      if (cancel_.is_requested() || steps_ == 0) break;
      compare(std::span(prints).subspan(begin, end - begin));
    }
    return std::move(matches_);
  }
  bool is_whole() const { return steps_ > 0; }

 private:
  void compare(std::span<const Fingerprint> prints) {
    const bool is_frequent = prints.size() > k_most_compared;
    for (std::size_t i = 0; i < prints.size(); ++i)
      for (std::size_t j = i + 1; j < (is_frequent ? std::min(i + 2, prints.size()) : prints.size()); ++j)
        extend(prints[i].at, prints[j].at);
  }

  bool spend() {
    if (steps_ > 0) --steps_;
    return steps_ > 0;
  }

  // The longest equal run through both places that does not overlap itself.
  void extend(std::size_t a, std::size_t b) {
    const std::size_t apart = b - a;
    std::map<std::size_t, std::size_t>& seen = seen_[apart];
    const auto behind = seen.upper_bound(a);
    if (behind != seen.begin() && a < std::prev(behind)->second) return;
    std::size_t begin = a, end = a;
    while (begin > 0 && tokens_[begin - 1] == tokens_[begin - 1 + apart] && spend()) --begin;
    while (end + apart < tokens_.size() && tokens_[end] == tokens_[end + apart] && spend()) ++end;
    seen[begin] = end;
    const std::size_t length = std::min(end - begin, apart);
    if (length >= least_) matches_.push_back({begin, begin + apart, length});
  }

  const std::vector<std::uint64_t>& tokens_;
  std::size_t least_;
  const base::CancelToken& cancel_;
  std::size_t steps_;
  std::unordered_map<std::size_t, std::map<std::size_t, std::size_t>> seen_;  // by distance: runs, first to end
  std::vector<Match> matches_;
};

std::uint64_t hash_run(const std::vector<std::uint64_t>& tokens, std::size_t begin, std::size_t length) {
  std::uint64_t hash = length;
  for (std::size_t i = begin; i < begin + length; ++i) hash = hash * k_base + tokens[i];
  return hash;
}

// Matches of the same tokens are one clone. The longest come first; what they cover already is not said again.
void group(const AllTokens& all, const std::vector<Match>& matches, CloneSearch& search) {
  std::map<std::tuple<std::size_t, std::uint64_t>, std::set<std::size_t>, std::greater<>> runs;
  for (const Match& match : matches) {
    auto& places = runs[{match.length, hash_run(all.hashes, match.a, match.length)}];
    places.insert({match.a, match.b});
  }
  std::vector<bool> is_covered(all.hashes.size(), false);
  std::set<std::pair<std::size_t, std::uint32_t>> lines;
  for (const auto& [key, places] : runs) {
    const std::size_t length = std::get<0>(key);
    const auto is_known = [&](std::size_t at) {
      return is_covered[at] && is_covered[at + length / 2] && is_covered[at + length - 1];
    };
    if (std::ranges::all_of(places, is_known)) continue;
    Clone clone{.tokens = static_cast<std::int64_t>(length), .places = {}};
    std::size_t free_from = 0;
    for (const std::size_t at : places) {
      if (at < free_from) continue;
      free_from = at + length;
      const std::size_t file = all.file_of(at);
      clone.places.push_back({file, {base::LineNumber(all.lines[at]), base::LineNumber(all.lines[at + length - 1])}});
      for (std::size_t i = at; i < at + length; ++i) {
        if (!is_covered[i]) lines.insert({file, all.lines[i]});
        is_covered[i] = true;
      }
    }
    if (clone.places.size() >= 2) search.clones.push_back(std::move(clone));
  }
  search.copied_lines = std::ssize(lines);
}

}  // namespace

CloneSearch find_clones(std::span<const FileTokens> files, std::size_t least, const base::CancelToken& cancel) {
  CloneSearch search;
  const AllTokens all = join(files);
  MatchFinder finder(all, std::max<std::size_t>(2, least), cancel);
  group(all, finder.find(), search);
  search.is_whole = all.is_whole && finder.is_whole();
  return search;
}

}  // namespace oc::quality
