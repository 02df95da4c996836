// SPDX-License-Identifier: Apache-2.0
#include "base/path.hpp"

#include <gtest/gtest.h>

namespace oc::base {
namespace {

TEST(Path, TextGoesThroughUnchanged) {
  for (const std::string text : {"", "a/b.txt", "ż日😀/ü", "with blank/'quote'", "a/b/"})
    EXPECT_EQ(to_utf8(path_from_utf8(text)), text);
}

TEST(Path, IllFormedTextIsNoTrouble) {
  const std::string bad = "a\xFF\xC3/b\xED\xA0\x80.txt";
  const std::string back = to_utf8(path_from_utf8(bad));
#ifdef _WIN32
  EXPECT_NE(back, bad);
  EXPECT_TRUE(back.starts_with("a\xEF\xBF\xBD")) << back;
  EXPECT_EQ(to_utf8(Path(std::wstring(L"x\xD800y"))), "x\xEF\xBF\xBDy");
#else
  EXPECT_EQ(back, bad);
#endif
  EXPECT_FALSE(display(path_from_utf8(bad)).empty());
}

TEST(Path, DisplayHidesControls) { EXPECT_EQ(display(path_from_utf8("a\nb")), "'a\\x0ab'"); }

TEST(Path, InsideIsLexical) {
  const Path folder = "/w/project";
  EXPECT_TRUE(is_inside(folder, folder));
  EXPECT_TRUE(is_inside("/w/project/a/../b", folder));
  EXPECT_FALSE(is_inside("/w/project/../b", folder));
  EXPECT_FALSE(is_inside("/w/project2/b", folder));
  EXPECT_FALSE(is_inside("/w", folder));
  EXPECT_EQ(to_utf8(relative_to("/w/project/a/b.c", folder)), "a/b.c");
  EXPECT_EQ(to_utf8(relative_to("/w/else", folder)), "/w/else");
}

}  // namespace
}  // namespace oc::base
