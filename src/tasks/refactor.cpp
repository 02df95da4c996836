// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/source_file.hpp"
#include "edit/unified_diff.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/refactor_progress.hpp"
#include "tasks/symbol_lookup.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

using base::Result;

constexpr std::size_t k_most_steps = 40;
constexpr std::int64_t k_small_file_lines = 150;  // asked for at once, without a plan

// "src/a.cpp: Parser::next" out of "- `src/a.cpp`: `Parser::next`".
std::optional<RefactorStep> parse_step(std::string_view line) {
  constexpr std::string_view k_marks = "-*` \t0123456789.)";
  std::string text(line);
  std::erase(text, '`');
  std::erase(text, '*');
  const std::string_view trimmed = base::trim(text);
  const std::size_t colon = trimmed.find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view path = trimmed.substr(0, colon);
  const std::size_t begin = path.find_first_not_of(k_marks.substr(0, 4));
  if (begin == std::string_view::npos) return std::nullopt;
  path = path.substr(begin);
  const std::size_t number = path.find_first_not_of("0123456789");
  if (number != std::string_view::npos && path.substr(number).starts_with(". "))
    path = base::trim(path.substr(number + 2));
  std::string_view name = base::trim(trimmed.substr(colon + 2));
  name = name.substr(0, name.find_first_of(" (,"));
  if (path.empty() || name.empty()) return std::nullopt;
  return RefactorStep{std::string(path), std::string(name)};
}

class Refactoring {
 public:
  Refactoring(ModelSession& session, const RefactorRequest& request, EditTask edit)
      : session_(session), request_(request), edit_(std::move(edit)) {}

  Result<VerifiedEdit> run() {
    if (auto found = load_progress(request_.progress_file, request_.request)) {
      progress_ = std::move(*found);
      session_.tell(Note{fmt::format("going on with the refactoring that was interrupted: {} of {} steps are done",
                                     progress_.done, progress_.steps.size())});
    } else {
      progress_.request = request_.request;
      OC_TRY(progress_.steps, make_plan());
    }
    VerifiedEdit made;
    made.change.title = edit_.title;
    std::string faults;
    while (progress_.done < progress_.steps.size()) {
      const RefactorStep& step = progress_.steps[progress_.done];
      session_.tell(Step{static_cast<std::int64_t>(progress_.done), static_cast<std::int64_t>(progress_.steps.size()),
                         name_of(step)});
      OC_TRY(made, do_step(step));
      if (made.answer.stop == protocol::StopReason::cancelled) return made;
      if (made.passed()) progress_.files = made.change.files;
      else if (!made.is_final) faults += fmt::format("{}: {}", name_of(step), made.fault);
      ++progress_.done;
      save_progress(request_.progress_file, progress_);
    }
    made.change = {edit_.title, progress_.files};
    made.fault = faults;
    if (made.change.files.empty() && made.fault.empty()) made.fault = "the model changed nothing";
    if (made.passed()) {
      OC_TRY(made, finish(std::move(made)));
    }
    if (made.answer.stop != protocol::StopReason::cancelled) forget_progress(request_.progress_file);
    return made;
  }

 private:
  static std::string name_of(const RefactorStep& step) {
    return step.symbol.empty() ? step.path : fmt::format("{} in {}", step.symbol, step.path);
  }

  Result<std::vector<RefactorStep>> make_plan() {
    if (request_.files.size() == 1 && context::count_lines(request_.files.front().file.text) <= k_small_file_lines)
      return std::vector{RefactorStep{request_.files.front().file.shown_path, ""}};
    ChatTask task;
    task.pieces = make_pieces(request_.files);
    task.question = prompt_text("refactor_plan", {{"request", request_.request}});
    task.project = request_.project;
    task.about = make_piece_request(request_.project, request_.files, request_.request);
    OC_TRY(const Answer answer, ask(session_, task));
    if (answer.stop == protocol::StopReason::cancelled) return base::fail(base::ErrorKind::cancelled, "stopped");
    std::vector<RefactorStep> steps;
    for (const std::string_view line : base::split_lines(answer.text)) {
      auto step = parse_step(line);
      if (!step || std::ranges::find(steps, *step) != steps.end()) continue;
      // What the model names has to exist: names that do not are told and left out.
      if (auto part = find_part(*step); !part) session_.tell(Note{fmt::format("left out: {}", part.error().message)});
      else steps.push_back(std::move(*step));
      if (steps.size() == k_most_steps) break;
    }
    if (steps.empty())
      return base::fail(base::ErrorKind::negative, "the model named no place that exists",
                        "name the files that the refactoring is about");
    return steps;
  }

