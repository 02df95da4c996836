// SPDX-License-Identifier: Apache-2.0
#include "quality/linter_output.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/control_filter.hpp"
#include "base/text.hpp"

namespace oc::quality {
namespace {

using Json = nlohmann::json;

constexpr std::size_t k_longest_message = 400;
constexpr std::size_t k_longest_rule = 100;

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line = base::filter_controls(base::replace_invalid_utf8(text.substr(0, most)));
  std::ranges::replace(line, '\n', ' ');
  std::ranges::replace(line, '\t', ' ');
  return std::string(base::trim(line));
}

// What it says becomes ours: an information of one is a style remark of another.
Severity severity_of(std::string_view word) {
  if (word == "error" || word == "fatal" || word == "fatal error") return Severity::error;
  return word == "warning" || word == "performance" || word == "portability" ? Severity::warning : Severity::note;
}

class LinterReader {
 public:
  explicit LinterReader(const LinterReading& reading) : reading_(reading) {}

  std::vector<Finding> read(std::string_view output) {
    for (const std::string_view line : base::split_lines(output)) {
      switch (reading_.format) {
        case LinterFormat::colons: read_colons(line); break;
        case LinterFormat::cppcheck: read_cppcheck(line); break;
        case LinterFormat::eslint: read_eslint(line); break;
      }
      if (findings_.size() >= k_most_linter_findings) break;
    }
    return std::move(findings_);
  }

 private:
  void add(std::string_view path, std::int64_t line, Severity severity, std::string_view rule,
           std::string_view message) {
    if (path.starts_with(reading_.folder) && path.substr(reading_.folder.size()).starts_with('/'))
      path.remove_prefix(reading_.folder.size() + 1);
    if (path.starts_with("./")) path.remove_prefix(2);
    const auto file = reading_.files.find(std::string(path));
    if (file == reading_.files.end() || line < 1 || line > file->second + 1) return;
    line = std::min(line, std::max<std::int64_t>(1, file->second));  // the end of a file is the line behind its last
    Finding finding;
    finding.source = reading_.source;
    finding.severity = severity;
    finding.rule = one_line(rule, k_longest_rule);
    finding.path = file->first;
    finding.lines = finding.about = {base::LineNumber(line), base::LineNumber(line)};
    finding.message = one_line(message, k_longest_message);
    if (!finding.message.empty() && findings_.size() < k_most_linter_findings) findings_.push_back(std::move(finding));
  }

  // The path may hold colons itself ("C:/a.c"): the first ":NUMBER:" behind something ends it.
  void read_colons(std::string_view line) {
    if (line.starts_with("vet: ")) line.remove_prefix(5);
    for (std::size_t colon = line.find(':', 1); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
      const std::string_view path = line.substr(0, colon);
      std::string_view rest = line.substr(colon + 1);
      const auto number = read_number(rest.substr(0, rest.find(':')));
      if (!number || rest.find(':') == std::string_view::npos) continue;
      rest.remove_prefix(rest.find(':') + 1);
      if (const std::size_t next = rest.find(':'); next != std::string_view::npos && read_number(rest.substr(0, next)))
        rest.remove_prefix(next + 1);
      add_words(path, *number, base::trim(rest));
      return;
    }
  }

  // "warning: words [rule]" or "F401 words"
  void add_words(std::string_view path, std::int64_t line, std::string_view words) {
    Severity severity = Severity::warning;
    for (const std::string_view word : {"fatal error", "error", "warning", "note", "style", "info"})
      if (words.starts_with(word) && words.substr(word.size()).starts_with(": ")) {
        // What explains the line before it is no finding of its own.
        if (word == "note" && reading_.source == "clang-tidy") return;
        severity = severity_of(word);
        words = base::trim(words.substr(word.size() + 1));
        break;
      }
    std::string_view rule;
    if (const std::size_t open = words.rfind(" ["); words.ends_with(']') && open != std::string_view::npos) {
      rule = words.substr(open + 2, words.size() - open - 3);
      words = words.substr(0, open);
    } else if (reading_.source == "ruff") {
      rule = words.substr(0, words.find(' '));
      words.remove_prefix(std::min(rule.size() + 1, words.size()));
      if (words.starts_with("[*] ")) words.remove_prefix(4);
      if (rule.starts_with("SyntaxError") || rule.starts_with("E9")) severity = Severity::error;
    }
    add(path, line, severity, rule.empty() ? reading_.source : rule, words);
  }

  void read_cppcheck(std::string_view line) {
    std::vector<std::string_view> parts;
    for (int i = 0; i < 5; ++i) {
      const std::size_t bar = line.find('|');
      if (bar == std::string_view::npos) return;
      parts.push_back(line.substr(0, bar));
      line.remove_prefix(bar + 1);
    }
    const auto number = read_number(parts[2]);
    if (parts[0] == "oc" && number) add(parts[1], *number, severity_of(parts[3]), parts[4], line);
  }

  void read_eslint(std::string_view line) {
    if (!line.starts_with("[{\"filePath\"")) return;
    const Json files = Json::parse(line, nullptr, false);
    if (!files.is_array()) return;
    for (const Json& file : files) {
      if (!file.is_object() || !file.contains("messages") || !file["messages"].is_array()) continue;
      for (const Json& message : file["messages"]) {
        if (!message.is_object()) continue;
        const auto text = [](const Json& object, const char* key) {
          return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
        };
        const auto number = [&](const char* key) {
          return message.contains(key) && message[key].is_number_integer() ? message[key].get<std::int64_t>() : 0;
        };
        std::string path = text(file, "filePath"), rule = text(message, "ruleId");
        std::ranges::replace(path, '\\', '/');
        add(path, number("line"), number("severity") >= 2 ? Severity::error : Severity::warning,
            rule.empty() ? "eslint" : rule, text(message, "message"));
      }
    }
  }

  const LinterReading& reading_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> read_linter_output(const LinterReading& reading, std::string_view output) {
  return LinterReader(reading).read(output);
}

}  // namespace oc::quality
