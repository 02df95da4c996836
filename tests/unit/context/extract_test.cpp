// SPDX-License-Identifier: Apache-2.0
#include "context/extract.hpp"

#include <gtest/gtest.h>

#include <string>

namespace oc::context {
namespace {

// The text afterwards; where it was refused, the reason.
std::string extract(const std::string& path, const std::string& text, int first, int last,
                    const std::string& name = "made") {
  ExtractRequest request;
  request.name = name;
  request.file = {path, text, syntax::find_language_of_file(path)};
  request.lines = {base::LineNumber(first), base::LineNumber(last)};
  const auto plan = plan_extract(request);
  if (!plan) return plan.error().message.substr(plan.error().message.find("': ") + 3);
  return apply_places(*plan, path, text);
}

TEST(Extract, PythonHandsValuesInAndOut) {
  EXPECT_EQ(
      extract("a.py",
              "def f(rows):\n    total = 0\n    for r in rows:\n        # each\n        total += r\n    return total\n",
              3, 5),
      "def made(rows, total):\n    for r in rows:\n        # each\n        total += r\n    return total\n\n\n"
      "def f(rows):\n    total = 0\n    total = made(rows, total)\n    return total\n");
}

TEST(Extract, PythonSeveralResults) {
  EXPECT_EQ(extract("a.py", "X = 1\n\n\ndef f(a):\n    b = a + X\n    c = b\n    return b + c\n", 5, 6),
            "X = 1\n\n\ndef made(a):\n    b = a + X\n    c = b\n    return b, c\n\n\n"
            "def f(a):\n    b, c = made(a)\n    return b + c\n");
}

TEST(Extract, PythonMethods) {
  EXPECT_EQ(
      extract("a.py", "class A:\n    def f(self, x):\n        y = self.g(x)\n        return y\n\n    b = 1\n", 3, 4),
      "class A:\n    def f(self, x):\n        return self.made(x)\n\n"
      "    def made(self, x):\n        y = self.g(x)\n        return y\n\n    b = 1\n");
  EXPECT_EQ(extract("a.py", "class A:\n    @classmethod\n    def f(cls):\n        x = cls()\n        return x\n", 4, 4),
            "class A:\n    @classmethod\n    def f(cls):\n        x = cls.made()\n        return x\n\n"
            "    @classmethod\n    def made(cls):\n        x = cls()\n        return x\n");
}

TEST(Extract, KeepsLineEndsTabsMarksAndStrings) {
  EXPECT_EQ(extract("a.py",
                    "\xEF\xBB\xBF"
                    "def f(a):\r\n\tif a:\r\n\t\tx = \"\"\"\r\n\tkept\"\"\"\r\n\t\tprint(x)\r\n",
                    3, 5),
            "\xEF\xBB\xBF"
            "def made():\r\n\tx = \"\"\"\r\n\tkept\"\"\"\r\n\tprint(x)\r\n\r\n\r\n"
            "def f(a):\r\n\tif a:\r\n\t\tmade()\r\n");
}

TEST(Extract, PythonAwaits) {
  EXPECT_EQ(
      extract("a.py", "async def f(a):\n    b = await a\n    return b\n", 2, 2),
      "async def made(a):\n    b = await a\n    return b\n\n\nasync def f(a):\n    b = await made(a)\n    return b\n");
}

TEST(Extract, PythonRefuses) {
  const auto refused = [](const std::string& body, int first, int last) {
    return extract("a.py", "def f(a, b):\n" + body, first, last);
  };
  EXPECT_EQ(refused("    if a:\n        return 1\n    b = 2\n    return b\n", 2, 3),
            "'return' at line 3 leaves them on some ways only");
  EXPECT_EQ(refused("    for x in a:\n        if x:\n            break\n", 3, 4), "'break' at line 4 leaves them");
  EXPECT_EQ(refused("    x = 1\n    yield x\n", 3, 3), "they hand out a value with 'yield', at line 3");
  EXPECT_EQ(refused("    x = [\n        1,\n    ]\n", 3, 3), "the lines hold only a part of what begins at line 2");
  EXPECT_EQ(refused("    if a:\n        c = 1\n    b = 2\n    print(c)\n", 5, 5),
            "it is not certain that 'c' has a value before them");
  EXPECT_EQ(refused("    c = 1\n    g = lambda: c\n    c = 2\n    return g\n", 4, 4),
            "they change 'c', and another function reads it");
  EXPECT_EQ(refused("    c = 1\n    g = lambda: c\n    c = 2\n    return g\n", 3, 3),
            "a function in them holds 'c', which is changed afterwards");
  EXPECT_EQ(refused("    c = 1\n    try:\n        c = 2\n        a()\n    except E:\n        print(c)\n", 4, 5),
            "'c' is read where an exception from them is caught");
  EXPECT_EQ(refused("    global g\n    g = 1\n", 3, 3), "they write 'g', which the function says is not its own");
  EXPECT_EQ(refused("    c = locals()\n    return c\n", 2, 2),
            "they ask for all names or arguments of the function at line 2");
  EXPECT_EQ(refused("    \"\"\"Doc.\"\"\"\n    return a\n", 2, 3),
            "they begin with the text that says what the function is or how it is read");
  EXPECT_EQ(refused("    del a\n    a = 1\n    return a\n", 2, 2), "they delete 'a'");
  EXPECT_EQ(extract("a.py", "class A:\n    x = 1\n    y = 2\n", 2, 2),
            "they stand in the body of a class, not in a method");
  EXPECT_EQ(extract("a.py", "import os\nx = 1\n", 1, 2), "they import, which belongs to the file, at line 1");
  EXPECT_EQ(extract("a.py", "x = 1\n", 1, 1, "x"), "the name 'x' is there already, at line 1");
  EXPECT_EQ(extract("a.py", "x = 1\n", 1, 1, "if"), "'if' is a keyword of Python");
  EXPECT_EQ(extract("a.rb", "x = 1\n", 1, 1), "extracting is not known for Ruby");
}

TEST(Extract, JavaScriptDeclaresResults) {
  EXPECT_EQ(extract("a.js", "export function f(a) {\n  const b = a + 1;\n  return b;\n}\n", 2, 2),
            "export function f(a) {\n  const b = made(a);\n  return b;\n}\n\n"
            "function made(a) {\n  const b = a + 1;\n  return b;\n}\n");
  EXPECT_EQ(extract("a.js", "function f(a) {\n  let b = 1, c;\n  c = a;\n  b = c;\n  return [b, c]\n}\n", 3, 4),
            "function f(a) {\n  let b = 1, c;\n  ({ c, b } = made(a));\n  return [b, c]\n}\n\n"
            "function made(a) {\n  let c, b;\n  c = a;\n  b = c;\n  return { c, b };\n}\n");
}

TEST(Extract, JavaScriptMethods) {
  EXPECT_EQ(extract("a.js", "class A {\n  f(x) {\n    const y = this.g(x);\n    return y;\n  }\n}\n", 3, 3),
            "class A {\n  f(x) {\n    const y = this.made(x);\n    return y;\n  }\n\n"
            "  made(x) {\n    const y = this.g(x);\n    return y;\n  }\n}\n");
  EXPECT_EQ(extract("a.js", "function f() {\n  this.x = 1;\n}\n", 2, 2),
            "they use 'this', and there is no class round them");
}

TEST(Extract, TypeScriptTakesWrittenTypes) {
  EXPECT_EQ(
      extract("a.ts", "function f(a: number, b?: string): number {\n  let c: number = a;\n  return c;\n}\n", 2, 2),
      "function f(a: number, b?: string): number {\n  let c: number = made(a);\n  return c;\n}\n\n"
      "function made(a: number) {\n  let c: number = a;\n  return c;\n}\n");
  EXPECT_EQ(extract("a.ts", "function f(n: number) {\n  const x = g(n);\n  h(x);\n}\n", 3, 3),
            "the type of 'x' is not written");
  EXPECT_EQ(extract("a.ts", "function f<T>(n: T) {\n  h(n);\n}\n", 2, 2), "the type of 'n' is not known outside");
  EXPECT_EQ(extract("a.ts", "function f(n: string | null) {\n  if (!n) return;\n  h(n);\n}\n", 3, 3),
            "the type of 'n' may be narrower there");
}

TEST(Extract, JavaScriptRefuses) {
  const auto refused = [](const std::string& body, int first, int last) {
    return extract("a.js", "function f(a) {\n" + body + "}\n", first, last);
  };
  EXPECT_EQ(refused("  let b;\n  b = a;\n  return b;\n", 2, 2), "they declare 'b', which gets its value elsewhere");
  EXPECT_EQ(refused("  return arguments.length;\n", 2, 2),
            "they ask for all names or arguments of the function at line 2");
  EXPECT_EQ(refused("  let n = 0;\n  const g = () => n++;\n  g(n);\n  return n;\n", 4, 4),
            "'n' is changed by another function, which they may call");
  EXPECT_EQ(refused("  for (const x of a) {\n    var last;\n    use(last);\n    last = x;\n  }\n", 3, 5),
            "'last' keeps its value from one turn of the loop to the next");
}

}  // namespace
}  // namespace oc::context
