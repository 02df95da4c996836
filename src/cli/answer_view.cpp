// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_view.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "cli/json_output.hpp"
#include "cli/ledger.hpp"

namespace oc::cli {

using protocol::Progress;
using protocol::StopReason;

namespace {

// "prompt 3 120 tokens (2 900 cached) · about 4 s to the first word"
std::string forecast_text(const tasks::Forecast& forecast) {
  std::string text = fmt::format("prompt {} tokens", base::format_count(forecast.prompt.value));
  if (forecast.cached.value > 0) text += fmt::format(" ({} cached)", base::format_count(forecast.cached.value));
  if (forecast.first_token_ms <= 0) return text + " · no time known yet: the first prompts are measured";
  const double seconds = forecast.first_token_ms / 1000;
  return text + (seconds < 1 ? std::string(" · less than a second to the first word")
                             : fmt::format(" · about {:.0f} s to the first word", seconds));
}

}  // namespace

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
  else if (const auto* step = std::get_if<tasks::Step>(&event)) show_step(*step);
  else if (const auto* chosen = std::get_if<tasks::ContextChosen>(&event)) show_context(chosen->selection);
  else if (const auto* forecast = std::get_if<tasks::Forecast>(&event)) show_forecast(*forecast);
  else if (const auto* action = std::get_if<tasks::ActionTaken>(&event)) show_action(*action);
  if (console_.write_failure() != Console::WriteFailure::none) invocation_.cancel.request();
}

// One line a step; where it was refused, that is what matters.
void AnswerView::show_action(const tasks::ActionTaken& action) {
  if (console_.is_quiet()) return;
  console_.status("");
  const std::string line = fmt::format("· {} · {}\n", action.line, action.result.reason);
  console_.err(base::filter_controls(line), action.done ? Style::dim : Style::warning);
  stage_.reset();
}

void AnswerView::show_step(const tasks::Step& step) {
  step_ = fmt::format("part {} of {}: {} · ", step.done + 1, step.total, step.what);
  stage_.reset();
  console_.status(step_);
}

// Who waits wants to know how long; scripts have it in the events.
void AnswerView::show_forecast(const tasks::Forecast& forecast) {
  forecast_ = forecast;
  constexpr double k_worth_a_line_ms = 1000;
  if (invocation_.options.dry_run || !console_.shows_status() || forecast.first_token_ms < k_worth_a_line_ms) return;
  console_.status("");
  console_.err(forecast_text(forecast) + "\n", Style::dim);
}

// In JSON the ledger is there anyway.
void AnswerView::show_context(const context::Selection& ledger) {
  if (!invocation_.options.explain_context || console_.format() != Format::text) return;
  console_.status("");
  console_.err(base::filter_controls(ledger_text(ledger)), Style::dim);
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
    case Progress::Stage::forecast: return;  // an event of its own
    case Progress::Stage::prefill:
      return console_.status(fmt::format("{}reading: {} of {} tokens{}", step_, base::format_count(progress.done),
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

base::Result<int> AnswerView::finish_dry_run() {
  if (!forecast_) return base::fail(base::ErrorKind::cancelled, "stopped");
  if (console_.format() == Format::text) console_.out(forecast_text(*forecast_) + "\n");
  if (console_.format() == Format::json) console_.out(forecast_json(invocation_.command, *forecast_) + "\n");
  return 0;
}

base::Result<int> AnswerView::finish(const tasks::Answer& answer) {
  painter_.finish();
  console_.status("");
  if (invocation_.options.dry_run) return finish_dry_run();
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
  std::string line = answer_json(invocation_.command, answer, total_ms);
  if (!fields_.empty()) line.replace(line.size() - 1, 1, "," + fields_.substr(1));
  if (console_.format() == Format::json) console_.out(line + "\n");
  if (console_.format() == Format::jsonl) {
    console_.out("{\"event\":\"done\"," + line.substr(1) + "\n");
  }
  note_stop(answer);
  return 0;
}

}  // namespace oc::cli
