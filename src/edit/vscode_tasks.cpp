// SPDX-License-Identifier: Apache-2.0
#include "edit/vscode_tasks.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::edit {
namespace {

constexpr std::string_view k_version_key = "version";
constexpr std::string_view k_version = "2.0.0";
constexpr std::size_t k_level_width = 2;  // of an entry's own JSON

bool has_entry(const JsoncValue& list, const VscodeEntry& entry) {
  return std::ranges::any_of(list.children, [&](const JsoncValue& item) {
    const JsoncValue* id = item.kind == JsoncValue::Kind::object ? find_member(item, entry.id_key) : nullptr;
    return id != nullptr && id->kind == JsoncValue::Kind::string && id->text == entry.id;
  });
}

class Merge {
 public:
  Merge(std::string_view text, std::span<const VscodeEntry> entries) : text_(text), entries_(entries) {}
  std::expected<VscodeMerge, JsoncProblem> run();

 private:
  std::unexpected<JsoncProblem> problem(std::size_t at, std::string reason) const {
    return std::unexpected(
        JsoncProblem{base::LineNumber(std::ranges::count(text_.substr(0, at), '\n') + 1), std::move(reason)});
  }
  std::expected<void, JsoncProblem> check(const JsoncValue& root) const;
  std::string_view indentation_at(std::size_t offset) const;
  std::string indentation_of_children(const JsoncValue& parent) const;
  void find_level(const JsoncValue& root);

  // The lines of an object of ours, as they stand in the file at this indentation.
  std::string in_place(std::string_view json, std::string_view indentation) const;
  void add_to_list(const JsoncValue& list, const std::vector<const VscodeEntry*>& missing);
  void add_children(const JsoncValue& parent, const std::vector<std::string>& texts);
  std::string make_list(std::string_view name, const std::vector<const VscodeEntry*>& missing) const;
  void append_object(const std::vector<std::string>& members);

