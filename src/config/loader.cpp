// SPDX-License-Identifier: Apache-2.0
#include "config/loader.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "config/schema.hpp"
#include "config/setting_value.hpp"
#include "config/unknown_key.hpp"
#include "config/yaml_tree.hpp"

namespace oc::config {

using base::ErrorKind;
using base::fail;
using base::Path;
using base::Result;

namespace {

std::string find_variable(const Sources& sources, std::string_view name) {
  for (const auto& [variable, text] : sources.environment)
    if (variable == name) return text;
  return {};
}

// "'/x/config.yaml:3'", for the front of a message.
std::string place(const std::string& file, base::LineNumber line) {
  return base::in_quotes(fmt::format("{}:{}", file, line.value));
}

bool looks_like_path(std::string_view name) {
  return name.find_first_of("/\\") != std::string_view::npos || name.ends_with(".gguf") || name.starts_with('~') ||
         name.starts_with('.') || (name.size() > 1 && name[1] == ':');
}

bool has_explicit_file(const Sources& sources) {
  return sources.config_file.has_value() || !find_variable(sources, k_config_variable).empty();
}

// The nearest project file from the working directory upwards; folders that may not be looked into count as empty.
std::optional<Path> find_project_file(const Sources& sources) {
  const Path user_file = user_settings_path(sources).lexically_normal();
  Path folder = sources.working_directory.lexically_normal();
  for (;;) {
    Path candidate = folder / k_project_folder_name / k_config_file_name;
    const auto facts = base::find_file_facts(candidate);
    if (facts && *facts && candidate != user_file) return candidate;
    Path parent = folder.parent_path();
    if (parent == folder || parent.empty()) return std::nullopt;
    folder = std::move(parent);
  }
}

}  // namespace

// The state while one source after the other is laid over the defaults.
class Loading {
 public:
  explicit Loading(const Sources& sources) : sources_(sources) {
    for (const Setting& setting : all_settings()) slots_.push_back({default_value(setting), {}});
    for (const std::string_view name : {"HOME", "USERPROFILE"})
      if (home_.empty()) home_ = find_variable(sources, name);
  }

  Result<LoadedSettings> run() {
    OC_CHECK(apply_user_file());
    OC_CHECK(apply_project_file());
    OC_CHECK(apply_environment());
    OC_CHECK(apply_flags());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const Setting& setting = all_settings()[i];
      setting.store(loaded_.settings_, slots_[i].value);
      loaded_.values_.push_back({std::string(setting.key), to_text(slots_[i].value), slots_[i].origin});
    }
    return std::move(loaded_);
  }

 private:
  struct Slot {
    SettingValue value;
    Origin origin;
  };

  Slot& slot_of(const Setting& setting) { return slots_[static_cast<std::size_t>(&setting - all_settings().data())]; }

  Result<void> apply_user_file() {
    const Path file = user_settings_path(sources_);
    if (!has_explicit_file(sources_)) {
      OC_TRY(const auto facts, base::find_file_facts(file));
      if (!facts) return {};
    }
    OC_CHECK(apply_file(file, Origin::Kind::user_file));
    loaded_.user_file_ = file;
    return {};
  }

  Result<void> apply_project_file() {
    const auto file = find_project_file(sources_);
    if (!file) return {};
    OC_CHECK(apply_file(*file, Origin::Kind::project_file));
    loaded_.project_file_ = file;
    loaded_.workspace_ = file->parent_path().parent_path();
    return {};
  }

  Result<void> apply_file(const Path& file, Origin::Kind owner) {
    auto text = base::read_file(file, base::ByteCount(k_yaml_bytes));
    if (!text) {
      base::Error error = std::move(text).error();
      const bool is_asked_for = owner == Origin::Kind::user_file && has_explicit_file(sources_);
      if (error.kind == ErrorKind::too_large || is_asked_for) error.kind = ErrorKind::configuration;
      if (is_asked_for) error.hint = "check --config or OFFLINE_CODER_CONFIG";
      return std::unexpected(std::move(error));
    }
    const std::string name = base::to_utf8(file);
    const auto root = parse_yaml(*text);
    if (!root)
      return fail(ErrorKind::configuration, fmt::format("{}: {}", place(name, root.error().line), root.error().reason),
                  root.error().hint);
    if (root->kind == YamlNode::Kind::nothing) return {};
    if (root->kind != YamlNode::Kind::mapping)
      return fail(ErrorKind::configuration,
                  fmt::format("{}: the file must hold sections, such as 'model:'", place(name, root->line)));
    for (const YamlNode& section : root->children) OC_CHECK(apply_section(section, file, {owner, name, section.line}));
    return {};
  }

