// SPDX-License-Identifier: Apache-2.0
// config: what is in force and why, and where the user's own file is.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string_view word_of(config::Origin::Kind kind) {
  using Kind = config::Origin::Kind;
  switch (kind) {
    case Kind::default_value: return "default";
    case Kind::user_file: return "user";
    case Kind::project_file: return "project";
    case Kind::environment: return "environment";
    case Kind::flag: return "flag";
  }
  return "";
}

Json path_or_null(const std::optional<base::Path>& path) { return path ? Json(base::to_utf8(*path)) : Json(nullptr); }

base::Result<int> run_show(Invocation& invocation) {
  const config::LoadedSettings& settings = invocation.settings;
  std::vector<std::vector<std::string>> rows;
  Json values = Json::array();
  for (const config::Value& value : settings.values()) {
    const bool is_plain = !value.text.empty() && !value.text.contains('\n');
    rows.push_back({value.key, is_plain ? value.text : base::in_quotes(value.text), to_string(value.origin)});
    values.push_back({{"key", value.key},
                      {"value", value.text},
                      {"origin", word_of(value.origin.kind)},
                      {"source", value.origin.source},
                      {"line", value.origin.line.value}});
  }
  show_result(invocation, in_columns(rows),
              dump({{"values", values},
                    {"user_file", path_or_null(settings.user_file())},
                    {"project_file", path_or_null(settings.project_file())}}));
  return k_exit_done;
}

base::Result<int> run_path(Invocation& invocation) {
  const base::Path file = config::user_settings_path(invocation.sources);
  OC_TRY(const auto there, base::find_file_facts(file));
  show_result(invocation, base::to_utf8(file) + "\n",
              dump({{"user_file", base::to_utf8(file)},
                    {"exists", there.has_value()},
                    {"project_file", path_or_null(invocation.settings.project_file())}}));
  if (!there) invocation.console.note("that file does not exist yet; 'offline-coder model use' creates it");
  return k_exit_done;
}

}  // namespace

void add_config_command(CommandLine& line) {
  const auto path = std::make_shared<bool>(false);
  const auto show = std::make_shared<bool>(false);
  Command& command =
      line.add("config", "Show every setting, its value and where it comes from",
               [path](Invocation& invocation) { return *path ? run_path(invocation) : run_show(invocation); });
  CLI::Option* show_flag = command.app->add_flag("--show", *show, "all keys with value and origin (the default)");
  command.app->add_flag("--path", *path, "the path of the user's own file, which need not exist")->excludes(show_flag);
}

}  // namespace oc::cli
