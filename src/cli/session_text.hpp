// SPDX-License-Identifier: Apache-2.0
// A conversation as Markdown for people and as JSON for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "sessions/session.hpp"

namespace oc::cli {

// "2026-11-27 08:05", in UTC.
std::string shown_time(std::int64_t seconds);
// Questions and answers in order, marked where an answer was stopped; the files that went along are named.
std::string session_markdown(const sessions::Session& session, const std::vector<sessions::Turn>& turns);
// The fields of a session, and with `turns` all of it, the texts of the files included. One line.
std::string session_json(const sessions::Session& session);
std::string session_json(const sessions::Session& session, const std::vector<sessions::Turn>& turns);

}  // namespace oc::cli
