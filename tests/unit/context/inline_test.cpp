// SPDX-License-Identifier: Apache-2.0
#include "context/inline_symbol.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace oc::context {
namespace {

using Files = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

struct Inlined {
  Files files;
  Strings doubts;  // "path:line: reason"
  std::string error;
};

Inlined inline_name(const Files& files, const std::string& name, const std::string& file = "") {
  InlineRequest request;
  request.name = name;
  request.file = file;
  for (const auto& [path, text] : files) {
    request.files.push_back({path, text, syntax::find_language_of_file(path)});
    request.paths.push_back(path);
  }
  Inlined made{files, {}, ""};
  const auto plan = plan_inline(request, {});
  if (!plan) {
    made.error = plan.error().message;
    return made;
  }
  for (auto& [path, text] : made.files) text = apply_places(*plan, path, files.at(path));
  for (const PlannedDoubt& doubt : plan->doubts)
    made.doubts.push_back(doubt.path + ":" + std::to_string(doubt.line.value) + ": " + doubt.reason);
  return made;
}

// Of one file; where a place was not dared, its reason, and of a refusal the reason.
std::string of_python(const std::string& text, const std::string& name) {
  const Inlined made = inline_name({{"a.py", text}}, name, "a.py");
  if (!made.error.empty()) return made.error.substr(made.error.find("': ") + 3);
  return made.doubts.empty() ? made.files.at("a.py") : made.doubts.front();
}

std::string of_javascript(const std::string& text, const std::string& name, const std::string& path = "a.js") {
  const Inlined made = inline_name({{path, text}}, name, path);
  if (!made.error.empty()) return made.error.substr(made.error.find("': ") + 3);
  return made.doubts.empty() ? made.files.at(path) : made.doubts.front();
}

TEST(Inline, PythonFunctionWithParentheses) {
  EXPECT_EQ(of_python("import os\n\n\n# Adds.\ndef add(a, b=2):\n    \"\"\"Doc.\"\"\"\n    return a + "
                      "b\n\n\nprint(add(1) * add(b=x, "
                      "a=y), [add(3, -1)])\n",
                      "add"),
            "import os\n\n\nprint((1 + 2) * (y + x), [3 + (-1)])\n");
  EXPECT_EQ(of_python("def f(x):\n    return x\n\n\ndef g(a):\n    return f(a if a else 1) + f(a)\n", "f"),
            "def g(a):\n    return (a if a else 1) + a\n");
}

TEST(Inline, PythonConstants) {
  EXPECT_EQ(of_python("import os\n\nN = -1\n\n\ndef f(x):\n    return x ** N, N, N.real\n", "N"),
            "import os\n\n\ndef f(x):\n    return x ** (-1), -1, (-1).real\n");
  EXPECT_EQ(of_python("S = 'a'\nprint(f'{S}')\n", "S"), "a.py:2: it stands inside of a string here");
  EXPECT_EQ(of_python("L = []\nprint(L)\n", "L"), "its value is not a constant, and may be another at each use");
  EXPECT_EQ(of_python("N = 1\nN = 2\nprint(N)\n", "N"), "it is declared 2 times");
  EXPECT_EQ(of_python("N = 1\n__all__ = ['N']\nprint(N)\n", "N"), "a.py:2: in a string");
}

TEST(Inline, PythonLocalVariables) {
  EXPECT_EQ(of_python("def f(x):\n    y = x.run()\n    return y + 1\n", "y"), "def f(x):\n    return x.run() + 1\n");
  EXPECT_EQ(of_python("def f(x):\n    y = x.run()\n    x.stop()\n    return y\n", "y"),
            "its value is not a constant, and other things happen before it is used");
  EXPECT_EQ(of_python("def f(x):\n    y = x.run()\n    return x.stop(), y\n", "y"),
            "its value is not a constant, and other things happen before it is used");
  EXPECT_EQ(of_python("def f(x):\n    y = x + 1\n    return lambda: y\n", "y"),
            "its value is not a constant, and other things happen before it is used");
  EXPECT_EQ(of_python("def f(x):\n    y = 3\n    for i in x:\n        print(y, i)\n    return y\n", "y"),
            "def f(x):\n    for i in x:\n        print(3, i)\n    return 3\n");
  EXPECT_EQ(of_python("def f(x):\n    if x:\n        y = 3\n        print(x)\n    return y\n", "y"),
            "a.py:5: it may have no value yet here");
}

TEST(Inline, PythonOrderOfArguments) {
  const std::string twice = "def twice(x):\n    return x + x\n\n\n";
  EXPECT_EQ(of_python(twice + "def g(y):\n    return twice(y)\n", "twice"), "def g(y):\n    return y + y\n");
  EXPECT_NE(of_python(twice + "twice(go())\n", "twice").find("another order"), std::string::npos);
  EXPECT_EQ(of_python("def swap(a, b):\n    return [b, a]\n\n\nprint(swap(f(), g()))\n", "swap"),
            "a.py:5: its arguments would be computed in another order");
  EXPECT_EQ(of_python("def first(a, b):\n    return a\n\n\nprint(first(1, g()))\n", "first"),
            "a.py:5: an argument would not be computed any more");
  EXPECT_EQ(of_python("def either(a, b):\n    return a or b\n\n\nprint(either(1, g()))\n", "either"),
            "a.py:5: an argument would be computed at another time or not at all");
  EXPECT_EQ(of_python("def later(a):\n    return lambda: a\n\n\ndef g(x):\n    f = later(x)\n    x = 2\n    return f\n",
                      "later"),
            "a.py:6: an argument may have another value later");
}

TEST(Inline, PythonNamesThatMeanSomethingElse) {
  EXPECT_EQ(of_python("K = f()\n\n\ndef scaled(x):\n    return x * K\n\n\ndef g(K):\n    return scaled(K)\n", "scaled"),
            "a.py:9: 'K' means something else here");
  EXPECT_EQ(of_python("def squares(n):\n    return [i * i for i in range(n)]\n\n\ndef g(i):\n    return squares(i)\n",
                      "squares"),
            "def g(i):\n    return [i * i for i in range(i)]\n");
  EXPECT_EQ(
      of_python("def rows(n, k):\n    return [i * k for i in n]\n\n\ndef g(i):\n    return rows([1], i)\n", "rows"),
      "a.py:6: a name of its arguments means something else in its expression");
}

TEST(Inline, PythonRefusesDefinitions) {
  EXPECT_EQ(of_python("@cached\ndef f(x):\n    return x\n\n\nf(1)\n", "f"), "it is decorated");
  EXPECT_EQ(of_python("async def f(x):\n    return x\n\n\nf(1)\n", "f"), "it is async");
  EXPECT_EQ(of_python("def f(x):\n    return f(x - 1)\n\n\nf(1)\n", "f"), "it uses itself");
  EXPECT_EQ(of_python("def f(*x):\n    return x\n\n\nf(1)\n", "f"), "its parameters are more than plain names");
  EXPECT_EQ(of_python("def f(x):\n    x += 1\n    return x\n\n\nf(1)\n", "f"), "it changes its parameters");
  EXPECT_EQ(of_python("def f(x, y=[]):\n    return x\n\n\nf(1)\n", "f"),
            "a default of its parameters is not a constant");
  EXPECT_EQ(of_python("class A:\n    def f(self):\n        return 1\n", "f"),
            "it belongs to a type, where another may stand in its place");
  EXPECT_EQ(of_python("def f(x):\n    return x\n", "f"), "it is used nowhere");
  EXPECT_EQ(of_python("def f(x):\n    return x\n\n\ng = f\n", "f"), "a.py:5: it is not called here");
  EXPECT_EQ(of_python("def f(x):\n    return x\n\n\nf(*a)\n", "f"), "a.py:5: its arguments are unpacked here");
}

TEST(Inline, PythonFollowsImports) {
  const Files before = {{"lib.py", "N = 3\nM = 4\n\n\ndef inc(x):\n    return x + 1\n"},
                        {"a.py", "from lib import M, N, inc\n\nprint(N, M, inc(2))\n"},
                        {"b.py", "import lib\n\nprint(lib.N * 2)\n"}};
  const Inlined n = inline_name(before, "N");
  EXPECT_EQ(n.doubts, Strings{});
  EXPECT_EQ(n.files.at("lib.py"), "M = 4\n\n\ndef inc(x):\n    return x + 1\n");
  EXPECT_EQ(n.files.at("a.py"), "from lib import M, inc\n\nprint(3, M, inc(2))\n");
  EXPECT_EQ(n.files.at("b.py"), "import lib\n\nprint(3 * 2)\n");
  EXPECT_EQ(inline_name(before, "inc").files.at("a.py"), "from lib import M, N\n\nprint(N, M, 2 + 1)\n");
  EXPECT_EQ(inline_name({{"lib.py", "N = 3\n"}, {"a.py", "import lib\n\nlib.N = 4\nprint(lib.N)\n"}}, "N").error,
            "cannot inline 'N': it is given another value elsewhere");
  const Inlined only = inline_name({{"lib.py", "N = 3\n"}, {"a.py", "from lib import N\n\nprint(N)\n"}}, "N");
  EXPECT_EQ(only.doubts, Strings{"a.py:1: nothing else is imported here: the import loads the file"});
  EXPECT_EQ(only.files.at("lib.py"), "N = 3\n");
  const Inlined needs = inline_name({{"lib.py", "import math\n\n\ndef root(x):\n    return math.sqrt(x)\n\n\nM = 1\n"},
                                     {"a.py", "from lib import M, root\n\nprint(root(M))\n"}},
                                    "root");
  EXPECT_EQ(needs.doubts, Strings{"a.py:3: it needs 'math' of its own file here"});
}

TEST(Inline, JavaScript) {
  EXPECT_EQ(of_javascript("const add = (a, b) => a + b;\n\nlog(add(1, 2) * 3, { add: add(x, y) });\n", "add"),
            "log((1 + 2) * 3, { add: x + y });\n");
  EXPECT_EQ(of_javascript("function point(x) {\n  return { x };\n}\n\nconst p = point(1);\n", "point"),
            "const p = ({ x: 1 });\n");
  EXPECT_EQ(of_javascript("const N = 3;\nuse({ N }, N.toString(), -N);\n", "N"),
            "use({ N: 3 }, (3).toString(), -3);\n");
  EXPECT_EQ(of_javascript("const f = (a) => a\nlog(1)\nf([1])\n", "f"),
            "a.js:3: it would be read as a part of the line above");
  EXPECT_EQ(of_javascript("const f = (a) => a;\nlist.map(f);\n", "f"), "a.js:2: it is not called here");
  EXPECT_EQ(of_javascript("function f(a) {\n  return this.x + a;\n}\nf(1);\n", "f"),
            "its expression means something of its own there");
  EXPECT_EQ(of_javascript("const f = (a) => a;\nexport { f };\nf(1);\n", "f"), "a.js:2: it is exported here");
  EXPECT_EQ(of_javascript("const f = (a, b) => a;\nf(1);\n", "f"), "a.js:2: its arguments do not fit");
  EXPECT_EQ(of_javascript("const f = (a) => a;\nnew f(1);\n", "f"), "a.js:2: it is not called here");
  EXPECT_EQ(of_javascript("function g() {\n  const y = run();\n  return y;\n}\n", "y"),
            "function g() {\n  return run();\n}\n");
}

TEST(Inline, TypeScript) {
  EXPECT_EQ(of_javascript("const half = (a: number): number => a / 2;\nuse(half(3));\n", "half", "a.ts"),
            "use(3 / 2);\n");
  EXPECT_EQ(of_javascript("const f = (a: number): Shape => g(a);\nuse(f(3));\n", "f", "a.ts"),
            "the type that it says it returns may be another than that of the expression");
}

TEST(Inline, OtherLanguagesAreRefused) {
  const Inlined made = inline_name({{"a.go", "package a\n\nconst N = 3\n\nfunc f() int { return N }\n"}}, "N");
  EXPECT_NE(made.error.find("inlining is not known"), std::string::npos) << made.error;
}

}  // namespace
}  // namespace oc::context
