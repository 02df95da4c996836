// SPDX-License-Identifier: Apache-2.0
// Findings as SARIF 2.1.0 (OASIS), which code hosts and editors read, and the baseline: findings that are known. Pure
// but for the two that name a file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "quality/finding.hpp"

namespace oc::quality {

// How often each fingerprint is known.
using Baseline = std::map<std::string, std::int64_t>;

// Kinds: io; usage when the file is none of write_baseline's.
base::Result<Baseline> load_baseline(const base::Path& file);
base::Result<void> write_baseline(const base::Path& file, const std::vector<Finding>& findings);
// Of each finding whether it is known. A fingerprint that is known once covers one finding.
std::vector<bool> find_known(const std::vector<Finding>& findings, const Baseline& baseline);

struct SarifRun {
  std::string version;  // of the program
  const std::vector<Finding>& findings;
  std::vector<bool> known;  // as find_known; empty: there is no baseline
};
// One object, indented, ends with a newline.
std::string to_sarif(const SarifRun& run);

}  // namespace oc::quality
