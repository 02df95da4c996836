// SPDX-License-Identifier: Apache-2.0
#include "inference/model_shelf.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/system.hpp"
#include "inference/gguf_model.hpp"
#include "inference/scripted_model.hpp"
#include "llama/runtime.hpp"
#include "protocol/probe.hpp"

namespace oc::inference {
namespace {

base::Result<base::FileFacts> facts_of_model_file(const base::Path& path) {
  OC_TRY(const auto found, base::find_file_facts(path));
  if (!found)
    return base::fail(base::ErrorKind::model, fmt::format("there is no model file {}", base::display(path)),
                      "see 'offline-coder model list', or import one with 'offline-coder model import FILE'");
  if (!found->is_regular)
    return base::fail(base::ErrorKind::model, fmt::format("{} is not a file", base::display(path)));
  return *found;
}

// Threads meet after every operation. A model whose whole layer is computed in microseconds spends its time waiting
// there, and on a busy machine a hundred times longer.
constexpr std::int64_t k_weights_worth_threads = 64'000'000;

int usual_threads(const protocol::ModelFacts& facts) {
  return facts.weight_bytes < k_weights_worth_threads ? 1 : base::physical_core_count();
}

}  // namespace

base::Result<ModelShelf::Taken> ModelShelf::take(const protocol::ModelReference& asked, const ProgressSink& progress,
                                                 const base::CancelToken& cancel) {
  protocol::ModelReference reference = asked;
  if (!options_.script.empty()) reference = {protocol::ModelReference::Kind::script, options_.script, 0, 0};
  const base::Path path = base::path_from_utf8(reference.path);
  OC_TRY(const base::FileFacts file, facts_of_model_file(path));
  if (model_ && reference == reference_ && file == file_) return Taken{model_.get(), 0};
  const base::Stopwatch watch;
  model_.reset();
  std::unique_ptr<LanguageModel> model;
  if (reference.kind == protocol::ModelReference::Kind::script) {
    OC_TRY(model, ScriptedModel::load(path));
  } else {
    OC_TRY(model, load_gguf(reference, progress, cancel));
  }
  model_ = std::move(model);
  reference_ = reference;
  file_ = file;
  base::log(base::LogLevel::info,
            fmt::format("loaded {} in {:.0f} ms, context of up to {} tokens, {} threads", base::display(path),
                        watch.elapsed_ms(), model_->context_limit(), model_->threads()));
  return Taken{model_.get(), watch.elapsed_ms()};
}

base::Result<protocol::ModelFacts> ModelShelf::probe(const base::Path& path, const base::FileFacts& file,
                                                     const base::CancelToken& cancel) {
  if (const auto known = probed_.find(path); known != probed_.end() && known->second.file == file)
    return known->second.facts;
  OC_TRY(auto facts, protocol::probe_model(options_.engine_program, path, cancel));
  probed_[path] = {file, facts};
  return facts;
}

base::Result<std::unique_ptr<LanguageModel>> ModelShelf::load_gguf(const protocol::ModelReference& reference,
                                                                   const ProgressSink& progress,
                                                                   const base::CancelToken& cancel) {
  const base::Path path = base::path_from_utf8(reference.path);
  progress({protocol::Progress::Stage::loading, 0, 1000});
  OC_TRY(const base::FileFacts file, facts_of_model_file(path));
  OC_TRY(const protocol::ModelFacts facts, probe(path, file, cancel));
  ContextPolicy policy;
  policy.context_tokens = reference.context_tokens;
  policy.threads = reference.threads > 0 ? reference.threads : usual_threads(facts);
  policy.memory = options_.memory_limit.value > 0 ? options_.memory_limit : base::memory_facts().available;
  OC_CHECK(choose_context_limit(facts, policy));  // before the weights are read
  if (!runtime_started_) llama::start_runtime(options_.backends_folder);
  runtime_started_ = true;
  const auto report = [&](double fraction) {
    progress({protocol::Progress::Stage::loading, static_cast<std::int64_t>(fraction * 1000), 1000});
  };
  OC_TRY(auto model, llama::Model::load(path, llama::LoadScope::weights, report, cancel.flag()));
  OC_TRY(auto made, GgufModel::create(std::move(model), facts, policy));
  return std::unique_ptr<LanguageModel>(std::move(made));
}

}  // namespace oc::inference
