// SPDX-License-Identifier: Apache-2.0
#include "base/local_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/clock.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::base {
namespace {

using testing::ScratchFolder;
using namespace std::chrono_literals;
using ReadState = LocalConnection::ReadState;

constexpr std::size_t k_line_limit = 1 << 20;

struct Pair {
  LocalListener listener;
  LocalConnection client;
  LocalConnection server;
};

Pair make_pair_at(const Path& address) {
  LocalListener listener = LocalListener::bind(address).value();
  auto client = LocalConnection::connect(address).value();
  auto server = listener.accept(5s).value();
  return {std::move(listener), std::move(client.value()), std::move(server.value())};
}

std::string line_or_state(LocalConnection& connection, std::chrono::milliseconds timeout = 5s) {
  const auto outcome = connection.read_line(timeout, k_line_limit);
  if (!outcome) return "error: " + outcome.error().message;
  if (outcome->state == ReadState::timeout) return "(timeout)";
  return outcome->state == ReadState::closed ? "(closed)" : outcome->line;
}

TEST(LocalSocket, LinesGoBothWays) {
  const ScratchFolder folder;
  Pair pair = make_pair_at(folder / "s");
  ASSERT_TRUE(pair.client.write_all("first\nsecond ż\n\npart"));
  EXPECT_EQ(line_or_state(pair.server), "first");
  EXPECT_EQ(line_or_state(pair.server), "second ż");
  EXPECT_EQ(line_or_state(pair.server), "");
  EXPECT_EQ(line_or_state(pair.server, 10ms), "(timeout)");
  ASSERT_TRUE(pair.client.write_all(" and the rest\n"));
  EXPECT_EQ(line_or_state(pair.server), "part and the rest");
  ASSERT_TRUE(pair.server.write_all("answer\n"));
  EXPECT_EQ(line_or_state(pair.client), "answer");
}

TEST(LocalSocket, NobodyThereIsNoError) {
  const ScratchFolder folder;
  EXPECT_FALSE(LocalConnection::connect(folder / "s").value().has_value());
  EXPECT_FALSE(LocalConnection::connect(folder / "none/s").value().has_value());
  { const auto listener = LocalListener::bind(folder / "s"); }
  EXPECT_FALSE(LocalConnection::connect(folder / "s").value().has_value());
}

TEST(LocalSocket, AStaleAddressIsTakenOver) {
  const ScratchFolder folder;
  std::ofstream(folder / "s") << "left by a listener that died";
  EXPECT_FALSE(LocalConnection::connect(folder / "s").value().has_value());
  Pair pair = make_pair_at(folder / "s");
  ASSERT_TRUE(pair.client.write_all("x\n"));
  EXPECT_EQ(line_or_state(pair.server), "x");
}

TEST(LocalSocket, TimeoutsAreKeptAndTakeNothingAway) {
  const ScratchFolder folder;
  Pair pair = make_pair_at(folder / "s");
  const Stopwatch watch;
  EXPECT_EQ(line_or_state(pair.server, 60ms), "(timeout)");
  EXPECT_GE(watch.elapsed_ms(), 50.0);
  EXPECT_LT(watch.elapsed_ms(), 2000.0);
  EXPECT_EQ(line_or_state(pair.server, 0ms), "(timeout)");
  for (int i = 0; i < 20; ++i) {  // a line that arrives while a wait ends is kept
    std::thread writer([&] {
      std::this_thread::sleep_for(3ms);
      EXPECT_TRUE(pair.client.write_all("line\n"));
    });
    std::string got = line_or_state(pair.server, 3ms);
    writer.join();
    if (got == "(timeout)") got = line_or_state(pair.server);
    EXPECT_EQ(got, "line");
  }
  EXPECT_FALSE(pair.listener.accept(10ms).value().has_value());
}

TEST(LocalSocket, ALineBeyondTheLimitIsRefused) {
  const ScratchFolder folder;
  Pair pair = make_pair_at(folder / "s");
  ASSERT_TRUE(pair.client.write_all("0123456789\n"));
  EXPECT_EQ(pair.server.read_line(5s, 10).value().line, "0123456789");
  for (const std::string_view text : {"0123456789a\n", "no end to be seen"}) {
    Pair other = make_pair_at(folder / "t");
    ASSERT_TRUE(other.client.write_all(text));
    const auto refused = other.server.read_line(5s, 10);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, ErrorKind::engine);
  }
}

