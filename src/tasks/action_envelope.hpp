// SPDX-License-Identifier: Apache-2.0
// What a model asks to be done in a conversation: one line "VERB TARGET" and, where the verb has one, a raw body after
// it; never code inside JSON. A grammar makes models write it so; what others write instead is understood as well.
// Pure; every byte of an answer is hostile.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace oc::tasks {

// other: a call of something that there is not; `target` is its name.
enum class ActionKind { answer, read, search, symbol, edit, run, other };

struct Action {
  ActionKind kind = ActionKind::answer;
  std::string target;  // one line: a path with or without ":first-last", words, a name, a command; "" of answer
  std::string body;    // of answer: the words for the user; of edit: the text of the answer behind its first line
  bool operator==(const Action&) const = default;
};

// GBNF: an answer is one of the six actions. With `answer` alone the model has to end the turn.
enum class Allowed { all_actions, answer_alone };
std::string action_grammar(Allowed allowed);

// "read src/a.py", as a model writes it and people see it. "answer" alone is "answer".
std::string action_line(const Action& action);

// The way back for every spelling: the line; <tool_call>{…}</tool_call>, with or without its end; JSON in a fence; bare
// JSON, alone or at the end of words; <function=name><parameter=x>…. What is none of them is an answer to the user.
// Linear; JSON of more than 256 kB is none.
Action parse_action(std::string_view answer);

// What of an unfinished answer may be shown already: the words behind "answer". nullopt while it may still become
// something else, and of every other action.
std::optional<std::string_view> words_for_user(std::string_view so_far);

}  // namespace oc::tasks
