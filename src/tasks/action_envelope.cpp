// SPDX-License-Identifier: Apache-2.0
#include "tasks/action_envelope.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "base/text.hpp"
#include "tasks/tool_call.hpp"

namespace oc::tasks {
namespace {

struct Verb {
  std::string_view word;
  ActionKind kind;
};
constexpr std::array k_verbs{Verb{"answer", ActionKind::answer}, Verb{"read", ActionKind::read},
                             Verb{"search", ActionKind::search}, Verb{"symbol", ActionKind::symbol},
                             Verb{"edit", ActionKind::edit},     Verb{"run", ActionKind::run}};
// Names that models know from other programs.
constexpr std::array k_other_names{Verb{"read_file", ActionKind::read},
                                   Verb{"open", ActionKind::read},
                                   Verb{"open_file", ActionKind::read},
                                   Verb{"view", ActionKind::read},
                                   Verb{"cat", ActionKind::read},
                                   Verb{"grep", ActionKind::search},
                                   Verb{"find", ActionKind::search},
                                   Verb{"search_files", ActionKind::search},
                                   Verb{"search_code", ActionKind::search},
                                   Verb{"find_symbol", ActionKind::symbol},
                                   Verb{"get_symbol", ActionKind::symbol},
                                   Verb{"write", ActionKind::edit},
                                   Verb{"write_file", ActionKind::edit},
                                   Verb{"edit_file", ActionKind::edit},
                                   Verb{"shell", ActionKind::run},
                                   Verb{"bash", ActionKind::run},
                                   Verb{"execute", ActionKind::run},
                                   Verb{"run_command", ActionKind::run},
                                   Verb{"execute_command", ActionKind::run},
                                   Verb{"respond", ActionKind::answer},
                                   Verb{"final_answer", ActionKind::answer},
                                   Verb{"reply", ActionKind::answer}};

ActionKind kind_of(std::string_view name) {
  const auto is_it = [&](const Verb& verb) { return verb.word == name; };
  if (const auto found = std::ranges::find_if(k_verbs, is_it); found != k_verbs.end()) return found->kind;
  const auto found = std::ranges::find_if(k_other_names, is_it);
  return found != k_other_names.end() ? found->kind : ActionKind::other;
}

std::string_view word_of(ActionKind kind) {
  const auto found = std::ranges::find(k_verbs, kind, &Verb::kind);
  return found == k_verbs.end() ? "" : found->word;
}

// The first line, and what is behind it.
std::pair<std::string_view, std::string_view> split_first_line(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), text.substr(end + 1)};
}

bool has_body(ActionKind kind) { return kind == ActionKind::answer || kind == ActionKind::edit; }

// A sentence may begin with such a word, too: "read the file first".
bool may_be_target(ActionKind kind, std::string_view target) {
  const bool has_blank = target.find_first_of(" \t") != std::string_view::npos;
  if (kind == ActionKind::answer) return target.empty();
  if (kind == ActionKind::search || kind == ActionKind::run) return !target.empty();
  return !target.empty() && !has_blank;
}

std::optional<Action> parse_line_form(std::string_view answer) {
  while (!answer.empty() && base::is_blank(split_first_line(answer).first)) answer = split_first_line(answer).second;
  const auto [first, rest] = split_first_line(answer);
  std::string_view line = base::trim(first);
  while (line.size() > 1 && line.front() == '`' && line.back() == '`') line = line.substr(1, line.size() - 2);
  const std::size_t end = std::min(line.find_first_of(" \t:"), line.size());
  const ActionKind kind = kind_of(line.substr(0, end));
  if (word_of(kind) != line.substr(0, end) || line.empty()) return std::nullopt;
  std::string_view target = line.substr(end);
  if (target.starts_with(':')) target.remove_prefix(1);
  target = base::trim(target);
  if (!may_be_target(kind, target)) return std::nullopt;
  if (!has_body(kind) && !base::is_blank(rest)) return std::nullopt;
  return Action{kind, std::string(target), has_body(kind) ? std::string(rest) : ""};
}

std::string one_line(std::string_view text) {
  text = base::trim(text);
  return std::string(base::trim(text.substr(0, text.find('\n'))));
}

std::string with_lines(std::string path, const ToolCall& call) {
  const std::string first = call.value({"start_line", "first_line", "start", "line", "from"});
  const std::string last = call.value({"end_line", "last_line", "end", "to"});
  if (first.empty() || path.find(':') != std::string::npos) return path;
  return path + ":" + first + (last.empty() ? "" : "-" + last);
}