TEST(LocalSocket, WhatWasSentBeforeTheEndArrives) {
  const ScratchFolder folder;
  Pair pair = make_pair_at(folder / "s");
  {
    LocalConnection leaving = std::move(pair.client);
    ASSERT_TRUE(leaving.write_all("last words\nunfinished"));
  }
  EXPECT_EQ(line_or_state(pair.server), "last words");
  EXPECT_EQ(line_or_state(pair.server), "(closed)");
  EXPECT_EQ(line_or_state(pair.server), "(closed)");
  const std::string much(1 << 20, 'x');
  const auto written = pair.server.write_all(much);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::engine);
}

TEST(LocalSocket, ShutDownWakesAReader) {
  const ScratchFolder folder;
  Pair pair = make_pair_at(folder / "s");
  const Stopwatch watch;
  std::string got;
  std::thread reader([&] { got = line_or_state(pair.server, 30s); });
  std::this_thread::sleep_for(20ms);
  pair.server.shut_down();
  reader.join();
  EXPECT_EQ(got, "(closed)");
  EXPECT_LT(watch.elapsed_ms(), 5000.0);
  EXPECT_EQ(line_or_state(pair.server), "(closed)");
  EXPECT_FALSE(pair.server.write_all("x\n"));
}

TEST(LocalSocket, BigMessagesGoBothWaysAtOnce) {
  const ScratchFolder folder;
  Pair pair = make_pair_at(folder / "s");
  constexpr std::size_t limit = 8 << 20;
  const std::string up = std::string(3'000'000, 'u') + "\n", down = std::string(4'000'000, 'd') + "\n";
  std::thread up_writer([&] { EXPECT_TRUE(pair.client.write_all(up)); });
  std::thread down_writer([&] { EXPECT_TRUE(pair.server.write_all(down)); });
  std::string at_client;
  std::thread client_reader([&] { at_client = pair.client.read_line(20s, limit).value().line; });
  const std::string at_server = pair.server.read_line(20s, limit).value().line;
  for (auto* thread : {&up_writer, &down_writer, &client_reader}) thread->join();
  EXPECT_TRUE(at_server + "\n" == up);
  EXPECT_TRUE(at_client + "\n" == down);
}

TEST(LocalSocket, ServesManyClientsAtATime) {
  const ScratchFolder folder;
  const Path address = folder / "s";
  LocalListener listener = LocalListener::bind(address).value();
  constexpr int count = 8;
  std::vector<std::thread> clients;
  std::atomic<int> right = 0;
  for (int i = 0; i < count; ++i)
    clients.emplace_back([&, i] {
      auto connection = LocalConnection::connect(address).value();
      const std::string text = fmt::format("client {}", i);
      if (connection->write_all(text + "\n") && line_or_state(*connection) == "hello " + text) ++right;
    });
  std::vector<LocalConnection> servers;
  while (servers.size() < count) {
    auto next = listener.accept(5s).value();
    ASSERT_TRUE(next.has_value());
    servers.push_back(std::move(*next));
  }
  for (auto& server : servers) EXPECT_TRUE(server.write_all("hello " + line_or_state(server) + "\n"));
  for (auto& client : clients) client.join();
  EXPECT_EQ(right, count);
}

TEST(LocalSocket, AClientThatIsGoneBeforeItIsServedDoesNoHarm) {
  const ScratchFolder folder;
  LocalListener listener = LocalListener::bind(folder / "s").value();
  { const auto gone = LocalConnection::connect(folder / "s"); }
  if (auto ghost = listener.accept(50ms).value()) {
    EXPECT_EQ(line_or_state(*ghost), "(closed)");
  }
  auto client = LocalConnection::connect(folder / "s").value();
  ASSERT_TRUE(client.has_value());
  ASSERT_TRUE(client->write_all("alive\n"));
  auto server = listener.accept(5s).value();
  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(line_or_state(*server), "alive");
}

TEST(LocalSocket, ALongAddressIsAnErrorOrWorks) {
  const ScratchFolder folder;
  const Path address = folder / std::string(200, 'x');
  const auto listener = LocalListener::bind(address);
  if (!listener) {
    EXPECT_EQ(listener.error().kind, ErrorKind::configuration);
    return;
  }
  EXPECT_TRUE(LocalConnection::connect(address).value().has_value());
}

}  // namespace
}  // namespace oc::base
