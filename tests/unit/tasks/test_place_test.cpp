// SPDX-License-Identifier: Apache-2.0
#include "tasks/test_place.hpp"

#include <gtest/gtest.h>

namespace oc::tasks {
namespace {

TEST(FindTestPlace, TakesTheFileThatIsThere) {
  const TestPlace place = find_test_place("src/a.py", "python", {"src/a.py", "tests/test_a.py", "other/test_a.py"});
  EXPECT_TRUE(place.exists);
  EXPECT_EQ(place.path, "other/test_a.py");  // equally near: the first by name
  EXPECT_EQ(find_test_place("lib/a.ts", "typescript", {"lib/a.spec.ts", "lib/b.test.ts"}).path, "lib/a.spec.ts");
}

TEST(FindTestPlace, DoesAsTheProjectDoes) {
  EXPECT_EQ(find_test_place("src/a.py", "python", {"src/b.py", "spec/b_test.py"}).path, "spec/a_test.py");
  EXPECT_EQ(find_test_place("lib/a.js", "javascript", {"lib/b.spec.js"}).path, "lib/a.spec.js");
  EXPECT_EQ(find_test_place("src/a.cpp", "cpp", {"tests/unit/b_test.cpp"}).path, "tests/unit/a_test.cpp");
}

TEST(FindTestPlace, HasADefaultForEachLanguage) {
  EXPECT_EQ(find_test_place("src/a.py", "python", {}).path, "tests/test_a.py");
  EXPECT_EQ(find_test_place("lib/a.mjs", "javascript", {}).path, "lib/a.test.mjs");
  EXPECT_EQ(find_test_place("pkg/a.go", "go", {"other/b_test.go"}).path, "pkg/a_test.go");
  EXPECT_EQ(find_test_place("src/a.rs", "rust", {}).path, "tests/a_test.rs");
  EXPECT_EQ(find_test_place("src/main/java/x/A.java", "java", {}).path, "src/test/java/x/ATest.java");
  EXPECT_FALSE(find_test_place("a.py", "python", {}).exists);
}

TEST(IsTestPath, TellsByName) {
  EXPECT_TRUE(is_test_path("a/test_b.py", "python"));
  EXPECT_TRUE(is_test_path("b_test.go", "go"));
  EXPECT_FALSE(is_test_path("b.py", "python"));
  EXPECT_FALSE(is_test_path("test_.py", "python"));
}

}  // namespace
}  // namespace oc::tasks
