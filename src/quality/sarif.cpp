// SPDX-License-Identifier: Apache-2.0
#include "quality/sarif.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/files.hpp"

namespace oc::quality {
namespace {

using Json = nlohmann::ordered_json;

constexpr base::ByteCount k_largest_baseline{64'000'000};
constexpr int k_baseline_schema = 1;

// RFC 3986: what may not stand in a path of a URI is written %XX.
std::string to_uri(std::string_view path) {
  constexpr std::string_view k_plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=@";
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string uri;
  for (const char c : path) {
    if (k_plain.find(c) != std::string_view::npos) {
      uri += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    uri.append(1, '%').append(1, k_digits[byte >> 4U]).append(1, k_digits[byte & 15U]);
  }
  return uri;
}

std::string rule_id(const Finding& finding) {
  const std::string rule = finding.rule.empty() ? "finding" : finding.rule;
  return finding.source == "static" ? rule : finding.source + "/" + rule;
}

Json result_json(const Finding& finding, std::size_t rule_index) {
  const Json region = {{"startLine", std::max<std::int64_t>(1, finding.lines.first.value)},
                       {"endLine", std::max({std::int64_t{1}, finding.lines.first.value, finding.lines.last.value})}};
  Json location = {
      {"physicalLocation",
       {{"artifactLocation", {{"uri", to_uri(finding.path)}, {"uriBaseId", "SRCROOT"}}}, {"region", region}}}};
  if (!finding.symbol.empty())
    location["logicalLocations"] = Json::array({Json{{"fullyQualifiedName", finding.symbol}}});
  return {{"ruleId", rule_id(finding)},
          {"ruleIndex", rule_index},
          {"level", to_string(finding.severity)},
          {"message", {{"text", finding.message.empty() ? finding.rule : finding.message}}},
          {"locations", Json::array({location})},
          {"partialFingerprints", {{"offlineCoder/v1", fingerprint(finding)}}},
          {"properties", {{"confidence", to_string(finding.confidence)}, {"source", finding.source}}}};
}

}  // namespace

std::string to_sarif(const SarifRun& run) {
  std::vector<std::string> ids;
  for (const Finding& finding : run.findings) ids.push_back(rule_id(finding));
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  Json rules = Json::array();
  for (const std::string& id : ids) rules.push_back({{"id", id}});
  Json results = Json::array();
  for (std::size_t i = 0; i < run.findings.size(); ++i) {
    const auto rule = std::ranges::lower_bound(ids, rule_id(run.findings[i])) - ids.begin();
    results.push_back(result_json(run.findings[i], static_cast<std::size_t>(rule)));
    if (!run.known.empty()) results.back()["baselineState"] = run.known[i] ? "unchanged" : "new";
  }
  const Json driver = {{"name", "offline-coder"}, {"version", run.version}, {"rules", rules}};
  const Json log = {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs",
       Json::array({Json{{"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", results}}})}};
  return log.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<Baseline> load_baseline(const base::Path& file) {
  OC_TRY(const std::string bytes, base::read_file(file, k_largest_baseline));
  const Json json = Json::parse(bytes, nullptr, false);
  const auto wrong = [&] {
    return base::fail(base::ErrorKind::usage, "there is no baseline in " + base::display(file),
                      "make one with 'review … --baseline FILE --write-baseline'");
  };
  if (!json.is_object() || !json.contains("findings") || !json["findings"].is_object() ||
      json.value("schema", Json()) != k_baseline_schema)
    return wrong();
  Baseline baseline;
  for (const auto& [key, value] : json["findings"].items()) {
    if (!value.is_number_integer()) return wrong();
    baseline[key] = value.get<std::int64_t>();
  }
  return baseline;
}

base::Result<void> write_baseline(const base::Path& file, const std::vector<Finding>& findings) {
  Baseline counts;
  for (const Finding& finding : findings) ++counts[fingerprint(finding)];
  const Json json = {{"schema", k_baseline_schema}, {"findings", counts}};
  return base::replace_file(file, json.dump(1) + "\n");
}

std::vector<bool> find_known(const std::vector<Finding>& findings, const Baseline& baseline) {
  Baseline left = baseline;
  std::vector<bool> known;
  for (const Finding& finding : findings) known.push_back(left[fingerprint(finding)]-- > 0);
  return known;
}

}  // namespace oc::quality
