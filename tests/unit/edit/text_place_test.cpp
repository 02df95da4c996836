// SPDX-License-Identifier: Apache-2.0
#include "edit/text_place.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"
#include "edit/elision.hpp"

namespace oc::edit {
namespace {

// The file after the change, or why there is none.
std::string after(std::string_view file, const std::string& old_text, const std::string& new_text,
                  std::optional<std::size_t> stated_line = {}) {
  auto placed = place_text(base::to_lf(file), {old_text, new_text, stated_line});
  if (!placed) return "! " + placed.error().reason;
  auto made = replace_lines(file, std::move(*placed));
  return made ? *made : "! " + made.error().reason;
}

TEST(TextPlace, ExactLines) {
  EXPECT_EQ(after("a\nb\nc\n", "b\n", "B\n"), "a\nB\nc\n");
  EXPECT_EQ(after("a\nb\nc\n", "a\nb\nc\n", "a\nc\n"), "a\nc\n");
  EXPECT_EQ(after("a\nb", "b\n", "c\n"), "a\nc");
  EXPECT_EQ(after("a\nb\n", "b", "c"), "a\nc\n");
  EXPECT_EQ(after("", "", "x\n"), "x\n");
  EXPECT_EQ(after("\n", "", "x\n"), "x\n");
}

TEST(TextPlace, NoPlaceAndSeveral) {
  EXPECT_EQ(after("a\nb\n", "x\n", "y\n"), "! the lines to be replaced are not in the file: there is no line 'x'");
  EXPECT_EQ(after("a\nb\n", "", "y\n"),
            "! no line is quoted, so the new lines have no place: quote the lines that stand before or behind them");
  EXPECT_EQ(after("a\nb\na\n", "a\n", "y\n"),
            "! the lines to be replaced stand in 2 places (lines 1, 3): more lines around them must be quoted");
  EXPECT_EQ(after("a\nb\nc\n", "a\nc\n", "x\n"),
            "! the lines to be replaced are in the file, but not one after the other");
  EXPECT_EQ(after("a\nB\n", "b\n", "B\n"),
            "! the lines to be replaced are not in the file, and the new ones are there already");
  EXPECT_EQ(after("", "x\n", "y\n"), "! the lines to be replaced are not in the file: there is no line 'x'");
  EXPECT_EQ(after("a\na\na\na\na\na\n", "a\n", "y\n"),
            "! the lines to be replaced stand in 6 places (lines 1, 2, 3, 4 …): more lines around them must be quoted");
}

TEST(TextPlace, AStatedLineDecidesBetweenPlacesAndNothingElse) {
  EXPECT_EQ(after("a\nb\na\n", "a\n", "y\n", 2), "a\nb\ny\n");
  EXPECT_TRUE(after("a\nb\na\n", "a\n", "y\n", 1).starts_with("!"));
  EXPECT_EQ(after("a\nb\nc\n", "c\n", "y\n", 0), "a\nb\ny\n");
}

TEST(TextPlace, BlanksAtLineEndsDoNotCount) {
  EXPECT_EQ(after("a  \nb\t\nc\n", "a\nb\nc\n", "a\nX\nc\n"), "a  \nX\nc\n");
  EXPECT_EQ(after("a\nb\n", "a  \nb \n", "a\nX\n"), "a\nX\n");
  EXPECT_EQ(after("a\n  \nb\n", "a\n\nb\n", "a\n\nX\n"), "a\n  \nX\n");
}

TEST(TextPlace, IndentationMovedAsAWhole) {
  EXPECT_EQ(after("class A:\n    def f(self):\n        return 1\n", "def f(self):\n    return 1\n",
                  "def f(self):\n    if x:\n        return 2\n"),
            "class A:\n    def f(self):\n        if x:\n            return 2\n");
  EXPECT_EQ(after("f:\n  g\n", "    f:\n      g\n", "    f:\n      h\n"), "f:\n  h\n");
  EXPECT_EQ(after("a\n  b\n", "    a\n      b\n", "    a\n   c\n"),
            "! the new line '   c' is indented less than the lines it replaces");
  // Not moved as a whole.
  EXPECT_EQ(
      after("if x:\n    a\n    b\n", "if x:\n    a\n  b\n", "q\n"),
      "! the lines to be replaced stand at line 1, but they are indented otherwise: quote them with the indentation "
      "of the file");
}

TEST(TextPlace, TabsForSpaces) {
  const std::string go = "func f() {\n\tif x {\n\t\treturn\n\t}\n}\n";
  EXPECT_EQ(after(go, "    if x {\n        return\n    }\n", "    if y {\n        return\n    }\n"),
            "func f() {\n\tif y {\n\t\treturn\n\t}\n}\n");
  EXPECT_EQ(after(go, "  if x {\n    return\n  }\n", "  if x {\n    for {\n      return\n    }\n  }\n"),
            "func f() {\n\tif x {\n\t\tfor {\n\t\t\treturn\n\t\t}\n\t}\n}\n");
  // One quoted level does not show how many spaces are one; both sides together do.
  EXPECT_EQ(after(go, "    return\n", "    for {\n      return\n    }\n"),
            "func f() {\n\tif x {\n\t\tfor {\n\t\t\treturn\n\t\t}\n\t}\n}\n");
  EXPECT_EQ(after("def f():\n    if x:\n        return\n", "\tif x:\n\t\treturn\n", "\tif x:\n\t\treturn 1\n"),
            "def f():\n    if x:\n        return 1\n");
  // Aligned lines do not make a level of one space.
  EXPECT_EQ(after("def f(a,\n      b):\n    if x:\n        return\n    while y:\n        z\n", "\tif x:\n\t\treturn\n",
                  "\tif x:\n\t\treturn 1\n"),
            "def f(a,\n      b):\n    if x:\n        return 1\n    while y:\n        z\n");
}

TEST(TextPlace, BlankLinesAround) {
  EXPECT_EQ(after("a\nb\nc\n", "\nb\n\n", "\nB\n\n"), "a\nB\nc\n");
  EXPECT_EQ(after("a\n\nb\nc\n", "\nb\n", "\nB\n"), "a\n\nB\nc\n");
}

TEST(TextPlace, ElisionsInBothTexts) {
  const std::string file = "def f():\n    a\n    b\n    c\n    d\n\ndef g():\n    d\n";
  EXPECT_EQ(after(file, "def f():\n    a\n    # ...\n    c\n", "def f():\n    A\n    # ...\n    C\n"),
            "def f():\n    A\n    b\n    C\n    d\n\ndef g():\n    d\n");
  EXPECT_EQ(after(file, "    a\n    ...\n    c\n", "    a\n    ...\n    C\n"),
            "def f():\n    a\n    b\n    C\n    d\n\ndef g():\n    d\n");
  EXPECT_TRUE(after(file, "    a\n    ...\n    c\n", "    a\n    C\n").starts_with("! the lines that '...'"));
  EXPECT_TRUE(after(file, "    a\n    c\n", "    a\n    ...\n    C\n").starts_with("! the new text leaves"));
  EXPECT_TRUE(after(file, "    a\n", "    # rest of the code\n").starts_with("! the new text leaves"));
  EXPECT_TRUE(after(file, "    a\n", "    if x: f()  # ...\n").starts_with("! the new line"));
  EXPECT_TRUE(after(file, "...\n    a\n", "    x\n...\n    a\n").starts_with("! new lines beside"));
}

TEST(TextPlace, ElisionsDoNotReachIntoAnotherFunction) {
  const std::string file = "def f():\n    a\n    b\n\ndef g():\n    c\n";
  EXPECT_EQ(after(file, "    a\n    ...\n    c\n", "    a\n    ...\n    X\n"),
            "! the lines from 3 to 5, for which '...' would stand, are not of one block: quote more of them");
  const std::string two = "class A:\n  def f():\n    a\n  def g():\n    c\n";
  EXPECT_TRUE(after(two, "    a\n    ...\n    c\n", "    a\n    ...\n    X\n").starts_with("! the lines from"));
  // Given without the class's indentation.
  EXPECT_TRUE(after(two, "def f():\n  ...\n  c\n", "def f():\n  ...\n  X\n").starts_with("! the lines from"));
}

TEST(TextPlace, DotsThatAreCode) {
  const std::string file = "class P(Protocol):\n    def f(self):\n        ...\n\n    def g(self):\n        ...\n";
  EXPECT_EQ(after(file, "    def f(self):\n        ...\n", "    def f(self, x):\n        ...\n"),
            "class P(Protocol):\n    def f(self, x):\n        ...\n\n    def g(self):\n        ...\n");
  EXPECT_EQ(after("f(a,\n  ...b)\n", "  ...b)\n", "  ...c)\n"), "f(a,\n  ...c)\n");
}

TEST(TextPlace, CarriageReturnsInALineStay) {
  EXPECT_EQ(after("a\r\nb\nc\rd\n", "a\nb\nc\rd\n", "a\nB\nc\rd\n"), "a\r\nB\r\nc\rd\n");
}

TEST(Elision, AreRecognised) {
  for (const char* line : {"...",
                           "  ...",
                           "…",
                           "# ...",
                           "// ...",
                           "/* ... */",
                           "<!-- ... -->",
                           "-- ...",
                           "; ...",
                           "% ...",
                           "{/* ... */}",
                           "# ... existing code ...",
                           "// ...existing code...",
                           "// ... rest of the code remains the same",
                           "# rest of the code remains unchanged",
                           "// existing code",
                           "# Existing code here",
                           "// (unchanged)",
                           "// [...]",
                           "# --- existing code ---",
                           "/* rest of the methods */",
                           "// Other methods remain unchanged",
                           "# The rest of the function stays the same",
                           "// rest unchanged ...",
                           "[...]",
                           "... existing code ...",
                           "... (rest of the code)",
                           "...  # unchanged",
                           " * ...",
                           "// same as before",
                           "# existing imports",
                           "// Remaining implementation...",
                           "# ... (previous code)"})
    EXPECT_TRUE(is_elision(line)) << line;
}

TEST(Elision, AreNotSeenWhereNoneAre) {
  for (const char* line : {"",
                           "x",
                           "..",
                           ". . .",
                           "...rest",
                           "...props,",
                           "  ...args)",
                           "f(...)",
                           "def f(): ...",
                           "# Load the data...",
                           "// Handle the other case",
                           "# returns the same list",
                           "# the existing code page is kept as utf-8 for now",
                           "...,",
                           "# rest is important",
                           "// Copy the remaining bytes to the front",
                           "* item",
                           "---",
                           "# Title",
                           "print('...')",
                           "// your code here, please ...",
                           "# other",
                           ">>> ..."})
    EXPECT_FALSE(is_elision(line)) << line;
}

TEST(Elision, InsideOfLines) {
  for (const char* line : {"void f() { ... }", "f();  // ...", "int f() { /* ... */ }", "x = 1  # ... rest unchanged",
                           "function f() {/* existing code */}", "class A {...}"})
    EXPECT_TRUE(has_inner_elision(line)) << line;
  for (const char* line : {"f(...);", "catch (...) {", "{...props}", "return {...a, ...b};", "x = [...y]  # copy",
                           "void f(const char*, ...);", "http://x/...", "def f(): ...", "x  # wait for it"})
    EXPECT_FALSE(has_inner_elision(line)) << line;
}

std::string resolved(const std::string& old_text, const std::string& code, Edges edges = Edges::fixed) {
  auto made = resolve_elisions(old_text, code, edges);
  return made ? *made : "! " + made.error().reason;
}

TEST(Elision, PartsBetweenArePutIn) {
  EXPECT_EQ(resolved("f:\n a\n b\n c\nend\n", "f:\n x\n a\n ...\nend\n"), "f:\n x\n a\n b\n c\nend\n");
  EXPECT_EQ(resolved("f:\n a\n b\n c\nend\n", "f:\n ...\n c\n y\nend\n"), "f:\n a\n b\n c\n y\nend\n");
  EXPECT_EQ(resolved("f:\n a\n b\n c\nend\n", "f:\n ...\n b\n x\n c\n ...\nend\n"), "f:\n a\n b\n x\n c\nend\n");
  EXPECT_EQ(resolved("f:\n a\n\n b\n", "f:\n\n ...\n"), "f:\n a\n\n b\n");
  EXPECT_EQ(resolved("a\nb\nc\nd\n", "...\nb\nX\nc\n...\n", Edges::open), "a\nb\nX\nc\nd\n");
  EXPECT_EQ(resolved("a\nb\nc\nd\n", "b\nX\n...\nd\n", Edges::open),
            "! the line 'X' beside '...' is not in the old text, so it does not say what stays: give the old "
            "line next to it, too");
}

TEST(Elision, WhatStaysMustBeClear) {
  EXPECT_EQ(resolved("f:\n a\n b\n a\nend\n", "f:\n a\n ...\nend\n"), "f:\n a\n b\n a\nend\n");
  EXPECT_TRUE(resolved("f:\n b\n a\n c\n a\nend\n", "f:\n ...\n a\n x\nend\n").starts_with("! the line 'a' beside"));
  EXPECT_TRUE(resolved("f:\n a\n b\n", "f(x):\n ...\n").starts_with("! the line 'f(x):' beside"));
  // A new line that is like a later one must not swallow what is between.
  EXPECT_TRUE(resolved("f:\n b\n c\n a\nend\n", "f:\n a\n ...\nend\n").starts_with("! the line 'b' is neither"));
  EXPECT_TRUE(
      resolved("f:\n  a\n  b\n", "f:\n    x\n    a\n    ...\n").starts_with("! the line 'a' beside '...' is indented"));
}

}  // namespace
}  // namespace oc::edit
