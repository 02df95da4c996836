// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/review_fix.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/landing.hpp"
#include "cli/project.hpp"
#include "context/source_file.hpp"
#include "tasks/fix_finding.hpp"

namespace oc::cli {
namespace {

base::Result<tasks::FixFindingRequest> make_request(Invocation& invocation, const FixPlace& place,
                                                    const std::vector<quality::Finding>& findings,
                                                    const quality::ProjectMeasures& measures) {
  tasks::FixFindingRequest request;
  std::ranges::copy_if(findings, std::back_inserter(request.findings), [&](const quality::Finding& finding) {
    return finding.path == place.path && finding.lines.first == place.line;
  });
  if (request.findings.empty())
    return base::fail(
        base::ErrorKind::usage,
        fmt::format("nothing was found in {}", base::in_quotes(fmt::format("{}:{}", place.path, place.line.value))),
        "the same command without --fix says what is found, and where");
  OC_TRY(request.file.file, context::load_indexed_file(place.path, invocation.workspace,
                                                       invocation.settings.settings().limits.file_bytes));
  const auto measured = std::ranges::find(measures.files, place.path, &quality::MeasuredFile::path);
  if (measured != measures.files.end()) request.file.functions = measured->functions;
  return request;
}

}  // namespace

base::Result<FixPlace> parse_fix_place(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::int64_t line = 0;
  if (colon != std::string::npos && colon > 0) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, line);
    if (error == std::errc() && stop == end && line > 0) return FixPlace{text.substr(0, colon), base::LineNumber(line)};
  }
  return base::fail(base::ErrorKind::usage, fmt::format("{} is no place of a finding", base::in_quotes(text)),
                    "write it as findings are printed: --fix src/app.py:12");
}

base::Result<int> fix_reviewed_line(Invocation& invocation, const FixPlace& place,
                                    const std::vector<quality::Finding>& findings,
                                    const quality::ProjectMeasures& measures, const EditOptions& options) {
  OC_TRY(tasks::FixFindingRequest request, make_request(invocation, place, findings, measures));
  OC_CHECK(edit::check_may_change(request.file.file.path, guard_options(invocation, options.allow)));
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(tasks::EditTask edit,
         make_edit_task(invocation, fmt::format("review --fix {}:{}", place.path, place.line.value), options));
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::VerifiedEdit made, tasks::fix_finding(session, request, std::move(edit)));
  OC_TRY(const int code, land_edit(invocation, made, options));
  return options.check ? code : view.finish(made.answer);
}

}  // namespace oc::cli
