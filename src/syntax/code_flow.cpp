// SPDX-License-Identifier: Apache-2.0
#include "syntax/code_flow.hpp"

#include <algorithm>
#include <utility>

#include "syntax/flow_reader.hpp"

namespace oc::syntax {

bool CodeFlow::leads(int from, const std::function<bool(int)>& is_goal, const std::function<bool(int)>& is_wall) const {
  std::vector<bool> seen(points.size(), false);
  std::vector<int> open = point(from).next;
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
    if (seen[static_cast<std::size_t>(at)]) continue;
    seen[static_cast<std::size_t>(at)] = true;
    if (is_goal(at)) return true;
    if (!is_wall(at)) open.insert(open.end(), point(at).next.begin(), point(at).next.end());
  }
  return false;
}

CodeFlow read_flow(const CodeTree& tree, const NameBindings& names, int owner, const ByteRange& region) {
  if (tree.family() == "python") return read_python_flow(tree, names, owner, region);
  return read_javascript_flow(tree, names, owner, region);
}

FlowReader::FlowReader(const CodeTree& tree, const NameBindings& names, const ByteRange& region)
    : tree_(tree), names_(names), region_(region) {}

CodeFlow FlowReader::read(int owner) {
  flow_.entry = new_point();
  flow_.exit = new_point();
  at_ = flow_.entry;
  visit_owner(owner);
  link(at_, flow_.exit);
  return std::move(flow_);
}

void FlowReader::visit_children(int node) {
  for (const int child : tree_.children(node)) visit(child);
}

void FlowReader::visit_field(int node, std::string_view field) {
  if (const int child = tree_.child(node, field); child >= 0) visit(child);
}

void FlowReader::visit_statements(const std::vector<int>& statements) {
  bool is_here = false;  // statements inside of others may end where the region does
  for (const int one : statements) {
    const ByteRange& range = tree_.node(one).range;
    const bool is_first = range.begin == region_.begin && range.end <= region_.end;
    if (is_first && flow_.region_entry < 0) {
      is_here = true;
      const int entry = new_point();
      flow_.region_entry = entry;
      go_to(entry);
    }
    visit(one);
    if (is_here && range.end == region_.end && flow_.region_exit < 0) {
      const int exit = new_point();
      flow_.region_exit = exit;
      link(at_, exit);
      at_ = at_ < 0 ? -1 : exit;
    }
  }
}

void FlowReader::use(int node) {
  const int found = names_.use_at(tree_.node(node).range.begin);
  if (found < 0) return;
  const int point = new_point(found);
  go_to(point);
  if (!tries_.empty()) link(point, tries_.back().handler);
}

int FlowReader::new_point(int use) {
  flow_.points.push_back({.use = use, .next = {}});
  return static_cast<int>(flow_.points.size()) - 1;
}

void FlowReader::link(int from, int to) {
  if (from < 0 || to < 0) return;
  std::vector<int>& next = flow_.points[static_cast<std::size_t>(from)].next;
  if (std::ranges::find(next, to) == next.end()) next.push_back(to);
}

void FlowReader::meet(const std::vector<int>& points) {
  const bool is_reached = std::ranges::any_of(points, [](int one) { return one >= 0; });
  const int point = new_point();
  for (const int one : points) link(one, point);
  at_ = is_reached ? point : -1;
}

void FlowReader::begin_loop(int head, int after, std::string_view label) {
  loops_.push_back({.head = head, .after = after, .tries = tries_.size(), .label = label});
}

void FlowReader::jump(int node, JumpKind kind, std::string_view label) {
  int target = kind == JumpKind::returns ? flow_.exit : -1;
  std::size_t tries = 0;
  if (kind == JumpKind::raises && !tries_.empty()) {
    target = tries_.back().handler;
    tries = tries_.size();
  }
  if (kind == JumpKind::breaks || kind == JumpKind::continues)
    for (auto loop = loops_.rbegin(); loop != loops_.rend() && target < 0; ++loop) {
      const bool is_any = loop->head >= 0 || (loop->head == k_switch && kind == JumpKind::breaks);
      if (label.empty() ? !is_any : loop->label != label) continue;
      target = kind == JumpKind::breaks ? loop->after : loop->head;
      tries = loop->tries;
    }
  const int from = new_point();
  link(at_, from);
  flow_.jumps.push_back({.kind = kind, .line = tree_.node(node).line, .from = from, .to = target, .has_value = false});
  flow_.jumps.back().has_value = !tree_.children(node).empty();
  // The way leads through what must be done at the end of each `try` on it.
  int step = from;
  for (std::size_t i = tries_.size(); i > tries && kind != JumpKind::raises; --i) {
    Try& one = tries_[i - 1];
    if (one.end < 0) continue;
    link(step, one.end);
    bool is_last = true;
    for (std::size_t k = i - 1; k > tries; --k)
      if (tries_[k - 1].end >= 0) {
        one.targets.push_back(tries_[k - 1].end);
        is_last = false;
        break;
      }
    if (is_last) one.targets.push_back(target);
    step = -1;
  }
  link(step, target);
  at_ = -1;
}

}  // namespace oc::syntax
