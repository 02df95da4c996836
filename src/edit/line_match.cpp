// SPDX-License-Identifier: Apache-2.0
#include "edit/line_match.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace oc::edit {
namespace {

using Index = std::int32_t;

// Myers' search keeps one row for each edit: this many edits cost about 4 MB and the texts' length times as many steps.
constexpr Index k_most_edits = 1000;
// Patience splits below this depth are left as they are: their number times the search above bounds the time.
constexpr int k_deepest_split = 24;

struct Range {
  Index old_begin = 0, old_end = 0;
  Index new_begin = 0, new_end = 0;
  bool is_empty() const { return old_begin == old_end || new_begin == new_end; }
};

struct Pair {
  Index old_index = 0;
  Index new_index = 0;
};

class Matcher {
 public:
  Matcher(std::vector<Index> old_ids, std::vector<Index> new_ids, std::size_t id_count)
      : old_(std::move(old_ids)), new_(std::move(new_ids)), seen_(id_count) {
    match_.old_kept.resize(old_.size());
    match_.new_kept.resize(new_.size());
  }

  LineMatch run() {
    match(Range{0, static_cast<Index>(old_.size()), 0, static_cast<Index>(new_.size())}, 0);
    return std::move(match_);
  }

 private:
  bool is_same(Index old_index, Index new_index) const {
    return old_[static_cast<std::size_t>(old_index)] == new_[static_cast<std::size_t>(new_index)];
  }

  void keep(Index old_index, Index new_index) {
    match_.old_kept[static_cast<std::size_t>(old_index)] = true;
    match_.new_kept[static_cast<std::size_t>(new_index)] = true;
  }

  void match(Range range, int depth) {
    while (!range.is_empty() && is_same(range.old_begin, range.new_begin)) keep(range.old_begin++, range.new_begin++);
    while (!range.is_empty() && is_same(range.old_end - 1, range.new_end - 1)) keep(--range.old_end, --range.new_end);
    if (range.is_empty() || match_with_few_edits(range) || depth >= k_deepest_split) return;
    const std::vector<Pair> anchors = common_unique_lines(range);
    Range gap = range;
    for (const Pair& anchor : anchors) {
      keep(anchor.old_index, anchor.new_index);
      gap.old_end = anchor.old_index;
      gap.new_end = anchor.new_index;
      match(gap, depth + 1);
      gap = {anchor.old_index + 1, range.old_end, anchor.new_index + 1, range.new_end};
    }
    if (!anchors.empty()) match(gap, depth + 1);
  }

  // Myers' greedy algorithm (1986): false if more than k_most_edits are needed; nothing is kept then.
  bool match_with_few_edits(const Range& range) {
    const Index rows = range.old_end - range.old_begin;
    const Index columns = range.new_end - range.new_begin;
    const Index most = std::min(rows + columns, k_most_edits);
    const auto slot = [most](Index diagonal) {
      return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(diagonal) + most + 1);
    };
    std::vector<Index> furthest(2 * static_cast<std::size_t>(most) + 3, 0);
    std::vector<std::vector<Index>> trace;  // for each number of edits: the row reached on diagonals -edits..edits
    for (Index edits = 0; edits <= most; ++edits) {
      for (Index diagonal = -edits; diagonal <= edits; diagonal += 2) {
        Index x = came_down(furthest, slot(diagonal), diagonal, edits) ? furthest[slot(diagonal + 1)]
                                                                       : furthest[slot(diagonal - 1)] + 1;
        while (x < rows && x - diagonal < columns && is_same(range.old_begin + x, range.new_begin + x - diagonal)) ++x;
        furthest[slot(diagonal)] = x;
        if (x >= rows && x - diagonal >= columns) {
          walk_back(range, trace, diagonal, edits, rows);
          return true;
        }
      }
      const auto first = furthest.begin() + static_cast<std::ptrdiff_t>(slot(-edits));
      trace.emplace_back(first, first + 2 * edits + 1);
    }
    return false;
  }

  // Does the best way to this diagonal come from the one above, by a line of the new text?
  static bool came_down(const std::vector<Index>& furthest, std::size_t at, Index diagonal, Index edits) {
    return diagonal == -edits || (diagonal != edits && furthest[at - 1] < furthest[at + 1]);
  }

