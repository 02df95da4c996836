// SPDX-License-Identifier: Apache-2.0
// Makes copies of a model in types of weights that this CPU computes faster, measures them beside the original and
// keeps the best one. The original is only read. Who does the work (children of the engine) and where models lie is the
// caller's matter; so is what is told about it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "protocol/messages.hpp"
#include "protocol/model_jobs.hpp"
#include "tasks/model_files.hpp"

namespace oc::tasks {

// A request as people make them: a prompt with some of a project in it, an answer of a dozen lines.
inline constexpr double k_typical_prefill_tokens = 512;
inline constexpr double k_typical_decode_tokens = 128;
double typical_request_ms(const protocol::Speed& speed);
// A copy must be that much faster to be kept when nobody asked for its type.
inline constexpr double k_worthwhile_gain = 1.05;
// With more unrest than the first the figures are rough, with more than the second they decide nothing.
inline constexpr double k_rough_unrest = 0.2;
inline constexpr double k_most_unrest = 0.5;

enum class ExistingCopy { refuse, replace };
struct OptimizeRequest {
  LibraryModel source;
  protocol::ModelFacts facts;
  std::optional<protocol::QuantType> type;  // nullopt: try all and keep the fastest, if it is worth it
  base::Path folder;                        // where the copy goes; is created
  std::string name;                         // what it is to be called; "": copy_name()
  ExistingCopy existing = ExistingCopy::refuse;
  std::vector<protocol::WeightLayout> layouts{protocol::WeightLayout::mapped};  // those that fit into memory
  int threads = 1;
};

// "NAME-pure-q4_k".
std::string copy_name(std::string_view source_name, protocol::QuantType type);
// Bytes of a copy, within 2 %; its temporary files need twice that when several types are tried.
base::ByteCount expected_bytes(const protocol::ModelFacts& facts);
base::ByteCount needed_space(const OptimizeRequest& request);
// Is the whole model of that type already?
bool is_all_of(const protocol::ModelFacts& facts, protocol::QuantType type);

// What does the work. protocol/model_jobs.hpp has both.
struct ModelWorkers {
  std::function<base::Result<protocol::QuantizedFile>(const protocol::QuantizeJob& job,
                                                      const protocol::OnJobProgress& progress)>
      quantize;
  std::function<base::Result<protocol::Speed>(const protocol::MeasureJob& job)> measure;
};

enum class OptimizeStage { measuring, quantizing, hashing };
struct OptimizeProgress {
  OptimizeStage stage = OptimizeStage::measuring;
  std::optional<protocol::QuantType> type;  // nullopt: the original
  int permille = 0;                         // of this stage
};
using OnOptimizeProgress = std::function<void(const OptimizeProgress& progress)>;

struct Measured {
  protocol::WeightLayout layout = protocol::WeightLayout::mapped;  // the faster one
  protocol::Speed speed;
};
struct TriedType {
  protocol::QuantType type = protocol::QuantType::q4_k;
  base::ByteCount size;
  Measured measured;
  double gain = 0;       // how many times faster a typical request is; 0: not made
  std::string obstacle;  // why it was not made; "" if it was
};
struct Optimized {
  Measured original;
  double unrest = 0;  // 0–1: by what part measurements of one thing differed; large on a machine that is busy
  std::vector<TriedType> tried;
  std::optional<std::size_t> kept;  // of `tried`
  std::optional<LibraryModel> copy;
};

// Kinds: `model` (split, cannot be quantised), `negative` (all of that type already; nobody asked for a type, and on a
// machine that is this busy none can be chosen), `conflict` (the target exists, or
// is the original), `usage` (the name), `io` (space), `engine`, `cancelled`. Whatever happens, no half copy has the
// target's name and nothing temporary stays; what a killed run left is removed by the next one in that folder.
// Several minutes for a 7B.
base::Result<Optimized> optimize_model(const OptimizeRequest& request, const ModelWorkers& workers,
                                       const OnOptimizeProgress& progress, const base::CancelToken& cancel);

}  // namespace oc::tasks