  Result<void> apply_section(const YamlNode& section, const Path& file, const Origin& origin) {
    const std::string at = place(origin.source, section.line);
    if (!is_section(section.key))
      return fail(ErrorKind::configuration, fmt::format("{}: unknown key {}", at, base::in_quotes(section.key)),
                  hint_for_section(section.key));
    if (section.kind == YamlNode::Kind::nothing) return {};
    if (section.kind != YamlNode::Kind::mapping)
      return fail(ErrorKind::configuration, fmt::format("{}: '{}' is a section and has no value", at, section.key),
                  fmt::format("write its keys on lines of their own, indented, below '{}:'", section.key));
    for (const YamlNode& node : section.children) {
      const Setting* setting = find_setting(fmt::format("{}.{}", section.key, node.key));
      if (setting == nullptr)
        return fail(ErrorKind::configuration,
                    fmt::format("{}: unknown key {} in '{}'", place(origin.source, node.line),
                                base::in_quotes(node.key), section.key),
                    hint_for_name(section.key, node.key));
      OC_CHECK(apply_node(*setting, node, file, {origin.kind, origin.source, node.line}));
    }
    return {};
  }

  Result<void> apply_node(const Setting& setting, const YamlNode& node, const Path& file, const Origin& origin) {
    const std::string subject = fmt::format("{}: '{}'", place(origin.source, node.line), setting.key);
    auto value = parse_value(setting, node);
    if (!value)
      return fail(ErrorKind::configuration, fmt::format("{} {}", subject, value.error().reason), value.error().hint);
    if (origin.kind == Origin::Kind::project_file) OC_CHECK(check_project_right(setting, *value, subject));
    return put(setting, std::move(*value), origin, file.parent_path(), subject);
  }

  // Against what holds before the project's file: defaults and the user's own.
  Result<void> check_project_right(const Setting& setting, const SettingValue& value, const std::string& subject) {
    const std::string own_file = base::display(user_settings_path(sources_));
    switch (setting.project) {
      case ProjectRight::any:
      case ProjectRight::confirmed: return {};
      case ProjectRight::none:
        return fail(ErrorKind::configuration, subject + " may not be set by a project",
                    fmt::format("remove it here; you can set it in {}", own_file));
      case ProjectRight::plain_name:
        if (!looks_like_path(std::get<std::string>(value))) return {};
        return fail(ErrorKind::configuration,
                    fmt::format("{} must be a model's name in a project's file, not the path {}", subject,
                                base::in_quotes(std::get<std::string>(value))),
                    fmt::format("name a model that 'model list' shows, or set the path in {}", own_file));
      case ProjectRight::off:
        if (!std::get<bool>(value) || std::get<bool>(slot_of(setting).value)) return {};
        return fail(ErrorKind::configuration, subject + " may only be false in a project's file",
                    fmt::format("remove it here; you can set it in {}", own_file));
      case ProjectRight::lower: break;
    }
    const std::int64_t most = std::get<std::int64_t>(slot_of(setting).value);
    if (std::get<std::int64_t>(value) <= most) return {};
    return fail(ErrorKind::configuration,
                fmt::format("{} may be at most {} in a project's file, not {}", subject, most, to_text(value)),
                fmt::format("a project may only lower limits; you can raise it in {}", own_file));
  }

