// SPDX-License-Identifier: Apache-2.0
// A temporary home and project for tests that read configuration files.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/path.hpp"
#include "base/process.hpp"
#include "config/loader.hpp"

namespace oc::config {

class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / fmt::format("oc-config-test-{}", base::current_process_id());
    user_file_ = root_ / "user" / "config.yaml";
    project_file_ = root_ / "project" / ".offline-coder" / "config.yaml";
    std::filesystem::create_directories(user_file_.parent_path());
    std::filesystem::create_directories(project_file_.parent_path());
    sources_.user_folder = root_ / "user";
    sources_.working_directory = root_ / "project";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static void write(const base::Path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

  // "message | hint" of the error, with the names of the two files put short; "" for success.
  std::string error() const {
    const auto loaded = load_settings(sources_);
    if (loaded) return "";
    std::string text = loaded.error().message + (loaded.error().hint.empty() ? "" : " | " + loaded.error().hint);
    for (const auto& [path, name] : {std::pair{user_file_, "USER"}, std::pair{project_file_, "PROJECT"}})
      for (std::size_t at; (at = text.find(base::to_utf8(path))) != std::string::npos;)
        text.replace(at, base::to_utf8(path).size(), name);
    return text;
  }
  std::string user_error(std::string_view text) {
    write(user_file_, text);
    return error();
  }
  std::string project_error(std::string_view text) {
    write(project_file_, text);
    return error();
  }

  base::Path root_;
  base::Path user_file_;
  base::Path project_file_;
  Sources sources_;
};

}  // namespace oc::config
