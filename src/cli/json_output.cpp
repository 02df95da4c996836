// SPDX-License-Identifier: Apache-2.0
#include "cli/json_output.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

double rounded(double milliseconds) { return std::round(milliseconds * 1000) / 1000; }

Json head(std::string_view command, bool ok) { return {{"schema", k_json_schema}, {"command", command}, {"ok", ok}}; }

Json to_json(const context::Selection& selection) {
  Json items = Json::array(), dropped = Json::array();
  const auto lines = [](const base::LineRange& range) { return Json::array({range.first.value, range.last.value}); };
  for (const auto& i : selection.items)
    items.push_back({{"path", i.path}, {"lines", lines(i.lines)}, {"tokens", i.tokens.value}, {"reason", i.reason}});
  for (const auto& d : selection.dropped)
    dropped.push_back({{"path", d.path}, {"lines", lines(d.lines)}, {"tokens", d.tokens.value}, {"reason", d.reason}});
  return {{"budget_tokens", selection.budget.value},
          {"used_tokens", selection.used.value},
          {"items", items},
          {"dropped", dropped}};
}

double tokens_per_second(const tasks::Answer& answer) {
  if (answer.timing.generate_ms <= 0) return 0;
  return rounded(static_cast<double>(answer.usage.completion.value) * 1000 / answer.timing.generate_ms);
}

Json forecast_fields(const tasks::Forecast& forecast) {
  return {{"prompt_tokens", forecast.prompt.value},
          {"cached_tokens", forecast.cached.value},
          {"first_token_ms", rounded(forecast.first_token_ms)}};
}

Json to_json(const base::Error& error) {
  return {{"kind", base::to_string(error.kind)}, {"message", error.message}, {"hint", error.hint}};
}

}  // namespace

std::string selection_json(const context::Selection& selection) { return dump(to_json(selection)); }

std::string answer_json(std::string_view command, const tasks::Answer& a, double total_ms) {
  Json json = head(command, true);
  json["model"] = {{"name", a.model.name},
                   {"path", a.model.path},
                   {"quantization", a.model.quantization},
                   {"n_ctx", a.context_tokens}};
  json["answer"] = a.text;
  json["code"] = a.code;
  json["files"] = a.files;
  json["usage"] = {{"prompt_tokens", a.usage.prompt.value},
                   {"cached_tokens", a.usage.cached.value},
                   {"completion_tokens", a.usage.completion.value}};
  json["timing"] = {{"load_ms", rounded(a.load_ms)},
                    {"queue_ms", rounded(a.timing.queue_ms)},
                    {"prefill_ms", rounded(a.timing.prefill_ms)},
                    {"first_token_ms", rounded(a.timing.first_token_ms)},
                    {"generate_ms", rounded(a.timing.generate_ms)},
                    {"total_ms", rounded(total_ms)},
                    {"tokens_per_second", tokens_per_second(a)}};
  json["stop"] = protocol::to_string(a.stop);
  if (a.is_approximate) json["approximate"] = true;
  json["context"] = to_json(a.selection);
  return dump(json);
}

std::string forecast_json(std::string_view command, const tasks::Forecast& forecast) {
  Json json = head(command, true);
  json["forecast"] = forecast_fields(forecast);
  return dump(json);
}

std::string error_json(std::string_view command, const base::Error& error) {
  Json json = head(command, false);
  json["error"] = to_json(error);
  return dump(json);
}

std::string event_json(std::string_view command, const tasks::Event& event) {
  Json json = {{"schema", k_json_schema}, {"command", command}};
  if (const auto* piece = std::get_if<tasks::AnswerPiece>(&event)) {
    json["event"] = "text";
    json["text"] = piece->text;
  } else if (const auto* note = std::get_if<tasks::Note>(&event)) {
    json["event"] = "note";
    json["text"] = note->text;
  } else if (const auto* chosen = std::get_if<tasks::ContextChosen>(&event)) {
    json["event"] = "context";
    json["context"] = to_json(chosen->selection);
  } else if (const auto* step = std::get_if<tasks::Step>(&event)) {
    json["event"] = "step";
    json["done"] = step->done;
    json["total"] = step->total;
    json["what"] = step->what;
  } else if (const auto* action = std::get_if<tasks::ActionTaken>(&event)) {
    json["event"] = "action";
    json["action"] = action->line;
    json["outcome"] = action->result.reason;
    json["done"] = action->done;
  } else if (const auto* forecast = std::get_if<tasks::Forecast>(&event)) {
    json["event"] = "forecast";
    json.update(forecast_fields(*forecast));
  } else {
    const auto& progress = std::get<protocol::Progress>(event);
    constexpr std::string_view k_stages[] = {"queued", "loading", "forecast", "prefill"};
    json["event"] = "progress";
    json["stage"] = k_stages[static_cast<std::size_t>(progress.stage)];
    json["done"] = progress.done;
    json["total"] = progress.total;
  }
  return dump(json);
}

std::string result_json(std::string_view command, std::string_view fields) {
  Json json = head(command, true);
  const Json own = Json::parse(fields, nullptr, false);
  if (own.is_object()) json.update(own);
  return dump(json);
}

}  // namespace oc::cli
