// SPDX-License-Identifier: Apache-2.0
// A command line that cannot be understood, in our words: what is wrong with it, and the nearest thing that exists.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/error.hpp"

namespace oc::cli {

// The command that `words` lead to: the application itself when they name none.
struct NamedCommand {
  const CLI::App* app;
  std::string path;     // "offline-coder model import"
  std::string unknown;  // the word where a command was expected; empty if there was none
};
NamedCommand find_named_command(const CLI::App& app, const std::vector<std::string>& words);

// Kind `usage`. `words` as typed, `app` after it has failed to parse them.
base::Error usage_error(const CLI::App& app, const std::vector<std::string>& words, const CLI::ParseError& error);

}  // namespace oc::cli
