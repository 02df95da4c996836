// SPDX-License-Identifier: Apache-2.0
#include "inference/model_shelf.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/folder_entries.hpp"
#include "base/log.hpp"
#include "base/system.hpp"
#include "base/text.hpp"
#include "inference/gguf_model.hpp"
#include "inference/model_identity.hpp"
#include "inference/scripted_model.hpp"
#include "inference/stamped_file.hpp"
#include "llama/model.hpp"
#include "llama/runtime.hpp"

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

// Of all parts: whichever of them changes, it is another model.
base::Result<std::vector<StampedFile>> find_files(const base::Path& path) {
  OC_CHECK(facts_of_model_file(path));  // says more of a missing one
  OC_TRY(const auto parts, llama::find_model_parts(path));
  for (const base::Path& part : parts) OC_CHECK(facts_of_model_file(part));
  OC_TRY(auto files, stamp_parts(path));
  // Rights and links of a file are no matter of its contents.
  for (StampedFile& file : files) file.stamp.changed_ns = 0;
  return files;
}

// Another file of that name, or none, is no harm: the one that is mapped stays until it is unmapped.
bool is_overwritten(const StampedFile& file) {
  const auto entry = base::find_folder_entry(file.path);
  if (!entry || !*entry) return false;
  const base::FileStamp& now = (*entry)->stamp;
  const bool is_same_file = now.device == file.stamp.device && now.inode == file.stamp.inode;
  return is_same_file && (now.size != file.stamp.size || now.modified_ns != file.stamp.modified_ns);
}

base::Result<void> check_mapped(const base::Path& path, const std::vector<StampedFile>& files) {
  if (std::ranges::none_of(files, is_overwritten)) return {};
  return base::fail(base::ErrorKind::model, fmt::format("{} was changed while it was used", base::display(path)),
                    "run the command again; a model is replaced safely by moving another file to its place");
}

// Threads meet after every operation. A model whose whole layer is computed in microseconds spends its time waiting
// there, and on a busy machine a hundred times longer.
constexpr std::int64_t k_weights_worth_choosing = 64'000'000;

// Per mille of a load between two looks at its pages.
constexpr std::int64_t k_drop_interval = 50;

// Only where the pages of the file that were copied can be given back: both together are more than people have.
bool may_repack(const protocol::ModelFacts& facts, base::ByteCount memory) {
  return base::can_drop_mapped_pages() && facts.parts == 1 &&
         memory.value > facts.weight_bytes + facts.buffer_bytes + k_usual_context * facts.kv_bytes_per_token;
}

// What computes, not what its system is called: that changes with every update. The processor's name is in the file's
// identity. `threads`: that somebody wants; what is measured with them is no choice for who wants none (0).
std::string describe_machine(int threads) {
  const std::string wanted = threads > 0 ? fmt::format(", {} wanted", threads) : "";
  return fmt::format("{} cores, {} threads{}", base::physical_core_count(), base::logical_core_count(), wanted);
}

// As the calibration found it best, where that has room.
void choose_computing(ContextPolicy& policy, const Speeds& speeds, const protocol::ModelFacts& facts) {
  policy.step_tokens = speeds.step_tokens;
  if (policy.kv_type != llama::KvType::f16 || speeds.attention == llama::Attention::flash) return;
  ContextPolicy plain = policy;
  plain.attention = speeds.attention;
  const auto limit = choose_context_limit(facts, plain), of_flash = choose_context_limit(facts, policy);
  if (limit && of_flash && *limit >= std::min(k_usual_context, *of_flash)) policy = plain;
}

int usual_threads(const protocol::ModelFacts& facts) {
  return facts.weight_bytes < k_weights_worth_choosing ? 1 : base::physical_core_count();
}

}  // namespace

std::int64_t ModelShelf::memory_of_all() const {
  std::int64_t sum = 0;
  for (const Loaded& loaded : shelf_) sum += loaded.model->memory().value;
  return sum;
}

// Weights are mapped: what loaded models have of it counts as available, and is not.
std::int64_t ModelShelf::memory_limit() const {
  return options_.memory_limit.value > 0 ? options_.memory_limit.value : base::memory_facts().available.value;
}

LanguageModel* ModelShelf::find(const protocol::ModelReference& reference) {
  const auto found = std::ranges::find(shelf_, reference, &Loaded::reference);
  return found == shelf_.end() ? nullptr : found->model.get();
}

std::vector<std::string> ModelShelf::loaded() const {
  std::vector<std::string> paths;
  for (const Loaded& loaded : shelf_) paths.push_back(loaded.model->facts().path);
  return paths;
}

