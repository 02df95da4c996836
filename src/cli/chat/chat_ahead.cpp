// SPDX-License-Identifier: Apache-2.0
// While a message is typed the engine computes what it will begin with: the model is loaded, and instructions, map,
// earlier turns and added files are read, when it is sent.
#include "base/process.hpp"
#include "cli/chat/chat_session.hpp"
#include "cli/work_ahead.hpp"

namespace oc::cli {

std::vector<std::string> ChatSession::words_for_ahead() const {
  std::vector<std::string> words{"chat", "--ahead", "--quiet"};
  if (session_ && !options_.no_save) words.push_back("--resume=" + std::to_string(*session_));
  else words.emplace_back("--no-save");
  if (options_.actions) words.emplace_back(*options_.actions ? "--actions" : "--no-actions");
  return words;
}

void ChatSession::read_ahead() {
  // With a first message comes a map to be made, which takes its time.
  if (model_ && turns() > 0) {
    const auto queued = queue_beginning();
    if (!queued && queued.error().kind == base::ErrorKind::engine)
      model_.reset();  // as after a turn: it is started anew
    return;            // who types is not told more
  }
  if (ahead_ != 0) static_cast<void>(base::is_process_alive(ahead_));  // takes note of its end
  std::vector<base::Path> files;
  for (const Attached& file : attached_) files.push_back(file.path);
  ahead_ = begin_chat_ahead(invocation_, words_for_ahead(), files);
}

base::Result<void> ChatSession::queue_beginning() {
  if (!is_work_ahead_wanted(invocation_)) return {};
  OC_TRY(tasks::ModelSession * model, this->model());
  std::optional<base::FileLock> turn;
  if (options_.ahead) {
    OC_TRY(turn, wait_for_turn(invocation_));
  }
  OC_TRY(Message message, read_message(""));
  OC_TRY(const auto prompt, conversation_.beginning(*model, project(), std::move(message.named)));
  return model->prefill_later(prompt, "chat " + base::to_utf8(invocation_.workspace), power_of_work_ahead(invocation_));
}

}  // namespace oc::cli
