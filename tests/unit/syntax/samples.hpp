// SPDX-License-Identifier: Apache-2.0
// The sample files of the languages, and what an outline looks like as text.
#pragma once

#include <string>
#include <vector>

#include "base/path.hpp"
#include "syntax/outline.hpp"

namespace oc::syntax {

struct Sample {
  base::Path path;
  const Language* language = nullptr;
  std::string text;
};

// One file for each language, sorted by name. The expected outline of x.py is in x.py's folder as <stem>.outline.
std::vector<Sample> load_samples();
std::string load_text(const base::Path& path);

// "kind qualified_name lines signature | doc" for each symbol, "~" before declarations, indented by its container;
// then the imports and the sorted references, each once.
std::string describe(const Outline& outline);

// What holds for every outline of any text; the first thing that does not, or nothing.
std::string find_broken_promise(const Outline& outline, std::string_view text);

}  // namespace oc::syntax
