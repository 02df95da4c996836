// SPDX-License-Identifier: Apache-2.0
#include "tasks/verified_edit.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "tasks/prompt_texts.hpp"

namespace oc::tasks {
namespace {

using base::Result;

constexpr int k_continuations = 2;  // of an answer that is longer than --max-tokens

bool is_whole(const Answer& answer) {
  return answer.stop == protocol::StopReason::end || answer.stop == protocol::StopReason::stop_text;
}

constexpr std::size_t k_fence = 3;  // backticks of a usual one

// A model may end a block that began with four backticks with three: the last fence is that end if it has no partner.
std::string_view without_short_end(std::string_view text) {
  std::size_t fences = 0, last = 0;
  for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1)
    if (base::trim(text.substr(at, text.find('\n', at) - at)).starts_with("```")) {
      ++fences;
      last = at;
    }
  const bool is_open = fences % 2 == 1 && base::trim(text.substr(last)) == "```";
  return is_open ? base::trim_end(text.substr(0, last)) : text;
}

// One block for a file, made of what the answer has of code.
edit::AnswerEdits as_one_code(const std::string& text) {
  edit::ProposedEdit code;
  code.code = base::to_lf(edit::code_only(text));
  if (base::is_blank(code.code)) return {};
  return {{std::move(code)}, {}};
}

void add_up(Answer& total, const Answer& one) {
  const protocol::Usage usage = total.usage;
  const protocol::Timing timing = total.timing;
  total = one;
  total.usage.prompt += usage.prompt;
  total.usage.cached += usage.cached;
  total.usage.completion += usage.completion;
  total.timing.prefill_ms += timing.prefill_ms;
  total.timing.generate_ms += timing.generate_ms;
}

class EditMaker {
 public:
  EditMaker(ModelSession& session, const EditTask& task) : session_(session), task_(task), chat_(task.chat) {}

  Result<VerifiedEdit> make() {
    OC_TRY(std::vector<Answer> answers, first_answers());
    VerifiedEdit best;
    for (Answer& answer : answers) {
      add_up(total_, answer);
      OC_CHECK(go_on(answer));
      OC_TRY(VerifiedEdit tried, try_answer(answer));
      if (&answer == &answers.front() || tried.passed()) best = std::move(tried);
      if (best.passed() || session_.cancel().is_requested()) break;
    }
    for (int round = 1; !best.passed() && round <= task_.repair_rounds && is_worth_repairing(best); ++round) {
      session_.tell(Step{round, task_.repair_rounds, "repairing: " + first_line(best.fault)});
      chat_.exchanges.push_back({whole_text(best.answer), repair_question(best)});
      OC_TRY(Answer answer, ask(session_, chat_));
      add_up(total_, answer);
      OC_CHECK(go_on(answer));
      OC_TRY(best, try_answer(answer));
      best.rounds = round;
    }
    total_.text = std::move(best.answer.text);
    total_.code = std::move(best.answer.code);
    best.answer = std::move(total_);
    return best;
  }

 private:
  Result<std::vector<Answer>> first_answers() {
    if (task_.attempts > 1) return ask_alternatives(session_, chat_, task_.attempts);
    OC_TRY(Answer answer, ask(session_, chat_));
    return std::vector{std::move(answer)};
  }

  // An answer that the limit of tokens cut is continued, not applied: what is there is put into the model's mouth.
  Result<void> go_on(Answer& answer) {
    for (int times = 0; times < k_continuations && answer.stop == protocol::StopReason::max_tokens; ++times) {
      ChatTask more = chat_;
      more.answer_start += answer.text;
      OC_TRY(Answer rest, ask(session_, more));
      add_up(total_, rest);
      rest.text = answer.text + rest.text;
      answer = std::move(rest);
    }
    return {};
  }

  // As the model wrote it: with the text that ended it, which is its last line.
  std::string whole_text(const Answer& answer) const {
    const bool is_ended = answer.stop == protocol::StopReason::stop_text && chat_.stop.size() == 1;
    return answer.text + (is_ended ? chat_.stop.front() : "");
  }

  // An answer that was cancelled is nobody's fault.
  bool is_worth_repairing(const VerifiedEdit& tried) const {
    return !tried.is_final && tried.answer.stop != protocol::StopReason::cancelled && !session_.cancel().is_requested();
  }

  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  edit::AnswerEdits read(const Answer& answer) const {
    const std::string text = with_answer_start(answer.text, chat_.answer_start);
    return task_.form == AnswerForm::one_code ? as_one_code(text) : edit::parse_answer(text);
  }

