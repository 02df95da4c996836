// SPDX-License-Identifier: Apache-2.0
// A command as a person writes it into a configuration: one line, words or shell. Running it is run_command's business.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/limited_process.hpp"

namespace oc::sandbox {

inline constexpr std::string_view k_shell_prefix = "sh:";

// "ninja -C build" → words; "sh: make && ./test" → a line for the system's shell.
// Words are separated by blanks; '…' and "…" keep blanks; nothing else is special. What a shell would act on
// (| & ; < > $ * `) is refused outside of quotes rather than passed on. Kind `configuration`, for an empty line, an
// open quote, controls and bytes that are not UTF-8, too. Pure.
base::Result<base::CommandWords> parse_command_line(std::string_view line);

// The command for people: the words quoted where needed, "sh: LINE", controls and hidden characters escaped.
std::string display(const base::CommandWords& command);

}  // namespace oc::sandbox
