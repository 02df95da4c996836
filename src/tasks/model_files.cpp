// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_files.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"

namespace oc::tasks {
namespace {

constexpr std::string_view k_ending = ".gguf";
constexpr base::ByteCount k_checksum_limit{1'000'000};
constexpr std::size_t k_digits_of_part = 5;
constexpr std::size_t k_digits_of_sha256 = 64;

// Exactly five digits.
std::optional<int> parse_part_number(std::string_view text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.size() != k_digits_of_part || code != std::errc() || end != text.data() + text.size() || value < 1)
    return std::nullopt;
  return value;
}

bool is_sha256(std::string_view text) {
  return text.size() == k_digits_of_sha256 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::map<std::string, std::string> read_checksums(const base::Path& file) {
  std::map<std::string, std::string> found;
  const auto text = base::read_file(file, k_checksum_limit);
  if (!text) return found;  // a model without checksums is a model
  for (Checksum& checksum : parse_checksums(*text)) found[std::move(checksum.file)] = std::move(checksum.sha256);
  return found;
}

}  // namespace

bool LibraryModel::is_complete() const { return std::ranges::all_of(parts, &ModelPart::is_there); }

bool has_gguf_ending(std::string_view file_name) {
  if (file_name.size() <= k_ending.size()) return false;
  return std::ranges::equal(file_name.substr(file_name.size() - k_ending.size()), k_ending,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

std::optional<PartName> parse_part_name(std::string_view file_name) {
  constexpr std::string_view k_of = "-of-";
  constexpr std::size_t k_tail = 1 + k_digits_of_part + k_of.size() + k_digits_of_part;  // "-00001-of-00003"
  if (!file_name.ends_with(k_ending)) return std::nullopt;
  const std::string_view stem = file_name.substr(0, file_name.size() - k_ending.size());
  if (stem.size() <= k_tail) return std::nullopt;
  const std::string_view tail = stem.substr(stem.size() - k_tail);
  if (tail[0] != '-' || tail.substr(1 + k_digits_of_part, k_of.size()) != k_of) return std::nullopt;
  const auto number = parse_part_number(tail.substr(1, k_digits_of_part));
  const auto count = parse_part_number(tail.substr(k_tail - k_digits_of_part));
  if (!number || !count || *number > *count) return std::nullopt;
  return PartName{std::string(stem.substr(0, stem.size() - k_tail)), *number, *count};
}

std::string make_part_name(const PartName& part) {
  return fmt::format("{}-{:05}-of-{:05}{}", part.model, part.number, part.count, k_ending);
}

std::string model_name_of(std::string_view file_name) {
  if (auto part = parse_part_name(file_name)) return std::move(part->model);
  if (has_gguf_ending(file_name)) file_name.remove_suffix(k_ending.size());
  return std::string(file_name);
}

base::Result<void> check_model_name(const std::string& name, std::string_view option) {
  constexpr std::size_t k_longest = 200;
  const auto refuse = [&](std::string_view why) {
    return base::fail(base::ErrorKind::usage,
                      fmt::format("a model cannot be called {}: {}", base::in_quotes(name), why),
                      fmt::format("give it another name with {}", option));
  };
  if (name.empty()) return refuse("the name is empty");
  if (name.size() > k_longest) return refuse(fmt::format("the name has more than {} bytes", k_longest));
  if (base::find_invalid_utf8(name)) return refuse("the name is not UTF-8");
  const bool has_control = std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (has_control || name.find_first_of("/\\:*?\"<>|") != std::string::npos)
    return refuse("a name may not have control characters or any of / \\ : * ? \" < > |");
  if (name.starts_with('.') || name.starts_with('-') || name.starts_with(' ') || name.ends_with(' ') ||
      name.ends_with('.'))
    return refuse("a name may not begin with '.', '-' or a space, nor end with '.' or a space");
  if (parse_part_name(name + ".gguf")) return refuse("it looks like a part of a split model");
  return {};
}

base::Path checksum_path(const base::Path& folder, std::string_view model_name) {
  return folder / base::path_from_utf8(fmt::format("{}{}.sha256", model_name, k_ending));
}

std::vector<Checksum> parse_checksums(std::string_view text) {
  std::vector<Checksum> checksums;
  for (std::string_view line : base::split_lines(text)) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() <= k_digits_of_sha256 + 2 || line[k_digits_of_sha256] != ' ') continue;
    const std::string_view digits = line.substr(0, k_digits_of_sha256);
    const char mode =
        line[k_digits_of_sha256 + 1];  // ' ' for text, '*' for binary: the same everywhere but once on DOS
    if (is_sha256(digits) && (mode == ' ' || mode == '*'))
      checksums.push_back({std::string(line.substr(k_digits_of_sha256 + 2)), std::string(digits)});
  }
  return checksums;
}

std::string make_checksum_text(std::span<const Checksum> checksums) {
  std::string text;
  for (const Checksum& checksum : checksums) text += fmt::format("{}  {}\n", checksum.sha256, checksum.file);
  return text;
}

LibraryModel read_model(const base::Path& file) {
  const std::string file_name = base::to_utf8(file.filename());
  const base::Path folder = file.parent_path();
  LibraryModel model;
  model.name = model_name_of(file_name);
  auto part = parse_part_name(file_name).value_or(PartName{});
  const bool is_split = !part.model.empty();
  const auto recorded = read_checksums(checksum_path(folder, model.name));
  for (part.number = 1; part.number <= part.count; ++part.number) {
    const std::string name = is_split ? make_part_name(part) : file_name;
    ModelPart found{folder / base::path_from_utf8(name), base::ByteCount(0), "", false};
    if (const auto facts = base::find_file_facts(found.path); facts && *facts && (*facts)->is_regular) {
      found.size = (*facts)->size;
      found.is_there = true;
    }
    if (const auto checksum = recorded.find(name); checksum != recorded.end()) found.sha256 = checksum->second;
    model.size += found.size;
    model.parts.push_back(std::move(found));
  }
  model.path = model.parts.front().path;
  return model;
}

base::Result<void> check_complete(const LibraryModel& model) {
  const auto missing = std::ranges::find(model.parts, false, &ModelPart::is_there);
  if (missing == model.parts.end()) return {};
  if (model.parts.size() == 1)
    return base::fail(base::ErrorKind::model, fmt::format("there is no model file {}", base::display(missing->path)),
                      "give the path of a .gguf file");
  return base::fail(base::ErrorKind::model,
                    fmt::format("model {} is not complete: of its {} parts {} is missing", base::in_quotes(model.name),
                                model.parts.size(), base::display(missing->path)),
                    "put all parts into one folder");
}

}  // namespace oc::tasks
