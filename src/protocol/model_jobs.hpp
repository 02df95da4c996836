// SPDX-License-Identifier: Apache-2.0
// Long work on a model file that a disposable child of the engine does (`offline-coder-engine quantize` and `measure`):
// what it is asked and what it prints, a line of JSON each. A damaged GGUF kills the child alone; that is one more
// answer. Which copies are worth making is tasks/model_optimize.hpp's matter.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::protocol {

// The types of weights a copy can be made of: both have 4.5 bits a weight.
enum class QuantType { q4_k, q4_0 };
// "Q4_K".
std::string_view to_string(QuantType type);
// Case does not count; "q4-k" is taken, too.
std::optional<QuantType> parse_quant_type(std::string_view text);

// How weights lie in memory: as in the file, mapped; or copied into the layout that the CPU's kernels like best.
enum class WeightLayout { mapped, repacked };
// "mapped".
std::string_view to_string(WeightLayout layout);

// Of the best call of each kind: other programs make calls slower, never faster.
struct Speed {
  double prefill_tokens_per_second = 0;
  double decode_tokens_per_second = 0;
  double load_ms = 0;
  double steadiness =
      1;  // 0–1: how near the median is to the best, of the kind where it is farther; low: a busy machine
  bool operator==(const Speed&) const = default;
};
struct QuantizedFile {
  std::int64_t bytes = 0;
  bool operator==(const QuantizedFile&) const = default;
};
struct JobProgress {
  int done = 0;  // tensors
  int total = 0;
  bool operator==(const JobProgress&) const = default;
};

// What such a child prints: progress as often as it likes, then one of the others.
using JobLine = std::variant<JobProgress, QuantizedFile, Speed, base::Error>;
std::string encode_job_line(const JobLine& line);
// Kind `engine` for what is none.
base::Result<JobLine> decode_job_line(std::string_view line);

struct QuantizeJob {
  base::Path source;
  base::Path target;  // must not exist
  QuantType type = QuantType::q4_k;
  int threads = 1;
};
struct MeasureJob {
  base::Path file;
  WeightLayout layout = WeightLayout::mapped;
  int threads = 1;
};
using OnJobProgress = std::function<void(JobProgress progress)>;

// Run the child to its end. Kinds: `model` (cannot be done with this file, with libllama's reason), `io`, `engine`,
// `cancelled` (the child is dead then). What a quantize child that failed or died has written stays for the caller.
base::Result<QuantizedFile> quantize_model(const base::Path& engine_program, const QuantizeJob& job,
                                           const OnJobProgress& progress, const base::CancelToken& cancel);
// Takes the load and at most about 20 s more.
base::Result<Speed> measure_model(const base::Path& engine_program, const MeasureJob& job,
                                  const base::CancelToken& cancel);

}  // namespace oc::protocol
