// SPDX-License-Identifier: Apache-2.0
// The engine's log: one line an event, to standard error (which its starter sends to a file). Write-only, any thread.
// No prompt, answer or file content is ever logged.
#pragma once

#include <string_view>

namespace oc::base {

enum class LogLevel { debug, info, warning, error };

void set_log_level(LogLevel level);
void log(LogLevel level, std::string_view message);

}  // namespace oc::base
