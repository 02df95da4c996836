// SPDX-License-Identifier: Apache-2.0
// A folder of one test that is a git repository without git having been run, and surroundings in which neither git nor
// the scanner sees the user's own configuration.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/user_folders.hpp"
#include "context/discovery.hpp"
#include "unit/context/temporary_folder.hpp"

namespace oc::context {

// Home and git's configuration lie in a temporary folder while one lives.
class CleanSurroundings {
 public:
  CleanSurroundings() {
    set("HOME", home_.path().string());
    set("XDG_CONFIG_HOME", (home_.path() / "xdg").string());
    set("GIT_CONFIG_GLOBAL", (home_.path() / ".gitconfig").string());
    set("GIT_CONFIG_NOSYSTEM", "1");
  }
  CleanSurroundings(const CleanSurroundings&) = delete;
  CleanSurroundings& operator=(const CleanSurroundings&) = delete;
  ~CleanSurroundings() {
    for (const auto& [name, value] : before_) base::set_environment_variable(name.c_str(), value.c_str());
  }

  const TemporaryFolder& home() const { return home_; }
  void set(const std::string& name, const std::string& value) {
    before_.try_emplace(name, base::environment_variable(name.c_str()).value_or(""));
    base::set_environment_variable(name.c_str(), value.c_str());
  }

 private:
  TemporaryFolder home_;
  std::map<std::string, std::string> before_;
};

// What makes a folder a repository: as little as git asks for.
inline void make_repository(const std::filesystem::path& folder, const std::string& config = {}) {
  std::filesystem::create_directories(folder / ".git" / "objects");
  std::filesystem::create_directories(folder / ".git" / "refs");
  std::filesystem::create_directories(folder / ".git" / "info");
  std::ofstream(folder / ".git" / "HEAD", std::ios::binary) << "ref: refs/heads/main\n";
  std::ofstream(folder / ".git" / "config", std::ios::binary) << "[core]\n\trepositoryformatversion = 0\n" << config;
}

inline bool has_git() { return base::find_program("git").has_value(); }

inline base::Exit run_git(const std::filesystem::path& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-C", folder.string()});
  const auto exit =
      base::run_process({"git", std::move(arguments)}, std::chrono::seconds(20), base::ByteCount(64 << 20));
  return exit ? *exit : base::Exit{-1, {}, {}, exit.error().message};
}

inline Discovery discover(const std::filesystem::path& folder) {
  DiscoveryOptions options;
  options.workspace = folder;
  options.threads = 2;
  auto found = discover_files(options);
  EXPECT_TRUE(found) << found.error().message;
  return found ? std::move(*found) : Discovery{};
}

inline std::vector<std::string> paths_of(const Discovery& found) {
  std::vector<std::string> paths;
  for (const FoundFile& file : found.files) paths.push_back(file.path);
  return paths;
}

}  // namespace oc::context
