// SPDX-License-Identifier: Apache-2.0
// model optimize: a copy of a model that this CPU computes faster.
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/system.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/model_commands.hpp"
#include "cli/commands/model_facts.hpp"
#include "cli/exit_code.hpp"
#include "cli/model_folders.hpp"
#include "engine_client/engine_program.hpp"
#include "tasks/model_optimize.hpp"
#include "tasks/quantization_quality.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;
using protocol::QuantType;
using protocol::WeightLayout;
using tasks::Measured;
using tasks::OptimizeStage;
using tasks::TriedType;

struct OptimizeOptions {
  std::string model, type, to;
  bool force = false;
};

// --to: a path where it looks like one, else a name in the user's own folder of models.
void set_target(const Invocation& invocation, const std::string& to, tasks::OptimizeRequest& request) {
  request.folder = own_model_folder(invocation.folders);
  if (to.empty()) return;
  request.name = tasks::model_name_of(to);
  if (!looks_like_path(to) && !tasks::has_gguf_ending(to)) return;
  const base::Path path = absolute_path(invocation, to);
  request.folder = path.parent_path();
  request.name = tasks::model_name_of(base::to_utf8(path.filename()));
}

// Repacking holds the weights twice while it loads.
std::vector<WeightLayout> layouts_that_fit(const protocol::ModelFacts& facts) {
  const std::int64_t needed = 2 * facts.weight_bytes + facts.buffer_bytes;
  if (needed > base::memory_facts().available.value) return {WeightLayout::mapped};
  return {WeightLayout::mapped, WeightLayout::repacked};
}

base::Result<tasks::OptimizeRequest> make_request(const Invocation& invocation, const OptimizeOptions& options) {
  tasks::OptimizeRequest request;
  if (!options.type.empty()) {
    request.type = protocol::parse_quant_type(options.type);
    if (!request.type)
      return base::fail(base::ErrorKind::usage, fmt::format("there is no type {}", base::in_quotes(options.type)),
                        "use --type Q4_K or --type Q4_0");
  }
  const tasks::ModelLibrary library(model_folders(invocation));
  OC_TRY(request.source, library.find(options.model, invocation.working_directory));
  OC_TRY(request.facts, probe(invocation, request.source.path));
  set_target(invocation, options.to, request);
  if (options.force) request.existing = tasks::ExistingCopy::replace;
  request.layouts = layouts_that_fit(request.facts);
  const int threads = invocation.settings.settings().model.threads;
  request.threads = threads > 0 ? threads : base::physical_core_count();
  return request;
}

// What is going to happen, before it does.
std::string forecast(const tasks::OptimizeRequest& request) {
  const std::string size = base::format_bytes(tasks::expected_bytes(request.facts));
  const std::string folder = base::display(request.folder);
  if (request.type)
    return fmt::format("writes a copy of about {} to {} and measures both; some minutes for a large model", size,
                       folder);
  return fmt::format(
      "makes copies of about {} in {}, one after the other, measures them and keeps the fastest: {} of disk space, "
      "some minutes for a large model",
      size, folder, base::format_bytes(tasks::needed_space(request)));
}

std::string status_text(const tasks::OptimizeProgress& progress) {
  const std::string what =
      progress.type ? fmt::format("the {} copy", protocol::to_string(*progress.type)) : std::string("the original");
  const int percent = progress.permille / 10;
  switch (progress.stage) {
    case OptimizeStage::measuring: return fmt::format("measuring {}", what);
    case OptimizeStage::quantizing: return fmt::format("writing {} {} %", what, percent);
    case OptimizeStage::hashing: return fmt::format("computing SHA-256 {} %", percent);
  }
  return "";
}

