// SPDX-License-Identifier: Apache-2.0
// What goes with a message: added files, files and symbols it mentions, what commands printed.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/chat/chat_session.hpp"
#include "cli/chat/mentions.hpp"
#include "cli/chat/stored_turns.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "tasks/symbol_lookup.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {

base::Result<void> ChatSession::add_files(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  OC_TRY(const auto parts, load_files_and_folders(invocation_, names, ""));
  for (const tasks::FilePart& part : parts)
    if (std::ranges::find(attached_, part.file.path, &Attached::path) == attached_.end())
      attached_.push_back({part.file.path, part.file.shown_path});
  return {};
}

base::Result<void> ChatSession::drop_file(const std::string& name) {
  const base::Path path = absolute_path(invocation_, name);
  const std::string shown = context::shown_path_of(path, invocation_.workspace);
  const std::size_t added = std::erase_if(attached_, [&](const Attached& file) { return file.path == path; });
  const std::size_t dropped = conversation_.drop(shown);
  if (added + dropped == 0)
    return base::fail(base::ErrorKind::usage, fmt::format("{} is not in the conversation", base::in_quotes(shown)),
                      "/context shows what is");
  if (session_) OC_CHECK(store_.drop_path(*session_, shown));
  invocation_.console.note(fmt::format("dropped {}", shown));
  return {};
}

void ChatSession::tell_model(const std::string& text, const std::string& reason) {
  for_next_turn_.push_back({"", {}, text, reason, context::Need::required, context::Form::text});
}

// Those that changed since they were shown go again; one that is gone is no error.
base::Result<void> ChatSession::read_attached(Message& message) {
  for (auto file = attached_.begin(); file != attached_.end();) {
    auto loaded =
        context::load_source_file(file->path, invocation_.workspace, invocation_.settings.settings().limits.file_bytes);
    if (!loaded) {
      invocation_.console.note(
          fmt::format("{} goes with no message any more: {}", file->shown, loaded.error().message));
      file = attached_.erase(file);
      continue;
    }
    message.parts.push_back({std::move(*loaded), std::nullopt});
    context::Piece piece = tasks::make_pieces({message.parts.back()}).front();
    piece.reason = k_added;
    if (!conversation_.shows(piece)) message.named.push_back(std::move(piece));
    ++file;
  }
  return {};
}

base::Result<void> ChatSession::read_mentions(const std::string& question, Message& message) {
  for (const std::string& name : find_mentions(question)) {
    const bool is_path = is_existing_path(invocation_, name);
    if (!is_path && (!project_ || !looks_like_symbol(name))) continue;
    auto parts =
        is_path ? load_files_and_folders(invocation_, {name}, "") : tasks::find_symbol_in_project(*project_, name);
    if (!parts) {
      if (parts.error().kind == base::ErrorKind::cancelled) return std::unexpected(parts.error());
      invocation_.console.note(fmt::format("@{}: {}", name, parts.error().message));
      continue;
    }
    for (tasks::FilePart& part : *parts) {
      context::Piece piece = tasks::make_pieces({part}).front();
      piece.reason = "mentioned by you";
      message.parts.push_back(std::move(part));
      if (!conversation_.shows(piece) && std::ranges::find(message.named, piece) == message.named.end())
        message.named.push_back(std::move(piece));
    }
  }
  return {};
}

base::Result<ChatSession::Message> ChatSession::read_message(const std::string& question) {
  Message message;
  OC_CHECK(read_attached(message));
  OC_CHECK(read_mentions(question, message));
  for (const context::Piece& piece : for_next_turn_) message.named.push_back(piece);
  return message;
}

}  // namespace oc::cli
