// SPDX-License-Identifier: Apache-2.0
// Shows a task while it runs and its answer at the end, in the run's format.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "cli/console.hpp"
#include "cli/invocation.hpp"
#include "cli/markdown_painter.hpp"
#include "tasks/events.hpp"

namespace oc::cli {

// stream: the answer as it comes. code: only Answer::code, at the end; on a terminal it is streamed as code.
// hidden: nothing of it (it goes to a file).
enum class AnswerShape { stream, code, hidden };

class AnswerView {
 public:
  AnswerView(Invocation& invocation, AnswerShape shape);

  // Give this to the task; a reader that leaves (broken pipe) cancels the run.
  const tasks::EventSink& sink() const { return sink_; }
  // The end: what is still to be shown, notes on how it ended. The exit code, or the error of a cancelled run.
  base::Result<int> finish(const tasks::Answer& answer);
  // Fields of the command's own for the object at the end: a JSON object that is not empty.
  void set_fields(std::string fields) { fields_ = std::move(fields); }

 private:
  void show(const tasks::Event& event);
  void show_progress(const protocol::Progress& progress);
  void show_step(const tasks::Step& step);
  void show_action(const tasks::ActionTaken& action);
  void show_context(const context::Selection& ledger);
  void show_forecast(const tasks::Forecast& forecast);
  void show_piece(const std::string& text);
  base::Result<int> finish_dry_run();
  void note_stop(const tasks::Answer& answer);

  Invocation& invocation_;
  Console& console_;
  AnswerShape shape_;
  MarkdownPainter painter_;
  base::Stopwatch stage_watch_;
  std::int64_t stage_start_ = 0;  // done when this stage's first report came
  std::optional<protocol::Progress::Stage> stage_;
  std::optional<tasks::Forecast> forecast_;
  std::string step_;  // "part 3 of 12: …"; stands before the progress of that part
  std::string fields_;
  bool ends_with_newline_ = true;
  tasks::EventSink sink_;
};

}  // namespace oc::cli