  std::string_view text_;
  std::span<const VscodeEntry> entries_;
  std::string level_ = "  ";
  std::string_view line_end_ = "\n";
  std::multimap<std::size_t, std::string> insertions_;  // by offset; of two with one place the first comes first
  std::vector<std::string> added_;
};

// The blanks before the first thing on the line of this place.
std::string_view Merge::indentation_at(std::size_t offset) const {
  const std::size_t newline = offset == 0 ? std::string_view::npos : text_.rfind('\n', offset - 1);
  std::string_view line = text_.substr(newline == std::string_view::npos ? 0 : newline + 1);
  if (newline == std::string_view::npos && line.starts_with(base::k_byte_order_mark))
    line.remove_prefix(base::k_byte_order_mark.size());
  return base::indentation(line);
}

std::string Merge::indentation_of_children(const JsoncValue& parent) const {
  if (!parent.children.empty()) {
    const std::size_t begin = parent.children.front().begin;
    if (text_.substr(parent.begin, begin - parent.begin).contains('\n')) return std::string(indentation_at(begin));
  }
  return std::string(indentation_at(parent.begin)) + level_;
}

// One level of the file's own indentation: that of its outermost members.
void Merge::find_level(const JsoncValue& root) {
  if (root.children.empty()) return;
  const std::string_view outer = indentation_at(root.begin);
  const std::string_view inner = indentation_at(root.children.front().begin);
  if (inner.size() > outer.size() && inner.starts_with(outer)) level_ = inner.substr(outer.size());
}

std::string Merge::in_place(std::string_view json, std::string_view indentation) const {
  std::string placed;
  for (const std::string_view line : base::split_lines(json)) {
    const std::size_t blanks = base::indentation(line).size();
    if (!placed.empty()) placed += line_end_;
    placed += indentation;
    for (std::size_t i = 0; i < blanks / k_level_width; ++i) placed += level_;
    placed += line.substr(blanks);
  }
  return placed;
}

// Behind the last child, or the comments that follow it, each on lines of its own.
void Merge::add_children(const JsoncValue& parent, const std::vector<std::string>& texts) {
  if (!parent.children.empty() && !parent.has_trailing_comma) insertions_.emplace(parent.children.back().end, ",");
  const std::string separator = fmt::format(",{}", line_end_);
  std::string added = fmt::format("{}{}", line_end_, fmt::join(texts, separator));
  const bool closes_on_own_line = text_.substr(parent.last_mark, parent.end - 1 - parent.last_mark).contains('\n');
  if (!closes_on_own_line) added += fmt::format("{}{}", line_end_, indentation_at(parent.begin));
  insertions_.emplace(parent.last_mark, std::move(added));
}

void Merge::add_to_list(const JsoncValue& list, const std::vector<const VscodeEntry*>& missing) {
  const std::string indentation = indentation_of_children(list);
  std::vector<std::string> texts;
  for (const VscodeEntry* entry : missing) texts.push_back(in_place(entry->json, indentation));
  add_children(list, texts);
}

// A whole list as the member of an object, as VscodeEntry::json is laid out.
std::string Merge::make_list(std::string_view name, const std::vector<const VscodeEntry*>& missing) const {
  const std::string level(k_level_width, ' ');
  std::string text = fmt::format("\"{}\": [\n", name);
  for (const VscodeEntry* entry : missing) {
    for (const std::string_view line : base::split_lines(entry->json)) text += fmt::format("{}{}\n", level, line);
    text.insert(text.size() - 1, entry == missing.back() ? "" : ",");
  }
  return text + "]";
}

void Merge::append_object(const std::vector<std::string>& members) {
  const bool begins_on_own_line = text_.empty() || text_ == base::k_byte_order_mark || text_.ends_with('\n');
  const std::string separator = fmt::format(",{}", line_end_);
  insertions_.emplace(text_.size(), fmt::format("{0}{{{1}{2}{1}}}{1}", begins_on_own_line ? "" : line_end_, line_end_,
                                                fmt::join(members, separator)));
}

std::expected<void, JsoncProblem> Merge::check(const JsoncValue& root) const {
  if (root.kind != JsoncValue::Kind::object) return problem(root.begin, "it is not an object in braces");
  if (const JsoncValue* version = find_member(root, k_version_key); version != nullptr && version->text != k_version)
    return problem(version->begin, fmt::format("it is not of version {}", k_version));
  for (const VscodeEntry& entry : entries_) {
    const JsoncValue* list = find_member(root, entry.list);
    if (list != nullptr && list->kind != JsoncValue::Kind::array)
      return problem(list->begin, fmt::format("'{}' is not a list", entry.list));
  }
  return {};
}

std::expected<VscodeMerge, JsoncProblem> Merge::run() {
  const auto root = parse_jsonc(text_);
  if (!root) return std::unexpected(root.error());
  line_end_ = base::detect_line_end(text_) == base::LineEnd::crlf ? "\r\n" : "\n";
  const JsoncValue* object = *root ? &**root : nullptr;
  if (object != nullptr) {
    if (const auto checked = check(*object); !checked) return std::unexpected(checked.error());
    find_level(*object);
  }

  std::vector<std::pair<std::string, std::vector<const VscodeEntry*>>> lists;  // what is missing, by list
  for (const VscodeEntry& entry : entries_) {
    const JsoncValue* list = object == nullptr ? nullptr : find_member(*object, entry.list);
    if (list != nullptr && has_entry(*list, entry)) continue;
    const auto known = std::ranges::find(lists, entry.list, [](const auto& pair) { return pair.first; });
    if (known != lists.end()) known->second.push_back(&entry);
    else lists.emplace_back(entry.list, std::vector{&entry});
    added_.push_back(entry.id);
  }
  if (lists.empty()) return VscodeMerge{std::string(text_), {}};

  const std::string indentation = object == nullptr ? level_ : indentation_of_children(*object);
  std::vector<std::string> members;
  if (object == nullptr || find_member(*object, k_version_key) == nullptr)
    members.push_back(fmt::format("{}\"{}\": \"{}\"", indentation, k_version_key, k_version));
  for (const auto& [name, missing] : lists) {
    const JsoncValue* list = object == nullptr ? nullptr : find_member(*object, name);
    if (list != nullptr) add_to_list(*list, missing);
    else members.push_back(in_place(make_list(name, missing), indentation));
  }
  if (object == nullptr) append_object(members);
  else if (!members.empty()) add_children(*object, members);

  std::string merged;
  std::size_t copied = 0;
  for (const auto& [at, text] : insertions_) {
    merged += text_.substr(copied, at - copied);
    merged += text;
    copied = at;
  }
  merged += text_.substr(copied);
  return VscodeMerge{std::move(merged), std::move(added_)};
}

}  // namespace

std::expected<VscodeMerge, JsoncProblem> merge_vscode_entries(std::string_view text,
                                                              std::span<const VscodeEntry> entries) {
  return Merge(text, entries).run();
}

}  // namespace oc::edit
