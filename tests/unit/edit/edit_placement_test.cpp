// SPDX-License-Identifier: Apache-2.0
#include "edit/edit_placement.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/files.hpp"
#include "base/process.hpp"
#include "edit/syntax_gate.hpp"

namespace oc::edit {
namespace {

using base::Path;

class EditPlacement : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / fmt::format("oc-placement-{}", base::current_process_id());
    std::filesystem::create_directories(root_);
    options_.workspace = root_;
    options_.folder = root_;
    options_.file_limit = base::ByteCount(1'000'000);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((root_ / name).parent_path());
    ASSERT_TRUE(base::replace_file(root_ / name, bytes));
  }

  Placement place(const std::string& answer) const {
    auto placed = place_edits(parse_answer(answer), options_);
    EXPECT_TRUE(placed);
    return placed.value_or(Placement{});
  }

  // "name=text;" for each file, "!name: reason;" for each refusal, "#note;" for each note.
  std::string outcome(const std::string& answer) const {
    std::string text;
    const Placement placed = place(answer);
    for (const FileChange& file : placed.files)
      text += (file.before ? "" : "+") + file.shown + "=" + file.after.value_or("(gone)") + ";";
    for (const FileRefusal& refusal : placed.refusals) text += "!" + refusal.file + ": " + refusal.reason + ";";
    for (const std::string& note : placed.notes) text += "#" + note + ";";
    return text;
  }

  Path root_;
  PlacementOptions options_;
};

std::string block(const std::string& old_text, const std::string& new_text) {
  return "<<<<<<< SEARCH\n" + old_text + "=======\n" + new_text + ">>>>>>> REPLACE\n";
}

TEST_F(EditPlacement, SeveralFilesInOneAnswer) {
  write("a.py", "x = 1\ny = 2\n");
  write("src/b.py", "def f():\n    return 1\n");
  EXPECT_EQ(outcome("a.py\n" + block("x = 1\n", "x = 3\n") + block("y = 2\n", "y = 4\n") +
                    "\nsrc/b.py\n```python\ndef f():\n    return 2\n```\nnew/c.py\n```python\nz = 1\n```\n"),
            "a.py=x = 3\ny = 4\n;src/b.py=def f():\n    return 2\n;+new/c.py=z = 1\n;");
}

TEST_F(EditPlacement, TheFormOfTheFileStays) {
  write("a.py", "\xEF\xBB\xBFx = 1\r\ny = \"\xFF\"\r\nz = 3");
  EXPECT_EQ(outcome("a.py\n" + block("z = 3\n", "z = 4\nw = 5\n")),
            "a.py=\xEF\xBB\xBFx = 1\r\ny = \"\xFF\"\r\nz = 4\r\nw = 5;");
}

TEST_F(EditPlacement, NamesOfFiles) {
  write("src/app.py", "x = 1\n");
  write("src/other/app.py", "x = 1\n");
  const std::string change = block("x = 1\n", "x = 2\n");
  EXPECT_EQ(outcome("src/app.py\n" + change), "src/app.py=x = 2\n;");
  EXPECT_EQ(outcome("src\\app.py\n" + change), "src/app.py=x = 2\n;");
  EXPECT_EQ(outcome("app.py\n" + change), "!app.py: there is no such file;");
  EXPECT_EQ(outcome(change), "!: an edit names no file;");
  options_.folder = root_ / "src";
  EXPECT_EQ(outcome("app.py\n" + change), "src/app.py=x = 2\n;");
  options_.folder = root_;
  options_.file = root_ / "src/app.py";
  EXPECT_EQ(outcome("app.py\n" + change), "src/app.py=x = 2\n;");
  EXPECT_EQ(outcome(change), "src/app.py=x = 2\n;");
  // Another folder's file of that name is not this one.
  EXPECT_EQ(outcome("lib/app.py\n" + change), "!lib/app.py: there is no such file;");
  EXPECT_EQ(outcome("lib/app.py\n```python\nx = 7\n```\n"), "+lib/app.py=x = 7\n;");
  write("app.py", "x = 1\n");
  EXPECT_EQ(outcome("app.py\n" + change),
            "!: the name 'app.py' may stand for 'src/app.py' and for 'app.py': give all of it;");
  EXPECT_EQ(outcome("src/other/app.py\n" + change), "src/other/app.py=x = 2\n;");
}

TEST_F(EditPlacement, ChangesThatComeFirstCount) {
  write("a.py", "x = 1\n");
  write("old.py", "z = 1\n");
  options_.so_far = {{root_ / "a.py", "a.py", "x = 1\n", "x = 2\n"},
                     {root_ / "new.py", "new.py", std::nullopt, "y = 1\n"},
                     {root_ / "old.py", "old.py", "z = 1\n", std::nullopt}};
  EXPECT_EQ(outcome("a.py\n" + block("x = 2\n", "x = 3\n") + "new.py\n" + block("y = 1\n", "y = 2\n")),
            "a.py=x = 3\n;new.py=y = 2\n;");
  EXPECT_EQ(outcome("old.py\n" + block("z = 1\n", "z = 2\n")), "!old.py: there is no such file;");
}

