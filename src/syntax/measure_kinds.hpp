// SPDX-License-Identifier: Apache-2.0
// Which kinds of node count for the measures of a function, by the number that a grammar gives them. Only src/syntax
// includes this.
#pragma once

#include <tree_sitter/api.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace oc::syntax {

enum MeasureTrait : unsigned {
  k_nests = 1,         // what is inside is one level deeper
  k_decides = 2,       // one more way through the function
  k_else_if = 4,       // behind an `else` it stands where its `if` stands
  k_case = 8,          // decides, unless it is the default
  k_operator = 16,     // && and the like: decides where it stands between two values
  k_joins = 32,        // … which is in these
  k_else = 64,         // holds what comes after `else`
  k_parameters = 128,  // a list of parameters
  k_comment = 256,
  k_import = 512,
  k_no_parameter = 1024,  // in such a list, but no parameter
  k_literal = 2048,       // one token, whatever it is made of
};

class MeasureKinds {
 public:
  MeasureKinds(std::string_view language_id, const TSLanguage* language);
  unsigned traits(TSSymbol kind) const { return kind < traits_.size() ? traits_[kind] : 0; }

 private:
  void add(const TSLanguage* language, std::string_view words, bool is_named, unsigned traits);

  std::vector<std::uint16_t> traits_;
};

// Any thread; lives as long as the program. `language_id` has a grammar.
const MeasureKinds& measure_kinds(std::string_view language_id, const TSLanguage* language);

}  // namespace oc::syntax
