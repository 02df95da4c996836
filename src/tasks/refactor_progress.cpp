// SPDX-License-Identifier: Apache-2.0
#include "tasks/refactor_progress.hpp"

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"

namespace oc::tasks {
namespace {

using Json = nlohmann::json;

constexpr int k_version = 1;
constexpr base::ByteCount k_largest{64'000'000};

// Bytes of any kind as JSON text: Latin-1 letters stand for bytes.
std::string to_json_text(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) text += c;
    else {
      text += static_cast<char>(0xC0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

std::string from_json_text(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80 || i + 1 == text.size()) {
      bytes += text[i];
      continue;
    }
    const auto next = static_cast<unsigned char>(text[++i]);
    bytes += static_cast<char>(((lead & 0x03) << 6) | (next & 0x3F));
  }
  return bytes;
}

Json bytes_or_null(const std::optional<std::string>& bytes) { return bytes ? Json(to_json_text(*bytes)) : Json(); }

std::optional<std::string> optional_bytes(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return from_json_text(value.get<std::string>());
}

bool is_still_so(const edit::FileChange& file) {
  const auto facts = base::find_file_facts(file.path);
  if (!facts) return false;
  if (!*facts) return !file.before;
  const auto bytes = base::read_file(file.path, k_largest);
  return bytes && file.before && *bytes == *file.before;
}

RefactorProgress parse(const Json& json) {
  RefactorProgress progress;
  progress.request = from_json_text(json.at("request").get<std::string>());
  for (const Json& step : json.at("steps"))
    progress.steps.push_back({step.at("path").get<std::string>(), step.at("symbol").get<std::string>()});
  progress.done = json.at("done").get<std::size_t>();
  for (const Json& file : json.at("files"))
    progress.files.push_back({base::path_from_utf8(from_json_text(file.at("path").get<std::string>())),
                              file.at("shown").get<std::string>(), optional_bytes(file.at("before")),
                              optional_bytes(file.at("after"))});
  return progress;
}

}  // namespace

std::optional<RefactorProgress> load_progress(const base::Path& file, const std::string& request) {
  const auto text = base::read_file(file, k_largest);
  if (!text) return std::nullopt;
  try {
    const Json json = Json::parse(*text);
    if (json.at("version").get<int>() != k_version) return std::nullopt;
    RefactorProgress progress = parse(json);
    if (progress.request != request || progress.done > progress.steps.size()) return std::nullopt;
    for (const edit::FileChange& change : progress.files)
      if (!is_still_so(change)) return std::nullopt;
    return progress;
  } catch (const Json::exception&) {
    return std::nullopt;  // damaged: the work is done again
  }
}

void save_progress(const base::Path& file, const RefactorProgress& progress) {
  Json json = {{"version", k_version}, {"request", to_json_text(progress.request)}, {"done", progress.done}};
  json["steps"] = Json::array();
  for (const RefactorStep& step : progress.steps)
    json["steps"].push_back({{"path", step.path}, {"symbol", step.symbol}});
  json["files"] = Json::array();
  for (const edit::FileChange& change : progress.files)
    json["files"].push_back({{"path", to_json_text(base::to_utf8(change.path))},
                             {"shown", change.shown},
                             {"before", bytes_or_null(change.before)},
                             {"after", bytes_or_null(change.after)}});
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (base::make_folder(file.parent_path())) (void)base::replace_file(file, text, base::FileAccess::owner_only);
}

void forget_progress(const base::Path& file) { (void)base::remove_file(file); }

}  // namespace oc::tasks
