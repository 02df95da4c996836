// SPDX-License-Identifier: Apache-2.0
// The models that are loaded now: several while they fit into the memory together, else the one that was used last goes
// in place of the others. Belongs to the inference thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/files.hpp"
#include "inference/gguf_model.hpp"
#include "inference/language_model.hpp"
#include "inference/probed_models.hpp"
#include "inference/stamped_file.hpp"
#include "inference/vocabulary_model.hpp"
#include "kv/store.hpp"

namespace oc::inference {

// What the models of one engine use together when nobody says more: a laptop of 16 GB has that to spare.
inline constexpr base::ByteCount k_usual_memory{6'000'000'000};

class ModelShelf {
 public:
  struct Options {
    base::Path engine_program;      // for the disposable child that opens a GGUF first
    base::Path backends_folder;     // of ggml's CPU variants; "" = where the system has them
    base::ByteCount memory_limit;   // 0: what the machine has available, for several models k_usual_memory
    std::string script;             // a script that replaces every model; "" = none
    base::Path speeds_folder;       // where what is learned of this machine is kept; "": nowhere
    kv::Store* kv_store = nullptr;  // where computed KV is kept; null: nowhere. Outlives the shelf
    base::Path probed_folder = {};  // where it is kept which models open without harm; "": nowhere
  };
  explicit ModelShelf(Options options)
      : options_(std::move(options)), probed_(options_.engine_program, options_.probed_folder) {}

  struct Taken {
    LanguageModel* model = nullptr;  // null: it does not fit beside models that are in use; try again later
    double load_ms = 0;              // 0: it was loaded
  };
  // The model, loaded if it is not, or if its file changed since (a mapped file that changes gives wrong answers).
  // Models that nobody uses, or only less urgent requests than `asking`, make room, but for Priority::idle; those
  // requests are told by Generation::wants_model(). For Priority::idle a model that is loaded with other settings stays
  // as it is, too. A completion waits for an answer that somebody waits for: two loads
  // for each keystroke would keep both from their work. Kinds: `model` (missing, damaged, too large for the memory),
  // `usage`, `io`, `cancelled`.
  base::Result<Taken> take(const protocol::ModelReference& reference, protocol::Priority asking,
                           const ProgressSink& progress, const base::CancelToken& cancel);
  // As the model's own, by the loaded model or else by its vocabulary alone, which is kept. Same kinds as take().
  base::Result<base::TokenCount> count(const protocol::ModelReference& reference, const protocol::Prompt& prompt,
                                       const ProgressSink& progress, const base::CancelToken& cancel);
  base::Result<std::vector<protocol::Token>> tokenize(const protocol::Tokenize& request, const ProgressSink& progress,
                                                      const base::CancelToken& cancel);
  // How it was asked for.
  protocol::ModelReference last_reference() const {
    return shelf_.empty() ? protocol::ModelReference{} : shelf_.back().reference;
  }
  // The one that take() gave last; null: none.
  LanguageModel* last_used() const { return shelf_.empty() ? nullptr : shelf_.back().model.get(); }
  // Paths of all.
  std::vector<std::string> loaded() const;
  // As it was asked for; null: it is not loaded.
  LanguageModel* find(const protocol::ModelReference& reference);
  // It is loaded anew by whoever takes it next. Only while it is not in use.
  void drop(const LanguageModel& model) {
    std::erase_if(shelf_, [&](const Loaded& loaded) { return loaded.model.get() == &model; });
  }

 private:
  base::Result<void> check_possible(const protocol::ModelFacts& facts, const protocol::ModelReference& reference) const;
  base::Result<std::unique_ptr<LanguageModel>> load_gguf(const protocol::ModelReference& reference,
                                                         protocol::Priority asking, const ProgressSink& progress,
                                                         const base::CancelToken& cancel);

  // nullptr: the loaded model, or a script, answers for itself.
  base::Result<VocabularyModel*> find_vocabulary(const protocol::ModelReference& reference,
                                                 const base::CancelToken& cancel);
  base::Result<LanguageModel*> find_model(const protocol::ModelReference& reference, const ProgressSink& progress,
                                          const base::CancelToken& cancel);
  void start_runtime();
  // The draft model that `reference` names; null where there is no memory for it beside `model`, which the log says.
  base::Result<std::unique_ptr<DraftModel>> load_draft(const protocol::ModelReference& reference,
                                                       const GgufModel& model, const base::CancelToken& cancel);

  struct Loaded {
    protocol::ModelReference reference;
    std::vector<StampedFile> files;  // its parts
    std::unique_ptr<LanguageModel> model;
  };
  // The loaded model of that file, whatever its context and threads; they do not change what a text is in tokens.
  LanguageModel* find_loaded(const protocol::ModelReference& reference, const std::vector<StampedFile>& files) const;
  // Makes room for a model of `needed` bytes, which is `growing`, or a new one (null); false when models in use have
  // it.
  bool make_room(std::int64_t needed, protocol::Priority asking, const LanguageModel* growing = nullptr);
  // Without dropping anything.
  bool fits(std::int64_t needed, const LanguageModel* growing) const;
  MemoryAnswer answer_growth(const LanguageModel& growing, const MemoryWish& wish);
  std::int64_t memory_of_all() const;
  std::int64_t memory_limit() const;
  // With what the machine has free now, for this model in all; null: for a new one.
  std::int64_t available_to(const LanguageModel* growing) const;

  Options options_;
  std::vector<Loaded> shelf_;    // least recently used first
  std::string vocabulary_path_;  // of vocabulary_
  base::FileFacts vocabulary_file_;
  std::unique_ptr<VocabularyModel> vocabulary_;
  bool runtime_started_ = false;
  ProbedModels probed_;
};

}  // namespace oc::inference
