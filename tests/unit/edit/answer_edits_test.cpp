// SPDX-License-Identifier: Apache-2.0
#include "edit/answer_edits.hpp"

#include <gtest/gtest.h>

#include <string>

#include "edit/path_words.hpp"
#include "edit/search_replace.hpp"

namespace oc::edit {
namespace {

using Form = ProposedEdit::Form;
using Naming = ProposedEdit::Naming;

std::string name_of(const NamedPath& named) {
  switch (named.naming) {
    case Naming::none: return "-";
    case Naming::mentioned: return "?" + named.path;
    case Naming::stated: return named.path;
  }
  return "";
}

// "path|path" of the answer's edits, '?' before a path that is mentioned, '!' behind one that is incomplete.
std::string names_of(const AnswerEdits& answer) {
  std::string names;
  for (const ProposedEdit& edit : answer.edits) {
    if (!names.empty()) names += '|';
    names += name_of({edit.path, edit.naming}) + (edit.is_complete ? "" : "!");
  }
  return names;
}

TEST(PathWords, LinesThatStateAPath) {
  for (const char* line : {"src/app.py",
                           "**src/app.py**",
                           "`src/app.py`",
                           "### src/app.py",
                           "#### `src/app.py`:",
                           "File: src/app.py",
                           "**File:** `src/app.py`",
                           "**File: `src/app.py`**",
                           "- `src/app.py`",
                           "1. **`src/app.py`**:",
                           "2) src/app.py",
                           "src\\app.py",
                           "./src/app.py",
                           "src/app.py:",
                           "*src/app.py*",
                           "\"src/app.py\"",
                           "### 1. src/app.py",
                           "Filename: src/app.py",
                           "File path: src/app.py",
                           "New file: `src/app.py`",
                           "> src/app.py",
                           "// src/app.py",
                           "=== src/app.py ===",
                           "--- src/app.py ---",
                           "`src/app.py` (new)",
                           "[src/app.py](src/app.py)",
                           "[the file](src/app.py):",
                           "<src/app.py>",
                           "## Updated file: src/app.py",
                           "Update `src/app.py`:"})
    EXPECT_EQ(name_of(path_in_line(line)), "src/app.py") << line;
}

TEST(PathWords, NamesKeepAllTheirCharacters) {
  for (const char* name : {"__init__.py", "_app.tsx", "pages/[id].tsx", "[slug].tsx", "(group)/page.tsx", "a+b.cpp",
                           ".github/x.yml", "src/__init__.py", "über.py", "Makefile", "Dockerfile", "CMakeLists.txt",
                           "notes.txt", "go.mod", "requirements.txt", "a/b/c", "$lib/x.ts", "foo-bar.test.js"}) {
    if (std::string(name) == "a/b/c") continue;  // nothing says that this is a file
    EXPECT_EQ(name_of(path_in_line(name)), name);
    EXPECT_EQ(name_of(path_in_line("**" + std::string(name) + "**")), name);
    EXPECT_EQ(name_of(path_in_line("### `" + std::string(name) + "`:")), name);
  }
}

TEST(PathWords, WhatMayBeSomethingElseIsOnlyMentioned) {
  for (const char* line : {"### Node.js", "**Vue.js**", "**User.save**", "`self.items`:", "### ASP.NET", "os.path"})
    EXPECT_NE(path_in_line(line).naming, Naming::stated) << line;
}

TEST(PathWords, Sentences) {
  EXPECT_EQ(name_of(path_in_line("Change `src/app.py` like this:")), "?src/app.py");
  EXPECT_EQ(name_of(path_in_line("In app.py, do this:")), "?app.py");
  EXPECT_EQ(name_of(path_in_line("See app.py:12 for it.")), "?app.py");
  EXPECT_EQ(name_of(path_in_line("Copy a.py to b.py:")), "-");
  EXPECT_EQ(name_of(path_in_line("Call `self.items` and e.g. foo.bar() first:")), "-");
  EXPECT_EQ(name_of(path_in_line("Read https://example.com/a.py first")), "-");
  EXPECT_EQ(name_of(path_in_line("")), "-");
  EXPECT_EQ(name_of(path_in_line("...")), "-");
  EXPECT_EQ(name_of(path_in_line("Here is the code:")), "-");
}

TEST(PathWords, Fences) {
  EXPECT_EQ(name_of(path_in_fence("python src/app.py")), "src/app.py");
  EXPECT_EQ(name_of(path_in_fence("py:src/app.py")), "src/app.py");
  EXPECT_EQ(name_of(path_in_fence("python title=\"src/app.py\"")), "src/app.py");
  EXPECT_EQ(name_of(path_in_fence("python {title=\"src/app.py\"}")), "src/app.py");
  EXPECT_EQ(name_of(path_in_fence("src/app.py")), "src/app.py");
  EXPECT_EQ(name_of(path_in_fence("12:20:src/app.py")), "src/app.py");
  EXPECT_EQ(name_of(path_in_fence("app.py")), "app.py");
  for (const char* info : {"", "python", "{.python .numberLines}", "Dockerfile", "Makefile", "c++", "objective-c",
                           "python linenums=1", "{r}", "{python, echo=FALSE}"})
    EXPECT_EQ(name_of(path_in_fence(info)), "-") << info;
}

TEST(PathWords, Comments) {
  for (const char* line : {"# src/app.py", "// src/app.py", "/* src/app.py */", "<!-- src/app.py -->", "-- src/app.py",
                           "// File: src/app.py", "# filename: src/app.py", "; src/app.py"})
    EXPECT_EQ(name_of(path_in_comment(line)), "src/app.py") << line;
  for (const char* line : {"#!/usr/bin/env python3", "#include \"a.hpp\"", "# reads app.py", "import app.py", ""})
    EXPECT_EQ(name_of(path_in_comment(line)), "-") << line;
}

TEST(AnswerEdits, NothingInProse) {
  for (const char* text : {"", "\n\n", "I would not change that.", "Use `a.py` instead.", "```", "```python\n```",
                           "@@ is a decorator @@\nfoo", "a\n---\nb\n+++\n", "```\n\n\n```"}) {
    const auto answer = parse_answer(text);
    EXPECT_TRUE(answer.edits.empty()) << text;
    EXPECT_TRUE(answer.refusals.empty()) << text;
  }
}

TEST(AnswerEdits, CodeWithANameBefore) {
  const auto answer = parse_answer("Sure!\n\n**src/a.py**\n\n```python\nx = 1\n```\n\nThat is all.");
  ASSERT_EQ(answer.edits.size(), 1u);
  const ProposedEdit expected{Form::code, "src/a.py", Naming::stated, "python", "x = 1\n", true, false, {}};
  EXPECT_EQ(answer.edits[0], expected);
}

TEST(AnswerEdits, NamesHoldForTheirBlockAlone) {
  EXPECT_EQ(names_of(parse_answer("a.py\n```python\nx\n```\nthen\n```python\ny\n```\n")), "a.py|-");
  EXPECT_EQ(names_of(parse_answer("a.py\n```python\nx\n```\nb.py\n```python\ny\n```\n")), "a.py|b.py");
  EXPECT_EQ(names_of(parse_answer("1\na.py\n2\n3\n```\nx\n```\n")), "a.py");
  EXPECT_EQ(names_of(parse_answer("a.py\n1\n2\n3\n```\nx\n```\n")), "-");
  EXPECT_EQ(names_of(parse_answer("~~~\na.py\n~~~\n```\nx\n```\n")), "-|-");
}

TEST(AnswerEdits, ThoughtsAreNoAnswer) {
  const std::string block = "a.py\n```python\nx\n```\n";
  EXPECT_EQ(names_of(parse_answer("<think>\nb.py\n```\ny\n```\n</think>\n\n" + block)), "a.py");
  EXPECT_EQ(names_of(parse_answer("\nb.py\n```\ny\n```\n</think>\r\n" + block)), "a.py");
  EXPECT_EQ(names_of(parse_answer("<think>\n" + block)), "");
  EXPECT_EQ(names_of(parse_answer(block + "<think> is a tag, </think> its end\n")), "a.py");
}

TEST(AnswerEdits, OneOfAListIsNoName) {
  EXPECT_EQ(names_of(parse_answer("It is used by\n- a.py\n- b.py\n\n```python\nx\n```\n")), "-");
  EXPECT_EQ(names_of(parse_answer("Change\n- b.py\n\n```python\nx\n```\n")), "b.py");
}

TEST(AnswerEdits, NamesInFencesAndComments) {
  EXPECT_EQ(names_of(parse_answer("b.py\n```python a.py\nx\n```\n")), "a.py");
  EXPECT_EQ(names_of(parse_answer("```python\n# a/b.py\nx\n```\n")), "a/b.py");
  EXPECT_EQ(names_of(parse_answer("In c.py\n```python\n# a/b.py\nx\n```\n")), "a/b.py");
  EXPECT_EQ(names_of(parse_answer("README.md\n```markdown\n# notes.md\nx\n```\n")), "README.md");
  EXPECT_EQ(names_of(parse_answer("```markdown\n# notes.md\nx\n```\n")), "-");
}

TEST(AnswerEdits, CutAnswersAreIncomplete) {
  EXPECT_EQ(names_of(parse_answer("a.py\n```python\ndef f():\n")), "a.py!");
  EXPECT_EQ(names_of(parse_answer("a.py\n<<<<<<< SEARCH\nx\n=======\ny\n")), "a.py!");
  EXPECT_EQ(names_of(parse_answer("a.py\n<<<<<<< SEARCH\nx\n")), "a.py!");
  EXPECT_EQ(names_of(parse_answer("```diff\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n")), "a.py!");
  // The first block's end was forgotten.
  EXPECT_EQ(names_of(parse_answer("a.py\n```python\nx\n\n```python b.py\ny\n```\n")), "a.py!|b.py");
}

TEST(AnswerEdits, FencesOfFourAndInsideOfFences) {
  const auto four = parse_answer("README.md\n````markdown\n# T\n```sh\nls\n```\n````\n");
  ASSERT_EQ(four.edits.size(), 1u);
  EXPECT_EQ(four.edits[0].code, "# T\n```sh\nls\n```\n");
  const auto nested = parse_answer("README.md\n```markdown\n# T\n```sh\nls\n```\nend\n```\n");
  ASSERT_EQ(nested.edits.size(), 1u);
  EXPECT_EQ(nested.edits[0].code, "# T\n```sh\nls\n```\nend\n");
  // Where the Markdown ends cannot be known.
  for (const char* text :
       {"README.md\n```markdown\n# T\n```\nls\n```\nend\n```\n", "README.md\n```\n# T\n```\nls\n```\nx\n```\n"}) {
    const auto bare = parse_answer(text);
    EXPECT_EQ(bare.refusals.size(), 1u) << text;
  }
}

TEST(SearchReplace, BlocksInAndOutsideOfFences) {
  const std::string block = "<<<<<<< SEARCH\n  a\n=======\n  b\n>>>>>>> REPLACE\n";
  for (const std::string& text : {"a.py\n" + block, "a.py\n```python\n" + block + "```\n",
                                  "```python a.py\n" + block + "```\n", "```python\na.py\n" + block + "```\n",
                                  "```\n# a.py\n" + block + "```", "**a.py**\n\n````\n" + block + "````\n"}) {
    const auto answer = parse_answer(text);
    ASSERT_EQ(answer.edits.size(), 1u) << text;
    EXPECT_EQ(names_of(answer), "a.py") << text;
    ASSERT_EQ(answer.edits[0].changes.size(), 1u);
    EXPECT_EQ(answer.edits[0].changes[0], (TextChange{"  a\n", "  b\n", {}}));
    EXPECT_TRUE(answer.refusals.empty()) << text;
  }
}

TEST(SearchReplace, NamesAreCarriedOn) {
  const std::string block = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n";
  EXPECT_EQ(names_of(parse_answer("a.py\n" + block + "\n" + block)), "a.py|a.py");
  EXPECT_EQ(names_of(parse_answer("a.py\n" + block + "and call `self.items`:\n" + block)), "a.py|a.py");
  EXPECT_EQ(names_of(parse_answer("a.py\n" + block + "b.py\n" + block + block)), "a.py|b.py|b.py");
  EXPECT_EQ(names_of(parse_answer("a.py\n```\n" + block + block + "```\n")), "a.py|a.py");
  // The new text of the first block names nothing.
  EXPECT_EQ(names_of(parse_answer("a.py\n<<<<<<< SEARCH\na\n=======\nb.py\n>>>>>>> REPLACE\n" + block)), "a.py|a.py");
}

TEST(SearchReplace, FencesInTheTextBelongToIt) {
  const std::string first = "README.md\n<<<<<<< SEARCH\n```sh\n=======\n```bash\n>>>>>>> REPLACE\n";
  const auto answer = parse_answer(first + "\na.py\n```python\nx\n```\n");
  EXPECT_EQ(names_of(answer), "README.md|a.py");
  EXPECT_EQ(answer.edits.at(1).code, "x\n");
}

TEST(SearchReplace, MarkersOfOtherKinds) {
  EXPECT_EQ(names_of(parse_answer("a.py\n<<<<<<< ORIGINAL\na\n=======\nb\n>>>>>>> UPDATED\n")), "a.py");
  EXPECT_EQ(names_of(parse_answer("a.py\n<<<<<<< SEARCH:\na\n=======\nb\n>>>>>>>\n")), "a.py");
  EXPECT_EQ(names_of(parse_answer("a.py\n<<<<<< SEARCH\na\n======\nb\n>>>>>> REPLACE\n")), "a.py");
  EXPECT_EQ(names_of(parse_answer("  <<<<<<< SEARCH\n  a\n  =======\n  b\n  >>>>>>> REPLACE\n")), "-");
  EXPECT_TRUE(parse_answer("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n").edits.empty());
}

TEST(SearchReplace, WhereTheTextHoldsMarkers) {
  // A heading of nine "=" is text beside a divider of seven; one of seven is not to be told from it.
  const auto nine = parse_answer("a.rst\n<<<<<<< SEARCH\nT\n=========\n=======\nU\n=========\n>>>>>>> REPLACE\n");
  ASSERT_EQ(nine.edits.size(), 1u);
  EXPECT_EQ(nine.edits[0].changes[0], (TextChange{"T\n=========\n", "U\n=========\n", {}}));
  const auto seven = parse_answer("a.rst\n<<<<<<< SEARCH\nT\n=======\n=======\nU\n=======\n>>>>>>> REPLACE\n");
  EXPECT_TRUE(seven.edits.empty());
  EXPECT_EQ(seven.refusals.size(), 1u);
  const auto none = parse_answer("a.rst\n<<<<<<< SEARCH\nT\n>>>>>>> REPLACE\n");
  EXPECT_TRUE(none.edits.empty());
  EXPECT_EQ(none.refusals.size(), 1u);
}

TEST(SearchReplace, HalfABlockIsARefusal) {
  for (const char* text :
       {"a.py\nx\n=======\ny\n>>>>>>> REPLACE\n", "a.py\n```python\nx\n=======\ny\n>>>>>>> REPLACE\n```\n"}) {
    const auto answer = parse_answer(text);
    EXPECT_TRUE(answer.edits.empty()) << text;
    EXPECT_EQ(answer.refusals.size(), 1u) << text;
  }
  EXPECT_EQ(
      names_of(parse_answer("a.py\n<<<<<<< SEARCH\na\n=======\nb\n<<<<<<< SEARCH\nc\n=======\nd\n>>>>>>> REPLACE")),
      "a.py!|a.py");
}

TEST(SearchReplace, WindowsLineEnds) {
  const auto answer = parse_answer("a.py\r\n<<<<<<< SEARCH\r\na\r\n=======\r\nb\r\n>>>>>>> REPLACE\r\n");
  ASSERT_EQ(answer.edits.size(), 1u);
  EXPECT_EQ(answer.edits[0].changes[0], (TextChange{"a\n", "b\n", {}}));
}

}  // namespace
}  // namespace oc::edit
