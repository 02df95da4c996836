// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_requests.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/json_output.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 13> k_commands{
    "gen", "explain",  "debug", "complete", "context", "ask", "review", "commit-message", "pr-description",
    "doc", "refactor", "fix",   "test"};
constexpr std::array<std::string_view, 4> k_changing_commands{"doc", "refactor", "fix", "test"};
// What makes a change of an answer.
constexpr std::array<std::string_view, 2> k_changing_options{"--write", "--fix"};
// Results are JSON, whatever a request would like; and a file of requests has no rights of its own.
constexpr std::array<std::string_view, 5> k_own_options{"--format", "--config", "--trust-linters", "--allow",
                                                        "--write-baseline"};

// One of `options`, alone or with its value.
bool is_one_of(std::string_view word, std::span<const std::string_view> options) {
  return std::ranges::find(options, word.substr(0, word.find('='))) != options.end();
}

// Behind "--" stand no options.
std::span<const std::string> options_in(const std::vector<std::string>& words) {
  return {words.begin(), std::ranges::find(words, "--")};
}

// Throws nlohmann's exceptions, and our own text as std::string.
BatchRequest request_from(const Json& json, int line) {
  if (!json.is_object()) throw std::string("it is not an object");
  BatchRequest request;
  if (const auto id = json.find("id"); id == json.end()) request.id = fmt::format("{}", line);
  else if (id->is_number_integer()) request.id = id->dump();
  else request.id = id->get<std::string>();
  request.words = json.at("args").get<std::vector<std::string>>();
  if (request.words.empty() || std::ranges::find(k_commands, request.words.front()) == k_commands.end())
    throw fmt::format("'args' must begin with one of: {}", fmt::join(k_commands, ", "));
  for (const std::string& word : options_in(request.words))
    if (is_one_of(word, k_own_options))
      throw fmt::format("{} has no place in a request: results are JSON, and rights are the batch's",
                        word.substr(0, word.find('=')));
  return request;
}

}  // namespace

bool changes_files(const BatchRequest& request) {
  return std::ranges::find(k_changing_commands, request.words.front()) != k_changing_commands.end() ||
         std::ranges::any_of(options_in(request.words),
                             [](std::string_view word) { return is_one_of(word, k_changing_options); });
}

std::vector<std::string> with_options(std::vector<std::string> words, const std::vector<std::string>& options) {
  words.insert(std::ranges::find(words, "--"), options.begin(), options.end());
  return words;
}

base::Result<std::vector<BatchRequest>> parse_batch(std::string_view text) {
  std::vector<BatchRequest> requests;
  std::set<std::string> ids;
  int number = 0;
  const auto wrong = [&](std::string_view reason) {
    return base::fail(base::ErrorKind::usage, fmt::format("line {} of the batch is no request: {}", number, reason),
                      R"(a line is {"id": "a", "args": ["explain", "--file", "app.py"]})");
  };
  for (const std::string_view line : base::split_lines(text)) {
    ++number;
    if (base::is_blank(line) || line.starts_with('#')) continue;
    try {
      requests.push_back(request_from(Json::parse(line), number));
    } catch (const std::string& reason) {
      return wrong(reason);
    } catch (const Json::exception& e) {
      return wrong(e.what());
    }
    if (!ids.insert(requests.back().id).second)
      return wrong(fmt::format("the id '{}' comes twice", requests.back().id));
  }
  return requests;
}

Done find_done(std::string_view text) {
  Done done;
  for (const std::string_view line : base::split_lines(text)) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || json.value("exit", Json()) != 0) continue;
    const Json id = json.value("id", Json()), words = json.value("args", Json());
    if (!id.is_string() || !words.is_array() || !std::ranges::all_of(words, &Json::is_string)) continue;
    done[id.get<std::string>()] = words.get<std::vector<std::string>>();
  }
  return done;
}

bool is_done(const Done& done, const BatchRequest& request) {
  const auto found = done.find(request.id);
  return found != done.end() && found->second == request.words;
}

std::string batch_result(const BatchRequest& request, int exit_code, std::string_view output) {
  Json result = Json::parse(output, nullptr, false);
  if (!result.is_object()) result = nullptr;
  const Json line = {{"schema", k_json_schema}, {"command", "batch"}, {"ok", exit_code == 0},       {"id", request.id},
                     {"args", request.words},   {"exit", exit_code},  {"result", std::move(result)}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace oc::cli
