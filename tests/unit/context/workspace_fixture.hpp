// SPDX-License-Identifier: Apache-2.0
// A workspace in a temporary folder, for the tests of the index.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "context/project_index.hpp"

namespace oc::context {

class WorkspaceTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    root_ = base::Path(testing::TempDir()) / (std::string("oc_index_") + info->test_suite_name() + "_" + info->name() +
                                              std::to_string(std::random_device{}()));
    std::filesystem::create_directories(workspace());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  base::Path workspace() const { return root_ / "work"; }
  base::Path index_file() const { return root_ / "cache.db"; }

  void write(const std::string& path, const std::string& text) const {
    const base::Path file = workspace() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  void remove(const std::string& path) const { std::filesystem::remove(workspace() / path); }

  ProjectIndex open(const std::string& name = "cache.db") {
    auto index = ProjectIndex::open({workspace(), root_ / name, base::ByteCount(10'000'000),
                                     [this](const std::string& note) { notes_.push_back(note); }});
    EXPECT_TRUE(index) << index.error().message;
    return std::move(*index);
  }
  static RefreshOutcome refresh(ProjectIndex& index) {
    auto outcome = index.refresh({});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : RefreshOutcome{};
  }

  // A token a word is good enough to count with.
  static base::Result<base::TokenCount> count_words(std::string_view text) {
    std::int64_t words = 0;
    bool in_word = false;
    for (const char c : text) {
      const bool is_space = c == ' ' || c == '\n';
      if (!is_space && !in_word) ++words;
      in_word = !is_space;
    }
    return base::TokenCount(words);
  }

  base::Path root_;
  std::vector<std::string> notes_;  // what the indexes told
};

}  // namespace oc::context
