// SPDX-License-Identifier: Apache-2.0
// The terminal and the keyboard's Ctrl-C, as facts; nothing here draws.
#pragma once

#include <cstddef>

#include "base/cancel.hpp"

namespace oc::base {

enum class Stream { input, output, errors };

bool is_terminal(Stream stream);
// Columns of the terminal behind standard error or output; 80 if unknown.
std::size_t terminal_width();
// Bytes go through unchanged (Windows: no "\n" → "\r\n") and escape sequences work where the console knows them.
// Call once, first thing in main. Also: a reader that goes away (SIGPIPE) becomes a write error.
void prepare_standard_streams();
// Ctrl-C, SIGTERM and SIGHUP request `token`; a second one ends the process at once with exit code 130.
void cancel_on_interrupt(const CancelToken& token);
// Did the system ask for the program's end (SIGTERM, SIGHUP, a closed console), rather than the user for the end of
// what it does just now?
bool is_end_requested();
// Reads one line the user types at the terminal itself, even when standard input is a pipe; "" if there is none.
// Returns false on end of file or when there is no terminal.
bool read_answer_from_terminal(char* line, std::size_t capacity);

}  // namespace oc::base
