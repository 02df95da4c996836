// SPDX-License-Identifier: Apache-2.0
#include "inference/probed_models.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/cache_files.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "protocol/codec.hpp"
#include "protocol/probe.hpp"

namespace oc::inference {
namespace {

constexpr base::ByteCount k_file_limit{64 << 10};
constexpr std::size_t k_digits_of_name = 32;

// The file: a digest of all that stands behind its line, and the facts. What is damaged is asked for again.
std::optional<protocol::ModelFacts> read_facts(const base::Path& file) {
  const auto content = base::read_cache_file(file, k_file_limit);
  if (!content || !*content) return std::nullopt;
  const std::string_view text = **content;
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos || base::sha256(text.substr(line + 1)) != text.substr(0, line))
    return std::nullopt;
  auto facts = protocol::decode_facts(text.substr(line + 1));
  if (!facts) return std::nullopt;
  return std::move(*facts);
}

base::Result<void> write_facts(const base::Path& file, const protocol::ModelFacts& facts) {
  const std::string text = protocol::encode_facts(facts);
  const std::string line = base::sha256(text) + "\n";
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  OC_CHECK(base::make_folder(file.parent_path(), base::FileAccess::owner_only));
  return base::write_cache_file(file, std::array<std::string_view, 2>{line, text}, now.count());
}

}  // namespace

ProbedModels::ProbedModels(base::Path engine_program, base::Path folder)
    : engine_program_(std::move(engine_program)), folder_(std::move(folder)) {}

base::Result<protocol::ModelFacts> ProbedModels::facts(const base::Path& model, const std::string& identity,
                                                       const base::CancelToken& cancel) {
  // A file without a name inside is named after its path.
  const std::string key = identity + "path " + base::to_utf8(model) + "\n";
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  base::Path file;
  if (!folder_.empty()) {
    file = folder_ / base::path_from_utf8(base::sha256(key).substr(0, k_digits_of_name) + ".facts");
    if (const auto stored = read_facts(file)) return known_[key] = *stored;
  }
  OC_TRY(auto facts, protocol::probe_model(engine_program_, model, cancel));
  if (!file.empty())
    if (const auto written = write_facts(file, facts); !written)
      base::log(base::LogLevel::info, "what a model is could not be kept: " + written.error().message);
  return known_[key] = std::move(facts);
}

}  // namespace oc::inference
