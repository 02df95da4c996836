// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_review.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/file_split.hpp"
#include "context/line_range.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"

namespace oc::tasks {
namespace {

using base::LineNumber;
using base::LineRange;
using base::TokenCount;
using protocol::Role;

// A larger function is shown by the lines around the change alone.
constexpr std::int64_t k_longest_function = 150;
constexpr std::int64_t k_lines_around = 15;
// Small models overlook more in longer code.
constexpr std::int64_t k_most_prompt_tokens = 6000;
constexpr std::int64_t k_least_prompt_tokens = 64;
constexpr TokenCount k_longest_answer(300);
// Who writes more lines than this goes round in circles.
constexpr std::ptrdiff_t k_most_answer_lines = 12;
// Frames of pieces, joints between texts.
constexpr std::int64_t k_margin_tokens = 64;
constexpr std::size_t k_at_once = protocol::k_most_alternatives;
// Each prompt is asked all questions: a review of a whole project would take hours.
constexpr std::size_t k_most_prompts = 12;

struct Passage {
  context::Piece piece;  // with numbers of lines
  TokenCount tokens;
  std::vector<ReviewedLine> lines;  // that may be objected to
  bool has_marks = false;           // only some of its lines may be
};

bool is_changed(const ReviewedFile& file, LineNumber line) {
  return !file.changed || std::ranges::any_of(*file.changed, [&](const LineRange& range) {
    return range.first <= line && line <= range.last;
  });
}

// The innermost function around a line that is short enough to be shown.
LineRange around(const ReviewedFile& file, LineRange change, std::int64_t last_line) {
  LineRange shown{LineNumber(std::max<std::int64_t>(1, change.first.value - k_lines_around)),
                  LineNumber(std::min(last_line, change.last.value + k_lines_around))};
  std::optional<LineRange> innermost;
  for (const quality::MeasuredFunction& function : file.functions) {
    const LineRange& lines = function.lines;
    const bool holds = lines.first <= change.first && change.last <= lines.last;
    if (!holds || lines.last.value - lines.first.value >= k_longest_function) continue;
    if (!innermost || lines.first > innermost->first) innermost = lines;
  }
  if (!innermost) return shown;
  return {innermost->first, LineNumber(std::min(last_line, innermost->last.value))};
}

Passage make_passage(const ReviewedFile& file, LineRange lines) {
  Passage passage;
  passage.piece.path = file.file.shown_path;
  passage.piece.lines = lines;
  LineNumber number = lines.first;
  const std::string_view text = context::text_of_lines(file.file, lines);
  for (const std::string_view line : base::split_lines(text)) {
    const bool may_object = is_changed(file, number);
    passage.piece.text += fmt::format("{}{}| {}\n", number.value, file.changed && may_object ? "+" : "", line);
    if (may_object) passage.lines.push_back({file.file.shown_path, number, std::string(line)});
    number = LineNumber(number.value + 1);
  }
  passage.has_marks = file.changed.has_value();
  return passage;
}

// "src/a.c lines 1-80 and 2 more"
std::string name_of(const std::vector<Passage>& passages) {
  const context::Piece& first = passages.front().piece;
  const std::string name = fmt::format("{} {}", first.path, context::to_words(first.lines));
  return passages.size() == 1 ? name : fmt::format("{} and {} more", name, passages.size() - 1);
}

std::string symbol_at(const std::vector<ReviewedFile>& files, const quality::Finding& finding) {
  const quality::MeasuredFunction* innermost = nullptr;
  for (const ReviewedFile& file : files) {
    if (file.file.shown_path != finding.path) continue;
    for (const quality::MeasuredFunction& function : file.functions) {
      const bool holds = function.lines.first <= finding.lines.first && finding.lines.last <= function.lines.last;
      if (holds && (innermost == nullptr || function.lines.first > innermost->lines.first)) innermost = &function;
    }
  }
  return innermost == nullptr ? "" : innermost->name;
}

class CodeReview {
 public:
  CodeReview(ModelSession& session, const std::vector<ReviewedFile>& files) : session_(session), files_(files) {}

