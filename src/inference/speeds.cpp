// SPDX-License-Identifier: Apache-2.0
#include "inference/speeds.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/sha256.hpp"

namespace oc::inference {
namespace {

using Json = nlohmann::json;

constexpr int k_version = 2;  // of what a calibration chooses, too: one of less is made again
constexpr base::ByteCount k_file_limit{64 << 10};
// Below this a call's fixed costs hide what a token costs.
constexpr int k_telling_tokens = 48;
constexpr double k_new_share = 0.3;
// Nothing that a machine does takes longer a call; larger numbers are damage.
constexpr double k_longest_ms = 1e7;

std::size_t bucket(int depth) {
  const auto above = std::ranges::upper_bound(PrefillTimes::k_depths, depth);
  return static_cast<std::size_t>(above - PrefillTimes::k_depths.begin()) - 1;
}

bool is_time(const Json& value) {
  return value.is_number() && std::isfinite(value.get<double>()) && value.get<double>() >= 0 &&
         value.get<double>() < k_longest_ms;
}

template <class Times>
bool read_times(const Json& list, Times& times) {
  if (!list.is_array() || list.size() != times.size() || !std::ranges::all_of(list, is_time)) return false;
  std::ranges::transform(list, times.begin(), [](const Json& value) { return value.get<double>(); });
  return true;
}

// Throws nlohmann's exceptions.
Speeds speeds_from(const Json& json) {
  if (!json.is_object() || json.value("version", 0) != k_version) return {};
  Speeds speeds;
  std::array<double, StepTimes::k_rows.size()> steps{};
  if (!read_times(json.at("step_ms"), steps) || !read_times(json.at("prefill_ms_per_token"), speeds.prefill.all()) ||
      !is_time(json.at("load_ms")))
    return {};
  for (std::size_t i = 0; i < steps.size(); ++i) speeds.steps.set(i, steps[i]);
  constexpr int k_most_threads = 1024, k_most_rounds = 1000;
  speeds.load_ms = json.at("load_ms").get<double>();
  speeds.is_calibrated = json.at("calibrated").get<bool>();
  speeds.rounds = std::clamp(json.at("rounds").get<int>(), 0, k_most_rounds);
  speeds.prefill_threads = std::clamp(json.at("prefill_threads").get<int>(), 0, k_most_threads);
  speeds.decode_threads = std::clamp(json.at("decode_threads").get<int>(), 0, k_most_threads);
  speeds.repack = json.at("repack").get<bool>();
  const int step_tokens = json.at("step_tokens").get<int>();
  if (std::ranges::find(Speeds::k_step_tokens, step_tokens) != Speeds::k_step_tokens.end())
    speeds.step_tokens = step_tokens;
  if (!json.at("flash_attention").get<bool>()) speeds.attention = llama::Attention::plain;
  return speeds;
}

}  // namespace

bool PrefillTimes::is_known() const {
  return std::ranges::any_of(ms_per_token_, [](double ms) { return ms > 0; });
}

double PrefillTimes::ms(int tokens, int depth, const StepTimes& steps) const {
  if (!is_known()) return 0;
  // Where this depth has not been seen, the nearest that was.
  const auto wanted = static_cast<std::ptrdiff_t>(bucket(depth));
  double per_token = 0;
  for (std::ptrdiff_t distance = 0; per_token <= 0; ++distance) {
    for (const std::ptrdiff_t at : {wanted - distance, wanted + distance})
      if (at >= 0 && at < std::ssize(ms_per_token_) && per_token <= 0)
        per_token = ms_per_token_[static_cast<std::size_t>(at)];
  }
  const double as_prefill = per_token * tokens;
  // Calls of few tokens cost more a token.
  return std::max(as_prefill, steps.ms(std::min(tokens, StepTimes::k_most_rows)));
}

void PrefillTimes::observe(int tokens, int depth, double ms) {
  if (tokens < k_telling_tokens || !(ms > 0)) return;
  double& known = ms_per_token_[bucket(depth)];
  const double seen = ms / tokens;
  known = known <= 0 ? seen : known + k_new_share * (seen - known);
}

base::Path speeds_file(const base::Path& folder, std::string_view identity) {
  constexpr std::size_t k_digits = 32;
  return folder / base::path_from_utf8(base::sha256(identity).substr(0, k_digits) + ".json");
}

Speeds load_speeds(const base::Path& file) {
  const auto text = base::read_file(file, k_file_limit);
  if (!text) return {};
  try {
    return speeds_from(Json::parse(*text));
  } catch (const Json::exception&) {  // not JSON, or a text where a number should be
    return {};
  }
}

base::Result<void> store_speeds(const base::Path& file, const Speeds& speeds) {
  const Json json = {{"version", k_version},
                     {"step_ms", speeds.steps.all()},
                     {"prefill_ms_per_token", speeds.prefill.all()},
                     {"load_ms", speeds.load_ms},
                     {"calibrated", speeds.is_calibrated},
                     {"rounds", speeds.rounds},
                     {"prefill_threads", speeds.prefill_threads},
                     {"decode_threads", speeds.decode_threads},
                     {"repack", speeds.repack},
                     {"step_tokens", speeds.step_tokens},
                     {"flash_attention", speeds.attention == llama::Attention::flash}};
  OC_CHECK(base::make_folder(file.parent_path(), base::FileAccess::owner_only));
  return base::replace_file(file, json.dump(1) + "\n", base::FileAccess::owner_only);
}

}  // namespace oc::inference