  // The file as the steps before will leave it, and the lines of the symbol in it.
  Result<FilePart> find_part(const RefactorStep& step) const {
    OC_TRY(context::SourceFile file, context::load_indexed_file(step.path, request_.workspace, request_.file_limit));
    const auto earlier = std::ranges::find(progress_.files, file.path, &edit::FileChange::path);
    if (earlier != progress_.files.end() && earlier->after) {
      file.bytes = *earlier->after;
      std::string_view text = file.bytes;
      if (text.starts_with(base::k_byte_order_mark)) text.remove_prefix(base::k_byte_order_mark.size());
      file.text = base::replace_invalid_utf8(base::to_lf(text));
    }
    if (step.symbol.empty()) return FilePart{std::move(file), std::nullopt};
    OC_TRY(auto parts, find_symbol_in_file(file, step.symbol));
    if (parts.size() > 1)
      return base::fail(base::ErrorKind::negative,
                        fmt::format("{} stands in {} places of {}", base::in_quotes(step.symbol), parts.size(),
                                    base::in_quotes(step.path)));
    return std::move(parts.front());
  }

  // The checks come at the end: between two steps a project need not work.
  EditTask without_checks() const {
    EditTask task = edit_;
    task.gate.checks.commands.clear();
    task.placement.so_far = progress_.files;
    return task;
  }

  Result<VerifiedEdit> do_step(const RefactorStep& step) {
    const auto part = find_part(step);
    if (!part) {
      VerifiedEdit lost;
      lost.fault = part.error().message + "\n";
      return lost;
    }
    EditTask task = without_checks();
    task.chat.pieces = make_pieces({*part});
    task.chat.question =
        step.symbol.empty()
            ? prompt_text("refactor_file", {{"request", request_.request}, {"path", step.path}})
            : prompt_text("refactor_step", {{"request", request_.request}, {"path", step.path}, {"name", step.symbol}});
    task.chat.project = request_.project;
    task.chat.about = make_piece_request(request_.project, {*part}, request_.request);
    task.placement.file = part->file.path;
    task.placement.symbol = step.symbol;
    return make_verified_edit(session_, task);
  }

  // All of it together through the gate; what fails goes back to the model with the whole change before its eyes.
  Result<VerifiedEdit> finish(VerifiedEdit made) {
    OC_TRY(GateVerdict verdict, pass_gate(made.change, edit_.gate, session_.cancel()));
    made.fault = std::move(verdict.fault);
    if (made.passed()) return made;
    EditTask task = edit_;
    task.placement.so_far = progress_.files;
    std::string diff;
    for (const edit::FileChange& file : progress_.files) {
      diff += edit::unified_diff(file.before.value_or(""), file.after.value_or(""), file.shown);
      OC_TRY(auto part, find_part({file.shown, ""}));
      task.chat.pieces.push_back(make_pieces({part}).front());
    }
    task.chat.question =
        prompt_text("refactor_repair",
                    {{"request", request_.request},
                     {"diff", std::string(base::trim_end(fenced(base::replace_invalid_utf8(diff), "diff")))},
                     {"fault", std::string(base::trim_end(fenced(made.fault, "text")))}}) +
        prompt_text("edit_form");
    task.chat.project = request_.project;
    task.repair_rounds = k_repair_rounds - 1;
    session_.tell(Step{1, k_repair_rounds, "repairing what the checks found"});
    OC_TRY(VerifiedEdit repaired, make_verified_edit(session_, task));
    if (repaired.change.files.empty()) repaired.change.files = progress_.files;
    return repaired;
  }

  ModelSession& session_;
  const RefactorRequest& request_;
  EditTask edit_;
  RefactorProgress progress_;
};

}  // namespace

Result<VerifiedEdit> refactor(ModelSession& session, const RefactorRequest& request, EditTask edit) {
  if (base::is_blank(request.request))
    return base::fail(base::ErrorKind::usage, "nothing was said that should be done",
                      "'offline-coder refactor \"split parse into two functions\" src/parse.cpp'");
  return Refactoring(session, request, std::move(edit)).run();
}

}  // namespace oc::tasks