  base::Result<ModelReview> review() {
    OC_CHECK(find_budget());
    for (const ReviewedFile& file : files_) OC_CHECK(add_passages(file));
    leave_out_what_is_too_much();
    for (std::size_t i = 0; i < prompts_.size() && !review_.failure; ++i) OC_CHECK(ask_all(i));
    for (quality::Finding& finding : review_.findings) finding.symbol = symbol_at(files_, finding);
    return std::move(review_);
  }

 private:
  base::Result<TokenCount> count(std::string_view text) {
    return session_.count(protocol::RawPrompt{std::string(text)});
  }

  // What all questions have in common goes before them, so that it is computed once, too.
  static std::string instructions(bool has_marks) {
    return prompt_text("review", {{"marks", has_marks ? prompt_text("review_new_lines") : ""}}) + "\n\n";
  }
  static std::string question(const ReviewItem& item) {
    return prompt_text("review_question", {{"question", item.question}});
  }

  base::Result<void> find_budget() {
    OC_TRY(const TokenCount fixed, count(system_prompt(session_) + instructions(true) + question(items_.front())));
    const std::int64_t window = session_.loaded().context_tokens;
    const std::int64_t left = window - k_longest_answer.value - fixed.value - 2 * k_margin_tokens;
    budget_ = TokenCount(std::min(k_most_prompt_tokens, left));
    if (budget_.value >= k_least_prompt_tokens) return {};
    return base::fail(
        base::ErrorKind::too_large,
        fmt::format("a context window of {} tokens is too small for a review", base::format_count(window)),
        "allow a larger one with --context, or take --static");
  }

  base::Result<void> add_passages(const ReviewedFile& file) {
    for (const LineRange& range : shown_ranges(file)) {
      Passage passage = make_passage(file, range);
      OC_TRY(passage.tokens, count(framed_piece(passage.piece)));
      if (passage.tokens <= budget_) {
        add(std::move(passage));
      } else {
        OC_CHECK(add_split(file, range));
      }
    }
    return {};
  }

  // Numbers before the lines make them longer than what is split here, by less than half.
  base::Result<void> add_split(const ReviewedFile& file, LineRange range) {
    context::SourceFile part = file.file;
    part.text = context::text_of_lines(file.file, range);
    const context::CountTokens counter = [this](std::string_view text) { return count(text); };
    const auto ranges = context::split_file(part, TokenCount(budget_.value / 2), counter);
    if (!ranges && ranges.error().kind != base::ErrorKind::too_large) return std::unexpected(ranges.error());
    if (!ranges) review_.left_out.push_back(fmt::format("{} {}", part.shown_path, context::to_words(range)));
    if (!ranges) return {};
    for (const LineRange& each : *ranges) {
      const std::int64_t offset = range.first.value - 1;
      Passage passage =
          make_passage(file, {LineNumber(each.first.value + offset), LineNumber(each.last.value + offset)});
      OC_TRY(passage.tokens, count(framed_piece(passage.piece)));
      add(std::move(passage));
    }
    return {};
  }

  // Into the prompt at hand while it has room. What holds nothing to object to is only in the way.
  void add(Passage passage) {
    if (passage.lines.empty()) return;
    const bool fits = !prompts_.empty() && used_ + passage.tokens <= budget_;
    if (!fits) prompts_.emplace_back();
    used_ = (fits ? used_ : TokenCount(0)) + passage.tokens;
    prompts_.back().push_back(std::move(passage));
  }

  void leave_out_what_is_too_much() {
    for (std::size_t i = k_most_prompts; i < prompts_.size(); ++i)
      for (const Passage& passage : prompts_[i])
        review_.left_out.push_back(fmt::format("{} {}", passage.piece.path, context::to_words(passage.piece.lines)));
    prompts_.resize(std::min(prompts_.size(), k_most_prompts));
  }

