// SPDX-License-Identifier: Apache-2.0
#include "tasks/quantization_quality.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace oc::tasks {
namespace {

using protocol::QuantType;

constexpr std::string_view k_16_bit = "16 bit";

struct Perplexity {
  std::string_view type;
  double value;
};

// wiki.test.raw, no importance matrix; the differences to F16 that `llama-quantize --help` prints.
constexpr double k_llama_16_bit = 6.2332;
constexpr std::array k_llama = {
    Perplexity{k_16_bit, k_llama_16_bit},          Perplexity{"Q8_0", k_llama_16_bit + 0.0026},
    Perplexity{"Q6_K", k_llama_16_bit + 0.0217},   Perplexity{"Q5_K_M", k_llama_16_bit + 0.0569},
    Perplexity{"Q5_K_S", k_llama_16_bit + 0.1049}, Perplexity{"Q5_1", k_llama_16_bit + 0.1062},
    Perplexity{"Q5_0", k_llama_16_bit + 0.1316},   Perplexity{"Q4_K_M", k_llama_16_bit + 0.1754},
    Perplexity{"Q4_K_S", k_llama_16_bit + 0.2689}, Perplexity{"Q4_1", k_llama_16_bit + 0.4511},
    Perplexity{"Q4_0", k_llama_16_bit + 0.4685},   Perplexity{"Q3_K_L", k_llama_16_bit + 0.5562},
    Perplexity{"Q3_K_M", k_llama_16_bit + 0.6569},
};
constexpr std::string_view k_llama_source =
    "llama.cpp, llama-quantize --help and tools/perplexity/README.md, wikitext-2";

// The cards of Qwen2-*-Instruct-GGUF; they have no Q4_K_S.
struct QwenCard {
  std::int64_t up_to_parameters;
  std::string_view model;
  std::array<Perplexity, 7> rows;
};
constexpr std::array k_qwen = {
    QwenCard{1'000'000'000,
             "Qwen2-0.5B-Instruct",
             {{{k_16_bit, 15.11},
               {"Q8_0", 15.13},
               {"Q6_K", 15.14},
               {"Q5_K_M", 15.24},
               {"Q5_0", 15.40},
               {"Q4_K_M", 15.36},
               {"Q4_0", 16.28}}}},
    QwenCard{4'000'000'000,
             "Qwen2-1.5B-Instruct",
             {{{k_16_bit, 10.43},
               {"Q8_0", 10.43},
               {"Q6_K", 10.45},
               {"Q5_K_M", 10.50},
               {"Q5_0", 10.56},
               {"Q4_K_M", 10.61},
               {"Q4_0", 10.79}}}},
    QwenCard{INT64_MAX,
             "Qwen2-7B-Instruct",
             {{{k_16_bit, 7.93},
               {"Q8_0", 7.94},
               {"Q6_K", 7.96},
               {"Q5_K_M", 7.97},
               {"Q5_0", 7.98},
               {"Q4_K_M", 8.02},
               {"Q4_0", 8.19}}}},
};
constexpr std::string_view k_qwen_source = "the card of its GGUF files, wikitext";

std::string_view row_of(std::string_view quantization) {
  return source_precision(quantization) == SourcePrecision::full ? k_16_bit : quantization;
}

template <class Rows>
QualityFigure look_up(const Rows& rows, std::string_view from, std::string_view to, std::string_view model,
                      std::string_view source) {
  const auto before = std::ranges::find(rows, row_of(from), &Perplexity::type);
  const auto after = std::ranges::find(rows, to, &Perplexity::type);
  const Perplexity& base = before == rows.end() ? rows.front() : *before;
  return {base.type, to, model, base.value, after->value, source};
}

}  // namespace

SourcePrecision source_precision(std::string_view quantization) {
  if (quantization == "F32" || quantization == "F16" || quantization == "BF16") return SourcePrecision::full;
  return quantization == "Q8_0" ? SourcePrecision::nearly_full : SourcePrecision::quantized;
}

QualityFigure published_quality(const protocol::ModelFacts& facts, QuantType to) {
  if (to == QuantType::q4_0 && facts.architecture == "qwen2") {
    const auto card =
        std::ranges::find_if(k_qwen, [&](const QwenCard& c) { return facts.parameters < c.up_to_parameters; });
    return look_up(card->rows, facts.quantization, "Q4_0", card->model, k_qwen_source);
  }
  const std::string_view nearest = to == QuantType::q4_k ? "Q4_K_S" : "Q4_0";
  return look_up(k_llama, facts.quantization, nearest, "Llama-3-8B", k_llama_source);
}

}  // namespace oc::tasks
