// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/control_filter.hpp"
#include "base/text.hpp"

namespace oc::config {
namespace {

using base::LineNumber;
using Kind = YamlNode::Kind;

LineNumber line_of(const YAML::Mark& mark) { return LineNumber(std::max(mark.line, 0) + 1); }

LineNumber line_at(std::string_view text, std::size_t offset) {
  return LineNumber(std::ranges::count(text.substr(0, offset), '\n') + 1);
}

// Thrown through yaml-cpp to stop it; never leaves parse_yaml.
struct Refused {
  YamlProblem problem;
};

[[noreturn]] void refuse(LineNumber line, std::string reason, std::string hint = {}) {
  throw Refused{{line, std::move(reason), std::move(hint)}};
}

// Events instead of yaml-cpp's own nodes: those resolve aliases (bombs) and keep only the last of two equal keys.
class TreeBuilder : public YAML::EventHandler {
 public:
  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(line_of(mark), "a second YAML document begins", "remove the '---' line");
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_references(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_references(mark); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, "?", anchor);
    add({.kind = Kind::nothing, .line = line_of(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, tag, anchor);
    add({.kind = tag == "!" ? Kind::quoted : Kind::plain, .text = value, .line = line_of(mark)});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    YamlNode node;
    std::optional<YamlNode> key;  // of a mapping: seen, its value not yet
  };

  [[noreturn]] static void refuse_references(const YAML::Mark& mark) {
    refuse(line_of(mark), "anchors and aliases ('&', '*') are not supported",
           "write the value out, or put quotes round text that begins with '&' or '*'");
  }

  static void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) refuse_references(mark);
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(line_of(mark), "tags ('!') are not supported", "put quotes round text that begins with '!'");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    check(mark, tag, anchor);
    if (stack_.size() >= k_yaml_depth) refuse(line_of(mark), "the values are nested too deeply");
    if (is_key_next()) refuse(line_of(mark), "a key must be a word");
    stack_.push_back({.node = {.kind = kind, .line = line_of(mark)}, .key = std::nullopt});
  }

  void close() {
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
  }

  bool is_key_next() const { return !stack_.empty() && stack_.back().node.kind == Kind::mapping && !stack_.back().key; }

  void add(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& top = stack_.back();
    if (is_key_next()) {
      check_key(top.node, node);
      top.key = std::move(node);
      return;
    }
    if (top.node.children.size() >= k_yaml_entries)
      refuse(node.line, fmt::format("there are more than {} entries", k_yaml_entries));
    if (top.key) {
      node.key = std::move(top.key->text);
      node.line = top.key->line;
      top.key.reset();
    }
    top.node.children.push_back(std::move(node));
  }

  static void check_key(const YamlNode& mapping, const YamlNode& key) {
    if (key.kind != Kind::plain && key.kind != Kind::quoted) refuse(key.line, "a key must be a word");
    const auto earlier = std::ranges::find(mapping.children, key.text, &YamlNode::key);
    if (earlier != mapping.children.end())
      refuse(key.line,
             fmt::format("key {} is given twice, first on line {}", base::in_quotes(key.text), earlier->line.value),
             "keep one of the two");
  }

  YamlNode root_;
  std::vector<Frame> stack_;
  int documents_ = 0;
};

// yaml-cpp takes byte 4 for the end of the text and guesses UTF-16, so these are refused before it sees them.
std::optional<YamlProblem> find_bad_byte(std::string_view text) {
  if (text.size() > k_yaml_bytes)
    return YamlProblem{LineNumber(1),
                       fmt::format("the file is too large: {}, at most {} are read",
                                   base::format_bytes(base::ByteCount(static_cast<std::int64_t>(text.size()))),
                                   base::format_bytes(base::ByteCount(k_yaml_bytes))),
                       ""};
  if (const auto offset = base::find_invalid_utf8(text))
    return YamlProblem{line_at(text, *offset),
                       fmt::format("byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(text[*offset])),
                       "save the file as UTF-8"};
  const auto control = std::ranges::find_if(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x7F || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
  });
  if (control == text.end()) return std::nullopt;
  return YamlProblem{line_at(text, static_cast<std::size_t>(control - text.begin())),
                     fmt::format("there is a control character (byte 0x{:02x})", static_cast<unsigned char>(*control)),
                     "remove it"};
}

}  // namespace

std::expected<YamlNode, YamlProblem> parse_yaml(std::string_view text) {
  if (auto problem = find_bad_byte(text)) return std::unexpected(std::move(*problem));
  try {
    TreeBuilder builder;
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {}
    return builder.take();
  } catch (const Refused& refused) {
    return std::unexpected(refused.problem);
  } catch (const YAML::Exception& error) {
    return std::unexpected(YamlProblem{line_of(error.mark), "not valid YAML: " + base::filter_controls(error.msg), ""});
  } catch (const std::exception& error) {
    return std::unexpected(YamlProblem{LineNumber(1), fmt::format("not readable as YAML: {}", error.what()), ""});
  }
}

bool has_same_values(const YamlNode& a, const YamlNode& b) {
  const auto is_scalar = [](const YamlNode& n) { return n.kind == Kind::plain || n.kind == Kind::quoted; };
  if (a.kind != b.kind && !(is_scalar(a) && is_scalar(b))) return false;
  return a.key == b.key && a.text == b.text && std::ranges::equal(a.children, b.children, has_same_values);
}

}  // namespace oc::config
