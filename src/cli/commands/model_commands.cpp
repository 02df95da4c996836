// SPDX-License-Identifier: Apache-2.0
// model list, model info, model use, model tokenize; import and optimize have files of their own.
#include "cli/commands/model_commands.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/model_facts.hpp"
#include "cli/exit_code.hpp"
#include "cli/model_folders.hpp"
#include "config/setting_edit.hpp"
#include "engine_client/engine_connection.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;
using tasks::LibraryModel;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json to_json(const LibraryModel& model) {
  Json files = Json::array();
  for (const tasks::ModelPart& part : model.parts)
    files.push_back({{"path", base::to_utf8(part.path)},
                     {"size_bytes", part.size.value},
                     {"sha256", part.sha256},
                     {"there", part.is_there}});
  return {{"name", model.name},
          {"path", base::to_utf8(model.path)},
          {"size_bytes", model.size.value},
          {"complete", model.is_complete()},
          {"files", files}};
}

// What the probe says, in one cell of `model list --verbose` and in JSON. Only a model's own faults are told here.
base::Result<std::string> describe(const Invocation& invocation, const LibraryModel& model, Json& json) {
  if (!model.is_complete()) return "incomplete";
  const auto facts = probe(invocation, model.path);
  if (facts) {
    json["facts"] = Json::parse(facts_json(*facts, memory_need(*facts, base::memory_facts().available)));
    return one_line(*facts);
  }
  if (facts.error().kind != base::ErrorKind::model) return std::unexpected(facts.error());
  json["error"] = facts.error().message;
  return "unusable";
}

std::vector<std::string> row_of(const LibraryModel& model, bool in_use) {
  const bool has_checksum = std::ranges::none_of(model.parts, &std::string::empty, &tasks::ModelPart::sha256);
  const std::string_view note = !model.is_complete() ? "incomplete" : has_checksum ? "sha256 known" : "-";
  return {fmt::format("{} {}", in_use ? '*' : ' ', model.name), base::format_bytes(model.size), std::string(note),
          base::to_utf8(model.path)};
}

base::Result<int> run_list(Invocation& invocation) {
  OC_TRY(auto models, tasks::ModelLibrary(model_folders(invocation)).list());
  const auto in_use = find_model_in_use(invocation);
  if (in_use && std::ranges::find(models, in_use->path, &LibraryModel::path) == models.end())
    models.insert(models.begin(), *in_use);  // configured by its path
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const LibraryModel& model : models) {
    const bool is_in_use = in_use && in_use->path == model.path;
    Json json = to_json(model);
    json["in_use"] = is_in_use;
    rows.push_back(row_of(model, is_in_use));
    if (invocation.console.is_verbose()) {
      OC_TRY(const std::string description, describe(invocation, model, json));
      rows.back().insert(rows.back().end() - 1, description);
    }
    list.push_back(std::move(json));
  }
  Json folders = Json::array();
  for (const base::Path& folder : model_folders(invocation)) folders.push_back(base::to_utf8(folder));
  show_result(invocation, in_columns(rows), dump({{"models", list}, {"folders", folders}}));
  if (!in_use) invocation.console.note(fmt::format("{}; {}", in_use.error().message, in_use.error().hint));
  return k_exit_done;
}

base::Result<int> run_info(Invocation& invocation, const std::string& name) {
  const tasks::ModelLibrary library(model_folders(invocation));
  OC_TRY(const LibraryModel model,
         name.empty() ? find_model_in_use(invocation) : library.find(name, invocation.working_directory));
  OC_TRY(const protocol::ModelFacts facts, probe(invocation, model.path));
  const MemoryNeed need = memory_need(facts, base::memory_facts().available);
  Json json = to_json(model);
  json.update(Json::parse(facts_json(facts, need)));
  show_result(invocation, facts_text(model, facts, need), dump(json));
  return k_exit_done;
}

// A name where it leads to this model, else the path.
std::string lasting_name(const Invocation& invocation, const LibraryModel& model) {
  const auto by_name = tasks::ModelLibrary(model_folders(invocation)).find(model.name, invocation.folders.data);
  const bool is_same = by_name && by_name->path == model.path;
  return is_same ? model.name : base::to_utf8(std::filesystem::absolute(model.path).lexically_normal());
}

