// SPDX-License-Identifier: Apache-2.0
#include "quality/changed_lines.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace oc::quality {
namespace {

std::string shown(std::string_view diff) {
  std::string text;
  for (const ChangedFile& file : read_changed_lines(diff).files) {
    constexpr std::string_view k_kinds[] = {"text", "removed", "binary", "submodule", "unmerged", "mode_only"};
    text += fmt::format("{} {}", k_kinds[static_cast<int>(file.kind)], file.path);
    if (!file.old_path.empty()) text += fmt::format(" < {}", file.old_path);
    for (const base::LineRange& range : file.lines) text += fmt::format(" {}-{}", range.first.value, range.last.value);
    text += "\n";
  }
  return text;
}

TEST(ChangedLines, AreThoseThatWereAddedAndThoseBehindRemovedOnes) {
  EXPECT_EQ(shown("diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n@@ -1,4 +1,5 @@ f\n a\n+b\n+c\n d\n"
                  "-e\n f\n@@ -20 +21,0 @@\n-z\n"),
            "text x.c 2-3 5-5 22-22\n");
  EXPECT_EQ(
      shown("diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -3,0 +4,2 @@\n+a\n+b\n\\ No newline at end of file\n"),
      "text x.c 4-5\n");
}

TEST(ChangedLines, OfRenamedNewRemovedAndBinaryFiles) {
  EXPECT_EQ(
      shown(
          "diff --git a/old name.c b/new name.c\nsimilarity index 90%\nrename from old name.c\n"
          "rename to new name.c\nindex 1..2\n--- a/old name.c\n+++ b/new name.c\n@@ -1 +1 @@\n-a\n+b\n"
          "diff --git a/m.c b/n.c\nsimilarity index 100%\nrename from m.c\nrename to n.c\n"
          "diff --git a/new.c b/new.c\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/new.c\n@@ -0,0 +1,2 @@\n"
          "+a\n+b\n"
          "diff --git a/gone.c b/gone.c\ndeleted file mode 100644\n--- a/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
          "diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ\n"
          "diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n"),
      "text new name.c < old name.c 1-1\nmode_only n.c < m.c\ntext new.c 1-2\nremoved gone.c\nbinary p.png\n"
      "mode_only x.sh\n");
}

TEST(ChangedLines, OfSubmodulesAndUnfinishedMerges) {
  EXPECT_EQ(shown("diff --git a/lib b/lib\nindex 1234567..89abcde 160000\n--- a/lib\n+++ b/lib\n@@ -1 +1 @@\n"
                  "-Subproject commit 1\n+Subproject commit 2\n"
                  "Submodule vendor/x 1234567..89abcde:\n  > words\n"
                  "diff --cc both.c\nindex 1,2..0\n--- a/both.c\n+++ b/both.c\n@@@ -1,1 -1,1 +1,5 @@@\n++<<<<<<< HEAD\n"
                  "* Unmerged path third.c\n"),
            "submodule lib\nsubmodule vendor/x\nunmerged both.c\nunmerged third.c\n");
}

TEST(ChangedLines, KnowQuotedNamesAndDiffsWithoutGit) {
  EXPECT_EQ(shown("diff --git \"a/\\303\\244 \\\"b.c\" \"b/\\303\\244 \\\"b.c\"\n--- \"a/\\303\\244 \\\"b.c\"\n"
                  "+++ \"b/\\303\\244 \\\"b.c\"\n@@ -1 +1 @@\n-a\n+b\n"),
            "text \xc3\xa4 \"b.c 1-1\n");
  EXPECT_EQ(
      shown("--- x.c\t2026-01-01\n+++ x.c\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n--- y.c\n+++ y.c\n@@ -5 +5 @@\n-a\n+b\n"),
      "text x.c 1-1\ntext y.c 5-5\n");
  EXPECT_FALSE(read_changed_lines("hello\n@@ no diff\n").is_diff);
}

TEST(ChangedLines, DoNotTakeRemovedLinesForHeaders) {
  EXPECT_EQ(shown("--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- old comment\n+++ new\n a\n@@ -9 +9 @@\n-a\n+b\n"),
            "text x.sql 1-1 9-9\n");
}

TEST(ChangedLines, OfAnyBytesEnd) {
  std::mt19937 random(3);
  const std::vector<std::string> pieces = {
      "diff --git ", "a/x b/x\n", "--- ",       "+++ ",         "@@ -1,9", " +1,99999999999 @@\n",
      "+x\n",        "-y\n",      " \n",        "Submodule ",   "\"a\\",   "* Unmerged path ",
      "diff --cc ",  "\n",        "rename to ", "Binary files "};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (int k = 0; k < 12; ++k) text += pieces[random() % pieces.size()];
    for (const ChangedFile& file : read_changed_lines(text).files)
      for (const base::LineRange& range : file.lines) ASSERT_LE(range.first, range.last);
  }
}

}  // namespace
}  // namespace oc::quality
