// SPDX-License-Identifier: Apache-2.0
// Which values go into lines that become a function, and which come out: from the flow of the function round them.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "syntax/code_flow.hpp"
#include "syntax/code_region.hpp"

namespace oc::context {

enum class RegionEnd {
  goes_on,  // behind the lines
  returns,  // on every way, or behind them is nothing but the function's end
};

struct RegionValues {
  std::vector<int> parameters;  // bindings, in the order in which the lines name them
  std::vector<int> results;     // … that have a value of their own afterwards
  std::vector<int> locals;      // … that the lines give a value and do not declare: JavaScript's function must
  RegionEnd end = RegionEnd::goes_on;
};

// The reason, where the lines cannot be a function of their own. `self`: the binding that a method has anyway; -1:
// none.
std::expected<RegionValues, std::string> find_region_values(const syntax::CodeTree& tree,
                                                            const syntax::NameBindings& names,
                                                            const syntax::CodeRegion& region, int self);

}  // namespace oc::context
