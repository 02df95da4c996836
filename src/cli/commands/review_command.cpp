// SPDX-License-Identifier: Apache-2.0
// review: findings of the measures, of installed linters and of a model, for files or for the lines of a change.
#include "cli/commands/review_command.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/commands/review_fix.hpp"
#include "cli/commands/review_model.hpp"
#include "cli/commands/review_scope.hpp"
#include "cli/exit_code.hpp"
#include "cli/project.hpp"
#include "quality/sarif.hpp"
#include "quality/static_findings.hpp"
#include "tasks/linters.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;
using quality::Finding;

struct ReviewOptions {
  ReviewTarget target;
  std::string revision;
  CLI::Option* diff = nullptr;
  std::string fail_on;
  std::string baseline;
  std::string fix;
  EditOptions edit;
  bool is_static = false, new_only = false, write_baseline = false, no_linters = false, trust_linters = false;
};

struct Review {
  std::vector<Finding> findings;
  std::vector<bool> known;  // empty: there is no baseline
  std::vector<std::string> linters;
  std::optional<tasks::ModelReview> by_model;  // nullopt: it was not asked
  quality::ProjectMeasures measures;
};

base::Result<quality::ProjectMeasures> measure(Invocation& invocation, tasks::Project& project) {
  quality::MeasureOptions options;
  options.workspace = invocation.workspace;
  options.file_limit = project.options().file_limit;
  options.cancel = invocation.cancel;
  if (invocation.console.shows_status())
    options.progress = [&](std::size_t done, std::size_t total) {
      invocation.console.status(fmt::format("measured {} of {} files", done, total));
    };
  auto measures = quality::measure_project(options, project.index());
  invocation.console.status("");
  return measures;
}

base::Result<tasks::LinterReport> ask_linters(Invocation& invocation, const ReviewScope& scope,
                                              const quality::ProjectMeasures& measures) {
  tasks::LinterOptions options;
  options.workspace = invocation.workspace;
  options.state_folder = invocation.folders.state;
  for (const quality::MeasuredFile& file : measures.files) {
    if (!scope.has_file(file.path)) continue;
    options.files[file.path] = file.lines;
    options.languages[file.path] = file.language;
  }
  options.progress = [&](const std::string& linter) { invocation.console.status(linter + " runs"); };
  auto report = tasks::run_linters(options, invocation.cancel);
  invocation.console.status("");
  if (report)
    for (const std::string& note : report->notes) invocation.console.note(note);
  return report;
}

// The line that each is about, as it is now.
void add_quotes(const Invocation& invocation, base::ByteCount file_limit, std::vector<Finding>& findings) {
  std::string path, text;
  std::vector<std::string_view> lines;
  for (Finding& finding : findings) {
    if (finding.path != path) {
      path = finding.path;
      auto file = context::load_indexed_file(path, invocation.workspace, file_limit);
      text = file ? std::move(file->text) : std::string();
      lines = base::split_lines(text);
    }
    const auto at = static_cast<std::size_t>(finding.lines.first.value - 1);
    if (finding.quote.empty() && at < lines.size()) finding.quote = base::filter_controls(base::trim(lines[at]));
  }
}

void add_unfinished_merges(const ReviewScope& scope, std::vector<Finding>& findings) {
  for (const std::string& path : scope.unmerged) {
    const bool is_told = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.path == path && finding.rule == "conflict-marker" && finding.source == "static";
    });
    if (is_told) continue;
    Finding finding;
    finding.severity = quality::Severity::error;
    finding.confidence = quality::Confidence::high;
    finding.source = "static";
    finding.rule = "unmerged-file";
    finding.path = path;
    finding.message = "the merge of this file is not finished";
    findings.push_back(std::move(finding));
  }
}

