// SPDX-License-Identifier: Apache-2.0
// The engine as its clients see it, without the socket.
#include "server/engine.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <thread>

#include "engine/models.hpp"

namespace oc::tests {
namespace {

using protocol::ReplyBody;

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    engine_ = std::make_unique<server::Engine>(usual_options());
  }
  server::Engine::Options usual_options() {
    server::Engine::Options options;
    options.shelf.engine_program = OC_ENGINE_PROGRAM;
    options.shelf.backends_folder = OC_BACKENDS_FOLDER;
    options.shelf.memory_limit = base::ByteCount(4'000'000'000);
    options.kv.memory_limit = base::ByteCount(std::int64_t{1} << 28);
    options.idle_seconds = 1e9;
    options.is_on_battery = [this] { return on_battery_.load(); };
    return options;
  }
  void TearDown() override {
    if (engine_) engine_->cancel_all();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A connection by hand.
  class Peer {
   public:
    explicit Peer(server::Engine& engine) : client_(engine, [this](const protocol::Reply& reply) { take(reply); }) {}
    std::uint64_t send(protocol::RequestBody body, std::int64_t bytes = 0) {
      const std::uint64_t id = ++last_id_;
      client_.handle({id, std::move(body)}, bytes);
      return id;
    }
    // The last reply to a request.
    ReplyBody wait_for(std::uint64_t id) {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [&] { return ended_.contains(id); });
      return ended_[id];
    }
    template <class Wanted>
    Wanted ask(protocol::RequestBody body) {
      return std::get<Wanted>(wait_for(send(std::move(body))));
    }
    std::string text_of(std::uint64_t id) {
      const std::lock_guard lock(mutex_);
      return texts_[id];
    }
    void wait_for_text(std::uint64_t id) {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [&] { return !texts_[id].empty(); });
    }
    // In this order.
    std::vector<std::uint64_t> ends() {
      const std::lock_guard lock(mutex_);
      return ends_;
    }
    void wait_for_progress() {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [&] { return has_progress_; });
    }

   private:
    void take(const protocol::Reply& reply) {
      const std::lock_guard lock(mutex_);
      const auto* progress = std::get_if<protocol::Progress>(&reply.body);
      if (progress != nullptr && progress->stage == protocol::Progress::Stage::prefill) has_progress_ = true;
      else if (progress == nullptr && !std::holds_alternative<protocol::AnswerText>(reply.body)) {
        ended_[reply.id] = reply.body;
        ends_.push_back(reply.id);
      }
      if (const auto* text = std::get_if<protocol::AnswerText>(&reply.body)) texts_[reply.id] += text->text;
      came_.notify_all();
    }
    std::mutex mutex_;
    std::condition_variable came_;
    std::map<std::uint64_t, ReplyBody> ended_;
    std::vector<std::uint64_t> ends_;
    std::map<std::uint64_t, std::string> texts_;
    bool has_progress_ = false;
    std::uint64_t last_id_ = 0;
    server::Engine::Client client_;  // last: its replies use the others
  };

  // Nothing that is asked meanwhile begins: a request that only ends when it is cancelled has the inference thread.
  std::uint64_t hold_inference_thread(Peer& peer) {
    protocol::Generate holding = chat("hold");
    holding.model = script(R"({"answer": "x", "prefill_ms": 600000})");
    const std::uint64_t held = peer.send(holding);
    peer.wait_for_progress();
    return held;
  }
  // Returns when all work for later that was queued before has ended.
  static void let_go_and_wait(Peer& peer, std::uint64_t held) {
    peer.ask<protocol::Acknowledged>(protocol::Cancel{held});
    peer.wait_for(held);
    finish_work_for_later(peer);
  }
  static void finish_work_for_later(Peer& peer) {
    // Of the same priority, and after it in the queue.
    protocol::Generate last = prompt_only(1000);
    last.max_tokens = base::TokenCount(1);
    peer.ask<protocol::Generated>(last);
  }
  static protocol::Generate prompt_only(int number) {
    protocol::Generate request = chat(fmt::format("Question {}: why?", number), 0);
    request.model = starter();
    request.priority = protocol::Priority::idle;
    return request;
  }
  static bool is_computed(Peer& peer, int number) {
    const auto forecast = peer.ask<protocol::Forecasted>(protocol::Forecast{starter(), prompt_only(number).prompt});
    return forecast.cached == forecast.prompt;
  }

  static protocol::ModelReference starter() {
    return {protocol::ModelReference::Kind::gguf, base::to_utf8(k_starter), 0, 1, {}};
  }
  // Another model.
  protocol::ModelReference copy_of_starter() const {
    const base::Path copy = folder_ / "other.gguf";
    std::filesystem::copy_file(k_starter, copy);
    return {protocol::ModelReference::Kind::gguf, base::to_utf8(copy), 0, 1, {}};
  }
  // As a load asks for it.
  static std::int64_t memory_of_one() {
    const protocol::ModelFacts facts = make_model(k_starter)->facts();
    return facts.weight_bytes + facts.buffer_bytes + facts.context_trained * facts.kv_bytes_per_token;
  }
  protocol::ModelReference script(const std::string& lines) {
    const base::Path path = folder_ / "script";
    std::ofstream(path, std::ios::binary) << lines;
    return {protocol::ModelReference::Kind::script, base::to_utf8(path), 0, 0, {}};
  }

  base::Path folder_ = base::Path(testing::TempDir()) /
                       fmt::format("oc-engine-{}", testing::UnitTest::GetInstance()->current_test_info()->name());
  std::atomic<bool> on_battery_{false};
  std::unique_ptr<server::Engine> engine_;
};

