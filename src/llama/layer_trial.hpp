// SPDX-License-Identifier: Apache-2.0
// How fast the matrices of a model's layers are multiplied, as they lie in the file or in a layout of the CPU's own.
// Two copies of the first layers and a second of work tell what loading the whole model a second time would, which
// takes ten times as long and all of its memory once more. Belongs to one thread at a time.
#pragma once

#include <memory>
#include <optional>

#include "base/error.hpp"
#include "base/path.hpp"
#include "llama/context.hpp"
#include "protocol/model_jobs.hpp"

namespace oc::llama {

class LayerTrial {
 public:
  // Reads the matrices of so many layers from the model's file (of several parts the first) that no processor's cache
  // holds them; after start_runtime(). nullopt: this CPU has no layout of its own for any of them, or there are others
  // than plain matrices of the usual types (experts). Takes up to half a second. Kinds: `io`, `model`.
  static base::Result<std::optional<LayerTrial>> create(const base::Path& model);
  LayerTrial(LayerTrial&&) noexcept;
  LayerTrial& operator=(LayerTrial&&) noexcept;
  ~LayerTrial();

  // Milliseconds that so many threads take to multiply all of them by `rows` rows; 0: stopped, which is asked for after
  // each matrix. Kind `engine`.
  base::Result<double> time(protocol::WeightLayout layout, int rows, int threads, const StopCheck& stop);

 private:
  struct Parts;
  explicit LayerTrial(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace oc::llama
