// SPDX-License-Identifier: Apache-2.0
// Lines of code as whole statements, and what is in them that cannot be taken out of their function as it is.
// Python, JavaScript and TypeScript. Pure.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "syntax/code_tree.hpp"

namespace oc::syntax {

struct CodeRegion {
  ByteRange range;  // from the first statement to the end of the last one
  std::vector<int> statements;
  int block = 0;       // that holds them
  int owner = 0;       // the function round it; CodeTree::k_root: none
  int top = 0;         // the statement of the file that holds it all
  int type = -1;       // the class whose method `owner` is
  int this_owner = 0;  // the function whose `this` is meant: `owner` unless that is an arrow
  // The lines on which there is one; 0: none.
  base::LineNumber yields, awaits, uses_this, calls_super, uses_arguments, imports, declares, says_outer;
};

// The reason, where the lines are no whole statements of one block: "line 3 is only a part of the statement that begins
// at line 2".
std::expected<CodeRegion, std::string> find_region(const CodeTree& tree, base::LineRange lines);

// What makes a function of a method's kind.
struct MethodFacts {
  bool is_static = false;
  bool is_of_class = false;  // Python's classmethod
  bool is_constructor = false;
  std::string_view self;  // the first parameter, in Python
};
MethodFacts facts_of_method(const CodeTree& tree, int function);

}  // namespace oc::syntax
