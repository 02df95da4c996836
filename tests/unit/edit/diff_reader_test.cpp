// SPDX-License-Identifier: Apache-2.0
#include "edit/diff_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "edit/answer_edits.hpp"

namespace oc::edit {
namespace {

using Form = ProposedEdit::Form;
using Naming = ProposedEdit::Naming;

AnswerEdits fenced(const std::string& diff, const std::string& before = "") {
  return parse_answer(before + "\n```diff\n" + diff + "```\n");
}

// All edits and refusals as one text.
std::string shown(const AnswerEdits& answer) {
  std::string text;
  for (const ProposedEdit& edit : answer.edits) {
    text += "[" + edit.path + (edit.form == Form::removal ? " removed" : edit.is_new_file ? " new" : "") + "]";
    for (const TextChange& change : edit.changes) text += "-" + change.old_text + "+" + change.new_text;
  }
  for (const Refusal& refusal : answer.refusals) text += "!" + refusal.reason;
  return text;
}

const char* const k_plain = "--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n";

TEST(DiffReader, FencedAndLoose) {
  const std::string expected = "[x.py]-a\nb\nd\n+a\nc\nd\n";
  EXPECT_EQ(shown(fenced(k_plain)), expected);
  EXPECT_EQ(shown(parse_answer(k_plain)), expected);
  EXPECT_EQ(shown(parse_answer(std::string("Do this:\n\n") + k_plain + "\nThat is all.\n")), expected);
  EXPECT_EQ(shown(parse_answer(std::string("```\n") + k_plain + "```\n")), expected);
  EXPECT_EQ(shown(parse_answer(std::string("```python\n") + k_plain + "```\n")), expected);
  EXPECT_EQ(shown(fenced("commit 123\nAuthor: me\n\n    x\n\ndiff --git a/x.py b/x.py\nindex 1..2 100644\n" +
                         std::string(k_plain))),
            expected);
}

TEST(DiffReader, LineNumbersCountOnlyIfAllAreRight) {
  EXPECT_EQ(fenced(k_plain).edits.at(0).changes.at(0).stated_line, 0u);
  EXPECT_EQ(fenced("--- a/x\n+++ b/x\n@@ -7,2 +7,3 @@\n a\n+b\n c\n@@ -20 +21 @@\n-d\n+e\n")
                .edits.at(0)
                .changes.at(1)
                .stated_line,
            19u);
  for (const char* header : {"@@ -7,9 +7,9 @@", "@@ ... @@", "@@", "@@ -7,3 +9,3 @@", "@@ -7 +7 @@"}) {
    const auto answer = fenced(std::string("--- a/x\n+++ b/x\n") + header + "\n a\n-b\n+c\n d\n");
    ASSERT_EQ(answer.edits.size(), 1u) << header;
    EXPECT_EQ(answer.edits[0].changes.at(0).stated_line, std::nullopt) << header;
  }
}

TEST(DiffReader, BlanksThatWereLost) {
  EXPECT_EQ(shown(fenced("--- a/x\n+++ b/x\n@@ @@\n a\n\n\n-b\n+c\n\n d\n\n")), "[x]-a\n\n\nb\n\nd\n+a\n\n\nc\n\nd\n");
  EXPECT_EQ(shown(parse_answer("--- a/x\n+++ b/x\n@@ @@\n a\n\n\n-b\n+c\n\nProse.")), "[x]-a\n\n\nb\n+a\n\n\nc\n");
  EXPECT_EQ(shown(fenced("--- a/x\n+++ b/x\n@@ @@\ndef f():\n-\tb\n+\tc\n\td\n")),
            "[x]-def f():\n\tb\n\td\n+def f():\n\tc\n\td\n");
}

TEST(DiffReader, WithoutHeaders) {
  EXPECT_EQ(shown(fenced(" a\n-b\n+c\n", "x.py")), "[x.py]-a\nb\n+a\nc\n");
  EXPECT_EQ(shown(fenced("def f():\n-  b\n+  c\n", "x.py")), "[x.py]-def f():\n  b\n+def f():\n  c\n");
  EXPECT_EQ(shown(fenced("@@ @@\n a\n-b\n+c\n", "x.py")), "[x.py]-a\nb\n+a\nc\n");
  EXPECT_EQ(shown(fenced("--- x.py\n+++ x.py\n-b\n+c\n")), "[x.py]-b\n+c\n");
  const auto unnamed = fenced("-b\n+c\n");
  ASSERT_EQ(unnamed.edits.size(), 1u);
  EXPECT_EQ(unnamed.edits[0].naming, Naming::none);
}

TEST(DiffReader, NamesOfFiles) {
  const auto name = [](const std::string& old_name, const std::string& new_name) {
    const auto answer = fenced("--- " + old_name + "\n+++ " + new_name + "\n@@ @@\n-a\n+b\n");
    return answer.edits.empty() ? "" : answer.edits[0].path;
  };
  EXPECT_EQ(name("a/src/x.py", "b/src/x.py"), "src/x.py");
  EXPECT_EQ(name("src/x.py", "src/x.py"), "src/x.py");
  EXPECT_EQ(name("a/x.py", "a/x.py"), "a/x.py");  // a folder
  EXPECT_EQ(name("x.py\t2024-01-01 00:00:00", "x.py\t2024-01-02"), "x.py");
  EXPECT_EQ(name("\"a/x y.py\"", "\"b/x y.py\""), "x y.py");
  EXPECT_EQ(name("x.py.orig", "x.py"), "x.py");
  EXPECT_EQ(name("a/../../x", "b/../../x"), "../../x");
}

TEST(DiffReader, SeveralFilesNewOnesAndRemovals) {
  EXPECT_EQ(shown(fenced(std::string(k_plain) + "--- /dev/null\n+++ b/n.py\n@@ -0,0 +1,2 @@\n+p\n+q\n"
                                                "--- a/o.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-r\n")),
            "[x.py]-a\nb\nd\n+a\nc\nd\n[n.py new]-+p\nq\n[o.py removed]-r\n+");
  EXPECT_EQ(shown(fenced("--- /dev/null\n+++ b/n.py\n@@ -0,0 +1 @@\n+p\n\\ No newline at end of file\n")),
            "[n.py new]-+p");
}

TEST(DiffReader, NoNewlineNotesAreNoText) {
  EXPECT_EQ(shown(fenced(
                "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n")),
            "[x]-a\n+b\n");
}

TEST(DiffReader, RemovedDashesAreNoHeader) {
  EXPECT_EQ(shown(fenced("--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n a\n")),
            "[x.sql]--- old\na\n+++ new\na\n");
}

TEST(DiffReader, WhatCannotBeDoneIsRefused) {
  for (const char* diff :
       {"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n", "--- a/x\n+++ b/y\n@@ @@\n-a\n+b\n",
        "diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n",
        "diff --git a/x b/x\nGIT binary patch\nliteral 3\nabc\n",
        "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
        "diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n",
        "diff --cc x\n--- a/x\n+++ b/x\n@@@ -1,2 -1,2 +1,2 @@@\n  a\n- b\n++c\n"})
    EXPECT_FALSE(fenced(diff).refusals.empty()) << diff;
}

// Without fences nothing but the counts says that lines are missing.
TEST(DiffReader, LooseHunksThatAreCutAreRefused) {
  EXPECT_FALSE(parse_answer("--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n a\n-b\n+c\n").refusals.empty());
  EXPECT_FALSE(
      parse_answer("--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n a\n-b\n+c\n\ndef g():\n-    d\n+    e\n").refusals.empty());
}

TEST(DiffReader, ListsAndMailsBehindADiff) {
  const std::string expected = "[x.py]-a\nb\nd\n+a\nc\nd\n";
  EXPECT_EQ(shown(parse_answer(std::string(k_plain) + "\n- it is shorter\n+ it is better\n")), expected);
  EXPECT_EQ(shown(parse_answer(std::string(k_plain) + "-- \n2.43.0\n")), expected);
  EXPECT_EQ(shown(fenced(std::string(k_plain) + "-- \n2.43.0\n")), expected);
}

}  // namespace
}  // namespace oc::edit