bool ModelShelf::fits(std::int64_t needed, const LanguageModel* growing) const {
  const std::int64_t limit = options_.memory_limit.value > 0 ? options_.memory_limit.value : k_usual_memory.value;
  const std::int64_t of_others = memory_of_all() - (growing != nullptr ? growing->memory().value : 0);
  const bool is_alone = of_others == 0;
  return (is_alone || of_others + needed <= limit) && needed <= available_to(growing);
}

// Mapped pages count as available whoever has them.
std::int64_t ModelShelf::available_to(const LanguageModel* growing) const {
  if (options_.memory_limit.value > 0) return options_.memory_limit.value;
  std::int64_t available = base::memory_facts().available.value;
  if (growing != nullptr) available += growing->memory().value - growing->mapped().value;
  for (const Loaded& loaded : shelf_)
    if (loaded.model.get() != growing) available -= loaded.model->mapped().value;
  return available;
}

bool ModelShelf::make_room(std::int64_t needed, protocol::Priority asking, const LanguageModel* growing) {
  const auto is_other = [&](const Loaded& loaded) { return loaded.model.get() != growing; };
  const protocol::Priority least = std::max(asking, protocol::Priority::interactive);
  // What nobody waits for is not worth the next load of what somebody uses.
  if (asking == protocol::Priority::idle) return !std::ranges::any_of(shelf_, is_other) || fits(needed, growing);
  if (!fits(needed, growing))
    for (const Loaded& loaded : shelf_) loaded.model->give_spare_back();
  while (std::ranges::any_of(shelf_, is_other) && !fits(needed, growing)) {
    auto next = std::ranges::find_if(
        shelf_, [&](const Loaded& loaded) { return is_other(loaded) && !loaded.model->is_in_use(); });
    if (next == shelf_.end())
      next = std::ranges::find_if(
          shelf_, [&](const Loaded& loaded) { return is_other(loaded) && loaded.model->let_go(least); });
    if (next == shelf_.end()) return false;
    base::log(base::LogLevel::info, fmt::format("drops {} to make room", next->reference.path));
    shelf_.erase(next);
  }
  return true;
}

MemoryAnswer ModelShelf::answer_growth(const LanguageModel& growing, const MemoryWish& wish) {
  const std::int64_t available = available_to(&growing);
  using Verdict = MemoryAnswer::Verdict;
  if (wish.bytes.value > available) return {Verdict::refused, base::ByteCount(available)};
  const bool is_granted = wish.need == MemoryWish::Need::must ? make_room(wish.bytes.value, wish.asking, &growing)
                                                              : fits(wish.bytes.value, &growing);
  return {is_granted ? Verdict::granted : Verdict::later, base::ByteCount(available)};
}

base::Result<ModelShelf::Taken> ModelShelf::take(const protocol::ModelReference& asked, protocol::Priority asking,
                                                 const ProgressSink& progress, const base::CancelToken& cancel) {
  protocol::ModelReference reference = asked;
  if (!options_.script.empty()) reference = {protocol::ModelReference::Kind::script, options_.script, 0, 0, {}};
  const base::Path path = base::path_from_utf8(reference.path);
  OC_TRY(const auto files, find_files(path));
  const auto known = std::ranges::find_if(
      shelf_, [&](const Loaded& loaded) { return loaded.reference == reference && loaded.files == files; });
  if (known != shelf_.end()) {
    std::rotate(known, known + 1, shelf_.end());
    return Taken{shelf_.back().model.get(), 0};
  }
  const auto has_other_settings = [&](const Loaded& loaded) {
    return loaded.reference.path == reference.path && loaded.files == files;
  };
  if (asking == protocol::Priority::idle && std::ranges::any_of(shelf_, has_other_settings)) return Taken{};
  // Other settings for the same file, or a file that changed (mapped, it gives wrong answers): only one of them stays.
  std::erase_if(shelf_, [&](const Loaded& loaded) {
    return loaded.reference.path == reference.path && !loaded.model->is_in_use();
  });
  const base::Stopwatch watch;
  Loaded loaded{reference, files, nullptr};
  if (reference.kind == protocol::ModelReference::Kind::script) {
    OC_TRY(loaded.model, ScriptedModel::load(path));
  } else {
    OC_TRY(loaded.model, load_gguf(reference, asking, progress, cancel));
    if (loaded.model == nullptr) return Taken{};
    OC_TRY(const auto files_now, find_files(path));
    if (files_now != files)
      return base::fail(base::ErrorKind::model, fmt::format("{} was changed while it was loaded", base::display(path)),
                        "run the command again");
  }
  shelf_.push_back(std::move(loaded));
  const LanguageModel& model = *shelf_.back().model;
  base::log(base::LogLevel::info,
            fmt::format("loaded {} in {:.0f} ms, context of up to {} tokens, {} threads", base::display(path),
                        watch.elapsed_ms(), model.context_limit(), model.threads()));
  return Taken{shelf_.back().model.get(), watch.elapsed_ms()};
}

