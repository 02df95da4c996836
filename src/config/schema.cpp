// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <algorithm>
#include <array>

#include "base/path.hpp"

namespace oc::config {
namespace {

using base::ByteCount;
using base::TokenCount;
using Value = SettingValue;
using enum ValueType;

constexpr auto k_user = ProjectRight::none;
constexpr auto k_project = ProjectRight::any;
constexpr std::array<std::string_view, 0> k_no_words{};
constexpr std::array<std::string_view, 3> k_colors{"auto", "always", "never"};
constexpr std::array<std::string_view, 3> k_warm_ups{"plugged_in", "always", "never"};
constexpr std::array<std::string_view, 3> k_action_modes{"auto", "always", "never"};
constexpr std::array<std::string_view, 3> k_permissions{"ask", "always", "never"};
constexpr std::array<std::string_view, 4> k_levels{"debug", "info", "warning", "error"};

int to_int(const Value& v) { return static_cast<int>(std::get<std::int64_t>(v)); }
TokenCount to_tokens(const Value& v) { return TokenCount(std::get<std::int64_t>(v)); }
ByteCount to_bytes(const Value& v) { return ByteCount(std::get<std::int64_t>(v)); }
double to_double(const Value& v) { return std::get<double>(v); }
bool to_bool(const Value& v) { return std::get<bool>(v); }
const std::string& to_string(const Value& v) { return std::get<std::string>(v); }

// The words above stand in the order of their enumeration.
template <class Enum>
Enum to_enum(const Value& v, std::span<const std::string_view> words) {
  return static_cast<Enum>(std::ranges::find(words, std::string_view(to_string(v))) - words.begin());
}

const std::vector<std::string>& to_texts(const Value& v) { return std::get<std::vector<std::string>>(v); }

std::vector<base::Path> to_paths(const Value& v) {
  std::vector<base::Path> paths;
  for (const std::string& text : to_texts(v)) paths.push_back(base::path_from_utf8(text));
  return paths;
}

// clang-format off
constexpr std::array k_settings{
  Setting{"model.name", name_or_path, 0, 4096, k_no_words, "", ProjectRight::plain_name,
    "the model: a name that 'model list' shows, or the path of a GGUF file; empty: the best that is found",
    [](Settings& s, const Value& v) { s.model.name = to_string(v); }},
  Setting{"model.context", integer, 0, 4'194'304, k_no_words, "0", k_project,
    "tokens of context; 0: chosen from the request, the model and the memory there is",
    [](Settings& s, const Value& v) { s.model.context = to_tokens(v); }},
  Setting{"model.threads", integer, 0, 1024, k_no_words, "0", k_user,
    "threads the model computes with; 0: one for each physical core",
    [](Settings& s, const Value& v) { s.model.threads = to_int(v); }},
  Setting{"model.folders", folders, 0, 0, k_no_words, "", k_user,
    "more folders to look for models in, before the usual ones",
    [](Settings& s, const Value& v) { s.model.folders = to_paths(v); }},

  Setting{"generation.max_tokens", integer, 1, 1'048'576, k_no_words, "1024", k_project,
    "the longest answer, in tokens",
    [](Settings& s, const Value& v) { s.generation.max_tokens = to_tokens(v); }},
  Setting{"generation.temperature", number, 0, 5, k_no_words, "0", k_project,
    "0: always the likeliest token, the same answer every time; higher: more varied",
    [](Settings& s, const Value& v) { s.generation.temperature = to_double(v); }},
  Setting{"generation.top_k", integer, 0, 100'000, k_no_words, "40", k_project,
    "choose among this many likeliest tokens; 0: off",
    [](Settings& s, const Value& v) { s.generation.top_k = to_int(v); }},
  Setting{"generation.top_p", number, 0, 1, k_no_words, "0.95", k_project,
    "choose among the likeliest tokens that together have this probability; 1: off",
    [](Settings& s, const Value& v) { s.generation.top_p = to_double(v); }},
  Setting{"generation.min_p", number, 0, 1, k_no_words, "0.05", k_project,
    "drop tokens less likely than this part of the likeliest; 0: off",
    [](Settings& s, const Value& v) { s.generation.min_p = to_double(v); }},
  Setting{"generation.seed", integer, 0, 4'294'967'295, k_no_words, "0", k_project,
    "the start of the random numbers: the same seed gives the same answer",
    [](Settings& s, const Value& v) { s.generation.seed = static_cast<std::uint32_t>(std::get<std::int64_t>(v)); }},
  Setting{"generation.system", text, 0, 32'768, k_no_words, "", k_project,
    "the instructions for the model (system prompt), instead of the built-in ones",
    [](Settings& s, const Value& v) { s.generation.system = to_string(v); }},

  Setting{"chat.actions", word, 0, 0, k_action_modes, "auto", k_user,
    "may the model look into the project, change and run by itself in a chat: auto (from a billion parameters on), always or never",
    [](Settings& s, const Value& v) { s.chat.actions = to_enum<ActionMode>(v, k_action_modes); }},
  Setting{"chat.edit", word, 0, 0, k_permissions, "ask", k_user,
    "changes that a model makes by an action: ask, always or never",
    [](Settings& s, const Value& v) { s.chat.edit = to_enum<Permission>(v, k_permissions); }},
  Setting{"chat.run", word, 0, 0, k_permissions, "ask", k_user,
    "commands that a model runs by an action: ask, always or never",
    [](Settings& s, const Value& v) { s.chat.run = to_enum<Permission>(v, k_permissions); }},
  Setting{"chat.steps", integer, 0, 1000, k_no_words, "12", ProjectRight::lower,
    "the most actions in one turn of a chat; then the model has to answer",
    [](Settings& s, const Value& v) { s.chat.steps = to_int(v); }},
  Setting{"chat.seconds", integer, 1, 86'400, k_no_words, "600", ProjectRight::lower,
    "after so many seconds of actions in one turn the model has to answer",
    [](Settings& s, const Value& v) { s.chat.time = std::chrono::seconds(to_int(v)); }},

  Setting{"completion.model", name_or_path, 0, 4096, k_no_words, "", ProjectRight::plain_name,
    "the model that completes at the cursor, mostly a smaller one; empty: model.name",
    [](Settings& s, const Value& v) { s.completion.model = to_string(v); }},
  Setting{"completion.max_tokens", integer, 1, 65'536, k_no_words, "256", k_project,
    "the longest completion, in tokens",
    [](Settings& s, const Value& v) { s.completion.max_tokens = to_tokens(v); }},
  Setting{"completion.multi_line", toggle, 0, 0, k_no_words, "true", k_project,
    "false: a completion ends with its line",
    [](Settings& s, const Value& v) { s.completion.multi_line = to_bool(v); }},
  Setting{"completion.approximate", toggle, 0, 0, k_no_words, "true", k_user,
    "while you type, use what was computed for the text behind the cursor; false: compute it anew, exactly",
    [](Settings& s, const Value& v) { s.completion.approximate = to_bool(v); }},

  Setting{"context.tokens", integer, 0, 1'048'576, k_no_words, "768", k_project,
    "the most tokens of the project's other files that go with a request; 0: none",
    [](Settings& s, const Value& v) { s.context.tokens = to_tokens(v); }},
  Setting{"context.map_tokens", integer, 0, 1'048'576, k_no_words, "384", k_project,
    "the most tokens of the map of the project, the same for all requests; 0: none",
    [](Settings& s, const Value& v) { s.context.map_tokens = to_tokens(v); }},
  Setting{"context.scan_seconds", integer, 0, 3600, k_no_words, "5", k_user,
    "how long a request waits for the index to get up to date, in seconds",
    [](Settings& s, const Value& v) { s.context.scan_time = std::chrono::seconds(to_int(v)); }},

  Setting{"engine.idle_minutes", integer, 1, 10'080, k_no_words, "30", k_user,
    "the engine ends, and gives its memory back, after so many minutes without a request",
    [](Settings& s, const Value& v) { s.engine.idle_time = std::chrono::minutes(to_int(v)); }},
  Setting{"engine.memory_bytes", bytes, 0, 1e13, k_no_words, "0 B", k_user,
    "the most memory for models and what they computed; 0: what is available, for several models no more than 6 GB",
    [](Settings& s, const Value& v) { s.engine.memory = to_bytes(v); }},
  Setting{"engine.kv_bytes", bytes, 0, 1e13, k_no_words, "4 GB", k_user,
    "the most disk space for computed prompts, in the user's cache folder; 0: none",
    [](Settings& s, const Value& v) { s.engine.kv_bytes = to_bytes(v); }},
  Setting{"engine.draft_model", name_or_path, 0, 4096, k_no_words, "", k_user,
    "a small model with the same vocabulary that guesses what the model will say, or the path of one; empty: none",
    [](Settings& s, const Value& v) { s.engine.draft_model = to_string(v); }},
  Setting{"engine.warm_up", word, 0, 0, k_warm_ups, "plugged_in", k_user,
    "compute in idle time what later requests will begin with: plugged_in (not on battery), always or never",
    [](Settings& s, const Value& v) { s.engine.warm_up = to_enum<WarmUp>(v, k_warm_ups); }},

  Setting{"output.color", word, 0, 0, k_colors, "auto", k_user,
    "colours in the terminal: auto, always or never",
    [](Settings& s, const Value& v) { s.output.color = to_enum<ColorMode>(v, k_colors); }},
  Setting{"output.quiet", toggle, 0, 0, k_no_words, "false", k_user,
    "true: no progress and no notes, only answers and errors",
    [](Settings& s, const Value& v) { s.output.quiet = to_bool(v); }},

  Setting{"check.commands", texts, 0, 4096, k_no_words, "", ProjectRight::confirmed,
    "the commands that check the project, each a line: a program and its arguments, or 'sh: ' and a line for the shell",
    [](Settings& s, const Value& v) { s.check.commands = to_texts(v); }},
  Setting{"check.seconds", integer, 1, 86'400, k_no_words, "300", ProjectRight::lower,
    "the longest that each of them may take, in seconds",
    [](Settings& s, const Value& v) { s.check.time = std::chrono::seconds(to_int(v)); }},
  Setting{"check.memory_bytes", bytes, 1, 1e13, k_no_words, "8 GB", ProjectRight::lower,
    "the most memory for one of them and all it starts",
    [](Settings& s, const Value& v) { s.check.memory = to_bytes(v); }},
  Setting{"check.processes", integer, 1, 100'000, k_no_words, "1000", ProjectRight::lower,
    "the most processes of one of them at a time",
    [](Settings& s, const Value& v) { s.check.processes = to_int(v); }},
  Setting{"check.file_bytes", bytes, 1, 1e13, k_no_words, "8 GB", ProjectRight::lower,
    "the largest file that one of them may write",
    [](Settings& s, const Value& v) { s.check.file_bytes = to_bytes(v); }},
  Setting{"check.output_bytes", bytes, 1, 1e8, k_no_words, "200 kB", ProjectRight::lower,
    "how much is kept of what one of them prints: the beginning and the end",
    [](Settings& s, const Value& v) { s.check.output_bytes = to_bytes(v); }},
  Setting{"check.environment", texts, 0, 256, k_no_words, "", k_user,
    "names of environment variables that they get besides the usual ones; NAME* stands for all that begin with NAME",
    [](Settings& s, const Value& v) { s.check.environment = to_texts(v); }},

  Setting{"refactor.use_language_server", toggle, 0, 0, k_no_words, "false", ProjectRight::off,
    "true: 'refactor rename' asks a language server as well, in projects for which you confirmed it",
    [](Settings& s, const Value& v) { s.refactor.use_language_server = to_bool(v); }},
  Setting{"refactor.language_servers", texts, 0, 4096, k_no_words, "", k_user,
    "the servers, each a line 'LANGUAGE: COMMAND', before the usual ones; a language without a command has none",
    [](Settings& s, const Value& v) { s.refactor.language_servers = to_texts(v); }},
  Setting{"refactor.server_seconds", integer, 1, 3600, k_no_words, "60", ProjectRight::lower,
    "the longest that a language server may take for one command, in seconds",
    [](Settings& s, const Value& v) { s.refactor.server_time = std::chrono::seconds(to_int(v)); }},

  Setting{"limits.file_bytes", bytes, 1, 1e9, k_no_words, "10 MB", ProjectRight::lower,
    "the largest file that is read",
    [](Settings& s, const Value& v) { s.limits.file_bytes = to_bytes(v); }},
  Setting{"limits.prompt_bytes", bytes, 1, 1e9, k_no_words, "10 MB", ProjectRight::lower,
    "the longest prompt, standard input included",
    [](Settings& s, const Value& v) { s.limits.prompt_bytes = to_bytes(v); }},

  Setting{"log.level", word, 0, 0, k_levels, "info", k_user,
    "what the engine writes to its log: debug, info, warning or error",
    [](Settings& s, const Value& v) { s.log.level = to_enum<base::LogLevel>(v, k_levels); }},
};
// clang-format on

struct ShortVariable {
  std::string_view name;
  std::string_view key;
};
constexpr std::array k_short_variables{ShortVariable{"OFFLINE_CODER_MODEL", "model.name"}};
constexpr std::array<std::string_view, 4> k_other_variables{"OFFLINE_CODER_HOME", k_config_variable,
                                                            "OFFLINE_CODER_ENGINE", "OFFLINE_CODER_LOG"};

}  // namespace

std::span<const Setting> all_settings() { return k_settings; }

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(k_settings, key, &Setting::key);
  return found == k_settings.end() ? nullptr : &*found;
}

