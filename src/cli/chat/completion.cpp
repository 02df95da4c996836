// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/completion.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "cli/chat/chat_commands.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "context/source_file.hpp"

namespace oc::cli {
namespace {

constexpr std::size_t k_most_entries = 5000;  // of a folder, that are looked at

// Names with blanks cannot be named in a message.
bool can_be_named(const std::string& name) {
  return name.find_first_of(" \t\n") == std::string::npos && base::in_quotes(name) == "'" + name + "'";
}

std::vector<std::string> files_like(const Invocation& invocation, const std::string& typed) {
  const std::size_t slash = typed.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : typed.substr(0, slash + 1);
  const std::string begin = typed.substr(folder.size());
  std::vector<std::string> names;
  std::error_code code;
  std::filesystem::directory_iterator entries(absolute_path(invocation, folder.empty() ? "." : folder), code);
  for (std::size_t i = 0; i < k_most_entries && !code && entries != std::filesystem::directory_iterator(); ++i) {
    const std::string name = base::to_utf8(entries->path().filename());
    const bool is_hidden = name.starts_with('.') && !begin.starts_with('.');
    if (name.starts_with(begin) && !is_hidden && can_be_named(name) && !context::is_secret_file_name(name)) {
      std::error_code unknown;
      names.push_back(folder + name + (entries->is_directory(unknown) ? "/" : ""));
    }
    entries.increment(code);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Completion complete_message(ChatSession& chat, std::string_view text) {
  const std::size_t blank = text.find_last_of(" \t\n");
  Completion completion{blank == std::string_view::npos ? 0 : blank + 1, {}};
  const std::string word(text.substr(completion.begin));
  if (completion.begin == 0 && word.starts_with('/')) {
    for (const ChatCommand& command : chat_commands())
      if (command.name.starts_with(word)) completion.candidates.push_back(std::string(command.name));
  } else if (word.starts_with('@')) {
    for (const std::string& name : files_like(chat.invocation(), word.substr(1)))
      completion.candidates.push_back("@" + name);
  } else if (text.starts_with("/add ") || text.starts_with("/drop ") || text.starts_with("/review ")) {
    completion.candidates = files_like(chat.invocation(), word);
  }
  if (completion.candidates.size() == 1 && !completion.candidates.front().ends_with('/'))
    completion.candidates.front() += ' ';
  return completion;
}

}  // namespace oc::cli
