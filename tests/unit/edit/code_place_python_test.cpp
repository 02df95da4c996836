// SPDX-License-Identifier: Apache-2.0
#include "edit/code_place.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/edit/code_place_check.hpp"

namespace oc::edit {
namespace {

const std::string k_python = R"(# Copyright Somebody
"""Numbers."""
import os
import sys


def first(a):
    """Doc."""
    return a


# Second things.
# More of it.
@cache
@route("/x")
def second(a, b):
    x = a
    y = b
    return x + y


class Box:
    size = 1

    def get(self):
        return self.size

    @property
    def area(self):
        return 2

    @area.setter
    def area(self, value):
        self.size = value


class Bag:
    def get(self):
        return None


if __name__ == "__main__":
    first(1)
)";

TEST(CodePlacePython, OneFunction) {
  EXPECT_EQ(after("python", k_python, "def first(a):\n    return a + 1\n"),
            changed(k_python, "    \"\"\"Doc.\"\"\"\n    return a\n", "    return a + 1\n"));
}

TEST(CodePlacePython, CommentsAndDecoratorsStayWhereTheCodeHasNone) {
  EXPECT_EQ(after("python", k_python, "def second(a, b):\n    return 0\n"),
            changed(k_python, "    x = a\n    y = b\n    return x + y\n", "    return 0\n"));
  EXPECT_EQ(after("python", k_python, "# New.\ndef second(a, b):\n    return 0\n"),
            changed(changed(k_python, "# Second things.\n# More of it.\n", "# New.\n"),
                    "    x = a\n    y = b\n    return x + y\n", "    return 0\n"));
  EXPECT_EQ(after("python", k_python, "@cache\ndef second(a, b):\n    return 0\n"),
            changed(k_python, "@route(\"/x\")\ndef second(a, b):\n    x = a\n    y = b\n    return x + y\n",
                    "def second(a, b):\n    return 0\n"));
}

TEST(CodePlacePython, LicensesAndDirectivesAreNoCommentOfASymbol) {
  const std::string file =
      "# Copyright Somebody\ndef f():\n    return 1\n\n# Doc.\n# noqa: E1\ndef g():\n    return 1\n";
  EXPECT_EQ(after("python", file, "# Doc.\ndef f():\n    return 2\n"),
            "# Copyright Somebody\n# Doc.\ndef f():\n    return 2\n\n# Doc.\n# noqa: E1\ndef g():\n    return 1\n");
  EXPECT_EQ(after("python", file, "# New.\ndef g():\n    return 2\n"),
            "# Copyright Somebody\ndef f():\n    return 1\n\n# Doc.\n# noqa: E1\n# New.\ndef g():\n    return 2\n");
}

TEST(CodePlacePython, MethodsAlone) {
  EXPECT_EQ(
      after("python", k_python, "    @area.setter\n    def area(self, value):\n        pass\n        self.x = 1\n"),
      changed(k_python, "        self.size = value\n", "        pass\n        self.x = 1\n"));
  // Of two classes.
  EXPECT_EQ(after("python", k_python, "def get(self):\n    return 3\n"),
            "! 'get' stands in 2 places of the file (lines 25, 38)");
  EXPECT_EQ(after("python", k_python, "def get(self):\n    return 3\n", {"Bag.get"}),
            changed(k_python, "        return None\n", "        return 3\n"));
  // A new function of that name is no method.
  const std::string file = "class A:\n    def parse(self):\n        return 1\n\n\ndef last():\n    return 1\n";
  EXPECT_TRUE(is_refused(after("python", file, "def parse(text):\n    return text\n")));
  EXPECT_EQ(after("python", file, "def parse(self, x):\n    return x\n"),
            "class A:\n    def parse(self, x):\n        return x\n\n\ndef last():\n    return 1\n");
}

TEST(CodePlacePython, ClassesInPart) {
  EXPECT_EQ(after("python", k_python, "class Bag:\n    ...\n\n    def get(self):\n        return 3\n"),
            changed(k_python, "        return None\n", "        return 3\n"));
  EXPECT_EQ(
      after("python", k_python, "class Box:\n    # ... existing code ...\n\n    def get(self):\n        return 3\n"),
      changed(k_python, "        return self.size\n", "        return 3\n"));
  EXPECT_EQ(
      after("python", k_python,
            "class Box:\n    # rest unchanged\n    def get(self):\n        return 3\n\n    def put(self):\n        "
            "return 4\n"),
      changed(k_python, "        return self.size\n", "        return 3\n\n    def put(self):\n        return 4\n"));
  EXPECT_EQ(after("python", k_python, "class Box:\n    size = 1\n\n    def get(self):\n        return 3\n"),
            "! the code of 'Box' lacks 'area': give all of it, or say '...' where something stays");
  EXPECT_EQ(after("python", k_python, "class Box:\n    pass\n"),
            "! the code of 'Box' lacks 'get': give all of it, or say '...' where something stays");
  EXPECT_TRUE(
      is_refused(after("python", k_python, "class Box(Base):\n    ...\n    def get(self):\n        return 3\n")));
  // One of two of a name is lacking.
  EXPECT_EQ(after("python", k_python,
                  "class Box:\n    size = 1\n    def get(self):\n        return 1\n    @property\n    def "
                  "area(self):\n        return 2\n"),
            "! the code of 'Box' lacks 'area': give all of it, or say '...' where something stays");
  // A field is lacking.
  EXPECT_EQ(after("python", k_python, "class Bag:\n    size = 2\n    def get(self):\n        return 1\n"),
            changed(k_python, "class Bag:\n    def get(self):\n        return None\n",
                    "class Bag:\n    size = 2\n    def get(self):\n        return 1\n"));
  EXPECT_TRUE(is_refused(after("python", "class A:\n    a = 1\n    b = 2\n    def f(self):\n        return 1\n",
                               "class A:\n    a = 1\n    def f(self):\n        return 2\n")));
}

TEST(CodePlacePython, TheClassRoundTheOneThatWasAskedFor) {
  EXPECT_EQ(after("python", k_python, "class Box:\n    def get(self):\n        return 3\n", {"Box.get"}),
            changed(k_python, "        return self.size\n", "        return 3\n"));
  EXPECT_TRUE(is_refused(
      after("python", k_python, "class Box:\n    new = 1\n    def get(self):\n        return 3\n", {"Box.get"})));
  EXPECT_EQ(after("python", k_python, "def other():\n    return 3\n", {"Box.get"}), "! the code does not define 'get'");
  EXPECT_EQ(after("python", k_python, "def get(self):\n    return 3\n", {"get"}),
            "! the file has 2 symbols named 'get'");
}

TEST(CodePlacePython, BodiesThatAreLeftOut) {
  EXPECT_EQ(after("python", k_python, "def second(a, b):\n    x = a * 2\n    y = b\n    # ...\n"),
            changed(k_python, "    x = a\n", "    x = a * 2\n"));
  for (const char* body :
       {"...", "pass", "# ... existing code ...\n    pass", "\"\"\"Doc.\"\"\"", "pass  # unchanged"}) {
    const std::string result = after("python", k_python, std::string("def second(a, b):\n    ") + body + "\n");
    EXPECT_TRUE(is_refused(result) || result == k_python) << body << "\n" << result;
  }
  const std::string all =
      changed(k_python, "    x = a\n    y = b\n    return x + y\n", "    # rest of the code\n    pass\n");
  EXPECT_TRUE(is_refused(after("python", k_python, all)));
  // A literal "..." elsewhere makes this one no literal.
  const std::string stubs =
      "class P(Protocol):\n    def a(self):\n        ...\n\n\ndef f():\n    x = 1\n    return x\n";
  EXPECT_EQ(
      after("python", stubs, "def f():\n    x = 2\n    ...\n    return x\n"),
      "! the line 'x = 2' beside '...' is not in the old text, so it does not say what stays: give the old line next "
      "to it, too");
  EXPECT_EQ(after("python", stubs, "class P(Protocol):\n    def a(self, b):\n        ...\n"),
            changed(stubs, "def a(self)", "def a(self, b)"));
}

TEST(CodePlacePython, NewFunctionsBesideOldOnes) {
  EXPECT_EQ(after("python", k_python,
                  "def first(a):\n    \"\"\"Doc.\"\"\"\n    return a\n\n# Doc.\ndef between():\n    return 1\n"),
            changed(k_python, "    return a\n", "    return a\n\n# Doc.\ndef between():\n    return 1\n"));
  EXPECT_EQ(
      after("python", k_python, "def before():\n    return 1\n\ndef first(a):\n    \"\"\"Doc.\"\"\"\n    return a\n"),
      changed(k_python, "def first(a):\n", "def before():\n    return 1\n\ndef first(a):\n"));
  EXPECT_EQ(after("python", k_python, "def alone():\n    return 1\n"),
            "! 'alone' is new, and nothing says where it belongs: give what stands before it, too");
  EXPECT_TRUE(
      is_refused(after("python", k_python, "def first(a):\n    return 1\n\ndef new():\n    ...\n    return 1\n")));
}

TEST(CodePlacePython, Imports) {
  EXPECT_EQ(after("python", k_python, "import os\nimport re\nfrom a import b\n\ndef first(a):\n    return re\n"),
            changed(changed(k_python, "import sys\n", "import sys\nimport re\nfrom a import b\n"),
                    "    \"\"\"Doc.\"\"\"\n    return a\n", "    return re\n"));
  const std::string bare = "\"\"\"Doc.\"\"\"\n\n\ndef f():\n    import re\n    return re\n";
  EXPECT_EQ(after("python", bare, "import re\n\ndef f():\n    return re\n"),
            "\"\"\"Doc.\"\"\"\nimport re\n\n\n\ndef f():\n    return re\n");
  EXPECT_EQ(after("python", "# x\n\n# About f.\ndef f():\n    return 1\n",
                  "import re\n\ndef g():\n    return 1\n\ndef f():\n    return 1\n"),
            "# x\n\nimport re\n\ndef g():\n    return 1\n\n# About f.\ndef f():\n    return 1\n");
  EXPECT_EQ(after("python", "from __future__ import annotations\n\ndef f():\n    return 1\n",
                  "import re\n\ndef f():\n    return re\n"),
            "from __future__ import annotations\nimport re\n\ndef f():\n    return re\n");
  EXPECT_EQ(after("python", "from a import b\n\ndef f():\n    return 1\n\ng = 1\n",
                  "from a import b, c\n\ndef f():\n    return c\n"),
            "from a import b, c\n\ndef f():\n    return c\n\ng = 1\n");
  EXPECT_TRUE(is_refused(after("python", k_python, "from a import (\n    b,\n)\n\ndef first(a):\n    return b\n")));
  EXPECT_EQ(after("python", "try:\n    import json\nexcept ImportError:\n    json = None\n\ndef f():\n    return 1\n",
                  "import re\n\ndef f():\n    return re\n"),
            "import re\n\ntry:\n    import json\nexcept ImportError:\n    json = None\n\ndef f():\n    return re\n");
}

TEST(CodePlacePython, WholeFiles) {
  const std::string whole = changed(k_python, "return self.size", "return self.size + 1");
  EXPECT_EQ(after("python", k_python, whole), whole);
  const std::string more = changed(k_python, "import sys\n", "import re\n");
  EXPECT_EQ(after("python", k_python, more), more);
  const std::string end = changed(k_python, "    first(1)\n", "    first(2)\n");
  EXPECT_EQ(after("python", k_python, end), end);
}

TEST(CodePlacePython, WhatAWholeFileLacksIsNotLost) {
  // Without the end, an import, a method.
  const std::string no_end = changed(k_python, "\n\nif __name__ == \"__main__\":\n    first(1)\n", "");
  EXPECT_EQ(after("python", k_python, changed(no_end, "return None", "return 3")),
            changed(k_python, "return None", "return 3"));
  EXPECT_TRUE(is_refused(after("python", k_python, no_end)));
  const std::string no_import = changed(changed(k_python, "import sys\n", ""), "return None", "return 3");
  EXPECT_EQ(after("python", k_python, no_import), changed(k_python, "return None", "return 3"));
  const std::string no_method = changed(k_python, "    def get(self):\n        return self.size\n\n", "");
  EXPECT_TRUE(is_refused(after("python", k_python, no_method)));
  // A new end instead of the old one: is that an example, or the file's new end?
  EXPECT_TRUE(is_refused(after("python", "import a\nimport b\n\ndef f():\n    return 1\n\nmain()\n",
                               "import a\nimport b\n\ndef f():\n    return 2\n\nprint(f())\n")));
}

TEST(CodePlacePython, WhatWasAskedForAsAWhole) {
  EXPECT_EQ(after("python", k_python, "x = 1\n", {"", CodeScope::whole_file}), "x = 1\n");
  EXPECT_EQ(after("python", "  x\n", "  y\n    z\n", {"", CodeScope::whole_file}), "  y\n    z\n");
  EXPECT_TRUE(
      is_refused(after("python", k_python, "x = 1\n# ... rest of the code ...\n", {"", CodeScope::whole_file})));
  EXPECT_EQ(after("python", k_python, "def first(a):\n    return 7\n\n# ... rest of the file ...\n",
                  {"", CodeScope::whole_file}),
            changed(k_python, "    \"\"\"Doc.\"\"\"\n    return a\n", "    return 7\n"));
}

TEST(CodePlacePython, WhatIsNoPartOfTheFile) {
  EXPECT_TRUE(is_refused(after("python", k_python, "print(first(1))\n")));
  EXPECT_TRUE(is_refused(after("python", k_python, "def first(a):\n    return 2\n\nprint(first(1))\n")));
  EXPECT_TRUE(is_refused(after("python", k_python, "")));
  EXPECT_TRUE(is_refused(after("python", k_python, "Just prose.\nNothing else.\n")));
  // A loose line of the code that stands in a function of the file.
  EXPECT_TRUE(is_refused(after("python", k_python, "return a\n\ndef first(a):\n    return 2\n")));
  // Twice, and not the same.
  EXPECT_EQ(after("python", k_python, "def first(a):\n    return 2\n\ndef first(a):\n    return 3\n"),
            "! two edits want the place at line 7");
}

TEST(CodePlacePython, IndentationOfTheFile) {
  const std::string tabs = "class A:\n\tdef f(self):\n\t\treturn 1\n\n\tdef g(self):\n\t\treturn 2\n";
  EXPECT_EQ(after("python", tabs, "def f(self):\n    if x:\n        return 1\n"),
            "class A:\n\tdef f(self):\n\t\tif x:\n\t\t\treturn 1\n\n\tdef g(self):\n\t\treturn 2\n");
  EXPECT_EQ(after("python", "def f():\n    return 1\n", "def f():\n\tif x:\n\t\treturn 1\n"),
            "def f():\n    if x:\n        return 1\n");
}

TEST(CodePlacePython, EmptyFiles) {
  EXPECT_EQ(after("python", "", "def f():\n    pass\n"), "def f():\n    pass\n");
  EXPECT_EQ(after("python", "\n\n", "x = 1\n"), "x = 1\n");
}

}  // namespace
}  // namespace oc::edit