TEST_F(EditPlacement, OneFileIsAskedForAsAWhole) {
  write("a.py", "def f():\n    return 1\n");
  write("b.py", "def f():\n    return 1\n");
  options_.scope = CodeScope::whole_file;
  EXPECT_EQ(outcome("b.py\n```python\nx = 1\n```\n"), "b.py=x = 1\n;");
  options_.file = root_ / "a.py";
  EXPECT_EQ(outcome("```python\nx = 1\n```\n"), "a.py=x = 1\n;");
  EXPECT_TRUE(outcome("b.py\n```python\nx = 1\n```\n").starts_with("!b.py: "));
}

TEST_F(EditPlacement, NamesThatDifferInCaseAlone) {
  write("Src/App.py", "x = 1\n");
  for (const char* name : {"Src/app.py", "src/App.py", "SRC/new.py"}) {
    if (base::find_file_facts(root_ / name).value_or(std::nullopt)) GTEST_SKIP() << "the file system knows no case";
    EXPECT_TRUE(outcome(std::string(name) + "\n```python\nx = 2\n```\n").starts_with("!")) << name;
  }
}

TEST_F(EditPlacement, HostileNamesHarmNobody) {
  for (const char* name : {"../../etc/passwd", "/etc/passwd", "/", "..", "a/../../b.py", "~/x.py", "src/", "."}) {
    const std::string diff = fmt::format("--- {}\n+++ {}\n@@ @@\n-root\n+toor\n", name, name);
    EXPECT_TRUE(outcome(diff).starts_with("!")) << name << ": " << outcome(diff);
  }
  std::filesystem::create_directories(root_ / "folder.py");
  EXPECT_TRUE(outcome("folder.py\n```python\nx\n```\n").starts_with("!folder.py: cannot read"));
  EXPECT_TRUE(outcome("--- a/x\x01y\n+++ b/x\x01y\n@@ @@\n-a\n+b\n").starts_with("!: the name"));
  EXPECT_TRUE(outcome(std::string(300, 'x') + ".py\n```python\nx\n```\n").starts_with("!"));
}

