// SPDX-License-Identifier: Apache-2.0
// What is said about one place of a project, whoever found it: the measures, a linter, a model. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace oc::quality {

enum class Severity { note, warning, error };
enum class Confidence { low, medium, high };

std::string_view to_string(Severity severity);
std::string_view to_string(Confidence confidence);
std::optional<Severity> severity_from(std::string_view word);

struct Finding {
  Severity severity = Severity::note;
  Confidence confidence = Confidence::medium;
  std::string source;  // "static", "model", or the linter's name
  std::string rule;    // "complex-function"; a linter's own
  std::string path;    // relative to the workspace, '/' between its parts
  base::LineRange lines;
  // All the lines that make it: a function's for its length. A change in one of them makes the finding one of the
  // change.
  base::LineRange about;
  std::string symbol;   // qualified name of what it is about; may be ""
  std::string message;  // one line, without controls
  std::string quote;    // the line of the file it is about, without blanks at its ends; may be ""
  bool operator==(const Finding&) const = default;
};

// The same finding after lines above it came or went: source, rule, path, symbol and the quoted line, but no number.
// 16 hexadecimal digits.
std::string fingerprint(const Finding& finding);

// By path, line, then the worst first. Findings of the same rule in the same place become one, and so do those of
// different sources that say the same words of it; the more severe and the surer value stays.
std::vector<Finding> merge_findings(std::vector<Finding> findings);

}  // namespace oc::quality