base::Result<int> run_use(Invocation& invocation, const std::string& name) {
  OC_TRY(const LibraryModel model,
         tasks::ModelLibrary(model_folders(invocation)).find(name, invocation.working_directory));
  const std::string value = lasting_name(invocation, model);
  const base::Path file = config::user_settings_path(invocation.sources);
  constexpr base::ByteCount k_limit{1'000'000};
  OC_TRY(const auto there, base::find_file_facts(file));
  OC_TRY(const std::string before, there ? base::read_file(file, k_limit) : std::string());
  OC_TRY(const std::string after, config::with_setting(before, "model.name", value));
  if (!there) OC_CHECK(base::make_folder(file.parent_path()));
  if (after != before || !there) OC_CHECK(there ? base::replace_file(file, after) : base::create_file(file, after));

  show_result(
      invocation, fmt::format("model.name is {} in {}\n", base::in_quotes(value), base::display(file)),
      dump({{"model", to_json(model)}, {"key", "model.name"}, {"value", value}, {"file", base::to_utf8(file)}}));
  const auto& values = invocation.settings.values();
  const auto now = std::ranges::find(values, "model.name", &config::Value::key);
  using Kind = config::Origin::Kind;
  if (now != values.end() && now->origin.kind != Kind::default_value && now->origin.kind != Kind::user_file)
    invocation.console.note(fmt::format("here {} counts more: {}", to_string(now->origin), base::in_quotes(now->text)));
  return k_exit_done;
}

base::Result<std::string> read_text_to_tokenize(const Invocation& invocation) {
  constexpr base::ByteCount k_most{protocol::k_most_tokenized};
  if (!has_piped_input())
    return base::fail(base::ErrorKind::usage, "there is no text on standard input",
                      "pipe a file in: model tokenize < FILE");
  OC_TRY(std::string text,
         base::read_standard_input(std::min(invocation.settings.settings().limits.prompt_bytes, k_most)));
  if (const auto bad = base::find_invalid_utf8(text))
    return base::fail(base::ErrorKind::usage,
                      fmt::format("standard input is not UTF-8: byte {} cannot be read", *bad + 1),
                      "convert it to UTF-8 first");
  return text;
}

base::Result<int> run_tokenize(Invocation& invocation, protocol::ParseSpecial special) {
  protocol::Tokenize request;
  OC_TRY(request.text, read_text_to_tokenize(invocation));
  request.special = special;
  OC_TRY(request.model, resolve_model(invocation));
  OC_TRY(const auto options, engine_options(invocation));
  OC_TRY(auto engine, engine_client::EngineConnection::open(options, invocation.cancel));
  const auto progress = [&](const protocol::Progress& p) {
    if (p.stage == protocol::Progress::Stage::loading)
      invocation.console.status(fmt::format("loading the model {} %", p.done / 10));
  };
  OC_TRY(const auto tokens, engine.tokenize(request, progress, invocation.cancel));
  invocation.console.status("");
  Json list = Json::array();
  std::vector<std::int32_t> ids;
  for (const protocol::Token& token : tokens) {
    list.push_back({{"id", token.id}, {"text", token.text}});
    ids.push_back(token.id);
  }
  show_result(invocation, fmt::format("{}\n", fmt::join(ids, " ")),
              dump({{"model", request.model.path}, {"tokens", list}, {"count", tokens.size()}}));
  return k_exit_done;
}

}  // namespace

void add_model_commands(CommandLine& line) {
  line.add("model", "The models on this machine", nullptr);
  line.add("model list", "Names, sizes, places; '*' is the one in use (--verbose: what they are)", run_list);

  const auto info_name = std::make_shared<std::string>();
  Command& info = line.add("model info", "What a GGUF is and the memory it needs; its weights are not loaded",
                           [info_name](Invocation& invocation) { return run_info(invocation, *info_name); });
  info.app->add_option("MODEL", *info_name, "a file, or a name of 'model list' (default: the one in use)");

  add_model_import_command(line);

  const auto use_name = std::make_shared<std::string>();
  Command& use = line.add("model use", "Choose the model for all commands from now on",
                          [use_name](Invocation& invocation) { return run_use(invocation, *use_name); });
  use.app->add_option("MODEL", *use_name, "a name of 'model list', or a file")->required();

  add_model_optimize_command(line);

  const auto special = std::make_shared<bool>(false);
  Command& tokenize =
      line.add("model tokenize", "The token ids of the text on standard input", [special](Invocation& invocation) {
        return run_tokenize(invocation, *special ? protocol::ParseSpecial::yes : protocol::ParseSpecial::no);
      });
  tokenize.app->add_flag("--special", *special, "read special tokens such as <|im_start|> as tokens");
}

}  // namespace oc::cli
