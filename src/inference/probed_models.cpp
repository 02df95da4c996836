// SPDX-License-Identifier: Apache-2.0
#include "inference/probed_models.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/cache_files.hpp"
#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "inference/stamped_file.hpp"
#include "llama/model.hpp"
#include "llama/runtime.hpp"
#include "protocol/codec.hpp"
#include "protocol/probe.hpp"

namespace oc::inference {
namespace {

constexpr int k_version = 1;  // of the file, and of what it is asked for
constexpr base::ByteCount k_file_limit{64 << 10};
constexpr std::size_t k_digits_of_name = 32;
// More than any model has; products and sums of these are numbers still.
constexpr std::int64_t k_most_bytes = std::int64_t{1} << 50;
constexpr std::int64_t k_most_of_others = std::int64_t{1} << 28;

bool is_plausible(const protocol::ModelFacts& facts, const base::Path& first_part) {
  const auto is_size = [](std::int64_t bytes) { return bytes >= 0 && bytes <= k_most_bytes; };
  const auto is_count = [](std::int64_t count) { return count >= 0 && count <= k_most_of_others; };
  return facts.path == base::to_utf8(first_part) && is_size(facts.parameters) && is_size(facts.file_bytes) &&
         is_size(facts.weight_bytes) && is_size(facts.buffer_bytes) && is_count(facts.kv_bytes_per_token) &&
         is_count(facts.context_trained) && is_count(facts.vocabulary) && is_count(facts.layers) &&
         is_count(facts.heads) && facts.parts > 0;
}

// The digest binds the facts to what they were found for.
std::string digest_of(std::string_view description, std::string_view facts) {
  return base::sha256(fmt::format("{}\n{}", description, facts));
}

// The file: a digest in a line, and the facts. What is damaged is asked for again.
std::optional<protocol::ModelFacts> read_facts(const base::Path& file, std::string_view description,
                                               const base::Path& first_part) {
  const auto content = base::read_cache_file(file, k_file_limit);
  if (!content || !*content) return std::nullopt;
  const std::string_view text = **content;
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos || digest_of(description, text.substr(line + 1)) != text.substr(0, line))
    return std::nullopt;
  const auto facts = protocol::decode_facts(text.substr(line + 1));
  return facts && is_plausible(*facts, first_part) ? std::optional(*facts) : std::nullopt;
}

base::Result<void> write_facts(const base::Path& file, std::string_view description,
                               const protocol::ModelFacts& facts) {
  const std::string text = protocol::encode_facts(facts);
  const std::string line = digest_of(description, text) + "\n";
  OC_CHECK(base::make_folder(file.parent_path(), base::FileAccess::owner_only));
  return base::write_cache_file(file, std::array<std::string_view, 2>{line, text}, base::file_clock_now_ns());
}

std::string describe(const StampedFile& file) {
  const base::FileStamp& stamp = file.stamp;
  return fmt::format("{} {} {} {} {} {}\n", base::to_utf8(file.path), stamp.device, stamp.inode, stamp.size,
                     stamp.modified_ns, stamp.changed_ns);
}

}  // namespace

ProbedModels::ProbedModels(base::Path engine_program, base::Path folder)
    : engine_program_(std::move(engine_program)), folder_(std::move(folder)) {}

base::Result<std::string> ProbedModels::describe(const base::Path& model) const {
  // A file that names no model inside is named after its path; what is concluded from a file is this program's matter.
  std::string description = fmt::format("{}\n{}\n{}\n", k_version, llama::library_version(), base::to_utf8(model));
  OC_TRY(const auto programs, stamp_parts(engine_program_));
  OC_TRY(const auto parts, stamp_parts(model));
  for (const StampedFile& file : programs) description += inference::describe(file);
  for (const StampedFile& file : parts) description += inference::describe(file);
  return description;
}

base::Result<protocol::ModelFacts> ProbedModels::facts(const base::Path& model, const base::CancelToken& cancel) {
  OC_TRY(const std::string description, describe(model));
  if (const auto known = known_.find(description); known != known_.end()) return known->second;
  OC_TRY(const auto names, llama::find_model_parts(model));
  base::Path file;
  if (!folder_.empty()) {
    file = folder_ / base::path_from_utf8(base::sha256(description).substr(0, k_digits_of_name) + ".facts");
    if (const auto stored = read_facts(file, description, names.front())) return known_[description] = *stored;
  }
  const std::int64_t begin_ns = base::file_clock_now_ns();
  OC_TRY(auto facts, protocol::probe_model(engine_program_, model, cancel));
  // Another file may have come to its place meanwhile, or a program may be writing it still.
  OC_TRY(const auto parts, stamp_parts(model));
  OC_TRY(const std::string description_now, describe(model));
  const auto is_racy = [&](const StampedFile& part) { return base::is_racy(part.stamp, begin_ns); };
  if (description_now != description || std::ssize(parts) != facts.parts || std::ranges::any_of(parts, is_racy))
    return facts;
  if (!file.empty())
    if (const auto written = write_facts(file, description, facts); !written)
      base::log(base::LogLevel::info, "what a model is could not be kept: " + written.error().message);
  return known_[description] = std::move(facts);
}

}  // namespace oc::inference
