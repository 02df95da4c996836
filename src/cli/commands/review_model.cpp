// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/review_model.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/answer_view.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

std::vector<tasks::ReviewedFile> load_reviewed_files(const Invocation& invocation, const ReviewScope& scope,
                                                     const quality::ProjectMeasures& measures,
                                                     base::ByteCount file_limit) {
  std::vector<tasks::ReviewedFile> files;
  for (const quality::MeasuredFile& measured : measures.files) {
    if (!scope.has_file(measured.path)) continue;
    auto file = context::load_indexed_file(measured.path, invocation.workspace, file_limit);
    if (!file) continue;  // gone meanwhile
    tasks::ReviewedFile reviewed{std::move(*file), std::nullopt, measured.functions};
    if (scope.changes) {
      const auto changed = std::ranges::find(scope.changes->files, measured.path, &quality::ChangedFile::path);
      if (changed == scope.changes->files.end() || changed->lines.empty()) continue;
      reviewed.changed = changed->lines;
    }
    files.push_back(std::move(reviewed));
  }
  return files;
}

void tell_outcome(Console& console, const tasks::ModelReview& review) {
  const tasks::DroppedObjections& dropped = review.dropped;
  std::vector<std::string> reasons;
  const auto add = [&reasons](int count, std::string_view reason) {
    if (count > 0) reasons.push_back(fmt::format("{} {}", count, reason));
  };
  add(dropped.without_quote, "without a quote of a reviewed line");
  add(dropped.without_failure, "without a failure");
  add(dropped.without_form, "not in the form asked for");
  add(dropped.elsewhere, "about other files");
  add(dropped.too_many, "too many for one question");
  if (!reasons.empty())
    console.note(fmt::format("objections of the model that are left out: {}", fmt::join(reasons, ", ")));
  if (!review.left_out.empty())
    console.note(fmt::format("too much for the model, not looked at by it: {}; name fewer files",
                             fmt::join(review.left_out, ", ")));
  if (review.failure)
    console.note(fmt::format("findings of the model are missing: {}{}{}", review.failure->message,
                             review.failure->hint.empty() ? "" : "; ", review.failure->hint));
}

base::Result<tasks::ModelReview> ask(Invocation& invocation, const std::vector<tasks::ReviewedFile>& files) {
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  auto review = tasks::review_code(session, files);
  invocation.console.status("");
  return review;
}

}  // namespace

base::Result<tasks::ModelReview> review_with_model(Invocation& invocation, const ReviewScope& scope,
                                                   const quality::ProjectMeasures& measures,
                                                   base::ByteCount file_limit) {
  tasks::ModelReview nothing;
  const auto files = load_reviewed_files(invocation, scope, measures, file_limit);
  if (files.empty()) return nothing;
  auto review = ask(invocation, files);
  if (!review && review.error().kind == base::ErrorKind::cancelled) return review;
  if (!review) {
    nothing.failure = review.error();
    review = std::move(nothing);
  }
  tell_outcome(invocation.console, *review);
  return review;
}

std::string model_review_json(const tasks::ModelReview& review) {
  const tasks::DroppedObjections& dropped = review.dropped;
  Json json = {{"questions", review.questions},
               {"dropped",
                {{"without_quote", dropped.without_quote},
                 {"without_failure", dropped.without_failure},
                 {"without_form", dropped.without_form},
                 {"elsewhere", dropped.elsewhere},
                 {"too_many", dropped.too_many}}},
               {"left_out", review.left_out},
               {"usage",
                {{"prompt_tokens", review.usage.prompt.value},
                 {"cached_tokens", review.usage.cached.value},
                 {"completion_tokens", review.usage.completion.value}}}};
  if (review.failure)
    json["error"] = {{"kind", base::to_string(review.failure->kind)},
                     {"message", review.failure->message},
                     {"hint", review.failure->hint}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace oc::cli