base::Result<Review> find_all(Invocation& invocation, const ReviewScope& scope, const ReviewOptions& options) {
  Review review;
  OC_TRY(tasks::Project project, open_project(invocation, ScanPatience::unlimited));
  OC_TRY(review.measures, measure(invocation, project));
  const quality::ProjectMeasures& measures = review.measures;
  for (Finding& finding : quality::static_findings(measures))
    if (scope.has(finding)) review.findings.push_back(std::move(finding));
  if (!options.no_linters) {
    OC_TRY(tasks::LinterReport report, ask_linters(invocation, scope, measures));
    for (Finding& finding : report.findings)
      if (scope.has(finding)) review.findings.push_back(std::move(finding));
    review.linters = std::move(report.ran);
  }
  if (!options.is_static) {
    OC_TRY(review.by_model, review_with_model(invocation, scope, measures, project.options().file_limit));
    std::ranges::move(review.by_model->findings, std::back_inserter(review.findings));
  }
  add_unfinished_merges(scope, review.findings);
  review.findings = quality::merge_findings(std::move(review.findings));
  add_quotes(invocation, project.options().file_limit, review.findings);
  return review;
}

base::Result<void> compare_with_baseline(Invocation& invocation, const ReviewOptions& options, Review& review) {
  if (options.baseline.empty()) return {};
  const base::Path file = absolute_path(invocation, options.baseline);
  if (options.write_baseline) {
    OC_CHECK(quality::write_baseline(file, review.findings));
    invocation.console.note(
        fmt::format("{} findings are known from now on: {}", review.findings.size(), base::display(file)));
  }
  OC_TRY(const quality::Baseline baseline, quality::load_baseline(file));
  review.known = quality::find_known(review.findings, baseline);
  if (!options.new_only) return {};
  std::vector<Finding> fresh;
  for (std::size_t i = 0; i < review.findings.size(); ++i)
    if (!review.known[i]) fresh.push_back(std::move(review.findings[i]));
  review.findings = std::move(fresh);
  review.known.assign(review.findings.size(), false);
  return {};
}

std::string to_text(const Review& review) {
  std::string text;
  std::map<quality::Severity, std::size_t> counts;
  for (std::size_t i = 0; i < review.findings.size(); ++i) {
    const Finding& finding = review.findings[i];
    ++counts[finding.severity];
    const bool is_known = !review.known.empty() && review.known[i];
    text +=
        fmt::format("{}:{}: {}: {} [{}{}]{}\n", finding.path, finding.lines.first.value,
                    quality::to_string(finding.severity), finding.message,
                    finding.source == "static" ? "" : finding.source + "/", finding.rule, is_known ? " (known)" : "");
  }
  if (review.findings.empty()) return "no findings\n";
  std::string sums;
  for (const auto& [severity, count] : counts)
    sums = fmt::format("{} {}{}{}{}", count, quality::to_string(severity), count == 1 ? "" : "s",
                       sums.empty() ? "" : ", ", sums);
  return text + sums + "\n";
}

