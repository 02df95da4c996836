// SPDX-License-Identifier: Apache-2.0
#include "cli/usage_error.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::cli {
namespace {

const CLI::App* find_child(const CLI::App& app, const std::string& name) {
  const auto children = app.get_subcommands([](const CLI::App*) { return true; });
  const auto found = std::ranges::find(children, name, [](const CLI::App* child) { return child->get_name(); });
  return found == children.end() ? nullptr : *found;
}

bool has_children(const CLI::App& app) {
  return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

std::vector<std::string> names_of_children(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(child->get_name());
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
  const auto nearest = base::find_nearest(word, names);
  return nearest ? fmt::format("did you mean '{}'? ", *nearest) : "";
}

base::Error command_expected(const NamedCommand& named, const std::string& see) {
  const std::vector<std::string> names = names_of_children(*named.app);
  if (!named.unknown.empty())
    return {base::ErrorKind::usage, fmt::format("there is no command {}", base::in_quotes(named.unknown)),
            did_you_mean(named.unknown, names) + see};
  if (named.app->get_parent() == nullptr) return {base::ErrorKind::usage, "no command was given", see};
  return {base::ErrorKind::usage,
          fmt::format("'{}' needs one of its commands: {}", named.app->get_name(), fmt::join(names, ", ")), see};
}

base::Error unexpected_word(const NamedCommand& named, const std::string& word, const std::string& see) {
  if (!word.starts_with('-') || word == "-")
    return {base::ErrorKind::usage, fmt::format("{} is one word too many", base::in_quotes(word)),
            "put words that belong together in quotes; " + see};
  const std::string option = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const CLI::Option* known : named.app->get_options())
    for (const std::string& name : known->get_lnames()) names.push_back("--" + name);
  return {base::ErrorKind::usage, fmt::format("there is no option {}", base::in_quotes(option)),
          did_you_mean(option, names) + see};
}

// What the library says, without its capital and its full stop.
std::string in_our_style(std::string message) {
  if (message.ends_with('.')) message.pop_back();
  if (message.size() > 1 && message[0] >= 'A' && message[0] <= 'Z' && message[1] >= 'a')
    message[0] = static_cast<char>(message[0] - 'A' + 'a');
  return message;
}

std::string message_of(const CLI::ParseError& error) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {  // "Could not convert: --line = x"
    const std::size_t name = text.find("--"), equals = text.find(" = ");
    if (name != std::string::npos && equals != std::string::npos && name < equals)  // only numbers are converted
      return fmt::format("{} must be a whole number, not {}", text.substr(name, equals - name),
                         base::in_quotes(text.substr(equals + 3)));
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr &&
      text.starts_with("--"))  // "--file: 1 required TEXT missing"
    return fmt::format("{} needs a value", text.substr(0, text.find(':')));
  if (const std::size_t colon = text.find(": must be "); text.starts_with("--") && colon != std::string::npos)
    return text.substr(0, colon) + text.substr(colon + 1);
  return in_our_style(text);
}

}  // namespace

NamedCommand find_named_command(const CLI::App& app, const std::vector<std::string>& words) {
  NamedCommand named{&app, app.get_name(), ""};
  for (const std::string& word : words) {
    if (!has_children(*named.app)) break;
    if (word.starts_with('-')) continue;
    const CLI::App* child = find_child(*named.app, word);
    if (child == nullptr) {
      named.unknown = word;
      break;
    }
    named.app = child;
    named.path += " " + word;
  }
  return named;
}

base::Error usage_error(const CLI::App& app, const std::vector<std::string>& words, const CLI::ParseError& error) {
  const NamedCommand named = find_named_command(app, words);
  const std::string see = fmt::format("see '{} --help'", named.path);
  std::vector<std::string> extras = named.app->remaining();
  if (named.app->get_parent() != nullptr) std::ranges::copy(app.remaining(), std::back_inserter(extras));
  const auto option =
      std::ranges::find_if(extras, [](const std::string& word) { return word.starts_with('-') && word != "-"; });
  if (option != extras.end()) return unexpected_word(named, *option, see);
  // 'refactor' has a command below it, and does without.
  if (named.app->get_require_subcommand_min() > 0) return command_expected(named, see);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !extras.empty())
    return unexpected_word(named, extras.front(), see);
  return {base::ErrorKind::usage, message_of(error), see};
}

}  // namespace oc::cli
