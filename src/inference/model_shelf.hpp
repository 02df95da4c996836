// SPDX-License-Identifier: Apache-2.0
// The model that is loaded now. One at a time: two 7B models fit on no laptop. Belongs to the inference thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "base/files.hpp"
#include "inference/language_model.hpp"

namespace oc::inference {

class ModelShelf {
 public:
  struct Options {
    base::Path engine_program;     // for the disposable child that opens a GGUF first
    base::Path backends_folder;    // of ggml's CPU variants; "" = where the system has them
    base::ByteCount memory_limit;  // 0: what the machine has available
    std::string script;            // a script that replaces every model; "" = none
  };
  explicit ModelShelf(Options options) : options_(std::move(options)) {}

  struct Taken {
    LanguageModel* model = nullptr;
    double load_ms = 0;  // 0: it was loaded
  };
  // The model, loaded if it is not, or if its file changed since (a mapped file that changes gives wrong answers).
  // Kinds: `model` (missing, damaged, too large for the memory), `usage`, `io`, `cancelled`.
  base::Result<Taken> take(const protocol::ModelReference& reference, const ProgressSink& progress,
                           const base::CancelToken& cancel);
  const LanguageModel* loaded() const { return model_.get(); }

 private:
  base::Result<std::unique_ptr<LanguageModel>> load_gguf(const protocol::ModelReference& reference,
                                                         const ProgressSink& progress, const base::CancelToken& cancel);
  base::Result<protocol::ModelFacts> probe(const base::Path& path, const base::FileFacts& file,
                                           const base::CancelToken& cancel);

  Options options_;
  protocol::ModelReference reference_;
  base::FileFacts file_;
  std::unique_ptr<LanguageModel> model_;
  bool runtime_started_ = false;
  struct Probed {
    base::FileFacts file;
    protocol::ModelFacts facts;
  };
  std::map<base::Path, Probed> probed_;  // files known to open, while they stay as they are
};

}  // namespace oc::inference
