// SPDX-License-Identifier: Apache-2.0
#include "config/loader.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <algorithm>

#include <random>
#include <string>

#include "config/schema.hpp"
#include "config/setting_value.hpp"
#include "config/templates.hpp"
#include "unit/config/config_fixture.hpp"

namespace oc::config {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::IsEmpty;

class Loader : public ConfigFiles {
 protected:
  LoadedSettings loaded() const {
    auto result = load_settings(sources_);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : LoadedSettings{};
  }
  static Value value_of(const LoadedSettings& loaded, std::string_view key) {
    const auto found = std::ranges::find(loaded.values(), key, &Value::key);
    return found == loaded.values().end() ? Value{} : *found;
  }
};

TEST_F(Loader, WithoutAnySourceTheDefaultsHold) {
  const LoadedSettings result = loaded();
  EXPECT_EQ(result.settings(), default_settings());
  EXPECT_EQ(result.values().size(), all_settings().size());
  for (const Value& value : result.values()) EXPECT_EQ(to_string(value.origin), "default");
  EXPECT_EQ(result.user_file(), std::nullopt);
  EXPECT_EQ(result.workspace(), std::nullopt);
}

TEST_F(Loader, TheDefaultsAreTheDocumentedOnes) {
  const Settings settings = default_settings();
  EXPECT_EQ(settings.model.name, "");
  EXPECT_EQ(settings.generation.max_tokens, base::TokenCount(1024));
  EXPECT_EQ(settings.generation.temperature, 0);
  EXPECT_EQ(settings.generation.top_k, 40);
  EXPECT_EQ(settings.generation.top_p, 0.95);
  EXPECT_EQ(settings.generation.min_p, 0.05);
  EXPECT_TRUE(settings.completion.multi_line);
  EXPECT_EQ(settings.engine.idle_time, std::chrono::minutes(30));
  EXPECT_EQ(settings.output.color, ColorMode::automatic);
  EXPECT_EQ(settings.limits.file_bytes, base::ByteCount(10'000'000));
  EXPECT_EQ(settings.log.level, base::LogLevel::info);
}

TEST_F(Loader, EachSourceWinsOverTheOnesBefore) {
  const auto top_k = [this] {
    const Value value = value_of(loaded(), "generation.top_k");
    return value.text + " " + std::string(to_string(value.origin));
  };
  EXPECT_EQ(top_k(), "40 default");
  write(user_file_, "# mine\ngeneration:\n  top_k: 1\n");
  EXPECT_EQ(top_k(), "1 " + base::to_utf8(user_file_) + ":3");
  write(project_file_, "generation:\n  seed: 7\n  top_k: 2\n");
  EXPECT_EQ(top_k(), "2 " + base::to_utf8(project_file_) + ":3");
  sources_.environment = {{"OFFLINE_CODER_GENERATION_TOP_K", "3"}};
  EXPECT_EQ(top_k(), "3 OFFLINE_CODER_GENERATION_TOP_K");
  sources_.flags = {{"--top-k", "generation.top_k", "4"}};
  EXPECT_EQ(top_k(), "4 --top-k");
  EXPECT_EQ(loaded().settings().generation.top_k, 4);
  EXPECT_EQ(loaded().settings().generation.seed, 7u);
  EXPECT_EQ(loaded().user_file(), user_file_);
}

TEST_F(Loader, TheNearestProjectFileUpwardsCounts) {
  write(project_file_, "model: {name: outer}");
  sources_.working_directory = root_ / "project" / "src" / "deep";
  std::filesystem::create_directories(sources_.working_directory);
  EXPECT_EQ(loaded().settings().model.name, "outer");
  EXPECT_EQ(loaded().workspace(), root_ / "project");
  std::filesystem::create_directories(root_ / "project" / "src" / ".offline-coder");
  write(root_ / "project" / "src" / ".offline-coder" / "config.yaml", "model: {name: inner}");
  EXPECT_EQ(loaded().settings().model.name, "inner");
  EXPECT_EQ(loaded().workspace(), root_ / "project" / "src");
}

TEST_F(Loader, AnotherFileReplacesTheUsersOwn) {
  write(user_file_, "model: {name: usual}");
  write(root_ / "other.yaml", "model: {name: other}");
  sources_.environment = {{"OFFLINE_CODER_CONFIG", "../other.yaml"}};
  EXPECT_EQ(loaded().settings().model.name, "other");
  sources_.config_file = user_file_;
  EXPECT_EQ(loaded().settings().model.name, "usual");
  sources_.config_file = root_ / "missing.yaml";
  const auto missing = load_settings(sources_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::configuration);
  EXPECT_EQ(missing.error().hint, "check --config or OFFLINE_CODER_CONFIG");
}

TEST_F(Loader, AUsersFileThatIsTheProjectsCountsAsTheUsers) {
  sources_.config_file = project_file_;
  write(project_file_, "model: {threads: 2}");
  EXPECT_EQ(loaded().settings().model.threads, 2);
}

TEST_F(Loader, MistakesNameFileLineAndWhatWasMeant) {
  EXPECT_EQ(user_error("generation:\n  top_k: 3\n  temprature: 1\n"),
            "'USER:3': unknown key 'temprature' in 'generation' | did you mean 'temperature'?");
  EXPECT_EQ(user_error("\nmodell:\n  name: x\n"), "'USER:2': unknown key 'modell' | did you mean 'model'?");
  EXPECT_EQ(
      user_error("temperature: 1\n"),
      "'USER:1': unknown key 'temperature' | write 'temperature' on a line of its own, indented, below 'generation:'");
  EXPECT_EQ(user_error("model.name: x\n"),
            "'USER:1': unknown key 'model.name' | write 'name' on a line of its own, indented, below 'model:'");
  EXPECT_EQ(
      user_error("model:\n  seed: 1\n"),
      "'USER:2': unknown key 'seed' in 'model' | write 'seed' on a line of its own, indented, below 'generation:'");
  EXPECT_EQ(
      user_error("completion:\n  zzz: 1\n"),
      "'USER:2': unknown key 'zzz' in 'completion' | 'completion' has: model, max_tokens, multi_line, approximate");
  EXPECT_EQ(user_error("zzzzzz: 1\n"),
            "'USER:1': unknown key 'zzzzzz' | there are: model, generation, chat, completion, "
            "context, engine, output, check, refactor, limits, log");
  EXPECT_EQ(user_error("model: qwen\n"),
            "'USER:1': 'model' is a section and has no value | write its keys on lines of "
            "their own, indented, below 'model:'");
  EXPECT_EQ(user_error("- a\n"), "'USER:1': the file must hold sections, such as 'model:'");
}

TEST_F(Loader, WrongValuesSayWhatIsAllowed) {
  EXPECT_EQ(user_error("generation:\n  top_k: many\n"),
            "'USER:2': 'generation.top_k' must be a whole number from 0 to 100000, not 'many'");
  EXPECT_EQ(user_error("generation: {top_k: '3'}\n"),
            "'USER:1': 'generation.top_k' must be a whole number from 0 to 100000, not the text '3'");
  EXPECT_EQ(user_error("generation: {temperature: 9}\n"),
            "'USER:1': 'generation.temperature' must be a number from 0 to 5, not '9'");
  EXPECT_EQ(user_error("generation: {temperature: .nan}\n"),
            "'USER:1': 'generation.temperature' must be a number from 0 to 5, not '.nan'");
  EXPECT_EQ(user_error("completion: {multi_line: yes}\n"),
            "'USER:1': 'completion.multi_line' must be true or false, not 'yes'");
  EXPECT_EQ(user_error("output: {color: nevr}\n"),
            "'USER:1': 'output.color' must be one of auto, always, never, not 'nevr' | did you mean 'never'?");
  EXPECT_EQ(user_error("limits: {file_bytes: 10 apples}\n"),
            "'USER:1': 'limits.file_bytes' must be a size from 1 to 1000000000 bytes, such as 500 kB or 10 MB, not "
            "'10 apples'");
  EXPECT_EQ(user_error("model:\n  name:\n"), "'USER:2': 'model.name' must be text of at most 4096 bytes, not nothing");
  EXPECT_EQ(user_error("model: {name: [a]}\n"),
            "'USER:1': 'model.name' must be text of at most 4096 bytes, not a list");
  EXPECT_EQ(user_error("model: {folders: /m}\n"),
            "'USER:1': 'model.folders' must be a list of folders, not '/m' | write it as a list: [first, second]");
  EXPECT_EQ(user_error("generation: {top_k: '\\x1b" + std::string(200, 'z') + "'}\n").size(), 145u + 3u);
}

TEST_F(Loader, BrokenFilesNameTheLine) {
  EXPECT_EQ(user_error("model:\n  name: a\n  name: b\n"),
            "'USER:3': key 'name' is given twice, first on line 2 | keep one of the two");
  EXPECT_EQ(user_error("model:\n  name: caf\xE9\n"), "'USER:2': byte 0xe9 is not UTF-8 | save the file as UTF-8");
  EXPECT_EQ(user_error("model:\n  name: a\x04\n"), "'USER:2': there is a control character (byte 0x04) | remove it");
  EXPECT_EQ(user_error("model:\n  name: [\n"), "'USER:3': not valid YAML: end of sequence flow not found");
  EXPECT_EQ(user_error(std::string(1'000'001, '#')), "'USER' is too large: 1.00 MB, at most 1.00 MB are read");
}

TEST_F(Loader, VariablesAndFlagsAreNamedInTheirErrors) {
  sources_.environment = {{"OFFLINE_CODER_GENERATION_SEED", "-1"}};
  EXPECT_EQ(error(), "OFFLINE_CODER_GENERATION_SEED must be a whole number from 0 to 4294967295, not '-1'");
  sources_.environment = {{"OFFLINE_CODER_MODEL", "a"}, {"OFFLINE_CODER_MODEL_NAME", "b"}};
  EXPECT_EQ(error(), "OFFLINE_CODER_MODEL and OFFLINE_CODER_MODEL_NAME say different things | set only one of the two");
  EXPECT_EQ(load_settings(sources_).error().kind, ErrorKind::configuration);
  sources_.environment.clear();
  sources_.flags = {{"--temperature", "generation.temperature", "hot"}};
  EXPECT_EQ(error(), "--temperature must be a number from 0 to 5, not 'hot'");
  EXPECT_EQ(load_settings(sources_).error().kind, ErrorKind::usage);
  sources_.flags = {{"--set", "generation.temprature", "1"}};
  EXPECT_EQ(error(), "--set: unknown key 'generation.temprature' | did you mean 'generation.temperature'?");
}

TEST_F(Loader, UnknownVariablesAreWarnedOf) {
  sources_.environment = {{"OFFLINE_CODER_TEMPERATURE", "1"}, {"OFFLINE_CODER_HOMR", "x"},
                          {"OFFLINE_CODER_ZZZZZZZZZ", "x"},   {"OFFLINE_CODER_HOME", "x"},
                          {"OFFLINE_CODER_ENGINE", "x"},      {"OFFLINE_CODER_LOG", "x"},
                          {"OFFLINE_CODER_MODEL", ""},        {"HOME", "/home/ann"}};
  EXPECT_THAT(loaded().warnings(),
              ElementsAre("the variable 'OFFLINE_CODER_TEMPERATURE' is not known and has no effect; did you mean "
                          "OFFLINE_CODER_GENERATION_TEMPERATURE?",
                          "the variable 'OFFLINE_CODER_HOMR' is not known and has no effect; did you mean "
                          "OFFLINE_CODER_HOME?",
                          "the variable 'OFFLINE_CODER_ZZZZZZZZZ' is not known and has no effect"));
}

TEST_F(Loader, PathsBecomeAbsolute) {
  sources_.environment = {{"HOME", "/home/ann"}};
  write(user_file_, "model:\n  name: ~/m/x.gguf\n  folders: [~/models, more, /else]\n");
  EXPECT_EQ(loaded().settings().model.name, "/home/ann/m/x.gguf");
  EXPECT_THAT(loaded().settings().model.folders,
              ElementsAre(base::Path("/home/ann/models"), root_ / "user" / "more", base::Path("/else")));
#ifndef _WIN32
  sources_.environment.emplace_back("OFFLINE_CODER_MODEL_FOLDERS", "a::/b");
  EXPECT_THAT(loaded().settings().model.folders, ElementsAre(root_ / "project" / "a", base::Path("/b")));
#endif
  sources_.environment.clear();
  EXPECT_EQ(error(), "'USER:2': 'model.name' begins with '~', but this user has no home folder | write the whole path");
}

TEST_F(Loader, AProjectMayNotTakeLiberties) {
  EXPECT_EQ(project_error("model:\n  folders: [/x]\n"),
            "'PROJECT:2': 'model.folders' may not be set by a project | remove it here; you can set it in 'USER'");
  EXPECT_EQ(project_error("model:\n  name: ../x\n"),
            "'PROJECT:2': 'model.name' must be a model's name in a project's file, not the path '../x' | name a model "
            "that 'model list' shows, or set the path in 'USER'");
  EXPECT_EQ(
      project_error("limits:\n  file_bytes: 11 MB\n"),
      "'PROJECT:2': 'limits.file_bytes' may be at most 10000000 in a project's file, not 11000000 | a project may "
      "only lower limits; you can raise it in 'USER'");
  for (const std::string name : {"x.gguf", "~", "a/b", "a\\\\b", "c:x", "."})
    EXPECT_NE(project_error(fmt::format("model: {{name: \"{}\"}}", name)), "") << name;
  for (const Setting& setting : all_settings()) {
    if (setting.project != ProjectRight::none) continue;
    const bool is_list = setting.type == ValueType::folders || setting.type == ValueType::texts;
    const std::string_view value = is_list ? "[]" : setting.default_text.empty() ? "''" : setting.default_text;
    EXPECT_THAT(project_error(fmt::format("{}: {{{}: {}}}", setting.section(), setting.name(), value)),
                testing::HasSubstr("may not be set by a project"));
  }
}

TEST_F(Loader, AProjectMaySwitchOffOnly) {
  const std::string on = "refactor:\n  use_language_server: true\n", off = "refactor:\n  use_language_server: false\n";
  EXPECT_EQ(project_error(on),
            "'PROJECT:2': 'refactor.use_language_server' may only be false in a project's file | "
            "remove it here; you can set it in 'USER'");
  write(project_file_, off);
  write(user_file_, on);
  EXPECT_FALSE(loaded().settings().refactor.use_language_server);
  write(project_file_, on);
  EXPECT_TRUE(loaded().settings().refactor.use_language_server);
}

TEST_F(Loader, AProjectsCommandsAreKnownAsItsOwn) {
  write(user_file_, "check:\n  commands: [make]\n");
  EXPECT_EQ(loaded().settings().check.commands, std::vector<std::string>{"make"});
  EXPECT_EQ(value_of(loaded(), "check.commands").origin.kind, Origin::Kind::user_file);
  write(project_file_, "check:\n  commands:\n    - ninja -C build\n    - \"sh: a | b\"\n");
  EXPECT_THAT(loaded().settings().check.commands, ElementsAre("ninja -C build", "sh: a | b"));
  EXPECT_EQ(value_of(loaded(), "check.commands").origin.kind, Origin::Kind::project_file);
  sources_.environment = {{"OFFLINE_CODER_CHECK_COMMANDS", "make test\n\nsh: a:b;c\n"}};
  EXPECT_THAT(loaded().settings().check.commands, ElementsAre("make test", "sh: a:b;c"));
}

TEST_F(Loader, AListOfTextsIsNothingElse) {
  const std::string must = "'USER:2': 'check.commands' must be a list of texts of at most 4096 bytes each";
  EXPECT_EQ(user_error("check:\n  commands: make\n"),
            must + ", not 'make' | write it as a list, each entry on a line behind '- '");
  EXPECT_EQ(user_error("check:\n  commands: [[make, test]]\n"),
            must + "; one entry is a list | put the entry in quotes");
  EXPECT_EQ(user_error("check:\n  commands:\n    - sh: make\n"),
            must + "; one entry is a section | put the entry in quotes");
  EXPECT_EQ(user_error("check:\n  commands: [\"\"]\n"), must + "; one entry is the text '' | put the entry in quotes");
}

// Whatever a project writes: it is refused, or no limit is higher than without it and the user's own keys are
// untouched.
TEST_F(Loader, NoProjectFileWeakensTheUsersSettings) {
  std::mt19937 random(1);
  const auto random_value = [&random](const Setting& setting) -> std::string {
    if (random() % 10 == 0) return random() % 2 == 0 ? "[a, /b]" : "never";
    if (setting.project == ProjectRight::off) return random() % 2 == 0 ? "true" : "false";
    if (setting.project == ProjectRight::lower) {
      const auto most = static_cast<std::uint64_t>(std::min(setting.high, 20e6));
      return setting.type != ValueType::bytes || random() % 2 == 0 ? fmt::format("{}", 1 + random() % most)
                                                                   : fmt::format("{} MB", 1 + random() % 20);
    }
    if (setting.type == ValueType::folders || setting.type == ValueType::texts) return "[]";
    return std::string(setting.default_text.empty() ? "x" : setting.default_text);
  };
  const auto random_file = [&](bool is_project) {
    std::string text, section;
    for (const Setting& setting : all_settings()) {
      if (random() % (setting.project == ProjectRight::lower ? 4 : is_project ? 20 : 9) != 0) continue;
      if (section != setting.section()) text += fmt::format("{}:\n", section = setting.section());
      text += fmt::format("  {}: {}\n", setting.name(), random_value(setting));
    }
    return text;
  };
  int accepted = 0;
  for (int i = 0; i < 1200; ++i) {
    std::filesystem::remove(project_file_);
    write(user_file_, random_file(false));
    const auto without = load_settings(sources_);
    if (!without) continue;
    write(project_file_, random_file(true));
    const auto with = load_settings(sources_);
    if (!with) continue;
    ++accepted;
    for (const Setting& setting : all_settings()) {
      if (setting.project != ProjectRight::lower) continue;
      ASSERT_LE(std::stoll(value_of(*with, setting.key).text), std::stoll(value_of(*without, setting.key).text));
    }
    ASSERT_LE(with->settings().refactor.use_language_server, without->settings().refactor.use_language_server);
    ASSERT_EQ(with->settings().refactor.language_servers, without->settings().refactor.language_servers);
    ASSERT_EQ(with->settings().check.environment, without->settings().check.environment);
    ASSERT_EQ(with->settings().model.folders, without->settings().model.folders);
    ASSERT_EQ(with->settings().model.threads, without->settings().model.threads);
    ASSERT_EQ(with->settings().engine, without->settings().engine);
    ASSERT_EQ(with->settings().output, without->settings().output);
    ASSERT_EQ(with->settings().log, without->settings().log);
  }
  EXPECT_GT(accepted, 30);
}

}  // namespace
}  // namespace oc::config
