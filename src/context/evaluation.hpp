// SPDX-License-Identifier: Apache-2.0
// In which order the parts of an expression are computed, which of them could do something, and where it needs
// parentheses. Python, JavaScript and TypeScript. Pure.
#pragma once

#include <vector>

#include "syntax/code_tree.hpp"
#include "syntax/name_bindings.hpp"

namespace oc::context {

struct Evaluation {
  struct Step {
    int node = -1;
    bool is_name = false;    // a name is read; else something is done: a call, an operator, a member …
    bool is_certain = true;  // once each time; false: never, or several times
    bool is_later = false;   // when a function is called that is made here
  };
  std::vector<Step> steps;
};

Evaluation steps_of(const syntax::CodeTree& tree, int expression);

// A number, a string, a truth value: the same wherever it stands, and never changed.
bool is_constant(const syntax::CodeTree& tree, int node);
// Could the parts of an expression be read otherwise if it stood there without parentheses?
bool needs_parentheses(const syntax::CodeTree& from, int expression, const syntax::CodeTree& to, int place);

}  // namespace oc::context
