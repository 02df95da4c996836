// SPDX-License-Identifier: Apache-2.0
// Whether a command asks a language server, by its options and the user's settings, and the user's consent to it.
#pragma once

#include <optional>

#include "cli/command_line.hpp"
#include "cli/invocation.hpp"
#include "tasks/server_witness.hpp"

namespace oc::cli {

struct ServerOptions {
  bool with_server = false;
  bool without_server = false;
};

// --language-server --no-language-server
void add_server_options(Command& command, ServerOptions& options);

// nullopt: none is asked. --language-server is the user's consent for this run; the setting alone needs one for each
// project and command, asked for at a terminal and remembered. The invocation must outlive it.
std::optional<tasks::LanguageServerUse> choose_server(Invocation& invocation, const ServerOptions& options);

}  // namespace oc::cli