  Result<void> apply_environment() {
    struct Seen {
      const Setting* setting;
      std::string name;
      SettingValue value;
    };
    std::vector<Seen> seen;
    for (const auto& [name, text] : sources_.environment) {
      if (!name.starts_with(k_variable_prefix) || is_other_variable(name) || text.empty()) continue;
      const Setting* setting = find_setting_of_variable(name);
      if (setting == nullptr) {
        warn_of_variable(name);
        continue;
      }
      auto value = parse_value(*setting, text);
      if (!value)
        return fail(ErrorKind::configuration, fmt::format("{} {}", name, value.error().reason), value.error().hint);
      const auto earlier = std::ranges::find(seen, setting, &Seen::setting);
      if (earlier != seen.end() && earlier->value != *value)
        return fail(ErrorKind::configuration, fmt::format("{} and {} say different things", earlier->name, name),
                    "set only one of the two");
      seen.push_back({setting, name, *value});
      OC_CHECK(
          put(*setting, std::move(*value), {Origin::Kind::environment, name, {}}, sources_.working_directory, name));
    }
    return {};
  }

  void warn_of_variable(const std::string& name) {
    const std::string nearest = nearest_variable(name);
    loaded_.warnings_.push_back(fmt::format("the variable {} is not known and has no effect{}", base::in_quotes(name),
                                            nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
  }

  Result<void> apply_flags() {
    for (const Flag& flag : sources_.flags) {
      const Setting* setting = find_setting(flag.key);
      if (setting == nullptr)
        return fail(ErrorKind::usage, fmt::format("{}: unknown key {}", flag.name, base::in_quotes(flag.key)),
                    hint_for_key(flag.key));
      auto value = parse_value(*setting, flag.text);
      if (!value)
        return fail(ErrorKind::usage, fmt::format("{} {}", flag.name, value.error().reason), value.error().hint);
      OC_CHECK(
          put(*setting, std::move(*value), {Origin::Kind::flag, flag.name, {}}, sources_.working_directory, flag.name));
    }
    return {};
  }

  // Stores a value; paths in it become absolute: '~/' is the home folder, other relative ones start at `folder`.
  Result<void> put(const Setting& setting, SettingValue value, const Origin& origin, const Path& folder,
                   const std::string& subject) {
    const bool is_home_missing = home_.empty();
    if (setting.type == ValueType::folders) {
      for (std::string& text : std::get<std::vector<std::string>>(value)) {
        if (is_home_missing && is_below_home(text)) return fail_without_home(origin, subject);
        text = base::to_utf8((folder / base::path_from_utf8(expand_home(text))).lexically_normal());
      }
    } else if (setting.type == ValueType::name_or_path) {
      std::string& text = std::get<std::string>(value);
      if (is_home_missing && is_below_home(text)) return fail_without_home(origin, subject);
      text = expand_home(text);
    }
    slot_of(setting) = {std::move(value), origin};
    return {};
  }

  static bool is_below_home(std::string_view text) { return text == "~" || text.starts_with("~/"); }
  std::string expand_home(const std::string& text) const { return is_below_home(text) ? home_ + text.substr(1) : text; }
  static Result<void> fail_without_home(const Origin& origin, const std::string& subject) {
    const ErrorKind kind = origin.kind == Origin::Kind::flag ? ErrorKind::usage : ErrorKind::configuration;
    return fail(kind, fmt::format("{} begins with '~', but this user has no home folder", subject),
                "write the whole path");
  }

  const Sources& sources_;
  std::string home_;
  std::vector<Slot> slots_;
  LoadedSettings loaded_;
};

std::string to_string(const Origin& origin) {
  if (origin.kind == Origin::Kind::default_value) return "default";
  if (origin.line.value == 0) return origin.source;
  return fmt::format("{}:{}", origin.source, origin.line.value);
}

Path user_settings_path(const Sources& sources) {
  if (sources.config_file) return sources.working_directory / *sources.config_file;
  if (const std::string variable = find_variable(sources, k_config_variable); !variable.empty())
    return sources.working_directory / base::path_from_utf8(variable);
  return sources.user_folder / k_config_file_name;
}

Result<LoadedSettings> load_settings(const Sources& sources) { return Loading(sources).run(); }

}  // namespace oc::config
