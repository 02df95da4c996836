// SPDX-License-Identifier: Apache-2.0
// From a tree to the flow of a function; one reader for each family of languages. Only src/syntax includes this.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "syntax/code_flow.hpp"

namespace oc::syntax {

class FlowReader {
 public:
  FlowReader(const CodeTree& tree, const NameBindings& names, const ByteRange& region);
  FlowReader(const FlowReader&) = delete;
  FlowReader& operator=(const FlowReader&) = delete;
  virtual ~FlowReader() = default;

  CodeFlow read(int owner);

 protected:
  virtual void visit(int node) = 0;
  virtual void visit_owner(int owner) = 0;

  void visit_children(int node);
  void visit_field(int node, std::string_view field);
  // The statements of a block, some of which may be the region.
  void visit_statements(const std::vector<int>& statements);
  void use(int node);

  // `step` may happen or not.
  template <class Step>
  void maybe(Step step) {
    const int before = at_;
    step();
    meet({before, at_});
  }
  static constexpr int k_switch = -1;          // in place of a head: what `break` alone ends
  static constexpr int k_labelled_block = -2;  // … does not end
  struct Loop {
    int head = k_switch;  // where `continue` goes
    int after = -1;
    std::size_t tries = 0;
    std::string_view label;
  };
  int new_point(int use = -1);
  void link(int from, int to);
  void meet(const std::vector<int>& points);
  void go_to(int point) { link(at_, point), at_ = point; }

  void begin_loop(int head, int after, std::string_view label);
  void end_loop() { loops_.pop_back(); }
  void jump(int node, JumpKind kind, std::string_view label);
  // What is in `body` may end anywhere and go on at the handler.
  template <class Body>
  void guarded(int handler, Body body) {
    link(at_, handler);
    tries_.push_back({handler, -1, {}});
    body();
    tries_.pop_back();
  }
  void pass_on(int handler) {
    if (!tries_.empty()) link(handler, tries_.back().handler);
  }
  // `last` is done however `body` ends: once behind its end, once for all that leaves it otherwise.
  template <class Body, class Last>
  void with_end(Body body, Last last) {
    const int handler = new_point();
    link(at_, handler);
    tries_.push_back({handler, handler, {}});
    body();
    const Try done = tries_.back();
    tries_.pop_back();
    last();
    const int after = std::exchange(at_, handler);
    last();
    for (const int target : done.targets) link(at_, target);
    if (!tries_.empty()) link(at_, tries_.back().handler);
    at_ = after;
  }

  const CodeTree& tree_;
  const NameBindings& names_;
  CodeFlow flow_;
  int at_ = -1;  // where the next point is linked from; -1: nothing comes here

 private:
  struct Try {
    int handler = -1;
    int end = -1;              // where its `finally` begins, if it is one
    std::vector<int> targets;  // of jumps that go through it
  };
  ByteRange region_;
  std::vector<Loop> loops_;
  std::vector<Try> tries_;
};

CodeFlow read_python_flow(const CodeTree& tree, const NameBindings& names, int owner, const ByteRange& region);
CodeFlow read_javascript_flow(const CodeTree& tree, const NameBindings& names, int owner, const ByteRange& region);

}  // namespace oc::syntax
