// SPDX-License-Identifier: Apache-2.0
// A server that runs, and JSON-RPC with it: what it asks is answered here, always with "no". For one thread. All JSON
// is text at this border. Kind `io` for all that is the server's fault: it ended, broke the protocol, took too long.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/cancel.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "language_server/frames.hpp"
#include "sandbox/run_command.hpp"

namespace oc::language_server {

struct Reply {
  std::string result;     // JSON
  bool is_error = false;  // the server said that it cannot …
  std::string message;    // … and why, without controls
};

class Connection {
 public:
  // `request.limits.time` is for the server's whole life.
  static base::Result<std::unique_ptr<Connection>> start(const sandbox::RunRequest& request,
                                                         const base::CancelToken& cancel);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `params` is JSON. The number that wait_for wants.
  std::int64_t ask(std::string_view method, std::string_view params);
  void tell(std::string_view method, std::string_view params);
  // Until the answer is there. Kind `cancelled` when that is requested.
  base::Result<Reply> wait_for(std::int64_t id, std::chrono::milliseconds patience);
  // Hears what comes, about 20 ms.
  base::Result<void> listen();
  // Does it say that it is at work (loading, indexing)?
  bool is_at_work() const { return !at_work_.empty(); }
  // Bytes it printed that belong to no message.
  std::size_t garbage() const { return frames_.garbage(); }
  bool is_broken() const { return is_broken_ || has_ended_; }
  // Waits a moment for its end, then ends it and all it started.
  void end();

 private:
  Connection(const sandbox::RunRequest& request, const base::CancelToken& cancel)
      : limits_(request.limits), cancel_(cancel) {}
  base::Result<void> read_messages();
  base::Result<void> take(const std::string& body);
  void answer(const std::string& id, const std::string& method, std::size_t items);
  void send(std::string_view body);
  std::unexpected<base::Error> ended();

  sandbox::RunLimits limits_;
  base::CancelToken cancel_;
  FrameReader frames_;
  std::unique_ptr<base::LimitedDialogue> dialogue_;
  std::int64_t last_id_ = 0;
  std::set<std::int64_t> awaited_;
  std::map<std::int64_t, Reply> replies_;
  std::set<std::string> at_work_;
  std::string errors_;  // the beginning of what it wrote to standard error
  bool has_ended_ = false;
  bool is_broken_ = false;  // nothing more is read
};

}  // namespace oc::language_server