TEST_F(EngineTest, OnItsBatteryTheMachineComputesNothingThatNobodyWaitsFor) {
  Peer peer(*engine_);
  peer.ask<protocol::Loaded>(protocol::Load{starter()});
  const std::uint64_t held = hold_inference_thread(peer);
  protocol::Generate plugged_in = prompt_only(0);
  plugged_in.power = protocol::Power::mains;
  peer.ask<protocol::Acknowledged>(plugged_in);
  peer.ask<protocol::Acknowledged>(prompt_only(1));
  on_battery_ = true;  // the plug is pulled while it waits
  let_go_and_wait(peer, held);
  EXPECT_FALSE(is_computed(peer, 0));
  EXPECT_TRUE(is_computed(peer, 1)) << "somebody wants it always";
}

TEST_F(EngineTest, OfTooMuchWorkForLaterTheOldestIsDropped) {
  Peer peer(*engine_);
  peer.ask<protocol::Loaded>(protocol::Load{starter()});
  const std::uint64_t held = hold_inference_thread(peer);
  constexpr int k_asked = 50, k_kept = 32;
  for (int i = 0; i < k_asked; ++i) peer.ask<protocol::Acknowledged>(prompt_only(i));
  let_go_and_wait(peer, held);
  for (int i = 0; i < k_asked; ++i) EXPECT_EQ(is_computed(peer, i), i >= k_asked - k_kept) << i;
}

protocol::Generate completion(const protocol::ModelReference& model, const std::string& typed) {
  protocol::InfillPrompt prompt;
  prompt.path = "sums.py";
  for (int i = 0; i < 12; ++i) prompt.prefix += fmt::format("def add_{}(a, b):\n    return a + b\n\n", i);
  prompt.prefix += typed;
  for (int i = 0; i < 12; ++i) prompt.suffix += fmt::format("\n\ndef subtract_{}(a, b):\n    return a - b\n", i);
  protocol::Generate request;
  request.model = model;
  request.prompt = prompt;
  request.max_tokens = base::TokenCount(12);
  request.priority = protocol::Priority::completion;
  request.reuse = protocol::Reuse::approximate;
  return request;
}

TEST_F(EngineTest, WhatWaitsTakesNoMoreMemoryThanItMay) {
  constexpr std::int64_t large = 100 << 20;
  Peer holder(*engine_), one(*engine_), two(*engine_), three(*engine_);
  const std::uint64_t held = hold_inference_thread(holder);
  protocol::Generate request = chat("what?");
  request.model = starter();
  const std::uint64_t first = one.send(request, large);
  const auto expect_refused = [&](Peer& peer) {
    const auto reply = peer.wait_for(peer.send(request, large));
    const auto* failed = std::get_if<protocol::Failed>(&reply);
    ASSERT_NE(failed, nullptr);
    EXPECT_NE(failed->error.message.find("too much memory"), std::string::npos) << failed->error.message;
  };
  expect_refused(one);
  two.send(request, large);
  expect_refused(three);
  one.ask<protocol::Acknowledged>(protocol::Cancel{first});
  const std::uint64_t last = three.send(request, large);
  let_go_and_wait(holder, held);
  EXPECT_TRUE(std::holds_alternative<protocol::Generated>(three.wait_for(last)));
}