  // All but the question.
  protocol::ChatPrompt make_prompt(const std::vector<Passage>& passages) const {
    protocol::ChatPrompt prompt;
    prompt.segments.push_back({Role::system, system_prompt(session_)});
    bool has_marks = false;
    for (const Passage& passage : passages) {
      prompt.segments.push_back({Role::user, framed_piece(passage.piece)});
      has_marks = has_marks || passage.has_marks;
    }
    prompt.segments.push_back({Role::user, instructions(has_marks)});
    return prompt;
  }

  ModelSession::Request make_request(const std::vector<Passage>& passages) const {
    ModelSession::Request request;
    request.audience = ModelSession::Audience::task;
    request.prompt = make_prompt(passages);
    request.max_tokens = std::min(k_longest_answer, session_.generation().max_tokens);
    request.wants_more = [](std::string_view so_far) { return std::ranges::count(so_far, '\n') < k_most_answer_lines; };
    return request;
  }

  base::Result<void> ask_all(std::size_t prompt) {
    const std::vector<Passage>& passages = prompts_[prompt];
    session_.tell(Step{static_cast<std::int64_t>(prompt), std::ssize(prompts_), name_of(passages)});
    const ModelSession::Request request = make_request(passages);
    std::vector<ReviewedLine> lines;
    for (const Passage& passage : passages) lines.insert(lines.end(), passage.lines.begin(), passage.lines.end());
    for (std::size_t first = 0; first < items_.size() && !review_.failure; first += k_at_once)
      OC_CHECK(ask(request, std::span(items_).subspan(first, std::min(k_at_once, items_.size() - first)), lines));
    return {};
  }

  base::Result<void> ask(const ModelSession::Request& request, std::span<const ReviewItem> items,
                         const std::vector<ReviewedLine>& lines) {
    std::vector<std::string> questions;
    for (const ReviewItem& item : items) questions.push_back(question(item));
    const auto answers = session_.answer_endings(request, questions);
    if (!answers && answers.error().kind == base::ErrorKind::cancelled) return std::unexpected(answers.error());
    if (!answers) {
      review_.failure = answers.error();
      return {};
    }
    const auto is_cancelled = [](const Answer& answer) { return answer.stop == protocol::StopReason::cancelled; };
    if (std::ranges::any_of(*answers, is_cancelled)) return base::fail(base::ErrorKind::cancelled, "stopped");
    for (std::size_t i = 0; i < items.size(); ++i) take((*answers)[i], items[i], lines);
    return {};
  }

  void take(const Answer& answer, const ReviewItem& item, const std::vector<ReviewedLine>& lines) {
    ReviewAnswer read = read_review_answer(answer.text, item, lines);
    std::ranges::move(read.findings, std::back_inserter(review_.findings));
    review_.dropped.add(read.dropped);
    review_.usage.prompt += answer.usage.prompt;
    review_.usage.cached += answer.usage.cached;
    review_.usage.completion += answer.usage.completion;
    ++review_.questions;
  }

  ModelSession& session_;
  const std::vector<ReviewedFile>& files_;
  const std::vector<ReviewItem> items_ = review_items();
  TokenCount budget_, used_;
  std::vector<std::vector<Passage>> prompts_;
  ModelReview review_;
};

}  // namespace

std::vector<LineRange> shown_ranges(const ReviewedFile& file) {
  const std::int64_t last_line = context::count_lines(file.file.text);
  if (last_line == 0) return {};
  if (!file.changed) return {{LineNumber(1), LineNumber(last_line)}};
  std::vector<LineRange> shown;
  for (const LineRange& change : *file.changed)
    if (change.first.value >= 1 && change.first.value <= last_line) shown.push_back(around(file, change, last_line));
  std::ranges::sort(shown, {}, [](const LineRange& range) { return range.first; });
  std::vector<LineRange> apart;
  for (const LineRange& range : shown) {
    if (apart.empty() || range.first.value > apart.back().last.value + 1) apart.push_back(range);
    else apart.back().last = std::max(apart.back().last, range.last);
  }
  return apart;
}

base::Result<ModelReview> review_code(ModelSession& session, const std::vector<ReviewedFile>& files) {
  return CodeReview(session, files).review();
}

}  // namespace oc::tasks
