// SPDX-License-Identifier: Apache-2.0
#include "quality/measure_history.hpp"

#include <algorithm>
#include <ranges>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "quality/static_findings.hpp"

namespace oc::quality {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t k_most_entries = 1000;
constexpr base::ByteCount k_largest_file{4'000'000};

struct Field {
  const char* name;
  std::int64_t MeasureSums::* value;
};
constexpr Field k_fields[] = {
    {"time", &MeasureSums::time},
    {"files", &MeasureSums::files},
    {"lines", &MeasureSums::lines},
    {"functions", &MeasureSums::functions},
    {"complexity", &MeasureSums::complexity},
    {"above_limit", &MeasureSums::above_limit},
    {"copied_lines", &MeasureSums::copied_lines},
    {"unused", &MeasureSums::unused},
    {"untested", &MeasureSums::untested},
    {"marks", &MeasureSums::marks},
};

std::string to_line(const MeasureSums& sums) {
  Json json = {{"folder", sums.folder}};
  for (const Field& field : k_fields) json[field.name] = sums.*field.value;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool read_line(std::string_view line, MeasureSums& sums) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("folder") || !json["folder"].is_string()) return false;
  sums.folder = json["folder"].get<std::string>();
  for (const Field& field : k_fields) {
    const auto found = json.find(field.name);
    if (found == json.end() || !found->is_number_integer()) return false;
    sums.*field.value = found->get<std::int64_t>();
  }
  return true;
}

bool is_equal_but_for_time(MeasureSums a, const MeasureSums& b) {
  a.time = b.time;
  return to_line(a) == to_line(b);
}

}  // namespace

MeasureSums sums_of(const ProjectMeasures& measures, const std::string& folder) {
  MeasureSums sums;
  sums.folder = folder;
  sums.files = std::ssize(measures.files);
  for (const MeasuredFile& file : measures.files) {
    sums.lines += file.lines;
    sums.functions += std::ssize(file.functions);
    sums.marks += std::ssize(file.marks);
    for (const MeasuredFunction& function : file.functions) {
      sums.complexity += function.complexity;
      sums.above_limit += excess_of(function) > 0 ? 1 : 0;
    }
  }
  sums.copied_lines = measures.clones.copied_lines;
  sums.unused = std::ssize(measures.use.unused);
  sums.untested = std::ssize(measures.use.untested);
  return sums;
}

base::Result<std::vector<MeasureSums>> load_history(const base::Path& file) {
  std::vector<MeasureSums> history;
  OC_TRY(const auto facts, base::find_file_facts(file));
  if (!facts) return history;
  OC_TRY(const std::string bytes, base::read_file(file, k_largest_file));
  for (const std::string_view line : base::split_lines(bytes)) {
    MeasureSums sums;
    if (read_line(line, sums)) history.push_back(std::move(sums));
  }
  return history;
}

base::Result<void> add_to_history(const base::Path& file, const MeasureSums& sums) {
  OC_TRY(std::vector<MeasureSums> history, load_history(file));
  const auto newest_first = history | std::views::reverse;
  const auto last = std::ranges::find(newest_first, sums.folder, &MeasureSums::folder);
  if (last != newest_first.end() && is_equal_but_for_time(*last, sums)) return {};
  history.push_back(sums);
  std::string bytes;
  const std::size_t first = history.size() > k_most_entries ? history.size() - k_most_entries : 0;
  for (std::size_t i = first; i < history.size(); ++i) bytes += to_line(history[i]) + "\n";
  return base::replace_file(file, bytes);
}

}  // namespace oc::quality