TEST_F(EngineTest, AnApproximateCompletionIsReplacedByTheExactOne) {
  Peer peer(*engine_);
  peer.ask<protocol::Generated>(completion(starter(), "def total(a"));
  const protocol::Generate request = completion(starter(), "def total(abc");
  const auto approximate = peer.ask<protocol::Generated>(request);
  EXPECT_LE(approximate.usage.prompt.value - approximate.usage.cached.value, 16);
  EXPECT_TRUE(approximate.is_approximate);
  finish_work_for_later(peer);
  const auto forecast = peer.ask<protocol::Forecasted>(protocol::Forecast{starter(), request.prompt});
  EXPECT_EQ(forecast.cached, forecast.prompt) << "its exact KV is there";
  protocol::Generate exact = request;
  exact.reuse = protocol::Reuse::exact;
  const std::string wanted = ask(*make_model(k_starter), exact).text;
  const std::uint64_t again = peer.send(request);
  const auto known = std::get<protocol::Generated>(peer.wait_for(again));
  EXPECT_EQ(known.usage.completion.value, 0) << "it is known";
  EXPECT_FALSE(known.is_approximate);
  EXPECT_EQ(peer.text_of(again), wanted);
}

// Somebody asks one model again and again, always before the answer is there; somebody else asks another one.
TEST_F(EngineTest, OfTwoModelsThatDoNotFitNoneWaitsForEver) {
  server::Engine::Options options = usual_options();
  const protocol::ModelFacts facts = make_model(k_starter)->facts();
  const std::int64_t of_one =
      facts.weight_bytes + facts.buffer_bytes + facts.context_trained * facts.kv_bytes_per_token;
  options.shelf.memory_limit = base::ByteCount(of_one * 3 / 2);
  options.turns.interactive = inference::Scheduler::Duration::zero();
  engine_ = std::make_unique<server::Engine>(std::move(options));
  Peer peer(*engine_);
  protocol::Generate request = chat("Write a loop.", 200);
  request.model = starter();
  protocol::Generate other = chat("Why?", 4);
  other.model = copy_of_starter();
  const std::uint64_t first = peer.send(request);
  peer.wait_for_text(first);
  const std::uint64_t waiting = peer.send(other);
  std::vector<std::uint64_t> later;
  for (int i = 0; i < 5; ++i) later.push_back(peer.send(request));
  EXPECT_TRUE(std::holds_alternative<protocol::Generated>(peer.wait_for(waiting)));
  for (const std::uint64_t id : later) EXPECT_TRUE(std::holds_alternative<protocol::Generated>(peer.wait_for(id)));
  EXPECT_EQ(peer.ends().at(1), waiting) << "as soon as the first answer was given";
}

// The machine is measured without being asked to, for the model that was used, and what was measured is kept.
class CalibratingEngine : public EngineTest {
 protected:
  // It writes what it learned.
  void stop() {
    if (engine_) engine_->cancel_all();
    engine_.reset();
  }
  // Another engine in its place.
  void start(server::Engine::Options options) {
    stop();
    options.shelf.speeds_folder = folder_ / "speeds";
    engine_ = std::make_unique<server::Engine>(std::move(options));
  }
  template <class Condition>
  void wait_for_status(Peer& peer, const Condition& is_so) {
    const base::Stopwatch watch;
    while (!is_so(peer.ask<protocol::StatusReply>(protocol::Status{}))) {
      ASSERT_LT(watch.elapsed_ms(), 60'000);
      engine_->note_time();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  static protocol::Generate ask_for(const char* text) {
    protocol::Generate request = chat(text, 4);
    request.model = starter();
    return request;
  }
  // As if repacked weights had been found better; and there is no memory for them, so that they are not used either.
  void pretend_repacking_pays() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "speeds")) {
      inference::Speeds speeds = inference::load_speeds(entry.path());
      EXPECT_GT(speeds.rounds, 0);
      speeds.is_calibrated = false;
      speeds.repack = true;
      ASSERT_TRUE(inference::store_speeds(entry.path(), speeds));
    }
  }
  static base::ByteCount too_little_for_repacking() {
    const protocol::ModelFacts facts = make_model(k_starter)->facts();
    return base::ByteCount(facts.weight_bytes + facts.buffer_bytes + 3000 * facts.kv_bytes_per_token);
  }
};