// What cannot be had even where no other model is loaded.
base::Result<void> ModelShelf::check_possible(const protocol::ModelFacts& facts,
                                              const protocol::ModelReference& reference) const {
  ContextPolicy alone;
  alone.context_tokens = reference.context_tokens;
  alone.memory = base::ByteCount(memory_limit() + (options_.memory_limit.value > 0 ? 0 : memory_of_all()));
  alone.kv_type = choose_kv_type(facts, alone);
  OC_CHECK(choose_context_limit(facts, alone));
  return {};
}

// Null: there is no room beside models that are in use.
base::Result<std::unique_ptr<LanguageModel>> ModelShelf::load_gguf(const protocol::ModelReference& reference,
                                                                   protocol::Priority asking,
                                                                   const ProgressSink& progress,
                                                                   const base::CancelToken& cancel) {
  const base::Path path = base::path_from_utf8(reference.path);
  progress({protocol::Progress::Stage::loading, 0, 1000, 0});
  OC_TRY(const protocol::ModelFacts facts, probed_.facts(path, cancel));
  OC_CHECK(check_possible(facts, reference));  // before others leave for it
  const int usual = facts.context_trained > 0 ? std::min(facts.context_trained, k_usual_context) : k_usual_context;
  const int tokens = reference.context_tokens > 0 ? reference.context_tokens : usual;
  if (!make_room(facts.weight_bytes + facts.buffer_bytes + tokens * facts.kv_bytes_per_token, asking)) return nullptr;
  OC_TRY(auto mapped, stamp_parts(path));
  start_runtime();
  OC_TRY(std::string identity, model_identity(path, {llama::library_version(), llama::processor_name()}));
  const base::Path speeds_path =
      options_.speeds_folder.empty()
          ? base::Path()
          : speeds_file(options_.speeds_folder, identity + describe_machine(reference.threads));
  const Speeds speeds = load_speeds(speeds_path);
  const bool is_worth_choosing = facts.weight_bytes >= k_weights_worth_choosing;
  const bool may_choose = reference.threads == 0 && is_worth_choosing;
  const int threads = reference.threads > 0 ? reference.threads : usual_threads(facts);
  ContextPolicy policy;
  policy.context_tokens = reference.context_tokens;
  policy.prefill_threads = may_choose && speeds.prefill_threads > 0 ? speeds.prefill_threads : threads;
  policy.decode_threads = may_choose && speeds.decode_threads > 0 ? speeds.decode_threads : threads;
  // What others have of it they give when it is needed; but not for a copy of the weights.
  policy.memory = base::ByteCount(memory_limit());
  policy.is_repacked = speeds.repack && may_repack(facts, base::ByteCount(memory_limit() - memory_of_all()));
  policy.kv_type = choose_kv_type(facts, policy);
  if (is_worth_choosing) choose_computing(policy, speeds, facts);
  OC_CHECK(choose_context_limit(facts, policy));  // before the weights are read
  std::int64_t reported = 0;
  const auto report = [&](double fraction) {
    const auto done = static_cast<std::int64_t>(fraction * 1000);
    progress({protocol::Progress::Stage::loading, done, 1000, 0});
    // What has been repacked is not read again: its pages go as the load goes on.
    if (!policy.is_repacked || done < reported + k_drop_interval) return;
    reported = done;
    base::drop_mapped_pages(path);
  };
  const auto scope = policy.is_repacked ? llama::LoadScope::repacked_weights : llama::LoadScope::weights;
  const base::Stopwatch watch;
  OC_TRY(auto model, llama::Model::load(path, scope, report, cancel.flag()));
  KvHome home{options_.kv_store, std::move(identity),
              [path, files = std::move(mapped)] { return check_mapped(path, files); }};
  OC_TRY(auto made, GgufModel::create(std::move(model), facts, policy, std::move(home)));
  if (policy.is_repacked) base::drop_mapped_pages(path);
  using Computing = GgufModel::Computing;
  made->learn_speeds(speeds_path, may_choose ? GgufModel::Threads::chosen_by_calibration : GgufModel::Threads::given,
                     is_worth_choosing ? Computing::chosen_by_calibration : Computing::as_usual);
  made->note_load(watch.elapsed_ms());
  if (!reference.draft.empty()) {
    OC_TRY(auto draft, load_draft(reference, *made, cancel));
    made->guess_with(std::move(draft));
  }
  made->ask_for_memory([this, model = made.get()](const MemoryWish& wish) { return answer_growth(*model, wish); });
  return std::unique_ptr<LanguageModel>(std::move(made));
}

