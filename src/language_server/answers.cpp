// SPDX-License-Identifier: Apache-2.0
#include "language_server/answers.hpp"

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

namespace oc::language_server {
namespace {

using nlohmann::json;

json parse(std::string_view text) { return json::parse(text, nullptr, false); }

std::optional<std::int64_t> number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  constexpr std::int64_t k_most = INT32_MAX;
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  // Some servers say "the end" with the largest number there is.
  if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(k_most)) return k_most;
  return found->get<std::int64_t>();
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<Position> position_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return std::nullopt;
  const auto line = number_of(*found, "line"), character = number_of(*found, "character");
  if (!line || !character) return std::nullopt;
  return Position{*line, *character};
}

std::optional<TextRange> range_of(const json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return std::nullopt;
  const auto begin = position_of(*found, "start"), end = position_of(*found, "end");
  if (!begin || !end) return std::nullopt;
  return TextRange{*begin, *end};
}

void add_file(WorkspaceEdit& all, std::string uri, const json& edits) {
  if (uri.empty() || !edits.is_array()) {
    ++all.unreadable;
    return;
  }
  FileEdits file{std::move(uri), {}};
  for (const json& edit : edits) {
    const auto range = range_of(edit, "range");
    const bool has_text = edit.is_object() && edit.contains("newText") && edit["newText"].is_string();
    if (range && has_text) file.edits.push_back({*range, edit["newText"].get<std::string>()});
    else ++all.unreadable;
  }
  all.files.push_back(std::move(file));
}

std::optional<Location> location_of(const json& object) {
  std::string uri = text_of(object, "uri");
  auto range = range_of(object, "range");
  if (uri.empty()) {
    uri = text_of(object, "targetUri");
    range = range_of(object, "targetSelectionRange");
  }
  if (uri.empty() || !range) return std::nullopt;
  return Location{std::move(uri), *range};
}

bool has_ability(const json& abilities, const char* key) {
  const auto found = abilities.find(key);
  return found != abilities.end() && (found->is_object() || (found->is_boolean() && found->get<bool>()));
}

}  // namespace

WorkspaceEdit parse_workspace_edit(std::string_view text) {
  WorkspaceEdit all;
  const json answer = parse(text);
  if (answer.is_null()) return all;
  if (!answer.is_object()) {
    ++all.unreadable;
    return all;
  }
  // Where both are there the second one counts.
  if (const auto found = answer.find("documentChanges"); found != answer.end() && found->is_array()) {
    for (const json& change : *found) {
      if (!text_of(change, "kind").empty()) ++all.other_operations;
      else if (!change.is_object() || !change.contains("textDocument") || !change.contains("edits")) ++all.unreadable;
      else add_file(all, text_of(change["textDocument"], "uri"), change["edits"]);
    }
    return all;
  }
  if (const auto found = answer.find("changes"); found != answer.end() && found->is_object())
    for (const auto& [uri, edits] : found->items()) add_file(all, uri, edits);
  return all;
}

std::vector<Location> parse_locations(std::string_view text) {
  std::vector<Location> locations;
  const json answer = parse(text);
  const auto add = [&](const json& one) {
    if (auto location = location_of(one)) locations.push_back(std::move(*location));
  };
  if (answer.is_array())
    for (const json& one : answer) add(one);
  else add(answer);
  return locations;
}

ServerAbilities parse_abilities(std::string_view text) {
  ServerAbilities abilities;
  const json answer = parse(text);
  if (!answer.is_object() || !answer.contains("capabilities") || !answer["capabilities"].is_object()) return abilities;
  const json& said = answer["capabilities"];
  std::string unit = text_of(said, "positionEncoding");
  if (unit.empty()) unit = text_of(answer, "offsetEncoding");  // clangd before 15
  if (unit == "utf-8") abilities.unit = PositionUnit::utf8;
  if (unit == "utf-32") abilities.unit = PositionUnit::utf32;
  abilities.renames = has_ability(said, "renameProvider");
  abilities.finds_references = has_ability(said, "referencesProvider");
  abilities.finds_definitions = has_ability(said, "definitionProvider");
  abilities.lists_symbols = has_ability(said, "documentSymbolProvider");
  return abilities;
}

}  // namespace oc::language_server