std::vector<std::string> speed_row(std::string_view name, base::ByteCount size, const Measured& m, double gain) {
  return {std::string(name),
          base::format_bytes(size),
          fmt::format("{:.1f}", m.speed.prefill_tokens_per_second),
          fmt::format("{:.1f}", m.speed.decode_tokens_per_second),
          std::string(protocol::to_string(m.layout)),
          gain > 0 ? fmt::format("{:.2f} x", gain) : "1"};
}

std::string quality_text(const protocol::ModelFacts& facts, QuantType type) {
  const tasks::QualityFigure figure = tasks::published_quality(facts, type);
  const bool is_same_type = figure.to == protocol::to_string(type);
  std::string text = fmt::format(
      "quality, published, not measured here: perplexity {:+.1f} % from {} to {}{} ({:.2f} to {:.2f}, {}; {})\n",
      figure.percent(), figure.from, figure.to,
      is_same_type ? "" : fmt::format(", the nearest to all {} that has a figure", protocol::to_string(type)),
      figure.before, figure.after, figure.model, figure.source);
  switch (tasks::source_precision(facts.quantization)) {
    case tasks::SourcePrecision::full: return text + "as there, from 16-bit weights\n";
    case tasks::SourcePrecision::nearly_full: return text + "there from 16-bit weights; Q8_0 is nearly as good\n";
    case tasks::SourcePrecision::quantized: break;
  }
  return text + fmt::format(
                    "there from 16-bit weights; from {}, which is quantised already, it costs somewhat more: a 16-bit "
                    "or Q8_0 file of the model makes a better copy\n",
                    facts.quantization);
}

std::string result_text(const tasks::OptimizeRequest& request, const tasks::Optimized& result) {
  std::vector<std::vector<std::string>> rows{
      {"", "size", "prefill tokens/s", "decode tokens/s", "weights", "typical request"},
      speed_row(fmt::format("original, {}", request.facts.quantization), request.source.size, result.original, 0)};
  std::string text;
  for (const TriedType& tried : result.tried)
    if (tried.obstacle.empty())
      rows.push_back(
          speed_row(fmt::format("all {}", protocol::to_string(tried.type)), tried.size, tried.measured, tried.gain));
    else text += fmt::format("no {} copy: {}\n", protocol::to_string(tried.type), tried.obstacle);
  text = in_columns(rows) + text +
         fmt::format("a typical request reads {} tokens and writes {}; measured with {} {}\n",
                     tasks::k_typical_prefill_tokens, tasks::k_typical_decode_tokens, request.threads,
                     request.threads == 1 ? "thread" : "threads");
  if (!result.copy) return text + "no copy is at least 5 % faster: none was kept\n";
  text += quality_text(request.facts, result.tried[*result.kept].type);
  return text +
         fmt::format("file    {}\nsha256  {}\n", base::to_utf8(result.copy->path), result.copy->parts.front().sha256);
}

Json speed_json(const Measured& measured) {
  return {{"weights", protocol::to_string(measured.layout)},
          {"prefill", {{"tokens_per_second", measured.speed.prefill_tokens_per_second}}},
          {"decode", {{"tokens_per_second", measured.speed.decode_tokens_per_second}}},
          {"typical_request_ms", tasks::typical_request_ms(measured.speed)}};
}

