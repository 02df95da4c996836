// SPDX-License-Identifier: Apache-2.0
#include "quality/static_findings.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace oc::quality {
namespace {

// Of a clone that is everywhere, these places are named.
constexpr std::size_t k_most_named_places = 3;

Severity severity_above(std::int64_t value, MeasureLimit limit) {
  return value > limit.warning ? Severity::warning : Severity::note;
}

Finding at(const MeasuredFile& file, base::LineRange lines, std::string rule, std::string message) {
  Finding finding;
  finding.source = "static";
  finding.rule = std::move(rule);
  finding.path = file.path;
  finding.lines = lines;
  finding.about = lines;
  finding.message = std::move(message);
  finding.confidence = Confidence::high;
  return finding;
}

void judge_function(const MeasuredFile& file, const MeasuredFunction& function, std::vector<Finding>& findings) {
  const auto judge = [&](std::int64_t value, MeasureLimit limit, std::string_view rule, std::string message) {
    if (value <= limit.note) return;
    // The place is where it begins: a hundred lines are no place.
    Finding finding = at(file, {function.lines.first, function.lines.first}, std::string(rule), std::move(message));
    finding.severity = severity_above(value, limit);
    finding.symbol = function.name;
    finding.about = function.lines;
    findings.push_back(std::move(finding));
  };
  judge(
      function.code_lines, k_length_limit, "long-function",
      fmt::format("'{}' has {} lines of code (more than {})", function.name, function.code_lines, k_length_limit.note));
  judge(function.nesting, k_nesting_limit, "deep-nesting",
        fmt::format("'{}' is nested {} deep (more than {})", function.name, function.nesting, k_nesting_limit.note));
  judge(function.complexity, k_complexity_limit, "complex-function",
        fmt::format("'{}' has a cyclomatic complexity of {} (more than {})", function.name, function.complexity,
                    k_complexity_limit.note));
  judge(function.parameters, k_parameters_limit, "many-parameters",
        fmt::format("'{}' takes {} parameters (more than {})", function.name, function.parameters,
                    k_parameters_limit.note));
}

void judge_file(const MeasuredFile& file, std::vector<Finding>& findings) {
  for (const MeasuredFunction& function : file.functions) judge_function(file, function, findings);
  for (const MarkedComment& mark : file.marks)
    findings.push_back(at(file, {mark.line, mark.line}, "todo-comment",
                          mark.text.empty() ? mark.word : fmt::format("{}: {}", mark.word, mark.text)));
  for (const base::LineNumber line : file.conflict_marks) {
    findings.push_back(at(file, {line, line}, "conflict-marker", "a merge conflict was left unresolved"));
    findings.back().severity = Severity::error;
  }
}

std::string name_place(const ProjectMeasures& measures, const ClonePlace& place) {
  return fmt::format("{}:{}-{}", measures.files[place.file].path, place.lines.first.value, place.lines.last.value);
}

void judge_clone(const ProjectMeasures& measures, const Clone& clone, std::vector<Finding>& findings) {
  for (const ClonePlace& place : clone.places) {
    std::string others;
    std::size_t named = 0;
    for (const ClonePlace& other : clone.places) {
      if (&other == &place) continue;
      if (++named <= k_most_named_places) others += (others.empty() ? "" : ", ") + name_place(measures, other);
    }
    if (named > k_most_named_places) others += fmt::format(" and {} more", named - k_most_named_places);
    findings.push_back(at(measures.files[place.file], place.lines, "duplicate-code",
                          fmt::format("{} tokens are the same as in {}", clone.tokens, others)));
    findings.back().severity = severity_above(clone.tokens, k_clone_limit);
  }
}

void judge_use(const ProjectMeasures& measures, std::vector<Finding>& findings) {
  for (const SymbolPlace& place : measures.use.unused) {
    const MeasuredFile& file = measures.files[place.file];
    const PrivateSymbol& symbol = file.unused_here[place.symbol];
    findings.push_back(at(file, {symbol.lines.first, symbol.lines.first}, "unused-symbol",
                          fmt::format("nothing uses the {} '{}'", to_string(symbol.kind), symbol.qualified_name)));
    findings.back().symbol = symbol.qualified_name;
    findings.back().about = symbol.lines;
    findings.back().severity = Severity::warning;
    findings.back().confidence = symbol.is_certain ? Confidence::high : Confidence::medium;
  }
  for (const SymbolPlace& place : measures.use.untested) {
    const MeasuredFile& file = measures.files[place.file];
    const PublicFunction& function = file.public_functions[place.symbol];
    findings.push_back(at(file, {function.lines.first, function.lines.first}, "untested-symbol",
                          fmt::format("no test names '{}'", function.qualified_name)));
    findings.back().symbol = function.qualified_name;
    findings.back().about = function.lines;
    findings.back().confidence = Confidence::low;
  }
}

}  // namespace

double excess_of(const MeasuredFunction& function) {
  double excess = 0;
  const auto add = [&](std::int64_t value, MeasureLimit limit) {
    if (value > limit.note) excess += static_cast<double>(value) / static_cast<double>(limit.note);
  };
  add(function.code_lines, k_length_limit);
  add(function.nesting, k_nesting_limit);
  add(function.complexity, k_complexity_limit);
  add(function.parameters, k_parameters_limit);
  return excess;
}

std::vector<Finding> static_findings(const ProjectMeasures& measures) {
  std::vector<Finding> findings;
  for (const MeasuredFile& file : measures.files) judge_file(file, findings);
  for (const Clone& clone : measures.clones.clones) judge_clone(measures, clone, findings);
  judge_use(measures, findings);
  return merge_findings(std::move(findings));
}

}  // namespace oc::quality
