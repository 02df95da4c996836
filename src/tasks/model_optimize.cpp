// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_optimize.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "tasks/model_library.hpp"

namespace oc::tasks {
namespace {

using base::ErrorKind;
using protocol::QuantType;
using protocol::Speed;
using protocol::WeightLayout;

constexpr double k_bits_of_target = 4.5;     // of Q4_K and of Q4_0
constexpr double k_most_bits_of_pure = 4.6;  // with the vectors, which stay in 32 bit; mixtures have more
constexpr double k_margin = 1.02;
constexpr std::string_view k_unfinished = ".unfinished";

double bits_per_weight(const protocol::ModelFacts& facts) {
  if (facts.parameters <= 0) return 0;
  return static_cast<double>(facts.weight_bytes) * 8 / static_cast<double>(facts.parameters);
}

// ".NAME-q4_0.gguf.1234.unfinished": whose it is decides whether it is in use.
base::Path unfinished_path(const base::Path& folder, std::string_view name) {
  return folder / base::path_from_utf8(fmt::format(".{}.gguf.{}{}", name, base::current_process_id(), k_unfinished));
}

std::optional<std::int64_t> process_of(std::string_view file_name) {
  if (!file_name.starts_with('.') || !file_name.ends_with(k_unfinished)) return std::nullopt;
  file_name.remove_suffix(k_unfinished.size());
  const std::size_t dot = file_name.rfind('.');
  if (!has_gguf_ending(file_name.substr(0, dot))) return std::nullopt;
  const std::string_view digits = file_name.substr(dot + 1);
  std::int64_t process = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), process);
  if (code != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return process;
}

// What runs that were killed have left.
void remove_leftovers(const base::Path& folder) {
  std::error_code code;
  std::vector<base::Path> leftovers;
  std::filesystem::directory_iterator entry(folder, code);
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    const auto process = process_of(base::to_utf8(entry->path().filename()));
    if (process && !base::is_process_alive(*process)) leftovers.push_back(entry->path());
  }
  for (const base::Path& file : leftovers) (void)base::remove_file(file);  // costs space, nothing else
}

