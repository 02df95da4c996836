// SPDX-License-Identifier: Apache-2.0
#include "llama/model.hpp"

#include <llama.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/prefault.hpp"
#include "base/text.hpp"
#include "llama/context.hpp"
#include "llama/runtime.hpp"

namespace oc::llama {
namespace {

struct ProgressBridge {
  const std::function<void(double)>& report;
  const std::atomic<bool>& stop;
  base::Prefault* prefault;  // of the copies; null where the weights stay in the file
};

bool on_progress(float fraction, void* user) {
  const auto* bridge = static_cast<const ProgressBridge*>(user);
  // All buffers exist when the first weight is read.
  if (bridge->prefault != nullptr) bridge->prefault->reach(static_cast<double>(fraction));
  bridge->report(static_cast<double>(fraction));
  return !bridge->stop.load(std::memory_order_relaxed);
}

// "Q4_K - Medium" → "Q4_K_M", "all F32" → "F32", "mostly Q8_0" → "Q8_0": the names that files carry.
std::string short_quantization(std::string_view name) {
  std::string text(name);
  if (text.starts_with("all ")) text.erase(0, 4);
  if (text.starts_with("mostly ")) text.erase(0, 7);
  if (const std::size_t guess = text.find("(guessed) "); guess == 0) text.erase(0, 10);
  const std::size_t dash = text.find(" - ");
  if (dash == std::string::npos) return text.substr(0, text.find(' '));
  const std::string size = text.substr(dash + 3);
  const char* letter = size.starts_with("Small")    ? "_S"
                       : size.starts_with("Medium") ? "_M"
                       : size.starts_with("Large")  ? "_L"
                                                    : "";
  return text.substr(0, dash) + letter;
}

bool contains_word(std::string text, std::initializer_list<std::string_view> words) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

// All that is kept, moved and cut here are the cells of a KV cache.
base::Result<void> check_kind(const llama_model* model, const base::Path& path) {
  const char* why = nullptr;
  if (llama_model_is_recurrent(model) || llama_model_is_hybrid(model)) why = "keeps a state instead of a KV cache";
  else if (llama_model_is_diffusion(model)) why = "does not write from left to right";
  else if (llama_model_has_encoder(model)) why = "has an encoder";
  if (why == nullptr) return {};
  return base::fail(base::ErrorKind::model, fmt::format("cannot use {}: such a model {}", base::display(path), why),
                    "use a model with attention in all layers, as Qwen2.5-Coder or DeepSeek-Coder");
}

}  // namespace

void Model::Deleter::operator()(llama_model* model) const { llama_model_free(model); }

Model::Model(std::unique_ptr<llama_model, Deleter> model) : model_(std::move(model)) {
  // Our own key: GGUF has none for it.
  const auto order =
      metadata("tokenizer.ggml.fim_order") == "spm" ? InfillOrder::suffix_first : InfillOrder::prefix_first;
  vocabulary_ = std::make_unique<Vocabulary>(llama_model_get_vocab(model_.get()), order);
}

base::Result<Model> Model::load(const base::Path& path, LoadScope scope, const std::function<void(double)>& progress,
                                const std::atomic<bool>& stop) {
  std::optional<base::Prefault> prefault;
  if (scope == LoadScope::repacked_weights) prefault.emplace();
  ProgressBridge bridge{progress, stop, prefault ? &*prefault : nullptr};
  llama_model_params parameters = llama_model_default_params();
  parameters.n_gpu_layers = 0;
  parameters.load_mode = LLAMA_LOAD_MODE_MMAP;
  parameters.use_extra_bufts = scope == LoadScope::repacked_weights;
  parameters.vocab_only = scope == LoadScope::vocabulary;
  parameters.no_alloc = scope == LoadScope::layout;
  if (scope == LoadScope::layout) parameters.load_mode = LLAMA_LOAD_MODE_NONE;
  parameters.progress_callback = on_progress;
  parameters.progress_callback_user_data = &bridge;
  forget_error_line();
  std::unique_ptr<llama_model, Deleter> model(llama_model_load_from_file(base::to_utf8(path).c_str(), parameters));
  if (stop.load())
    return base::fail(base::ErrorKind::cancelled, fmt::format("loading of {} stopped", base::display(path)));
  if (!model) {
    const std::string reason = last_error_line();
    return base::fail(
        base::ErrorKind::model,
        fmt::format("cannot load {}: {}", base::display(path), reason.empty() ? "libllama gave no reason" : reason),
        "the file is damaged or made for another version: get it again");
  }
  OC_CHECK(check_kind(model.get(), path));
  if (llama_vocab_type(llama_model_get_vocab(model.get())) == LLAMA_VOCAB_TYPE_NONE)
    return base::fail(base::ErrorKind::model, fmt::format("{} has no vocabulary", base::display(path)),
                      "use a GGUF that holds its tokenizer");
  return Model(std::move(model));
}

std::string Model::metadata(const std::string& key) const {
  std::string value(256, '\0');
  const int n = llama_model_meta_val_str(model_.get(), key.c_str(), value.data(), value.size());
  if (n < 0) return {};
  if (static_cast<std::size_t>(n) >= value.size()) {
    value.resize(static_cast<std::size_t>(n) + 1);
    llama_model_meta_val_str(model_.get(), key.c_str(), value.data(), value.size());
  }
  value.resize(static_cast<std::size_t>(n));
  return base::replace_invalid_utf8(value);
}

std::int64_t Model::metadata_number(const std::string& key, std::int64_t fallback) const {
  const std::string text = metadata(key);
  std::int64_t value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::int64_t Model::longest_short_context() const {
  const std::string prefix = metadata("general.architecture") + ".rope.scaling.";
  const std::string type = metadata(prefix + "type");
  if (type == "yarn" || type == "linear") return 0;  // the same for all lengths
  return std::max<std::int64_t>(0, metadata_number(prefix + "original_context_length", 0));
}

std::string Model::chat_template() const {
  const char* text = llama_model_chat_template(model_.get(), nullptr);
  return text == nullptr ? std::string() : std::string(text);
}

protocol::ModelFacts Model::facts(const base::Path& path) const {
  const llama_model* m = model_.get();
  protocol::ModelFacts facts;
  facts.path = base::to_utf8(path);
  facts.name = metadata("general.name");
  if (facts.name.empty()) facts.name = base::to_utf8(path.stem());
  facts.architecture = metadata("general.architecture");
  facts.quantization = short_quantization(llama_ftype_name(llama_model_ftype(m)));
  facts.parameters = static_cast<std::int64_t>(llama_model_n_params(m));
  facts.context_trained = llama_model_n_ctx_train(m);
  facts.vocabulary = vocabulary_->size();
  facts.layers = llama_model_n_layer(m);
  const auto infill = vocabulary_->infill();
  facts.infill = infill.has_value();
  facts.repository_infill = infill && infill->file.has_value();

  // Who wrote the file says what it is for in `general.finetune`; files without the newer keys are judged by their
  // name.
  const std::string finetune = metadata("general.finetune");
  const bool named = contains_word(facts.name + base::to_utf8(path.filename()) + finetune, {"instruct", "chat", "-it"});
  const bool tells = !metadata("general.basename").empty() && finetune.empty();
  facts.variant = named || (!chat_template().empty() && !tells) ? "instruct" : "base";

  facts.weight_bytes = static_cast<std::int64_t>(llama_model_size(m));
  if (const auto parts = find_model_parts(path)) {
    facts.parts = static_cast<int>(parts->size());
    for (const base::Path& part : *parts)
      if (const auto found = base::find_file_facts(part); found && *found) facts.file_bytes += (*found)->size.value;
  }
  facts.heads = std::max(1, llama_model_n_head(m));
  const std::int64_t heads = facts.heads;
  const std::int64_t head_size = llama_model_n_embd(m) / heads;
  const std::int64_t key_size = metadata_number(facts.architecture + ".attention.key_length", head_size);
  const std::int64_t value_size = metadata_number(facts.architecture + ".attention.value_length", head_size);
  constexpr std::int64_t k_bytes_of_f16 = 2;
  facts.kv_bytes_per_token = facts.layers * llama_model_n_head_kv(m) * (key_size + value_size) * k_bytes_of_f16;
  const std::int64_t inner = metadata_number(facts.architecture + ".feed_forward_length", 4 * llama_model_n_embd(m));
  facts.buffer_bytes = estimate_buffer_bytes(facts.vocabulary, llama_model_n_embd(m), inner);
  return facts;
}

base::Result<std::vector<base::Path>> find_model_parts(const base::Path& path) {
  // NAME-00002-of-00005.gguf, the form llama_split_path writes.
  const std::string name = base::to_utf8(path.filename());
  constexpr std::string_view k_tail = "-00001-of-00001.gguf";
  const auto is_number = [](std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  if (name.size() <= k_tail.size()) return std::vector{path};
  const std::string_view tail = std::string_view(name).substr(name.size() - k_tail.size());
  if (tail[0] != '-' || !is_number(tail.substr(1, 5)) || tail.substr(6, 4) != "-of-" ||
      !is_number(tail.substr(10, 5)) || tail.substr(15) != ".gguf")
    return std::vector{path};
  const int count = std::atoi(std::string(tail.substr(10, 5)).c_str());
  if (count == 0) return std::vector{path};  // looks like a part's name, is none
  const std::string stem = name.substr(0, name.size() - k_tail.size());
  std::vector<base::Path> parts;
  for (int i = 1; i <= count; ++i) {
    parts.push_back(path.parent_path() / base::path_from_utf8(fmt::format("{}-{:05}-of-{:05}.gguf", stem, i, count)));
    const auto found = base::find_file_facts(parts.back());
    if (!found || !*found)
      return base::fail(base::ErrorKind::model,
                        fmt::format("part {} of {} is missing: {}", i, count, base::display(parts.back())),
                        "put all parts into one folder");
  }
  return parts;
}

}  // namespace oc::llama