  void walk_back(const Range& range, const std::vector<std::vector<Index>>& trace, Index diagonal, Index edits,
                 Index x) {
    for (; edits > 0; --edits) {
      const std::vector<Index>& row = trace[static_cast<std::size_t>(edits - 1)];
      const auto reached = [&](Index d) { return row[static_cast<std::size_t>(d + edits - 1)]; };
      const bool down = diagonal == -edits || (diagonal != edits && reached(diagonal - 1) < reached(diagonal + 1));
      const Index from = down ? diagonal + 1 : diagonal - 1;
      const Index start = down ? reached(from) : reached(from) + 1;  // where the run of equal lines began
      keep_run(range, diagonal, start, x);
      x = reached(from);
      diagonal = from;
    }
    keep_run(range, diagonal, 0, x);
  }

  void keep_run(const Range& range, Index diagonal, Index from, Index to) {
    for (Index x = from; x < to; ++x) keep(range.old_begin + x, range.new_begin + x - diagonal);
  }

  // Lines that each side has exactly once, as many as stand in the same order on both: the anchors of a patience diff.
  std::vector<Pair> common_unique_lines(const Range& range) {
    const auto id_of = [](const std::vector<Index>& ids, Index i) {
      return static_cast<std::size_t>(ids[static_cast<std::size_t>(i)]);
    };
    for (Index i = range.old_begin; i < range.old_end; ++i) seen_[id_of(old_, i)] = {};
    for (Index i = range.new_begin; i < range.new_end; ++i) seen_[id_of(new_, i)] = {};
    for (Index i = range.old_begin; i < range.old_end; ++i) {
      Seen& seen = seen_[id_of(old_, i)];
      ++seen.old_count;
      seen.old_index = i;
    }
    for (Index i = range.new_begin; i < range.new_end; ++i) ++seen_[id_of(new_, i)].new_count;
    std::vector<Pair> pairs;
    for (Index i = range.new_begin; i < range.new_end; ++i) {
      const Seen& seen = seen_[id_of(new_, i)];
      if (seen.old_count == 1 && seen.new_count == 1) pairs.push_back({seen.old_index, i});
    }
    return longest_increasing(pairs);
  }

  static std::vector<Pair> longest_increasing(const std::vector<Pair>& pairs) {
    std::vector<std::size_t> tops;  // of each pile the pair on top
    std::vector<std::size_t> before(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto pile =
          std::ranges::lower_bound(tops, pairs[i].old_index, {}, [&](std::size_t top) { return pairs[top].old_index; });
      before[i] = pile == tops.begin() ? i : *(pile - 1);
      if (pile == tops.end()) tops.push_back(i);
      else *pile = i;
    }
    std::vector<Pair> chosen(tops.size());
    std::size_t at = tops.empty() ? 0 : tops.back();
    for (std::size_t n = tops.size(); n > 0; --n) {
      chosen[n - 1] = pairs[at];
      at = before[at];
    }
    return chosen;
  }

  struct Seen {
    Index old_count = 0;
    Index new_count = 0;
    Index old_index = 0;
  };
  std::vector<Index> old_;
  std::vector<Index> new_;
  std::vector<Seen> seen_;
  LineMatch match_;
};

}  // namespace

std::vector<std::string_view> lines_with_ends(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

LineMatch match_lines(const std::vector<std::string_view>& old_lines, const std::vector<std::string_view>& new_lines) {
  std::unordered_map<std::string_view, Index> ids;
  const auto number = [&ids](const std::vector<std::string_view>& lines) {
    std::vector<Index> numbers;
    numbers.reserve(lines.size());
    for (const std::string_view line : lines)
      numbers.push_back(ids.emplace(line, static_cast<Index>(ids.size())).first->second);
    return numbers;
  };
  std::vector<Index> old_ids = number(old_lines);
  std::vector<Index> new_ids = number(new_lines);
  return Matcher(std::move(old_ids), std::move(new_ids), ids.size()).run();
}

}  // namespace oc::edit
