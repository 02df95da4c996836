// SPDX-License-Identifier: Apache-2.0
// Which program knows a language: the user's own list, else the usual ones that are on the PATH. Never a project's.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/limited_process.hpp"

namespace oc::language_server {

struct ServerCommand {
  base::CommandWords words;
  std::string name;  // "clangd": what it is called in messages
  bool operator==(const ServerCommand&) const = default;
};

// `language` is the name of a family: c, python, javascript, go, rust, java. `own` are lines "python: pylsp -v"; the
// first for a language counts, and "python:" without a command is none at all. nullopt: there is none, or it is not on
// the PATH. Kind `configuration` for a line that is not like that. Looks at the PATH.
base::Result<std::optional<ServerCommand>> find_server(std::string_view language, std::span<const std::string> own);

// "clangd" and the like, for "install one of these".
std::string usual_servers(std::string_view language);

}  // namespace oc::language_server