std::string to_json(const Review& review) {
  Json findings = Json::array();
  for (std::size_t i = 0; i < review.findings.size(); ++i) {
    const Finding& finding = review.findings[i];
    findings.push_back({{"path", finding.path},
                        {"lines", {finding.lines.first.value, finding.lines.last.value}},
                        {"severity", quality::to_string(finding.severity)},
                        {"confidence", quality::to_string(finding.confidence)},
                        {"source", finding.source},
                        {"rule", finding.rule},
                        {"symbol", finding.symbol},
                        {"message", finding.message},
                        {"quote", finding.quote},
                        {"fingerprint", quality::fingerprint(finding)}});
    if (!review.known.empty()) findings.back()["known"] = static_cast<bool>(review.known[i]);
  }
  Json json = {{"findings", findings}, {"linters", review.linters}};
  if (review.by_model) json["model"] = Json::parse(model_review_json(*review.by_model));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int exit_for(const Review& review, const std::string& fail_on) {
  const auto least = quality::severity_from(fail_on);
  const bool fails =
      least && std::ranges::any_of(review.findings, [&](const Finding& finding) { return finding.severity >= *least; });
  return fails ? k_exit_negative : k_exit_done;
}

// The change of one line's findings; where nothing else is named, its file is what is looked at.
base::Result<int> run_fix(Invocation& invocation, ReviewOptions& options) {
  OC_TRY(const FixPlace place, parse_fix_place(options.fix));
  if (invocation.options.format == "sarif" || !options.baseline.empty())
    return base::fail(base::ErrorKind::usage, "--fix makes a change: SARIF and baselines are for findings",
                      "leave one of them out");
  if (options.target.names.empty() && !options.target.revision && !options.target.staged)
    options.target.names = {base::to_utf8(invocation.workspace / base::path_from_utf8(place.path))};
  OC_TRY(const ReviewScope scope, find_review_scope(invocation, options.target));
  OC_TRY(const Review review, find_all(invocation, scope, options));
  return fix_reviewed_line(invocation, place, review.findings, review.measures, options.edit);
}

base::Result<int> run_review(Invocation& invocation, ReviewOptions& options) {
  if ((options.new_only || options.write_baseline) && options.baseline.empty())
    return base::fail(base::ErrorKind::usage, "--new-only and --write-baseline need --baseline FILE",
                      "name the file of known findings");
  // Before anything that takes its time.
  if (!options.baseline.empty() && !options.write_baseline)
    OC_CHECK(quality::load_baseline(absolute_path(invocation, options.baseline)));
  if (options.trust_linters) {
    OC_CHECK(tasks::trust_linters(invocation.workspace, invocation.folders.state));
    invocation.console.note("linters that run code of this project are confirmed for it");
  }
  if (options.diff->count() > 0) options.target.revision = options.revision;
  if (!options.fix.empty()) return run_fix(invocation, options);
  if (options.edit.yes || options.edit.check || options.edit.no_checks)
    return base::fail(base::ErrorKind::usage, "--yes, --check and --no-checks are about the change of --fix",
                      "name the line to mend with --fix FILE:LINE");
  OC_TRY(const ReviewScope scope, find_review_scope(invocation, options.target));
  OC_TRY(Review review, find_all(invocation, scope, options));
  OC_CHECK(compare_with_baseline(invocation, options, review));
  if (invocation.options.format == "sarif")
    invocation.console.out(quality::to_sarif({version(), review.findings, review.known}));
  else show_result(invocation, to_text(review), to_json(review));
  return exit_for(review, options.fail_on);
}

}  // namespace

base::Result<std::string> review_as_text(Invocation& invocation, const std::vector<std::string>& names) {
  ReviewOptions options;
  options.target.names = names;
  if (names.empty()) options.target.revision = "";
  OC_TRY(const ReviewScope scope, find_review_scope(invocation, options.target));
  OC_TRY(const Review review, find_all(invocation, scope, options));
  return to_text(review);
}

void add_review_command(CommandLine& line) {
  auto options = std::make_shared<ReviewOptions>();
  Command& review =
      line.add("review", "Findings in files, or in the lines of a change: 'offline-coder review --staged --static'",
               [options](Invocation& invocation) { return run_review(invocation, *options); });
  review.options.takes_sarif = true;
  CLI::App& app = *review.app;
  app.add_option("names", options->target.names,
                 "files and folders; without any what is not committed, or a diff on "
                 "standard input")
      ->type_name("FILE");
  options->diff = app.add_option("--diff", options->revision, "the lines that differ from a revision (default: HEAD)")
                      ->type_name("REVISION")
                      ->expected(0, 1);
  app.add_flag("--staged", options->target.staged, "the lines that are staged in git");
  app.add_flag("--static", options->is_static, "measures and linters alone, no model");
  app.add_flag("--no-linters", options->no_linters, "do not run the linters that are installed");
  app.add_flag("--trust-linters", options->trust_linters,
               "confirm linters whose settings are code of this project (eslint, clang-tidy, go vet)");
  app.add_option("--fail-on", options->fail_on, "exit with 1 on findings this severe: note, warning or error")
      ->type_name("SEVERITY")
      ->check(CLI::IsMember({"note", "warning", "error"}));
  app.add_option("--baseline", options->baseline, "file of findings that are known")->type_name("FILE");
  app.add_flag("--new-only", options->new_only, "leave out the known ones");
  app.add_flag("--write-baseline", options->write_baseline, "write that file: all findings are known from now on");
  app.add_option("--fix", options->fix, "mend what is found in this line: a diff, and the question whether to write it")
      ->type_name("FILE:LINE");
  add_edit_options(review, options->edit);
  CommandLine::add_generation_options(review);
}

}  // namespace oc::cli