Json quality_json(const protocol::ModelFacts& facts, QuantType type) {
  const tasks::QualityFigure figure = tasks::published_quality(facts, type);
  return {{"measured_here", false},
          {"perplexity_change", std::round(figure.percent() * 100) / 10'000},
          {"from", figure.from},
          {"to", figure.to},
          {"before", figure.before},
          {"after", figure.after},
          {"model", figure.model},
          {"source", figure.source},
          {"requantized", tasks::source_precision(facts.quantization) == tasks::SourcePrecision::quantized}};
}

std::string result_fields(const tasks::OptimizeRequest& request, const tasks::Optimized& result) {
  Json tried = Json::array();
  for (const TriedType& t : result.tried) {
    Json json = {{"type", protocol::to_string(t.type)}};
    if (t.obstacle.empty()) {
      json["size_bytes"] = t.size.value;
      json.update(speed_json(t.measured));
      json["gain"] = t.gain;
    } else {
      json["error"] = t.obstacle;
    }
    tried.push_back(std::move(json));
  }
  Json original = {{"name", request.source.name},
                   {"path", base::to_utf8(request.source.path)},
                   {"size_bytes", request.source.size.value},
                   {"quantization", request.facts.quantization}};
  original.update(speed_json(result.original));
  Json json = {{"kept", result.copy.has_value()},
               {"threads", request.threads},
               {"unrest", std::round(result.unrest * 1000) / 1000},
               {"original", original},
               {"tried", tried}};
  if (result.copy) {
    const TriedType& kept = result.tried[*result.kept];
    json["copy"] = {{"name", result.copy->name},
                    {"path", base::to_utf8(result.copy->path)},
                    {"type", protocol::to_string(kept.type)},
                    {"size_bytes", result.copy->size.value},
                    {"sha256", result.copy->parts.front().sha256},
                    {"gain", kept.gain}};
    json["quality"] = quality_json(request.facts, kept.type);
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What `model use` finds it by.
std::string use_text(const Invocation& invocation, const tasks::LibraryModel& copy) {
  const auto by_name = tasks::ModelLibrary(model_folders(invocation)).find(copy.name, invocation.folders.data);
  const bool has_name = by_name && by_name->path == copy.path;
  return fmt::format("use it with 'offline-coder model use {}'", has_name ? copy.name : base::to_utf8(copy.path));
}

base::Result<int> run_optimize(Invocation& invocation, const OptimizeOptions& options) {
  OC_TRY(const tasks::OptimizeRequest request, make_request(invocation, options));
  OC_TRY(const base::Path program, engine_client::find_engine_program());
  const tasks::ModelWorkers workers{
      [&](const protocol::QuantizeJob& job, const protocol::OnJobProgress& progress) {
        return protocol::quantize_model(program, job, progress, invocation.cancel);
      },
      [&](const protocol::MeasureJob& job) { return protocol::measure_model(program, job, invocation.cancel); }};
  bool is_announced = false;
  const auto on_progress = [&](const tasks::OptimizeProgress& progress) {
    if (!std::exchange(is_announced, true)) invocation.console.note(forecast(request));
    invocation.console.status(status_text(progress));
  };
  const auto result = tasks::optimize_model(request, workers, on_progress, invocation.cancel);
  invocation.console.status("");
  if (!result) return std::unexpected(result.error());
  show_result(invocation, result_text(request, *result), result_fields(request, *result));
  if (result->unrest > tasks::k_rough_unrest)
    invocation.console.note(
        fmt::format("measurements of one thing differed by {:.0f} %: with a machine this busy the figures are rough",
                    result->unrest * 100));
  if (!result->copy) return k_exit_done;
  if (result->tried[*result->kept].gain < tasks::k_worthwhile_gain)
    invocation.console.note("the copy is hardly faster here; it was kept because its type was asked for");
  invocation.console.note(use_text(invocation, *result->copy));
  return k_exit_done;
}

}  // namespace

void add_model_optimize_command(CommandLine& line) {
  const auto options = std::make_shared<OptimizeOptions>();
  Command& command =
      line.add("model optimize", "Write a requantised copy that this CPU computes faster, and measure it",
               [options](Invocation& invocation) { return run_optimize(invocation, *options); });
  command.app->add_option("MODEL", options->model, "a name of 'model list', or a file; it is only read")->required();
  command.app->add_option("--type", options->type, "Q4_K or Q4_0 (default: both are tried, the faster one is kept)");
  command.app->add_option("--to", options->to, "the copy's name, or its file (default: MODEL-pure-TYPE)");
  command.app->add_flag("--force", options->force, "replace a file that has the copy's name");
}

}  // namespace oc::cli