TEST_F(CalibratingEngine, MeasuresByItselfAndOnce) {
  start(usual_options());
  {
    Peer peer(*engine_);
    peer.ask<protocol::Generated>(ask_for("Why?"));
    wait_for_status(peer, [](const auto& status) { return !status.speeds.steps.empty(); });
  }
  start(usual_options());
  Peer peer(*engine_);
  peer.ask<protocol::Loaded>(protocol::Load{starter()});
  EXPECT_FALSE(peer.ask<protocol::StatusReply>(protocol::Status{}).speeds.steps.empty()) << "it is known already";
}

// Somebody wanted one thread, once.
TEST_F(CalibratingEngine, WhatIsMeasuredWithThreadsOfOnesOwnIsNoChoiceForOthers) {
  start(usual_options());
  Peer peer(*engine_);
  EXPECT_FALSE(peer.ask<protocol::Calibrated>(protocol::Calibrate{starter()}).steps.empty());
  protocol::ModelReference as_usual = starter();
  as_usual.threads = 0;
  peer.ask<protocol::Loaded>(protocol::Load{as_usual});
  EXPECT_TRUE(peer.ask<protocol::StatusReply>(protocol::Status{}).speeds.steps.empty());
}

// Somebody needs the memory while the machine is measured.
TEST_F(CalibratingEngine, AMeasurementThatWasCutShortIsMadeLater) {
  server::Engine::Options options = usual_options();
  options.shelf.memory_limit = base::ByteCount(memory_of_one() * 3 / 2);
  start(std::move(options));
  const auto wait_until_idle = [&](Peer& peer, const protocol::ModelReference& model) {
    protocol::Generate last = prompt_only(1000);  // of the same priority, and after it in the queue
    last.model = model;
    last.max_tokens = base::TokenCount(1);
    peer.ask<protocol::Generated>(last);
  };
  Peer peer(*engine_);
  protocol::Generate other = ask_for("Why?");
  other.model = copy_of_starter();
  // As often as it takes on a busy machine until it is believed.
  for (int round = 0; round < 5; ++round) peer.ask<protocol::Calibrated>(protocol::Calibrate{other.model});
  peer.ask<protocol::Generated>(ask_for("Why?"));  // to be measured when it is quiet
  peer.ask<protocol::Generated>(other);
  wait_until_idle(peer, other.model);
  peer.ask<protocol::Generated>(ask_for("How?"));
  wait_for_status(peer, [](const auto& status) {
    return status.model == base::to_utf8(k_starter) && !status.speeds.steps.empty();
  });
}

TEST_F(CalibratingEngine, WhatWasChosenTakesEffectWhenItCostsLittleOrNobodyIsThere) {
  start(usual_options());
  {
    Peer peer(*engine_);
    peer.ask<protocol::Generated>(ask_for("Why?"));
    wait_for_status(peer, [](const auto& status) { return !status.speeds.steps.empty(); });
  }
  for (const bool is_much : {false, true}) {
    stop();
    pretend_repacking_pays();
    server::Engine::Options options = usual_options();
    options.shelf.memory_limit = too_little_for_repacking();
    options.again_ms = is_much ? 0 : 1e9;
    options.quiet_seconds = is_much ? 2 : 1e9;
    start(std::move(options));
    Peer peer(*engine_);
    const auto first = peer.ask<protocol::Generated>(ask_for("Why?"));
    const auto second = peer.ask<protocol::Generated>(ask_for("How?"));
    const auto tokens_read = [&] { return peer.ask<protocol::StatusReply>(protocol::Status{}).reuse.prompt_tokens; };
    const base::Stopwatch busy;
    while (is_much && busy.elapsed_ms() < 4'000) {
      EXPECT_EQ(tokens_read(), first.usage.prompt.value + second.usage.prompt.value) << "somebody is there";
      engine_->note_time();
    }
    // Loaded anew, it has read the last prompt and nothing else.
    const base::Stopwatch watch;
    while (tokens_read() != second.usage.prompt.value && watch.elapsed_ms() < 60'000) {
      for (int i = 0; i < 30; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        engine_->note_time();
      }
    }
    EXPECT_LT(watch.elapsed_ms(), 60'000) << is_much;
  }
}

}  // namespace
}  // namespace oc::tests
