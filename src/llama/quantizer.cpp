// SPDX-License-Identifier: Apache-2.0
#include "llama/quantizer.hpp"

#include <llama.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "base/files.hpp"
#include "llama/gguf_layout.hpp"
#include "llama/runtime.hpp"

namespace oc::llama {
namespace {

// Rows that are quantised at once; libllama's default of 8 GiB would not fit beside the model.
constexpr std::size_t k_buffer_bytes = std::size_t{256} << 20;

// "MOSTLY_Q4_K_S" is what the file calls itself: with `pure` both mixtures of Q4_K are nothing but Q4_K, and the small
// one is nearest.
llama_ftype file_type(QuantType type) {
  return type == QuantType::q4_k ? LLAMA_FTYPE_MOSTLY_Q4_K_S : LLAMA_FTYPE_MOSTLY_Q4_0;
}

// Weights that share a scale; a row is a whole number of blocks.
std::int64_t block_of(QuantType type) {
  return ggml_blck_size(type == QuantType::q4_k ? GGML_TYPE_Q4_K : GGML_TYPE_Q4_0);
}

// Would libllama have to put other types where rows are no multiple of the block?
base::Result<void> check_rows(const QuantizeJob& job) {
  OC_TRY(const GgufLayout layout, read_gguf_layout(job.source));
  const std::int64_t block = block_of(job.type);
  for (ggml_tensor* tensor = ggml_get_first_tensor(layout.tensors.get()); tensor != nullptr;
       tensor = ggml_get_next_tensor(layout.tensors.get(), tensor)) {
    const std::string_view name = ggml_get_name(tensor);
    if (ggml_n_dims(tensor) < 2 || !name.ends_with(".weight") || tensor->ne[0] % block == 0) continue;
    return base::fail(base::ErrorKind::model,
                      fmt::format("{} cannot be made {}: the rows of {} have {} weights, which is no multiple of {}",
                                  base::display(job.source), protocol::to_string(job.type), name, tensor->ne[0], block),
                      job.type == QuantType::q4_k ? "try --type Q4_0" : "");
  }
  return {};
}

struct LogWatch {
  explicit LogWatch(std::function<void(std::string_view)> watcher) { watch_log(std::move(watcher)); }
  LogWatch(const LogWatch&) = delete;
  LogWatch& operator=(const LogWatch&) = delete;
  ~LogWatch() { watch_log({}); }
};

}  // namespace

std::optional<JobProgress> parse_quantize_log(std::string_view text) {
  const auto number = [&](char end, int& value) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    const auto [next, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || next == text.data() + text.size() || *next != end || value < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(next - text.data()) + 1);
    return true;
  };
  JobProgress progress;
  if (!text.starts_with('[')) return std::nullopt;
  text.remove_prefix(1);
  if (!number('/', progress.done) || !number(']', progress.total) || progress.done > progress.total)
    return std::nullopt;
  return progress;
}

base::Result<protocol::QuantizedFile> quantize(const QuantizeJob& job, const OnJobProgress& progress) {
  OC_CHECK(check_rows(job));
  llama_model_quantize_params parameters = llama_model_quantize_default_params();
  parameters.nthread = job.threads;
  parameters.ftype = file_type(job.type);
  parameters.allow_requantize = true;
  parameters.pure = true;
  parameters.max_buf_size = k_buffer_bytes;
  forget_error_line();
  const std::string source = base::to_utf8(job.source), target = base::to_utf8(job.target);
  std::uint32_t code = 0;
  {
    const LogWatch watch([&](std::string_view text) {
      if (const auto step = parse_quantize_log(text); step && progress) progress(*step);
    });
    code = llama_model_quantize(source.c_str(), target.c_str(), &parameters);
  }
  if (code != 0) {
    const std::string reason = last_error_line();
    if (reason.contains("iostream"))  // what C++ streams say about every failed write
      return base::fail(
          base::ErrorKind::io,
          fmt::format("cannot write {}: the disk is full or the folder is not writable", base::display(job.target)));
    return base::fail(base::ErrorKind::model, fmt::format("cannot quantise {}: {}", base::display(job.source),
                                                          reason.empty() ? "libllama gave no reason" : reason));
  }
  OC_TRY(const auto written, base::find_file_facts(job.target));
  if (!written || written->size.value == 0)
    return base::fail(base::ErrorKind::io, fmt::format("libllama wrote no file {}", base::display(job.target)));
  return protocol::QuantizedFile{written->size.value};
}

}  // namespace oc::llama