Action action_of(const ToolCall& call) {
  Action action;
  action.kind = kind_of(call.name);
  switch (action.kind) {
    case ActionKind::answer: action.body = call.value({"answer", "text", "content", "message"}); break;
    case ActionKind::read:
      action.target = with_lines(one_line(call.value({"path", "file", "filename", "file_path", "target"})), call);
      break;
    case ActionKind::search:
      action.target = one_line(call.value({"words", "query", "pattern", "text", "regex", "target"}));
      break;
    case ActionKind::symbol: action.target = one_line(call.value({"name", "symbol", "query", "target"})); break;
    case ActionKind::edit:
      action.target = one_line(call.value({"path", "file", "filename", "file_path", "target"}));
      action.body = call.value({"content", "code", "text", "new_text", "new_content"});
      if (!action.body.empty() && action.body.find("```") == std::string::npos)
        action.body = "```\n" + action.body + (action.body.ends_with('\n') ? "```\n" : "\n```\n");
      break;
    case ActionKind::run: action.target = one_line(call.value({"command", "cmd", "line", "target"})); break;
    case ActionKind::other: action.target = one_line(call.name); break;
  }
  return action;
}

std::string_view without_blanks_before(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

bool may_become_tool_call(std::string_view words) {
  words = without_blanks_before(words);
  for (const std::string_view start : {"{", "<tool_call>", "<function=", "```json", "```tool", "```\n{"}) {
    const std::size_t size = std::min(start.size(), words.size());
    if (words.substr(0, size) == start.substr(0, size)) return true;
  }
  return false;
}

// Up to a line that is the tag of a call, or may become one.
std::string_view before_tag(std::string_view words) {
  for (const std::string_view tag : {"<tool_call>", "<function="}) {
    for (std::size_t at = words.find('<'); at != std::string_view::npos; at = words.find('<', at + 1)) {
      const std::string_view rest = words.substr(at, tag.size());
      const bool is_tag = rest == tag || (rest.size() < tag.size() && tag.starts_with(rest));
      if (is_tag && at > 0 && words[at - 1] == '\n') return words.substr(0, at);
    }
  }
  return words;
}

}  // namespace

std::string action_grammar(Allowed allowed) {
  const std::string answer = "answer ::= \"answer\\n\" any\nany ::= [^\\x00]*\n";
  if (allowed == Allowed::answer_alone) return "root ::= answer\n" + answer;
  return "root ::= answer | read | search | symbol | edit | run\n" + answer +
         R"(read ::= "read " path (":" [0-9]+ ("-" [0-9]+)?)? "\n"
search ::= "search " line "\n"
symbol ::= "symbol " [^ \t\r\n`]+ "\n"
edit ::= "edit " path "\n" any
run ::= "run " line "\n"
path ::= [^ \t\r\n:`"']+
line ::= [^ \t\r\n] [^\r\n]*
)";
}

std::string action_line(const Action& action) {
  std::string line(word_of(action.kind));
  if (!action.target.empty()) line += (line.empty() ? "" : " ") + action.target;
  return line;
}

Action parse_action(std::string_view answer) {
  auto action = parse_line_form(answer);
  // "answer", and then a call in one of the other spellings.
  const std::string_view words = action ? std::string_view(action->body) : answer;
  if (!action || action->kind == ActionKind::answer)
    if (const auto call = find_tool_call(words)) return action_of(*call);
  if (action) return *action;
  return {ActionKind::answer, "", std::string(answer)};
}

std::optional<std::string_view> words_for_user(std::string_view so_far) {
  const std::string_view text = without_blanks_before(so_far);
  const auto [first, rest] = split_first_line(text);
  const bool has_line = first.size() < text.size();
  std::string_view words = text;
  if (base::trim_end(first) == "answer" && has_line) {
    words = rest;
  } else {
    // Not yet a whole line, which may still become an action.
    const std::string_view word = first.substr(0, first.find_first_of(" \t:"));
    const bool is_verb = std::ranges::any_of(k_verbs, [&](const Verb& verb) { return verb.word.starts_with(word); });
    if (is_verb && (!has_line || parse_line_form(text))) return std::nullopt;
  }
  if (may_become_tool_call(words)) return std::nullopt;
  return before_tag(words);
}

}  // namespace oc::tasks
