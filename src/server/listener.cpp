// SPDX-License-Identifier: Apache-2.0
#include "server/listener.hpp"

#include <list>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "base/log.hpp"
#include "protocol/codec.hpp"

namespace oc::server {
namespace {

using namespace std::chrono_literals;

// Replies are written by the inference thread: a client that does not read holds up everybody else this long, once.
constexpr std::chrono::milliseconds k_reader_patience = 2s;
// Each has a thread. Far more than editors and terminals, far fewer than the files that a process may open.
constexpr std::size_t k_most_clients = 256;

void refuse(base::LocalConnection& connection, const std::string& reason) {
  const protocol::Failed failed{{base::ErrorKind::engine, reason, "end some of the programs that use the engine"}};
  (void)connection.write_all(protocol::encode(protocol::Reply{0, failed}) + "\n",
                             0ms);  // who does not read is not told
}

class ClientThread {
 public:
  // `address`: where the listener is, to wake it when the engine is to end.
  ClientThread(base::LocalConnection connection, Engine& engine, const base::Path& address)
      : link_(std::make_shared<Link>(std::move(connection))),
        thread_([this, &engine, address] { read(engine, address); }) {}
  ~ClientThread() {
    link_->connection.shut_down();
    thread_.join();
  }
  ClientThread(const ClientThread&) = delete;
  ClientThread& operator=(const ClientThread&) = delete;
  bool is_done() const { return done_; }

 private:
  // Shared with the replies of jobs that outlive the client.
  struct Link {
    explicit Link(base::LocalConnection c) : connection(std::move(c)) {}
    base::LocalConnection connection;
    std::mutex write_mutex;  // one reply at a time
    bool broken = false;     // guarded by write_mutex

    void send(const protocol::Reply& reply) {
      const std::string line = protocol::encode(reply) + "\n";
      const std::lock_guard lock(write_mutex);
      if (broken) return;
      if (!connection.write_all(line, k_reader_patience)) {
        broken = true;
        connection.shut_down();  // wakes the reader, which cancels the client's requests
      }
    }
  };

  void read(Engine& engine, const base::Path& address) {
    {
      Engine::Client client(engine, [link = link_](const protocol::Reply& reply) { link->send(reply); });
      for (;;) {
        const auto outcome = link_->connection.read_line(1h, protocol::k_line_limit);
        if (!outcome) link_->send({0, protocol::Failed{outcome.error()}});
        if (!outcome || outcome->state == base::LocalConnection::ReadState::closed) break;
        if (outcome->state == base::LocalConnection::ReadState::timeout) continue;
        const auto request = protocol::decode_request(outcome->line);
        if (request) client.handle(*request, static_cast<std::int64_t>(outcome->line.size()));
        else link_->send({0, protocol::Failed{request.error()}});
        if (!engine.is_finished()) continue;
        (void)base::LocalConnection::connect(address);
        break;
      }
    }
    done_ = true;
  }

  std::shared_ptr<Link> link_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace

void serve(base::LocalListener listener, Engine& engine, const base::CancelToken& stop) {
  std::list<ClientThread> clients;
  for (; !engine.is_finished() && !stop.is_requested(); engine.note_time()) {
    // Nothing but its end and a quiet time are waited for here: waking up is what an idle engine would spend its time
    // with.
    auto accepted = listener.accept(1s);
    if (!accepted) {
      base::log(base::LogLevel::error, accepted.error().message);
      break;
    }
    clients.remove_if([](const ClientThread& client) { return client.is_done(); });
    if (!*accepted) continue;
    if (clients.size() >= k_most_clients) {
      refuse(**accepted, fmt::format("the engine has {} connections, it takes no more", k_most_clients));
      continue;
    }
    try {
      clients.emplace_back(std::move(**accepted), engine, listener.address());
    } catch (const std::system_error& error) {
      base::log(base::LogLevel::error, fmt::format("no thread for a connection: {}", error.what()));
    }
  }
  engine.cancel_all();
}

}  // namespace oc::server
