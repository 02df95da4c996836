// SPDX-License-Identifier: Apache-2.0
// What others measured of the quality that a type of weights costs. Nothing of it is measured here: a perplexity needs
// minutes to hours, a text and the 16-bit weights.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/messages.hpp"
#include "protocol/model_jobs.hpp"

namespace oc::tasks {

// Perplexity (lower is better) of one model in two types, each made from 16-bit weights.
struct QualityFigure {
  std::string_view from;   // the type before: "Q4_K_M", "16 bit"
  std::string_view to;     // the type after, or the nearest to it that was published: "Q4_K_S"
  std::string_view model;  // whose perplexity it is
  double before = 0;
  double after = 0;
  std::string_view source;

  double percent() const { return (after / before - 1) * 100; }
};

// The figure nearest to a model and what is to be made of it; `from` is "16 bit" where its own type has none.
QualityFigure published_quality(const protocol::ModelFacts& facts, protocol::QuantType to);

// How often the weights are then rounded: what is quantised already loses more than the published figures say.
enum class SourcePrecision { full, nearly_full, quantized };
SourcePrecision source_precision(std::string_view quantization);

}  // namespace oc::tasks