  Result<VerifiedEdit> try_answer(const Answer& answer) {
    VerifiedEdit tried;
    if (!is_whole(answer)) {
      tried.answer = answer;
      tried.is_final = true;
      tried.fault =
          answer.stop == protocol::StopReason::cancelled
              ? "stopped"
              : fmt::format("the answer was cut after {} tokens: allow more with --max-tokens, or ask for less",
                            total_.usage.completion.value);
      return tried;
    }
    OC_TRY(tried, place_answer(read(answer), task_));
    tried.answer = answer;
    tried.answer.code = edit::code_only(with_answer_start(answer.text, chat_.answer_start));
    if (!tried.passed()) return tried;
    OC_TRY(GateVerdict verdict, pass_gate(tried.change, task_.gate, session_.cancel()));
    tried.fault = std::move(verdict.fault);
    tried.failed_checks = !tried.passed() && verdict.stage == GateVerdict::Stage::checks;
    return tried;
  }

  ModelSession& session_;
  const EditTask& task_;
  ChatTask chat_;  // with what was said since
  Answer total_;
};

bool is_as_seen(const edit::FileChange& file, const EditTask& task) {
  const auto& so_far = task.placement.so_far;
  if (std::ranges::find(so_far, file.path, &edit::FileChange::path) != so_far.end()) return true;
  return std::ranges::none_of(
      task.seen, [&](const SeenFile& seen) { return seen.path == file.path && seen.bytes != file.before; });
}

// The earlier changes with the later ones on top.
std::vector<edit::FileChange> merged(std::vector<edit::FileChange> files, const std::vector<edit::FileChange>& later) {
  for (const edit::FileChange& file : later) {
    const auto earlier = std::ranges::find(files, file.path, &edit::FileChange::path);
    if (earlier == files.end()) files.push_back(file);
    else earlier->after = file.after;
  }
  std::erase_if(files, [](const edit::FileChange& file) { return file.before == file.after; });
  return files;
}

}  // namespace

std::string with_answer_start(std::string_view answer, std::string_view answer_start) {
  if (answer_start.empty()) return std::string(answer);
  const std::size_t ticks = std::min(answer_start.find_first_not_of('`'), answer_start.size());
  if (ticks < k_fence) return std::string(answer_start) + std::string(answer);
  const std::string_view body = ticks > k_fence ? without_short_end(answer) : answer;
  return fmt::format("{}{}\n{}\n", answer_start, body, std::string(ticks, '`'));
}

std::string repair_question(const VerifiedEdit& tried) {
  return prompt_text(tried.change.files.empty() ? "repair_place" : "repair_change",
                     {{"fault", std::string(base::trim_end(tried.fault))}});
}

Result<VerifiedEdit> place_answer(const edit::AnswerEdits& edits, const EditTask& task) {
  VerifiedEdit placed;
  placed.change.title = task.title;
  OC_TRY(edit::Placement placement, edit::place_edits(edits, task.placement));
  if (task.gate.tell)
    for (const std::string& note : placement.notes) task.gate.tell(note);
  for (const edit::FileRefusal& refusal : placement.refusals)
    placed.fault +=
        refusal.file.empty() ? refusal.reason + "\n" : fmt::format("{}: {}\n", refusal.file, refusal.reason);
  if (edits.edits.empty() && edits.refusals.empty()) placed.fault = "the answer holds no code and no edit\n";
  // All of an answer or nothing of it: half a change is none.
  if (!placed.passed()) return placed;
  for (const edit::FileChange& file : placement.files) {
    OC_CHECK(edit::check_may_change(file.path, task.guard));
    if (is_as_seen(file, task)) continue;
    placed.fault += fmt::format("{}: it was changed meanwhile\n", file.shown);
    placed.fault_kind = base::ErrorKind::conflict;
    placed.is_final = true;
  }
  placed.change.files = merged(task.placement.so_far, placement.files);
  if (placement.files.empty()) {
    placed.fault = "the answer changes nothing\n";
    placed.is_final = true;
  }
  return placed;
}

Result<VerifiedEdit> make_verified_edit(ModelSession& session, const EditTask& task) {
  return EditMaker(session, task).make();
}

}  // namespace oc::tasks
