// SPDX-License-Identifier: Apache-2.0
// Finds and reads the configuration: defaults < user file < project file < environment < flags. Each value keeps its
// origin. What may be configured is in schema.hpp; this file decides only who wins and who may say what.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "config/settings.hpp"

namespace oc::config {

// A value from the command line: `name` is what the user typed ("--temperature"), `key` a key of the table.
struct Flag {
  std::string name;
  std::string key;
  std::string text;
};

// Everything that decides; nothing else is looked at.
struct Sources {
  base::Path user_folder;                 // UserFolders::config; its config.yaml need not exist
  base::Path working_directory;           // absolute; the project's file is looked for from here upwards
  std::optional<base::Path> config_file;  // --config: instead of the user's file, must exist
  std::vector<std::pair<std::string, std::string>>
      environment;          // all of it, or what begins with OFFLINE_CODER_, and HOME
  std::vector<Flag> flags;  // of two with one key, the later wins
};

struct Origin {
  enum class Kind { default_value, user_file, project_file, environment, flag };
  Kind kind = Kind::default_value;
  std::string source;     // the file's path, the variable's or the flag's name; "" for a default
  base::LineNumber line;  // in the file; 0 elsewhere
  bool operator==(const Origin&) const = default;
};
// "default", "/home/ann/.config/offline-coder/config.yaml:3", "OFFLINE_CODER_MODEL", "--temperature".
std::string to_string(const Origin& origin);

struct Value {
  std::string key;
  std::string text;
  Origin origin;
};

class LoadedSettings {
 public:
  const Settings& settings() const { return settings_; }
  // Every key of the table, in its order.
  const std::vector<Value>& values() const { return values_; }
  // For the user, one line each: variables that look like ours but are not known.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // The files that were read.
  const std::optional<base::Path>& user_file() const { return user_file_; }
  const std::optional<base::Path>& project_file() const { return project_file_; }
  // The folder that holds `.offline-coder/config.yaml`.
  const std::optional<base::Path>& workspace() const { return workspace_; }

 private:
  friend class Loading;
  Settings settings_;
  std::vector<Value> values_;
  std::vector<std::string> warnings_;
  std::optional<base::Path> user_file_;
  std::optional<base::Path> project_file_;
  std::optional<base::Path> workspace_;
};

// Kinds: `configuration` for anything wrong in a file or the environment (the message names file and line, or the
// variable), `usage` for a flag, `io` for a file that is there and cannot be read. Reads at most two files of 1 MB.
base::Result<LoadedSettings> load_settings(const Sources& sources);

// The file that holds, or would hold, this user's own settings: --config, OFFLINE_CODER_CONFIG or the usual place.
base::Path user_settings_path(const Sources& sources);

inline constexpr std::string_view k_config_file_name = "config.yaml";
inline constexpr std::string_view k_project_folder_name = ".offline-coder";

}  // namespace oc::config