bool is_section(std::string_view name) {
  return std::ranges::find(k_settings, name, &Setting::section) != k_settings.end();
}

std::vector<std::string> all_sections() {
  std::vector<std::string> sections;
  for (const Setting& setting : k_settings)
    if (sections.empty() || sections.back() != setting.section()) sections.emplace_back(setting.section());
  return sections;
}

std::string variable_name(const Setting& setting) {
  std::string name(k_variable_prefix);
  for (const char c : setting.key) name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

const Setting* find_setting_of_variable(std::string_view variable) {
  for (const ShortVariable& alias : k_short_variables)
    if (alias.name == variable) return find_setting(alias.key);
  const auto found = std::ranges::find(k_settings, variable, variable_name);
  return found == k_settings.end() ? nullptr : &*found;
}

bool is_other_variable(std::string_view variable) {
  return std::ranges::find(k_other_variables, variable) != k_other_variables.end();
}

std::vector<std::string> all_variables() {
  std::vector<std::string> names;
  names.reserve(k_settings.size() + k_short_variables.size() + k_other_variables.size());
  for (const Setting& setting : k_settings) names.push_back(variable_name(setting));
  for (const ShortVariable& alias : k_short_variables) names.emplace_back(alias.name);
  for (const std::string_view other : k_other_variables) names.emplace_back(other);
  return names;
}

}  // namespace oc::config