base::Result<std::unique_ptr<DraftModel>> ModelShelf::load_draft(const protocol::ModelReference& reference,
                                                                 const GgufModel& model,
                                                                 const base::CancelToken& cancel) {
  const base::Path path = base::path_from_utf8(reference.draft);
  OC_CHECK(facts_of_model_file(path));
  OC_TRY(const protocol::ModelFacts facts, probed_.facts(path, cancel));
  const base::ByteCount needed = DraftModel::memory_of(facts);
  if (!fits(model.memory().value + needed.value, nullptr)) {
    base::log(base::LogLevel::info, fmt::format("the draft model {} is not used: it needs {} beside {}",
                                                base::display(path), base::format_bytes(needed), model.facts().name));
    return nullptr;
  }
  OC_TRY(auto mapped, stamp_parts(path));
  const auto ignore = [](double) {};
  OC_TRY(auto draft, llama::Model::load(path, llama::LoadScope::weights, ignore, cancel.flag()));
  return DraftModel::create(std::move(draft), facts, model.vocabulary(), {0, model.threads(), model.threads()},
                            [path, files = std::move(mapped)] { return check_mapped(path, files); });
}

void ModelShelf::start_runtime() {
  if (!runtime_started_) llama::start_runtime(options_.backends_folder);
  runtime_started_ = true;
}

LanguageModel* ModelShelf::find_loaded(const protocol::ModelReference& reference,
                                       const std::vector<StampedFile>& files) const {
  const auto known = std::ranges::find_if(shelf_, [&](const Loaded& loaded) {
    return loaded.reference.kind == reference.kind && loaded.reference.path == reference.path && loaded.files == files;
  });
  return known != shelf_.end() ? known->model.get() : nullptr;
}

base::Result<VocabularyModel*> ModelShelf::find_vocabulary(const protocol::ModelReference& reference,
                                                           const base::CancelToken& cancel) {
  if (!options_.script.empty() || reference.kind == protocol::ModelReference::Kind::script) return nullptr;
  const base::Path path = base::path_from_utf8(reference.path);
  OC_TRY(const auto files, find_files(path));
  if (find_loaded(reference, files) != nullptr) return nullptr;
  OC_TRY(const base::FileFacts file, facts_of_model_file(path));
  if (vocabulary_ && vocabulary_path_ == reference.path && vocabulary_file_ == file) return vocabulary_.get();
  OC_CHECK(probed_.facts(path, cancel));
  start_runtime();
  const auto ignore = [](double) {};
  OC_TRY(auto model, llama::Model::load(path, llama::LoadScope::vocabulary, ignore, cancel.flag()));
  vocabulary_ = std::make_unique<VocabularyModel>(std::move(model));
  vocabulary_path_ = reference.path;
  vocabulary_file_ = file;
  return vocabulary_.get();
}

// The loaded model of that file, or the script, which is never too large.
base::Result<LanguageModel*> ModelShelf::find_model(const protocol::ModelReference& reference,
                                                    const ProgressSink& progress, const base::CancelToken& cancel) {
  if (options_.script.empty() && reference.kind == protocol::ModelReference::Kind::gguf) {
    OC_TRY(const auto files, find_files(base::path_from_utf8(reference.path)));
    if (LanguageModel* loaded = find_loaded(reference, files); loaded != nullptr) return loaded;
  }
  OC_TRY(const Taken taken, take(reference, protocol::Priority::interactive, progress, cancel));
  if (taken.model == nullptr)  // it was loaded a moment ago, and its file has changed since
    return base::fail(base::ErrorKind::model,
                      fmt::format("there is no room to load {} again now", base::in_quotes(reference.path)),
                      "run the command again");
  return taken.model;
}

base::Result<base::TokenCount> ModelShelf::count(const protocol::ModelReference& reference,
                                                 const protocol::Prompt& prompt, const ProgressSink& progress,
                                                 const base::CancelToken& cancel) {
  OC_TRY(const VocabularyModel* vocabulary, find_vocabulary(reference, cancel));
  if (vocabulary != nullptr) return vocabulary->count(prompt);
  OC_TRY(LanguageModel * model, find_model(reference, progress, cancel));
  return model->count(prompt);
}

base::Result<std::vector<protocol::Token>> ModelShelf::tokenize(const protocol::Tokenize& request,
                                                                const ProgressSink& progress,
                                                                const base::CancelToken& cancel) {
  OC_TRY(const VocabularyModel* vocabulary, find_vocabulary(request.model, cancel));
  if (vocabulary != nullptr) return vocabulary->tokenize(request.text, request.special);
  OC_TRY(LanguageModel * model, find_model(request.model, progress, cancel));
  return model->tokenize(request.text, request.special);
}

}  // namespace oc::inference
