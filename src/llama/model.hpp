// SPDX-License-Identifier: Apache-2.0
// A loaded GGUF: weights (mapped, shared, immutable) and vocabulary. A damaged file can abort the process: load only
// what a child process has opened before (inference/probed_models.hpp).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/path.hpp"
#include "llama/vocabulary.hpp"
#include "protocol/messages.hpp"

struct llama_model;

namespace oc::llama {

// What to read of the file: all weights; all weights, copied into the order that this CPU multiplies fastest in (docs/
// decisions/0001-no-repack.md says what that costs); only the layout, nothing allocated; only the vocabulary.
enum class LoadScope { weights, repacked_weights, layout, vocabulary };

class Model {
 public:
  // Kind `model` with libllama's reason when it cannot; `cancelled` within one progress step after `stop` is set.
  // progress: 0–1, called often, from this thread. Split files: name the first part. Weights are mapped.
  static base::Result<Model> load(const base::Path& path, LoadScope scope, const std::function<void(double)>& progress,
                                  const std::atomic<bool>& stop);

  const Vocabulary& vocabulary() const { return *vocabulary_; }
  llama_model* get() const { return model_.get(); }
  // Contexts of more tokens turn keys in another way (longrope), so that what was computed in one of the others is of
  // no use there; 0: all contexts are alike.
  std::int64_t longest_short_context() const;
  // The model's own chat template (Jinja source), "" if it has none.
  std::string chat_template() const;
  // Everything but chat_format, which is found by the one who knows the templates (inference/chat_format.hpp).
  protocol::ModelFacts facts(const base::Path& path) const;

 private:
  struct Deleter {
    void operator()(llama_model* model) const;
  };
  explicit Model(std::unique_ptr<llama_model, Deleter> model);
  std::string metadata(const std::string& key) const;
  std::int64_t metadata_number(const std::string& key, std::int64_t fallback) const;

  std::unique_ptr<llama_model, Deleter> model_;
  std::unique_ptr<Vocabulary> vocabulary_;
};

// All parts of a split model, in order, given any one of them; just the file itself when it is not split.
// Kind `model` when a part is missing.
base::Result<std::vector<base::Path>> find_model_parts(const base::Path& path);

}  // namespace oc::llama
