// SPDX-License-Identifier: Apache-2.0
// The models of the engine tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "inference/gguf_model.hpp"
#include "inference/speeds.hpp"

namespace oc::tests {

inline const base::Path k_starter = base::Path(OC_MODELS_FOLDER) / "starter.gguf";
inline const base::Path k_tiny = base::Path(OC_TINY_MODEL);
inline const base::Path k_shared_models = base::Path(OC_SHARED_FOLDER) / "models";

inline llama::Model load_model(const base::Path& path, llama::LoadScope scope = llama::LoadScope::weights) {
  static const std::atomic<bool> never{false};
  auto model = llama::Model::load(path, scope, [](double) {}, never);
  if (!model) throw std::runtime_error(model.error().message);
  return std::move(*model);
}

// One thread: tests run beside each other, and two threads that wait for each other on a busy machine crawl.
inline std::unique_ptr<inference::GgufModel> make_model(const base::Path& path, int context_tokens = 0,
                                                        kv::Store* store = nullptr,
                                                        llama::KvType kv_type = llama::KvType::f16) {
  llama::Model model = load_model(path);
  const protocol::ModelFacts facts = model.facts(path);
  auto made = inference::GgufModel::create(std::move(model), facts,
                                           {context_tokens, 1, 1, base::ByteCount(16'000'000'000), false, kv_type},
                                           {store, "test"});
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

// The starter model with one more number in its metadata.
inline std::string starter_with(const std::string& key, std::uint32_t value) {
  std::ifstream in(k_starter, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  const auto number = [](auto n) { return std::string(reinterpret_cast<const char*>(&n), sizeof n); };
  const auto text = [&](const std::string& t) { return number(std::uint64_t{t.size()}) + t; };
  constexpr std::uint32_t k_u32 = 4, k_string = 8;  // GGUF's types
  std::string more = text(key) + number(k_u32) + number(value) + text("padding") + number(k_string);
  constexpr std::size_t k_alignment = 32;  // of the weights behind it
  const std::size_t with_length = more.size() + sizeof(std::uint64_t);
  more += text(std::string((k_alignment - with_length % k_alignment) % k_alignment, ' '));
  constexpr std::size_t k_count_at = 16, k_first_at = 24;
  bytes[k_count_at] = static_cast<char>(bytes[k_count_at] + 2);
  return bytes.insert(k_first_at, more);
}

// A request to a model and what came of it.
struct Asked {
  std::string text;
  std::vector<std::string> pieces;
  base::Result<protocol::Generated> result;
};

inline Asked ask(inference::LanguageModel& model, const protocol::Generate& request,
                 const base::CancelToken& cancel = {}) {
  Asked asked{"", {}, protocol::Generated{}};
  const auto take = [&](std::string_view piece) {
    asked.text += piece;
    asked.pieces.emplace_back(piece);
  };
  asked.result = inference::generate(model, request, {[](const auto&) {}, take, cancel});
  return asked;
}

inline protocol::Generate chat(const std::string& question, std::int64_t max_tokens = 24) {
  protocol::Generate request;
  request.prompt = protocol::ChatPrompt{
      {{protocol::Role::system, "You are a careful programming assistant."}, {protocol::Role::user, question}}, ""};
  request.max_tokens = base::TokenCount(max_tokens);
  return request;
}

// As if a call of so many rows had been measured to take `first_ms`, and `more_ms` for each row after the first.
inline void pretend_step_times(inference::GgufModel& model, double first_ms, double more_ms) {
  const base::Path file = base::Path(testing::TempDir()) / "oc-step-times.json";
  inference::Speeds speeds;
  speeds.is_calibrated = true;
  for (std::size_t i = 0; i < inference::StepTimes::k_rows.size(); ++i)
    speeds.steps.set(i, first_ms + more_ms * (inference::StepTimes::k_rows[i] - 1));
  ASSERT_TRUE(store_speeds(file, speeds));
  model.learn_speeds(file, inference::GgufModel::Threads::given);
  std::filesystem::remove(file);
}

// As many as possible are asked for.
inline void make_guesses_cheap(inference::GgufModel& model) { pretend_step_times(model, 1e6, 1); }
inline void make_calls_of_several_rows_slow(inference::GgufModel& model) { pretend_step_times(model, 1e3, 2e3); }

#define OC_NEED_FILE(path)            \
  if (!std::filesystem::exists(path)) \
  GTEST_SKIP() << (path) << " is not there: put the folder 'shared' beside the repository"

}  // namespace oc::tests
