// SPDX-License-Identifier: Apache-2.0
#include "quality/sarif.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>

#include "base/files.hpp"

namespace oc::quality {
namespace {

using Json = nlohmann::json;

// What sarif-schema-2.1.0.json demands of the parts that are written here: required properties, types, enums,
// minimums, and that nothing else stands there (additionalProperties is false nearly everywhere in it).
class SarifChecker {
 public:
  explicit SarifChecker(const std::string& text) : log_(Json::parse(text)) {}

  std::vector<std::string> problems() {
    object(log_, "sarifLog", {"version", "runs"}, {"$schema", "inlineExternalProperties", "properties"});
    if (log_.value("version", "") != "2.1.0") problem("version is not 2.1.0");
    if (!log_["$schema"].is_string()) problem("$schema is no string");
    for (const Json& run : array(log_, "runs")) check_run(run);
    return problems_;
  }

 private:
  void problem(const std::string& text) { problems_.push_back(text); }

  void object(const Json& json, const std::string& name, const std::set<std::string>& required,
              const std::set<std::string>& optional) {
    if (!json.is_object()) return problem(name + " is no object");
    for (const std::string& key : required)
      if (!json.contains(key)) problem(name + " lacks " + key);
    for (const auto& [key, value] : json.items())
      if (!required.contains(key) && !optional.contains(key)) problem(name + " may not have " + key);
  }

  const Json& array(const Json& json, const std::string& key) {
    static const Json none = Json::array();
    if (!json.contains(key)) return none;
    if (!json[key].is_array()) problem(key + " is no array");
    return json[key].is_array() ? json[key] : none;
  }

  void word(const Json& json, const std::string& key, const std::set<std::string>& allowed) {
    if (json.contains(key) && (!json[key].is_string() || !allowed.contains(json[key].get<std::string>())))
      problem(key + " is none of its enum: " + json[key].dump());
  }

  void text(const Json& json, const std::string& key) {
    if (json.contains(key) && !json[key].is_string()) problem(key + " is no string");
  }

  void number(const Json& json, const std::string& key, std::int64_t least) {
    if (json.contains(key) && (!json[key].is_number_integer() || json[key].get<std::int64_t>() < least))
      problem(key + " is less than " + std::to_string(least));
  }

  void check_run(const Json& run) {
    object(run, "run", {"tool"}, {"results", "columnKind", "originalUriBaseIds", "properties"});
    word(run, "columnKind", {"utf16CodeUnits", "unicodeCodePoints"});
    object(run["tool"], "tool", {"driver"}, {"extensions", "properties"});
    const Json& driver = run["tool"]["driver"];
    object(driver, "toolComponent", {"name"}, {"version", "rules", "informationUri", "semanticVersion"});
    text(driver, "name");
    text(driver, "version");
    std::set<std::string> ids;
    for (const Json& rule : array(driver, "rules")) {
      object(rule, "reportingDescriptor", {"id"}, {"name", "shortDescription", "properties"});
      if (!ids.insert(rule.value("id", "")).second) problem("rules has equal items");  // uniqueItems
    }
    for (const Json& result : array(run, "results")) check_result(result, array(driver, "rules"));
  }

  void check_result(const Json& result, const Json& rules) {
    object(result, "result", {"message"},
           {"ruleId", "ruleIndex", "level", "locations", "partialFingerprints", "baselineState", "properties"});
    word(result, "level", {"none", "note", "warning", "error"});
    word(result, "baselineState", {"new", "unchanged", "updated", "absent"});
    number(result, "ruleIndex", -1);
    const std::size_t index = result.value("ruleIndex", std::size_t{0});
    if (index >= rules.size() || rules[index]["id"] != result["ruleId"]) problem("ruleIndex is another rule's");
    object(result["message"], "message", {"text"}, {"markdown", "id", "arguments"});
    text(result["message"], "text");
    for (const auto& [key, value] : result["partialFingerprints"].items())
      if (!value.is_string()) problem("a fingerprint is no string");
    for (const Json& location : array(result, "locations")) check_location(location);
  }

  void check_location(const Json& location) {
    object(location, "location", {}, {"id", "physicalLocation", "logicalLocations", "message"});
    const Json& physical = location["physicalLocation"];
    object(physical, "physicalLocation", {"artifactLocation"}, {"region", "contextRegion"});
    object(physical["artifactLocation"], "artifactLocation", {}, {"uri", "uriBaseId", "index"});
    const std::string uri = physical["artifactLocation"].value("uri", "");
    for (const char c : uri)
      if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '{' || c < 0)
        problem("uri is no uri-reference: " + uri);
    object(physical["region"], "region", {}, {"startLine", "startColumn", "endLine", "endColumn", "snippet"});
    number(physical["region"], "startLine", 1);
    number(physical["region"], "endLine", 1);
    for (const Json& logical : array(location, "logicalLocations"))
      object(logical, "logicalLocation", {}, {"name", "fullyQualifiedName", "kind"});
  }

  Json log_;
  std::vector<std::string> problems_;
};

Finding make(std::string path, std::int64_t line, std::string rule, std::string source = "static") {
  Finding finding;
  finding.path = std::move(path);
  finding.lines = {base::LineNumber(line), base::LineNumber(line)};
  finding.rule = std::move(rule);
  finding.source = std::move(source);
  finding.message = "words";
  return finding;
}

TEST(Sarif, KeepsTheRulesOfItsSchema) {
  std::vector<Finding> findings = {make("a b/\xc3\xa4#?.c", 3, "long-function"), make("a.c", 0, "", "cppcheck"),
                                   make("\xff.c", 9, "x\xff"), make("a.c", 1, "long-function")};
  findings[0].symbol = "f";
  findings[1].message = "";
  findings[3].severity = Severity::error;
  EXPECT_THAT(SarifChecker(to_sarif({"0.1.0", findings, {}})).problems(), testing::IsEmpty());
  EXPECT_THAT(SarifChecker(to_sarif({"0.1.0", findings, {true, false, true, false}})).problems(), testing::IsEmpty());
  EXPECT_THAT(SarifChecker(to_sarif({"0.1.0", {}, {}})).problems(), testing::IsEmpty());
}

TEST(Sarif, CheckerNoticesWhatIsWrong) {
  std::string text = to_sarif({"1", {make("a.c", 1, "r")}, {}});
  text.replace(text.find("\"note\""), 6, "\"info\"");
  EXPECT_THAT(SarifChecker(text).problems(), testing::Not(testing::IsEmpty()));
}

TEST(Baseline, KnowsAsManyAsThereWere) {
  const base::Path file = base::Path(testing::TempDir()) / "oc_baseline.json";
  const std::vector<Finding> two = {make("a.c", 1, "r"), make("a.c", 2, "r")};
  ASSERT_TRUE(write_baseline(file, two));
  const auto baseline = load_baseline(file);
  ASSERT_TRUE(baseline);
  const std::vector<Finding> four = {make("a.c", 5, "r"), make("b.c", 1, "r"), make("a.c", 7, "r"),
                                     make("a.c", 9, "r")};
  EXPECT_THAT(find_known(four, *baseline), testing::ElementsAre(true, false, true, false));
  for (const char* const wrong : {"", "[]", "{}", "{\"schema\":1,\"findings\":[]}",
                                  "{\"schema\":1,\"findings\":{\"a\":\"b\"}}", "{\"schema\":2,\"findings\":{}}"}) {
    ASSERT_TRUE(base::replace_file(file, wrong));
    EXPECT_FALSE(load_baseline(file)) << wrong;
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace oc::quality
