// SPDX-License-Identifier: Apache-2.0
#include "language_server/server_session.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/process.hpp"
#include "language_server/file_uri.hpp"

namespace oc::language_server {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds k_retry{250};
constexpr double k_settle_ms = 3000;     // so long a server that has nothing to say may still be loading
constexpr milliseconds k_reserve{1500};  // of its time is for its end, if that is no more than a quarter of it
constexpr milliseconds k_goodbye{500};

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json greeting(const std::string& folder, const std::string& name) {
  const json no = {{"dynamicRegistration", false}};
  return {{"processId", base::current_process_id()},
          {"clientInfo", {{"name", "offline-coder"}}},
          {"rootUri", folder},
          {"workspaceFolders", json::array({{{"uri", folder}, {"name", name}}})},
          {"offsetEncoding", {"utf-8", "utf-16"}},  // clangd before 15
          {"capabilities",
           {{"general", {{"positionEncodings", {"utf-8", "utf-16"}}}},
            {"offsetEncoding", {"utf-8", "utf-16"}},
            {"window", {{"workDoneProgress", true}}},
            {"workspace",
             {{"workspaceEdit", {{"documentChanges", true}}}, {"configuration", true}, {"workspaceFolders", true}}},
            {"textDocument",
             {{"synchronization", no},
              {"rename", {{"dynamicRegistration", false}, {"prepareSupport", false}}},
              {"references", no},
              {"definition", {{"dynamicRegistration", false}, {"linkSupport", true}}},
              {"documentSymbol", {{"hierarchicalDocumentSymbolSupport", true}}},
              {"publishDiagnostics", json::object()}}}}}};
}

}  // namespace

Result<std::unique_ptr<ServerSession>> ServerSession::start(const sandbox::RunRequest& request,
                                                            const base::CancelToken& cancel) {
  OC_TRY(auto connection, Connection::start(request, cancel));
  auto session = std::unique_ptr<ServerSession>(new ServerSession(std::move(connection), request.limits.time));
  OC_CHECK(session->greet(request.folder));
  return session;
}

ServerSession::~ServerSession() {
  // Politely; a server that does not care is ended all the same.
  if (!connection_->is_broken() && connection_->wait_for(connection_->ask("shutdown", "null"), k_goodbye))
    connection_->tell("exit", "null");
  connection_->end();
}

milliseconds ServerSession::time_left() const {
  return time_ - std::min(k_reserve, time_ / 4) - milliseconds(static_cast<std::int64_t>(since_start_.elapsed_ms()));
}

Result<void> ServerSession::greet(const base::Path& folder) {
  const std::string uri = uri_of_path(base::to_utf8(folder));
  const std::int64_t id = connection_->ask("initialize", dump(greeting(uri, base::to_utf8(folder.filename()))));
  OC_TRY(const Reply reply, connection_->wait_for(id, time_left()));
  if (reply.is_error) return base::fail(ErrorKind::io, "it does not start: " + reply.message);
  abilities_ = parse_abilities(reply.result);
  connection_->tell("initialized", "{}");
  return {};
}

Result<void> ServerSession::open(std::vector<Document> documents) {
  documents_ = std::move(documents);
  std::vector<std::int64_t> asked;
  for (const Document& document : documents_) {
    positions_.emplace_back(document.text, abilities_.unit);
    connection_->tell(
        "textDocument/didOpen",
        dump({{"textDocument",
               {{"uri", document.uri}, {"languageId", document.language}, {"version", 1}, {"text", document.text}}}}));
    // Whoever has listed a file's symbols has read it.
    if (abilities_.lists_symbols)
      asked.push_back(
          connection_->ask("textDocument/documentSymbol", dump({{"textDocument", {{"uri", document.uri}}}})));
  }
  for (const std::int64_t id : asked) OC_CHECK(connection_->wait_for(id, time_left()));
  while (connection_->is_at_work()) {
    if (time_left().count() <= 0) return base::fail(ErrorKind::io, "it was not ready in time");
    OC_CHECK(connection_->listen());
  }
  return {};
}

std::string ServerSession::position_json(const Spot& spot) const {
  const Position position = positions_[spot.document].position_of(spot.offset);
  return dump({{"textDocument", {{"uri", documents_[spot.document].uri}}},
               {"position", {{"line", position.line}, {"character", position.character}}}});
}

Result<Reply> ServerSession::ask_until_ready(std::string_view method, const std::string& params) {
  const base::Stopwatch watch;
  while (true) {
    OC_TRY(Reply reply, connection_->wait_for(connection_->ask(method, params), time_left()));
    const bool says_nothing = reply.is_error || reply.result == "null";
    const bool may_be_loading = connection_->is_at_work() || watch.elapsed_ms() < k_settle_ms;
    if (!says_nothing || !may_be_loading || time_left() <= k_retry) return reply;
    for (const base::Stopwatch pause; pause.elapsed_ms() < static_cast<double>(k_retry.count());)
      OC_CHECK(connection_->listen());
  }
}

Result<WorkspaceEdit> ServerSession::rename(std::size_t document, std::size_t offset, std::string_view new_name) {
  json params = json::parse(position_json({document, offset}));
  params["newName"] = new_name;
  OC_TRY(const Reply reply, ask_until_ready("textDocument/rename", dump(params)));
  if (reply.is_error) return base::fail(ErrorKind::negative, "it does not rename this: " + reply.message);
  return parse_workspace_edit(reply.result);
}

Result<std::vector<Location>> ServerSession::references(std::size_t document, std::size_t offset) {
  json params = json::parse(position_json({document, offset}));
  params["context"] = {{"includeDeclaration", true}};
  OC_TRY(const Reply reply, ask_until_ready("textDocument/references", dump(params)));
  if (reply.is_error) return base::fail(ErrorKind::negative, "it finds no uses of this: " + reply.message);
  return parse_locations(reply.result);
}

Result<std::vector<std::vector<Location>>> ServerSession::definitions(std::span<const Spot> spots) {
  std::vector<std::int64_t> asked;
  for (const Spot& spot : spots) asked.push_back(connection_->ask("textDocument/definition", position_json(spot)));
  std::vector<std::vector<Location>> found;
  for (const std::int64_t id : asked) {
    OC_TRY(const Reply reply, connection_->wait_for(id, time_left()));
    found.push_back(reply.is_error ? std::vector<Location>{} : parse_locations(reply.result));
  }
  return found;
}

}  // namespace oc::language_server
