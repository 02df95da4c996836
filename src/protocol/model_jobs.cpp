// SPDX-License-Identifier: Apache-2.0
#include "protocol/model_jobs.hpp"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/process.hpp"
#include "base/text.hpp"
#include "protocol/fields.hpp"

namespace oc::protocol {
namespace {

using Json = nlohmann::json;

// A child that hangs must end some time; the slowest machine with the largest model is done long before.
constexpr std::chrono::hours k_quantize_patience{12};
constexpr std::chrono::minutes k_measure_patience{30};
constexpr base::ByteCount k_output_limit{4 << 20};
constexpr const char* k_damaged_hint = "the file is damaged or made for another version: get it again";

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

Json to_json(const JobLine& line) {
  return std::visit(
      Overloaded{
          [](const JobProgress& p) -> Json { return {{"type", "progress"}, {"done", p.done}, {"total", p.total}}; },
          [](const QuantizedFile& q) -> Json { return {{"type", "quantized"}, {"bytes", q.bytes}}; },
          [](const Speed& s) -> Json {
            return {{"type", "speed"},
                    {"prefill_tokens_per_second", s.prefill_tokens_per_second},
                    {"decode_tokens_per_second", s.decode_tokens_per_second},
                    {"load_ms", s.load_ms},
                    {"steadiness", s.steadiness}};
          },
          [](const base::Error& e) -> Json {
            return {{"type", "error"}, {"kind", base::to_string(e.kind)}, {"message", e.message}, {"hint", e.hint}};
          }},
      line);
}

JobLine line_from(const Json& o) {
  const std::string type = text_field(o, "type");
  if (type == "progress") return JobProgress{number_field<int>(o, "done"), number_field<int>(o, "total")};
  if (type == "quantized") return QuantizedFile{number_field<std::int64_t>(o, "bytes")};
  if (type == "speed")
    return Speed{number_field<double>(o, "prefill_tokens_per_second"),
                 number_field<double>(o, "decode_tokens_per_second"), number_field<double>(o, "load_ms"),
                 number_field<double>(o, "steadiness", 1)};
  if (type == "error")
    return base::Error{base::error_kind_from(text_field(o, "kind")), text_field(o, "message"), text_field(o, "hint")};
  throw FieldError("the line is of the unknown type '" + type + "'");
}

// Cuts what arrives into lines and tells the progress among them.
class ProgressReader {
 public:
  explicit ProgressReader(const OnJobProgress& progress) : progress_(progress) {}

  void take(std::string_view piece) {
    rest_ += piece;
    for (std::size_t end = 0; (end = rest_.find('\n')) != std::string::npos; rest_.erase(0, end + 1)) {
      const auto line = decode_job_line(std::string_view(rest_).substr(0, end));
      if (!line || !progress_) continue;
      if (const auto* progress = std::get_if<JobProgress>(&*line)) progress_(*progress);
    }
  }

 private:
  const OnJobProgress& progress_;
  std::string rest_;
};

std::string_view last_line(std::string_view output) {
  output = base::trim(output);
  const std::size_t end = output.rfind('\n');
  return end == std::string_view::npos ? output : output.substr(end + 1);
}

// The child's last word, or what became of it.
base::Result<JobLine> run_job(const base::Command& command, const base::Path& file, std::chrono::milliseconds patience,
                              const OnJobProgress& progress, const base::CancelToken& cancel) {
  ProgressReader reader(progress);
  OC_TRY(const base::Exit exit, base::run_process(command, patience, k_output_limit, cancel,
                                                  [&](std::string_view piece) { reader.take(piece); }));
  const std::string& verb = command.arguments.front();
  if (exit.timed_out)
    return base::fail(base::ErrorKind::engine, fmt::format("cannot {} {}: it took more than {} minutes", verb,
                                                           base::display(file), patience.count() / 60'000));
  if (exit.code == -1 && exit.signal == "SIGKILL")
    return base::fail(
        base::ErrorKind::engine,
        fmt::format("cannot {} {}: the child was killed, perhaps for want of memory", verb, base::display(file)),
        "close other programs and try again");
  if (exit.code == -1)
    return base::fail(base::ErrorKind::model,
                      fmt::format("cannot {} {}: libllama ended with {}", verb, base::display(file), exit.signal),
                      k_damaged_hint);
  auto line = decode_job_line(last_line(exit.output));
  if (!line)
    return base::fail(base::ErrorKind::engine, fmt::format("the engine could not {} {} (exit code {}): {}", verb,
                                                           base::display(file), exit.code, base::trim(exit.errors)));
  if (auto* error = std::get_if<base::Error>(&*line)) return std::unexpected(std::move(*error));
  return line;
}

}  // namespace

std::string_view to_string(QuantType type) { return type == QuantType::q4_k ? "Q4_K" : "Q4_0"; }

std::optional<QuantType> parse_quant_type(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';
  }
  for (const QuantType type : {QuantType::q4_k, QuantType::q4_0})
    if (name == to_string(type)) return type;
  return std::nullopt;
}

std::string_view to_string(WeightLayout layout) { return layout == WeightLayout::mapped ? "mapped" : "repacked"; }

std::string encode_job_line(const JobLine& line) {
  return to_json(line).dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<JobLine> decode_job_line(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    if (!json.is_object()) throw FieldError("it is no object");
    return line_from(json);
  } catch (const std::exception& e) {
    return base::fail(base::ErrorKind::engine, fmt::format("cannot read a line of the engine's child: {}", e.what()));
  }
}

base::Result<QuantizedFile> quantize_model(const base::Path& engine_program, const QuantizeJob& job,
                                           const OnJobProgress& progress, const base::CancelToken& cancel) {
  const base::Command command{engine_program,
                              {"quantize", base::to_utf8(job.source), base::to_utf8(job.target),
                               std::string(to_string(job.type)), "--threads", std::to_string(job.threads)}};
  OC_TRY(const JobLine line, run_job(command, job.source, k_quantize_patience, progress, cancel));
  if (const auto* done = std::get_if<QuantizedFile>(&line)) return *done;
  return base::fail(base::ErrorKind::engine, "the engine's quantize gave an answer of the wrong type");
}

base::Result<Speed> measure_model(const base::Path& engine_program, const MeasureJob& job,
                                  const base::CancelToken& cancel) {
  base::Command command{engine_program, {"measure", base::to_utf8(job.file), "--threads", std::to_string(job.threads)}};
  if (job.layout == WeightLayout::repacked) command.arguments.emplace_back("--repack");
  OC_TRY(const JobLine line, run_job(command, job.file, k_measure_patience, {}, cancel));
  const auto* speed = std::get_if<Speed>(&line);
  if (speed == nullptr)
    return base::fail(base::ErrorKind::engine, "the engine's measure gave an answer of the wrong type");
  return *speed;
}

}  // namespace oc::protocol
