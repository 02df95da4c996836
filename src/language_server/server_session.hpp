// SPDX-License-Identifier: Apache-2.0
// A conversation with one language server about some files, from its start to its end. What it answers is evidence:
// nothing is changed here, and which answers are believed is decided by the caller. For one thread. Kinds: io (what the
// server did wrong), cancelled.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "language_server/answers.hpp"
#include "language_server/connection.hpp"

namespace oc::language_server {

struct Document {
  std::string uri;
  std::string language;   // as the protocol calls it: "cpp"
  std::string_view text;  // valid UTF-8; must outlive the session
};

class ServerSession {
 public:
  // Starts the server in `request.folder`, the project's, and greets it. `request.limits.time` is for all of it.
  static base::Result<std::unique_ptr<ServerSession>> start(const sandbox::RunRequest& request,
                                                            const base::CancelToken& cancel);
  ~ServerSession();  // says goodbye; whatever it does, nothing of it is left

  const ServerAbilities& abilities() const { return abilities_; }
  std::size_t garbage() const { return connection_->garbage(); }

  // Opens the files and waits until the server has read them and says of nothing that it is still at work.
  base::Result<void> open(std::vector<Document> documents);
  // What it would change. Asks again while the server is not ready.
  base::Result<WorkspaceEdit> rename(std::size_t document, std::size_t offset, std::string_view new_name);
  base::Result<std::vector<Location>> references(std::size_t document, std::size_t offset);
  // Where the names at these places are declared, one list for each; an empty one where it does not say.
  struct Spot {
    std::size_t document = 0, offset = 0;
  };
  base::Result<std::vector<std::vector<Location>>> definitions(std::span<const Spot> spots);

 private:
  ServerSession(std::unique_ptr<Connection> connection, std::chrono::milliseconds time)
      : connection_(std::move(connection)), time_(time) {}
  base::Result<void> greet(const base::Path& folder);
  std::chrono::milliseconds time_left() const;
  std::string position_json(const Spot& spot) const;
  base::Result<Reply> ask_until_ready(std::string_view method, const std::string& params);

  std::unique_ptr<Connection> connection_;
  std::chrono::milliseconds time_;
  base::Stopwatch since_start_;
  ServerAbilities abilities_;
  std::vector<Document> documents_;
  std::vector<TextPositions> positions_;
};

}  // namespace oc::language_server
