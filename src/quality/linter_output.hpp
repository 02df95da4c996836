// SPDX-License-Identifier: Apache-2.0
// What linters print becomes findings. Their output is not trusted: a line that is none of a finding, that names a file
// that was not asked about, or a line that no file has, is passed over. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quality/finding.hpp"

namespace oc::quality {

enum class LinterFormat {
  colons,    // "a.c:3:5: warning: words [rule]", as compilers write; also "a.py:1:8: F401 words"
  cppcheck,  // its --template, see linters.cpp: "oc|a.c|3|warning|nullPointer|words"
  eslint,    // a line with its JSON
};

inline constexpr std::size_t k_most_linter_findings = 2000;

struct LinterReading {
  std::string source;  // the linter's name
  LinterFormat format = LinterFormat::colons;
  std::map<std::string, std::int64_t> files;  // those it was asked about, relative to its folder, and their lines
  std::string folder;                         // where it ran, '/' between its parts: a linter may write whole paths
};

// In the order of the output, at most k_most_linter_findings.
std::vector<Finding> read_linter_output(const LinterReading& reading, std::string_view output);

}  // namespace oc::quality
