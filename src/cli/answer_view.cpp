// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_view.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/json_output.hpp"

namespace oc::cli {

using protocol::Progress;
using protocol::StopReason;

AnswerView::AnswerView(Invocation& invocation, AnswerShape shape)
    : invocation_(invocation),
      console_(invocation.console),
      shape_(shape),
      painter_([this](std::string_view text, Style style) { console_.out(text, style); },
               shape == AnswerShape::code ? MarkdownPainter::Start::code : MarkdownPainter::Start::text),
      sink_([this](const tasks::Event& event) { show(event); }) {}

void AnswerView::show(const tasks::Event& event) {
  if (console_.format() == Format::jsonl) {
    console_.out(event_json(invocation_.command, event) + "\n");
    console_.flush();
  }
  if (const auto* progress = std::get_if<Progress>(&event)) show_progress(*progress);
  else if (const auto* note = std::get_if<tasks::Note>(&event)) console_.note(note->text);
  else if (const auto* piece = std::get_if<tasks::AnswerPiece>(&event)) show_piece(piece->text);
  if (console_.write_failure() != Console::WriteFailure::none) invocation_.cancel.request();
}

void AnswerView::show_progress(const Progress& progress) {
  if (stage_ != progress.stage) {
    stage_ = progress.stage;
    stage_watch_ = base::Stopwatch();
    stage_start_ = progress.done;
  }
  const double elapsed_s = stage_watch_.elapsed_ms() / 1000;
  const auto done = static_cast<double>(progress.done - stage_start_);
  std::string left;
  if (done > 0 && elapsed_s > 0.5)
    left = fmt::format(" · about {:.0f} s left",
                       std::ceil(elapsed_s * static_cast<double>(progress.total - progress.done) / done));
  switch (progress.stage) {
    case Progress::Stage::queued:
      return console_.status(
          fmt::format("waiting: {} {} ahead", progress.done, progress.done == 1 ? "request" : "requests"));
    case Progress::Stage::loading:
      return console_.status(fmt::format("loading the model: {} %{}", progress.done / 10, left));
    case Progress::Stage::prefill:
      return console_.status(fmt::format("reading: {} of {} tokens{}", base::format_count(progress.done),
                                         base::format_count(progress.total), left));
  }
}

void AnswerView::show_piece(const std::string& text) {
  if (console_.format() != Format::text || shape_ == AnswerShape::hidden) return;
  if (shape_ == AnswerShape::code && !console_.shows_text_live()) return;
  if (console_.shows_text_live()) painter_.add(text);
  else console_.out(text);
  ends_with_newline_ = text.ends_with('\n');
  console_.flush();
}

void AnswerView::note_stop(const tasks::Answer& answer) {
  if (answer.stop == StopReason::max_tokens)
    console_.note(fmt::format("the answer was cut after {} {}; --max-tokens allows more",
                              base::format_count(answer.usage.completion.value),
                              answer.usage.completion.value == 1 ? "token" : "tokens"));
  if (answer.stop == StopReason::context_full)
    console_.note(fmt::format("the answer was cut: the context window of {} tokens is full",
                              base::format_count(answer.context_tokens)));
  if (console_.is_verbose())
    console_.note(fmt::format("{} · prompt {} tokens ({} cached) in {:.1f} s · answer {} tokens in {:.1f} s",
                              answer.model.name, answer.usage.prompt.value, answer.usage.cached.value,
                              answer.timing.prefill_ms / 1000, answer.usage.completion.value,
                              answer.timing.generate_ms / 1000));
}

base::Result<int> AnswerView::finish(const tasks::Answer& answer) {
  painter_.finish();
  console_.status("");
  if (console_.format() == Format::text && shape_ == AnswerShape::code && !console_.shows_text_live()) {
    console_.out(answer.code);
    ends_with_newline_ = true;
  }
  const bool terminal_line_open = console_.shows_text_live() || shape_ == AnswerShape::stream;
  if (console_.format() == Format::text && !ends_with_newline_ && terminal_line_open) console_.out("\n");
  if (answer.stop == StopReason::cancelled) {
    console_.flush();
    return base::fail(base::ErrorKind::cancelled, "stopped");
  }
  const double total_ms = invocation_.watch.elapsed_ms();
  if (console_.format() == Format::json) console_.out(answer_json(invocation_.command, answer, total_ms) + "\n");
  if (console_.format() == Format::jsonl) {
    std::string line = answer_json(invocation_.command, answer, total_ms);
    console_.out("{\"event\":\"done\"," + line.substr(1) + "\n");
  }
  note_stop(answer);
  return 0;
}

}  // namespace oc::cli