TEST_F(EditPlacement, WhatIsNoTextOrTooLong) {
  write("a.bin", std::string("a\0b", 3));
  EXPECT_EQ(outcome("--- a.bin\n+++ a.bin\n@@ @@\n-a\n+b\n"), "!a.bin: it is a binary file;");
  write("long.py", std::string(2'000, 'x'));
  options_.file_limit = base::ByteCount(1'000);
  EXPECT_NE(outcome("long.py\n" + block("x\n", "y\n")).find("too large"), std::string::npos);
}

TEST_F(EditPlacement, CutAnswersAreNotApplied) {
  write("a.py", "x = 1\n");
  EXPECT_EQ(outcome("a.py\n```python\nx = 2\n"), "!a.py: the answer ends in the middle of its text;");
  EXPECT_EQ(outcome("new.py\n```python\nx = 2\n"), "!new.py: the answer ends in the middle of its text;");
  EXPECT_EQ(outcome("a.py\n" + block("x = 1\n", "x = 2\n") + "<<<<<<< SEARCH\ny\n"),
            "!a.py: the answer ends in the middle of its text;");
}

TEST_F(EditPlacement, BlocksOfOtherLanguages) {
  write("a.py", "x = 1\n");
  options_.file = root_ / "a.py";
  EXPECT_EQ(outcome("a.py\n```java\nint x = 2;\n```\n"),
            "!a.py: the block is java, which is not the language of the file;");
  EXPECT_EQ(outcome("Run:\n```sh\npython a.py\n```\nand\n```python\nx = 2\n```\n"),
            "a.py=x = 2\n;#a block of 'sh' names no file and is left out;");
  EXPECT_EQ(outcome("```\nx = 2\n```\n"), "a.py=x = 2\n;");
  EXPECT_EQ(outcome("```json\n{}\n```\n"),
            "!: no block names the file it is for;#a block of 'json' names no file and is left out;");
  write("a.js", "let x = 1;\n");
  EXPECT_TRUE(outcome("a.js\n```java\nint x = 2;\n```\n").starts_with("!a.js: the block is java"));
  EXPECT_EQ(outcome("a.js\n```typescript\nlet x = 2;\n```\n"), "a.js=let x = 2;\n;");
  write("run.sh", "ls\n");
  options_.file = root_ / "run.sh";
  EXPECT_EQ(outcome("```bash\npwd\n```\n"),
            "!run.sh: the code has 1 lines, the file 1, and nothing says which of them it "
            "replaces: give the whole file, whole functions, or the old lines with the new ones;");
}

TEST_F(EditPlacement, OldCodeBesideTheNew) {
  write("a.py", "def f():\n    return 1\n\n\ndef g():\n    return 2\n");
  EXPECT_EQ(
      outcome(
          "This is a.py now:\n```python\ndef f():\n    return 1\n```\nChange a.py:\n```python\ndef f():\n    return "
          "3\n```\n"),
      "a.py=def f():\n    return 3\n\n\ndef g():\n    return 2\n;");
  EXPECT_EQ(
      outcome("a.py\n```python\ndef f():\n    return 3\n```\nOr in a.py:\n```python\ndef f():\n    return 4\n```\n"),
      "!a.py: two edits want the place at line 1;");
  EXPECT_EQ(outcome("a.py\n```python\ndef f():\n    return 1\n```\n"), "#a.py is like that already;");
}

TEST_F(EditPlacement, LabelsAreNoCode) {
  write("src/a.py", "def f():\n    return 1\n");
  EXPECT_EQ(outcome("```python\n# src/a.py\ndef f():\n    return 2\n```\n"), "src/a.py=def f():\n    return 2\n;");
  EXPECT_EQ(outcome("src/b.py\n```python\n# b.py\nx = 1\n```\n"), "+src/b.py=x = 1\n;");
  write("c.py", "# c.py\nx = 1\ny = 2\n");
  EXPECT_EQ(outcome("c.py\n```python\n# c.py\nx = 1\ny = 3\n```\n"), "c.py=# c.py\nx = 1\ny = 3\n;");
}

TEST_F(EditPlacement, NewFiles) {
  EXPECT_EQ(outcome("--- /dev/null\n+++ b/n.txt\n@@ -0,0 +1 @@\n+x\n"), "+n.txt=x\n;");
  EXPECT_EQ(outcome("n.py\n" + block("", "x = 1\n")), "+n.py=x = 1\n;");
  EXPECT_EQ(outcome("n.py\n```python\nx = 1\n# ... rest of the code ...\n```\n"),
            "!n.py: there is no such file, and the line '# ... rest of the code ...' leaves something of it out;");
  EXPECT_EQ(outcome("n.py\n```python\nclass P(Protocol):\n    def f(self):\n        ...\n```\n"),
            "+n.py=class P(Protocol):\n    def f(self):\n        ...\n;");
  EXPECT_EQ(outcome("n.py\n```python\nx = 1\n```\nn.py\n```python\nx = 2\n```\n"),
            "!n.py: two blocks are the whole of a new file;");
  write("old.txt", "a\n");
  EXPECT_EQ(outcome("--- /dev/null\n+++ b/old.txt\n@@ -0,0 +1 @@\n+x\n"),
            "!old.txt: it exists, and the answer makes a new file of that name;");
  EXPECT_EQ(outcome("### Node.js\n```js\nlet x = 1;\n```\n"),
            "!: no block names the file it is for;#a block of 'js' names no file and is left out;");
}

TEST_F(EditPlacement, Removals) {
  write("a.py", "x = 1\ny = 2\n");
  EXPECT_EQ(outcome("--- a/a.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x = 1\n-y = 2\n"), "a.py=(gone);");
  EXPECT_EQ(outcome("--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n"),
            "!a.py: the diff removes the file, and does not show all of it;");
  EXPECT_TRUE(outcome("--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-z = 1\n").starts_with("!a.py: the lines"));
  EXPECT_EQ(outcome("--- a/none.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-z = 1\n"), "!none.py: there is no such file;");
}

TEST_F(EditPlacement, SyntaxGate) {
  const auto gate = [&](const std::string& name, std::optional<std::string> before, std::optional<std::string> after) {
    return find_new_syntax_error({root_ / name, name, std::move(before), std::move(after)}).value_or("");
  };
  EXPECT_EQ(gate("a.py", "x = 1\n", "x = 2\n"), "");
  EXPECT_NE(gate("a.py", "x = 1\n", "x = (2\n"), "");
  EXPECT_NE(gate("a.py", std::nullopt, "def f(:\n"), "");
  EXPECT_EQ(gate("a.py", "def f(:\n", "def f(:\n"), "");
  EXPECT_EQ(gate("a.py", "def f(:\n", std::nullopt), "");
  EXPECT_EQ(gate("a.unknown", "", "def f(:\n"), "");
  EXPECT_NE(gate("a.cpp", "int f() { return 1; }\n", "int f() { return 1; }\n}\n").find("line 2 is not C++"),
            std::string::npos)
      << gate("a.cpp", "int f() { return 1; }\n", "int f() { return 1; }\n}\n");
}

}  // namespace
}  // namespace oc::edit