// A temporary file that goes unless it is kept.
class Unfinished {
 public:
  explicit Unfinished(base::Path path) : path_(std::move(path)) {}
  Unfinished(Unfinished&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Unfinished& operator=(Unfinished&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~Unfinished() {
    if (!path_.empty()) (void)base::remove_file(path_);  // the error that led here is told already
  }
  const base::Path& path() const { return path_; }

  base::Result<void> rename_to(const base::Path& target) {
    std::error_code code;
    std::filesystem::rename(path_, target, code);
    if (code)
      return base::fail(ErrorKind::io, fmt::format("cannot rename {} to {}: {}", base::display(path_),
                                                   base::display(target), code.message()));
    path_.clear();
    return {};
  }

 private:
  base::Path path_;
};

class Optimization {
 public:
  Optimization(const OptimizeRequest& request, const ModelWorkers& workers, const OnOptimizeProgress& progress,
               const base::CancelToken& cancel)
      : request_(request), workers_(workers), progress_(progress), cancel_(cancel) {}

  base::Result<Optimized> run();

 private:
  struct Copy {
    std::size_t tried;  // index in result_.tried
    Unfinished file;
  };

  base::Result<void> check_source() const;
  base::Result<void> check_targets() const;
  base::Result<void> check_target(QuantType type) const;
  base::Result<void> check_space() const;
  base::Result<void> check_rest() const;
  base::Result<Measured> measure(const base::Path& file, std::optional<QuantType> type,
                                 const std::vector<WeightLayout>& layouts);
  base::Result<void> try_type(QuantType type);
  base::Result<void> measure_again();
  base::Result<void> keep();
  std::vector<QuantType> types() const;
  base::Path target_of(QuantType type) const;

  const OptimizeRequest& request_;
  const ModelWorkers& workers_;
  const OnOptimizeProgress& progress_;
  const base::CancelToken& cancel_;
  Optimized result_;
  std::optional<Copy> best_;
};

std::vector<QuantType> Optimization::types() const {
  std::vector<QuantType> all{QuantType::q4_k, QuantType::q4_0};
  if (request_.type) all = {*request_.type};
  std::erase_if(all, [&](QuantType type) { return is_all_of(request_.facts, type); });
  return all;
}

base::Path Optimization::target_of(QuantType type) const {
  const std::string name = request_.name.empty() ? copy_name(request_.source.name, type) : request_.name;
  return request_.folder / base::path_from_utf8(name + ".gguf");
}

base::Result<void> Optimization::check_source() const {
  const LibraryModel& source = request_.source;
  OC_CHECK(check_complete(source));
  if (source.parts.size() > 1)
    return base::fail(ErrorKind::model,
                      fmt::format("{} is split into {} parts: only a model in one file can be copied",
                                  base::in_quotes(source.name), source.parts.size()),
                      "join its parts first, for example with llama-gguf-split --merge");
  if (types().empty())
    return base::fail(ErrorKind::negative, fmt::format("{} is all {} already", base::in_quotes(source.name),
                                                       protocol::to_string(*request_.type)));
  return {};
}

base::Result<void> Optimization::check_target(QuantType type) const {
  const base::Path target = target_of(type);
  OC_TRY(const auto there, base::find_file_facts(target));
  std::error_code code;
  if (there && std::filesystem::equivalent(target, request_.source.path, code))
    return base::fail(ErrorKind::conflict, fmt::format("{} is the original, which is kept", base::display(target)),
                      "give the copy another name with --to");
  if (there && request_.existing == ExistingCopy::refuse)
    return base::fail(ErrorKind::conflict, fmt::format("{} exists already", base::display(target)),
                      "replace it with --force, or give the copy another name with --to");
  if (there && !there->is_regular)
    return base::fail(ErrorKind::conflict, fmt::format("{} is not a regular file", base::display(target)),
                      "give the copy another name with --to");
  return {};
}

base::Result<void> Optimization::check_targets() const {
  if (!request_.name.empty()) OC_CHECK(check_model_name(request_.name, "--to"));
  for (const QuantType type : types()) OC_CHECK(check_target(type));
  return {};
}

base::Result<void> Optimization::check_space() const {
  std::error_code code;
  const base::ByteCount needed = needed_space(request_);
  const auto space = std::filesystem::space(request_.folder, code);
  if (code || space.available >= static_cast<std::uintmax_t>(needed.value)) return {};
  return base::fail(ErrorKind::io,
                    fmt::format("cannot copy {} to {}: it needs {}, {} are free", base::in_quotes(request_.source.name),
                                base::display(request_.folder), base::format_bytes(needed),
                                base::format_bytes(base::ByteCount(static_cast<std::int64_t>(space.available)))),
                    request_.type
                        ? "free some space, or write it elsewhere with --to FILE"
                        : "free some space, write it elsewhere with --to FILE, or ask for one type with --type");
}

base::Result<Measured> Optimization::measure(const base::Path& file, std::optional<QuantType> type,
                                             const std::vector<WeightLayout>& layouts) {
  std::optional<Measured> best;
  int done = 0;
  for (const WeightLayout layout : layouts) {
    progress_({OptimizeStage::measuring, type, 1000 * done++ / static_cast<int>(layouts.size())});
    OC_TRY(const Speed speed, workers_.measure({file, layout, request_.threads}));
    result_.unrest = std::max(result_.unrest, 1 - speed.steadiness);
    if (!best || typical_request_ms(speed) < typical_request_ms(best->speed)) best = Measured{layout, speed};
  }
  return *best;
}

// Makes and measures one copy; it stays only if it is the best so far.
base::Result<void> Optimization::try_type(QuantType type) {
  Unfinished file(unfinished_path(request_.folder, copy_name(request_.source.name, type)));
  TriedType tried{type, {}, {}, 0, ""};
  const auto made =
      workers_.quantize({request_.source.path, file.path(), type, request_.threads}, [&](protocol::JobProgress step) {
        const int permille = step.total > 0 ? static_cast<int>(std::int64_t{1000} * step.done / step.total) : 0;
        progress_({OptimizeStage::quantizing, type, permille});
      });
  // A type that does not fit the model is a fact about the model, as long as others can be tried.
  if (!made && made.error().kind == ErrorKind::model && !request_.type) {
    tried.obstacle = made.error().message;
    result_.tried.push_back(std::move(tried));
    return {};
  }
  if (!made) return std::unexpected(made.error());
  tried.size = base::ByteCount(made->bytes);
  OC_TRY(tried.measured, measure(file.path(), type, request_.layouts));
  const double request_ms = typical_request_ms(tried.measured.speed);
  tried.gain = typical_request_ms(result_.original.speed) / request_ms;
  const bool is_best = !best_ || request_ms < typical_request_ms(result_.tried[best_->tried].measured.speed);
  result_.tried.push_back(std::move(tried));
  if (is_best) best_ = Copy{result_.tried.size() - 1, std::move(file)};
  return {};
}

// A B … B A: once more in the reverse order, so that a machine that becomes hot or busy meanwhile favours neither.
// Other programs only make things slower: the better of two is nearer to the truth.
base::Result<void> Optimization::measure_again() {
  const auto take_better = [](Measured& measured, const Measured& again) {
    const auto faster = [](double& speed, double other) { speed = std::max(speed, other); };
    faster(measured.speed.prefill_tokens_per_second, again.speed.prefill_tokens_per_second);
    faster(measured.speed.decode_tokens_per_second, again.speed.decode_tokens_per_second);
  };
  TriedType& copy = result_.tried[best_->tried];
  OC_TRY(const Measured copy_again, measure(best_->file.path(), copy.type, {copy.measured.layout}));
  OC_TRY(const Measured original_again, measure(request_.source.path, std::nullopt, {result_.original.layout}));
  const double before = typical_request_ms(result_.original.speed), after = typical_request_ms(original_again.speed);
  result_.unrest = std::max(result_.unrest, std::abs(after - before) / std::max(after, before));
  take_better(copy.measured, copy_again);
  take_better(result_.original, original_again);
  for (TriedType& tried : result_.tried)
    if (tried.obstacle.empty())
      tried.gain = typical_request_ms(result_.original.speed) / typical_request_ms(tried.measured.speed);
  return {};
}

base::Result<void> Optimization::keep() {
  const QuantType type = result_.tried[best_->tried].type;
  const base::Path target = target_of(type);
  const auto size = static_cast<double>(std::max<std::int64_t>(1, result_.tried[best_->tried].size.value));
  OC_TRY(const std::string sha256, base::sha256_of_file(best_->file.path(), [&](base::ByteCount done) {
           progress_({OptimizeStage::hashing, type, static_cast<int>(static_cast<double>(done.value) * 1000 / size)});
           return !cancel_.is_requested();
         }));
  OC_CHECK(check_target(type));  // minutes have passed
  const base::Path checksums = checksum_path(request_.folder, model_name_of(base::to_utf8(target.filename())));
  OC_CHECK(base::remove_file(checksums));  // of what is replaced; better none than a wrong one
  OC_CHECK(best_->file.rename_to(target));
  const std::vector<Checksum> recorded{{base::to_utf8(target.filename()), sha256}};
  OC_CHECK(base::replace_file(checksums, make_checksum_text(recorded)));
  result_.kept = best_->tried;
  result_.copy = read_model(target);
  return {};
}

// A choice between figures that are noise would be a coin's.
base::Result<void> Optimization::check_rest() const {
  if (request_.type || result_.unrest <= k_most_unrest) return {};
  return base::fail(
      ErrorKind::negative,
      fmt::format("this machine is too busy to choose a type: measurements of one thing differed by {:.0f} %",
                  result_.unrest * 100),
      "try again when it is quiet, or with fewer --threads, or name a type with --type");
}

base::Result<Optimized> Optimization::run() {
  OC_CHECK(check_source());
  OC_CHECK(check_targets());
  OC_CHECK(base::make_folder(request_.folder));
  remove_leftovers(request_.folder);
  OC_CHECK(check_space());
  OC_TRY(result_.original, measure(request_.source.path, std::nullopt, request_.layouts));
  OC_CHECK(check_rest());  // before the minutes that the copies take
  for (const QuantType type : types()) OC_CHECK(try_type(type));
  if (best_) OC_CHECK(measure_again());
  OC_CHECK(check_rest());
  const bool is_worth_it = best_ && result_.tried[best_->tried].gain >= k_worthwhile_gain;
  if (best_ && (is_worth_it || request_.type)) OC_CHECK(keep());
  return std::move(result_);
}

}  // namespace

double typical_request_ms(const Speed& speed) {
  constexpr double k_stopped = 1e-6;  // tokens per second; divides, and loses against everything
  return 1000 * (k_typical_prefill_tokens / std::max(speed.prefill_tokens_per_second, k_stopped) +
                 k_typical_decode_tokens / std::max(speed.decode_tokens_per_second, k_stopped));
}

std::string copy_name(std::string_view source_name, QuantType type) {
  return fmt::format("{}-pure-{}", source_name, type == QuantType::q4_k ? "q4_k" : "q4_0");
}

base::ByteCount expected_bytes(const protocol::ModelFacts& facts) {
  const double weights = static_cast<double>(facts.parameters) * k_bits_of_target / 8;
  const auto besides = static_cast<double>(std::max<std::int64_t>(0, facts.file_bytes - facts.weight_bytes));
  return base::ByteCount(static_cast<std::int64_t>(weights + besides));
}

base::ByteCount needed_space(const OptimizeRequest& request) {
  const int copies = request.type ? 1 : 2;
  return base::ByteCount(
      static_cast<std::int64_t>(static_cast<double>(expected_bytes(request.facts).value) * k_margin * copies));
}

bool is_all_of(const protocol::ModelFacts& facts, QuantType type) {
  return facts.quantization.starts_with(protocol::to_string(type)) && bits_per_weight(facts) < k_most_bits_of_pure;
}

base::Result<Optimized> optimize_model(const OptimizeRequest& request, const ModelWorkers& workers,
                                       const OnOptimizeProgress& progress, const base::CancelToken& cancel) {
  return Optimization(request, workers, progress, cancel).run();
}

}  // namespace oc::tasks
