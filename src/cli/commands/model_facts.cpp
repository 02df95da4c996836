// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/model_facts.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/model_folders.hpp"
#include "engine_client/engine_program.hpp"
#include "protocol/probe.hpp"

namespace oc::cli {
namespace {

constexpr int k_usual_context = 8192;     // what the engine begins with when nobody asks for more
constexpr int k_smallest_context = 1024;  // below it the engine refuses a model

using base::ByteCount;

std::string infill_text(const protocol::ModelFacts& facts) {
  if (!facts.infill) return "no: 'complete' cannot use it";
  return facts.repository_infill ? "yes, also with the repository's other files" : "yes";
}

std::string memory_text(const MemoryNeed& need) {
  const bool fits = need.needed <= need.available;
  const bool fits_small = need.smallest_needed <= need.available;
  return fmt::format("{} with {} tokens of context, {} with {}; {} available{}", base::format_bytes(need.needed),
                     base::format_count(need.context_tokens), base::format_bytes(need.smallest_needed),
                     base::format_count(need.smallest_context_tokens), base::format_bytes(need.available),
                     fits         ? ""
                     : fits_small ? ": only a smaller context fits"
                                  : ": it does not fit");
}

}  // namespace

MemoryNeed memory_need(const protocol::ModelFacts& facts, ByteCount available) {
  const int trained = facts.context_trained > 0 ? facts.context_trained : k_usual_context;
  const auto needed = [&](int tokens) {
    return ByteCount(facts.weight_bytes + facts.buffer_bytes + tokens * facts.kv_bytes_per_token);
  };
  const int usual = std::min(k_usual_context, trained), smallest = std::min(k_smallest_context, trained);
  return {usual, needed(usual), smallest, needed(smallest), available};
}

std::string format_parameters(std::int64_t parameters) {
  const double count = static_cast<double>(parameters);
  if (count >= 1e9) return fmt::format("{:.2f} billion", count / 1e9);
  if (count >= 1e6) return fmt::format("{:.2f} million", count / 1e6);
  return base::format_count(parameters);
}

std::string one_line(const protocol::ModelFacts& facts) {
  return fmt::format("{}, {} parameters, {}", facts.variant, format_parameters(facts.parameters), facts.quantization);
}

std::string facts_text(const tasks::LibraryModel& model, const protocol::ModelFacts& facts, const MemoryNeed& need) {
  std::vector<std::vector<std::string>> rows{
      {"name", model.name},
      {"title", facts.name},
      {"architecture", fmt::format("{}, {} layers", facts.architecture, facts.layers)},
      {"parameters", format_parameters(facts.parameters)},
      {"size", base::format_bytes(ByteCount(facts.file_bytes))},
      {"quantization", facts.quantization},
      {"context", fmt::format("{} tokens", base::format_count(facts.context_trained))},
      {"vocabulary", fmt::format("{} tokens", base::format_count(facts.vocabulary))},
      {"template", facts.chat_format.empty() ? "none that is known" : facts.chat_format},
      {"kind", facts.variant},
      {"infill", infill_text(facts)},
      {"memory", memory_text(need)}};
  for (const tasks::ModelPart& part : model.parts) rows.push_back({"file", base::to_utf8(part.path)});
  for (const tasks::ModelPart& part : model.parts)
    if (!part.sha256.empty()) rows.push_back({"sha256", part.sha256});
  return in_columns(rows);
}

std::string facts_json(const protocol::ModelFacts& facts, const MemoryNeed& need) {
  const nlohmann::ordered_json json = {{"title", facts.name},
                                       {"architecture", facts.architecture},
                                       {"layers", facts.layers},
                                       {"parameters", facts.parameters},
                                       {"size_bytes", facts.file_bytes},
                                       {"quantization", facts.quantization},
                                       {"context_trained", facts.context_trained},
                                       {"vocabulary", facts.vocabulary},
                                       {"template", facts.chat_format},
                                       {"variant", facts.variant},
                                       {"infill", facts.infill},
                                       {"repository_infill", facts.repository_infill},
                                       {"memory",
                                        {{"weight_bytes", facts.weight_bytes},
                                         {"kv_bytes_per_token", facts.kv_bytes_per_token},
                                         {"buffer_bytes", facts.buffer_bytes},
                                         {"context_tokens", need.context_tokens},
                                         {"needed_bytes", need.needed.value},
                                         {"smallest_context_tokens", need.smallest_context_tokens},
                                         {"smallest_needed_bytes", need.smallest_needed.value},
                                         {"available_bytes", need.available.value},
                                         {"fits", need.needed <= need.available},
                                         {"fits_smallest", need.smallest_needed <= need.available}}}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

base::Result<protocol::ModelFacts> probe(const Invocation& invocation, const base::Path& file) {
  OC_TRY(const base::Path program, engine_client::find_engine_program());
  return protocol::probe_model(program, file, invocation.cancel);
}

base::Result<tasks::LibraryModel> find_model_in_use(const Invocation& invocation) {
  const tasks::ModelLibrary library(model_folders(invocation));
  const std::string& name = invocation.settings.settings().model.name;
  if (name.empty()) return choose_default_model(invocation, library);
  return library.find(name, invocation.working_directory);
}

}  // namespace oc::cli
