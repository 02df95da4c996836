// SPDX-License-Identifier: Apache-2.0
#include "language_server/connection.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace oc::language_server {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::size_t k_kept_errors = 4000;
constexpr std::size_t k_most_items = 1000;  // of what a server asks for or works at, at once
constexpr std::size_t k_longest_message = 200;
constexpr double k_end_ms = 1000;  // for leaving by itself

json parse(std::string_view text) { return json::parse(text, nullptr, false); }

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// One line of a server's text for people.
std::string as_line(std::string_view text) {
  text = base::trim(text);
  std::string line(text.substr(0, text.find('\n')));
  if (line.size() > k_longest_message) line.resize(base::complete_utf8_prefix(line.substr(0, k_longest_message)));
  const std::string quoted = base::in_quotes(line);
  return quoted.substr(1, quoted.size() - 2);
}

std::string first_line(std::string_view text) {
  for (const std::string_view line : base::split_lines(text))
    if (!base::is_blank(line)) return as_line(line);
  return "";
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::start(const sandbox::RunRequest& request,
                                                      const base::CancelToken& cancel) {
  auto made = std::unique_ptr<Connection>(new Connection(request, cancel));
  Connection* self = made.get();
  const auto hear = [self](std::string_view piece) {
    if (!self->is_broken_) self->frames_.add(piece);
  };
  const auto hear_errors = [self](std::string_view piece) {
    if (self->errors_.size() < k_kept_errors) self->errors_ += piece.substr(0, k_kept_errors);
  };
  OC_TRY(base::LimitedDialogue dialogue, sandbox::start_dialogue(request, cancel, {hear, hear_errors}));
  made->dialogue_ = std::make_unique<base::LimitedDialogue>(std::move(dialogue));
  return made;
}

void Connection::send(std::string_view body) { dialogue_->say(make_frame(body)); }

std::int64_t Connection::ask(std::string_view method, std::string_view params) {
  const std::int64_t id = ++last_id_;
  awaited_.insert(id);
  send(dump({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", parse(params)}}));
  return id;
}

void Connection::tell(std::string_view method, std::string_view params) {
  send(dump({{"jsonrpc", "2.0"}, {"method", method}, {"params", parse(params)}}));
}

Result<Reply> Connection::wait_for(std::int64_t id, std::chrono::milliseconds patience) {
  const base::Stopwatch watch;
  while (true) {
    if (const auto found = replies_.find(id); found != replies_.end()) {
      Reply reply = std::move(found->second);
      replies_.erase(found);
      return reply;
    }
    if (watch.elapsed_ms() > static_cast<double>(patience.count())) {
      awaited_.erase(id);
      tell("$/cancelRequest", fmt::format(R"({{"id":{}}})", id));
      return base::fail(ErrorKind::io, "it did not answer in time");
    }
    OC_CHECK(listen());
  }
}

Result<void> Connection::listen() {
  if (cancel_.is_requested()) return base::fail(ErrorKind::cancelled, "stopped");
  if (has_ended_) return ended();
  has_ended_ = !dialogue_->listen();
  auto read = read_messages();
  is_broken_ = !read;
  return read;
}

Result<void> Connection::read_messages() {
  while (true) {
    OC_TRY(const auto body, frames_.next());
    if (!body) return {};
    OC_CHECK(take(*body));
  }
}

std::unexpected<base::Error> Connection::ended() {
  const auto exit = dialogue_->end();
  if (cancel_.is_requested()) return base::fail(ErrorKind::cancelled, "stopped");
  if (!exit) return std::unexpected(exit.error());
  const sandbox::Outcome outcome{exit->ending, exit->code, exit->signal, exit->problem, {}, exit->duration};
  const std::string why = first_line(errors_);
  return base::fail(ErrorKind::io,
                    fmt::format("it ended: {}{}{}", to_words(outcome, limits_), why.empty() ? "" : ": ", why));
}

Result<void> Connection::take(const std::string& body) {
  const json message = parse(body);
  if (!message.is_object()) return base::fail(ErrorKind::io, "it sent a message that is no JSON object");
  const auto id = message.find("id");
  const auto method = message.find("method");
  const bool has_method = method != message.end() && method->is_string();
  const json params = message.value("params", json());
  if (has_method && id != message.end()) {
    const auto items = params.is_object() ? params.find("items") : params.end();
    answer(dump(*id), method->get<std::string>(), items != params.end() ? items->size() : 0);
  } else if (has_method && method->get<std::string>() == "$/progress") {
    if (!params.is_object() || !params.contains("token") || !params.contains("value")) return {};
    const json& value = params["value"];
    const auto kind = value.is_object() ? value.find("kind") : value.end();
    if (kind == value.end()) return {};
    if (*kind == "begin" && at_work_.size() < k_most_items) at_work_.insert(dump(params["token"]));
    if (*kind == "end") at_work_.erase(dump(params["token"]));
  } else if (!has_method && id != message.end() && id->is_number_integer()) {
    if (awaited_.erase(id->get<std::int64_t>()) == 0) return {};
    Reply reply;
    if (const auto error = message.find("error"); error != message.end() && !error->is_null()) {
      reply.is_error = true;
      const auto text = error->is_object() ? error->find("message") : error->end();
      if (text != error->end() && text->is_string()) reply.message = first_line(text->get<std::string>());
    }
    const auto result = message.find("result");
    reply.result = result == message.end() ? "null" : dump(*result);
    replies_.emplace(id->get<std::int64_t>(), std::move(reply));
  }
  return {};
}

// A server may ask for settings and for progress to be shown; it may not change files or ask people.
void Connection::answer(const std::string& id, const std::string& method, std::size_t items) {
  json reply = {{"jsonrpc", "2.0"}, {"id", parse(id)}};
  if (method == "workspace/configuration") {
    reply["result"] = json::array();
    for (std::size_t i = 0; i < std::min(items, k_most_items); ++i) reply["result"].push_back(nullptr);
  } else if (method == "workspace/applyEdit") {
    reply["result"] = {{"applied", false}};
  } else if (method.starts_with("window/") || method.starts_with("client/") || method == "workspace/workspaceFolders") {
    reply["result"] = nullptr;
  } else {
    reply["error"] = {{"code", -32601}, {"message", "this client does not do that"}};
  }
  send(dump(reply));
}

void Connection::end() {
  const base::Stopwatch watch;
  is_broken_ = true;
  while (!has_ended_ && watch.elapsed_ms() < k_end_ms && !cancel_.is_requested()) has_ended_ = !dialogue_->listen();
  (void)dialogue_->end();
}

}  // namespace oc::language_server
