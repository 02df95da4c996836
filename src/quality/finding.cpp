// SPDX-License-Identifier: Apache-2.0
#include "quality/finding.hpp"

#include <algorithm>
#include <tuple>

#include "base/sha256.hpp"

namespace oc::quality {
namespace {

constexpr std::size_t k_fingerprint_digits = 16;

// Lower case, words with one blank between them: two tools that say the same.
std::string plain_words(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c < 0;
    if (is_letter) words += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    else if (!words.empty() && words.back() != ' ') words += ' ';
  }
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

bool say_the_same(const Finding& a, const Finding& b) {
  if (a.path != b.path || a.lines.first != b.lines.first) return false;
  return (a.source == b.source && a.rule == b.rule && a.symbol == b.symbol) ||
         plain_words(a.message) == plain_words(b.message);
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "";
}

std::string_view to_string(Confidence confidence) {
  switch (confidence) {
    case Confidence::low: return "low";
    case Confidence::medium: return "medium";
    case Confidence::high: return "high";
  }
  return "";
}

std::optional<Severity> severity_from(std::string_view word) {
  for (const Severity severity : {Severity::note, Severity::warning, Severity::error})
    if (word == to_string(severity)) return severity;
  return std::nullopt;
}

std::string fingerprint(const Finding& finding) {
  std::string all;
  for (const std::string* part : {&finding.source, &finding.rule, &finding.path, &finding.symbol, &finding.quote})
    all.append(*part).append(1, '\0');
  // Without a line or a symbol to hold on to, only the words tell two of them apart.
  if (finding.symbol.empty() && finding.quote.empty()) all += finding.message;
  return base::sha256(all).substr(0, k_fingerprint_digits);
}

std::vector<Finding> merge_findings(std::vector<Finding> findings) {
  std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
    return std::tie(a.path, a.lines.first, b.severity, b.confidence, a.rule, a.source, a.message) <
           std::tie(b.path, b.lines.first, a.severity, a.confidence, b.rule, b.source, b.message);
  });
  std::vector<Finding> merged;
  std::size_t line_begin = 0;  // the first of the line at hand in `merged`
  for (Finding& finding : findings) {
    const bool is_new_line =
        merged.empty() || merged.back().path != finding.path || merged.back().lines.first != finding.lines.first;
    if (is_new_line) line_begin = merged.size();
    const auto same = std::find_if(merged.begin() + static_cast<std::ptrdiff_t>(line_begin), merged.end(),
                                   [&](const Finding& other) { return say_the_same(other, finding); });
    if (same == merged.end()) merged.push_back(std::move(finding));
    else same->confidence = std::max(same->confidence, finding.confidence);
  }
  return merged;
}

}  // namespace oc::quality
