// SPDX-License-Identifier: Apache-2.0
// The JSON that scripts rely on (docs/cli.md): one object a command, or a line an event. Text in, text out.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "context/selection.hpp"
#include "tasks/events.hpp"

namespace oc::cli {

inline constexpr int k_json_schema = 1;

// One line, no newline.
std::string selection_json(const context::Selection& selection);
std::string answer_json(std::string_view command, const tasks::Answer& answer, double total_ms);
// What --dry-run prints.
std::string forecast_json(std::string_view command, const tasks::Forecast& forecast);
std::string error_json(std::string_view command, const base::Error& error);
// "" for an event that scripts are not told.
std::string event_json(std::string_view command, const tasks::Event& event);
// {"schema":1,"command":C,"ok":true, …fields}: `fields` is a JSON object of the command's own.
std::string result_json(std::string_view command, std::string_view fields);

}  // namespace oc::cli
