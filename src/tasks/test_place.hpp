// SPDX-License-Identifier: Apache-2.0
// Where the tests of a file belong, told from the names of the files that a project has. Names only; no disk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oc::tasks {

struct TestPlace {
  std::string path;  // with '/'
  bool exists = false;
};

// `path` and `files`: relative to the workspace. A file of tests for it that is there already; else a new one where the
// tests of its language are, beside their files or in a folder of their own; else where the language has them.
// `language`: Language::id.
TestPlace find_test_place(std::string_view path, std::string_view language, const std::vector<std::string>& files);

// Does the name look like one of a file of tests: "test_a.py", "a_test.go", "a.spec.ts", "ATest.java"?
bool is_test_path(std::string_view path, std::string_view language);

}  // namespace oc::tasks
