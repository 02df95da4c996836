// SPDX-License-Identifier: Apache-2.0
// In which order the names of a function are read and written, as a graph: Python, JavaScript and TypeScript. What
// functions inside of it do is not part of it. Where the order is not known, there are more ways than there can be.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "syntax/name_bindings.hpp"

namespace oc::syntax {

struct FlowPoint {
  int use = -1;  // in NameBindings::uses; -1: nothing but a place where ways meet
  std::vector<int> next;
};

enum class JumpKind { returns, breaks, continues, raises };

struct Jump {
  JumpKind kind = JumpKind::returns;
  base::LineNumber line;
  int from = -1;
  int to = -1;
  bool has_value = false;  // of returns
};

struct CodeFlow {
  std::vector<FlowPoint> points;
  int entry = 0;
  int exit = 1;  // by the end of the code and by `return`
  std::vector<Jump> jumps;
  // The points of the region are [region_entry, region_exit); region_exit is where it goes on behind it.
  int region_entry = -1;
  int region_exit = -1;

  const FlowPoint& point(int index) const { return points[static_cast<std::size_t>(index)]; }
  bool in_region(int index) const { return region_entry <= index && index < region_exit; }
  // Is there a way from a point (itself not looked at) to one that `is_goal`, not through one that `is_wall`? A goal
  // that is a wall, too, is a goal.
  bool leads(int from, const std::function<bool(int)>& is_goal, const std::function<bool(int)>& is_wall) const;
};

// `owner`: a function, or the root for the code of the file. `region`: some of the statements of one block in it.
CodeFlow read_flow(const CodeTree& tree, const NameBindings& names, int owner, const ByteRange& region);

}  // namespace oc::syntax
