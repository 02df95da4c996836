// SPDX-License-Identifier: Apache-2.0
#include "context/move_symbol.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "context/import_paths.hpp"
#include "context/module_names.hpp"

namespace oc::context {
namespace {

using Files = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

struct Moved {
  Files files;
  Strings doubts;
  std::string error;  // without what was tried
};

Moved move_name(const Files& files, const std::string& name, const std::string& to) {
  MoveRequest request;
  request.name = name;
  request.to_file = to;
  std::vector<PathTable::Entry> entries;
  for (const auto& [path, text] : files) {
    request.files.push_back({path, text, syntax::find_language_of_file(path)});
    request.paths.push_back(path);
    entries.push_back({static_cast<FileId>(entries.size() + 1), path});
  }
  const PathTable table(entries);
  for (const RenameFile& file : request.files) {
    const auto outline = syntax::OutlineReader().read(*file.language, file.text, {});
    for (const syntax::Import& import : outline->imports)
      for (const FileId id : resolve_import(import, file.path, file.language->id, table))
        request.imports[file.path].emplace_back(table.path_of(id));
  }
  Moved made{files, {}, ""};
  const auto plan = plan_move(request, {});
  if (!plan) {
    made.error = plan.error().message.substr(plan.error().message.find("': ") + 3);
    return made;
  }
  made.files.emplace(to, "");
  for (auto& [path, text] : made.files) text = apply_places(*plan, path, text);
  for (const PlannedDoubt& doubt : plan->doubts)
    made.doubts.push_back(doubt.path + ":" + std::to_string(doubt.line.value) + ": " + doubt.reason);
  return made;
}

TEST(Move, PythonToANewFile) {
  const Moved made = move_name({{"lib.py",
                                 "import math\n\nBASE = 2\n\n\n# Doc.\n@cached\ndef root(x):\n    return math.sqrt(x) "
                                 "+ BASE\n\n\ndef other():\n    return math.pi\n"},
                                {"a.py", "from lib import other, root as r\n\nprint(r(2), other())\n"},
                                {"b.py", "import lib\n\nprint(lib.root(3))\n"},
                                {"c.py", "from lib import root\n\nprint(root(4), 'root')\n"}},
                               "root", "fresh.py");
  EXPECT_EQ(made.error, "");
  EXPECT_EQ(made.files.at("fresh.py"),
            "import math\nfrom lib import BASE\n\n\n# Doc.\n@cached\ndef root(x):\n    return math.sqrt(x) + BASE\n");
  EXPECT_EQ(made.files.at("lib.py"), "import math\n\nBASE = 2\n\n\ndef other():\n    return math.pi\n");
  EXPECT_EQ(made.files.at("a.py"), "from lib import other\nfrom fresh import root as r\n\nprint(r(2), other())\n");
  EXPECT_EQ(made.files.at("b.py"), "import lib\nfrom fresh import root\n\nprint(root(3))\n");
  EXPECT_EQ(made.files.at("c.py"), "from fresh import root\n\nprint(root(4), 'root')\n");
  EXPECT_EQ(made.doubts, Strings{"c.py:3: in a string"});
}

TEST(Move, PythonLeavesAnImportWhereItIsUsed) {
  const Moved made =
      move_name({{"pkg/__init__.py", ""},
                 {"pkg/lib.py", "\"\"\"Doc.\"\"\"\n\n\ndef a():\n    return 1\n\n\ndef b():\n    return a()\n"},
                 {"pkg/to.py", "x = 1\n\n\nif __name__ == '__main__':\n    print(x)\n"}},
                "a", "pkg/to.py");
  EXPECT_EQ(made.error, "");
  EXPECT_EQ(made.files.at("pkg/lib.py"), "\"\"\"Doc.\"\"\"\nfrom .to import a\n\n\ndef b():\n    return a()\n");
  EXPECT_EQ(made.files.at("pkg/to.py"),
            "x = 1\n\n\ndef a():\n    return 1\n\n\nif __name__ == '__main__':\n    print(x)\n");
}

TEST(Move, PythonRefuses) {
  const std::string lib = "def a():\n    return b()\n\n\ndef b():\n    return 1\n";
  EXPECT_EQ(
      move_name({{"lib.py", "K = 1\n\n\ndef a():\n    return K\n\n\ndef b():\n    return a()\n"}}, "a", "new.py").error,
      "'lib.py' and 'new.py' would import each other");
  EXPECT_EQ(move_name({{"lib.py", lib}, {"to.py", "a = 1\n"}}, "b", "lib.py").error, "it is there already");
  EXPECT_EQ(move_name({{"lib.py", "def a():\n    return 1\n"}, {"to.py", "import x as a\n"}}, "a", "to.py").error,
            "the file has that name already");
  EXPECT_EQ(move_name({{"lib.py", "def a():\n    return len('')\n"}, {"to.py", "len = 3\n"}}, "a", "to.py").error,
            "'len', which it uses, means something else in that file");
  EXPECT_EQ(
      move_name({{"lib.py", "import m\n\n\ndef a():\n    return m.x\n"}, {"to.py", "m = 3\n"}}, "a", "to.py").error,
      "'m', which it uses, means something else in that file");
  EXPECT_EQ(move_name({{"lib.py", "n = 0\n\n\ndef a():\n    global n\n    n += 1\n"}}, "a", "new.py").error,
            "it changes 'n' of its file");
  EXPECT_EQ(move_name({{"lib.py", "def a():\n    return __file__\n"}}, "a", "new.py").error,
            "it asks with '__file__' for the file that it is in");
  EXPECT_EQ(
      move_name({{"lib.py", "def a():\n    return 1\n"}, {"u.py", "from lib import *\n\na()\n"}}, "a", "new.py").error,
      "at u.py:3 it may come with an import of everything");
  EXPECT_EQ(move_name({{"lib.py", "__all__ = ['a']\n\n\ndef a():\n    return 1\n"}}, "a", "new.py").error,
            "lib.py:1 names it in '__all__'");
  EXPECT_EQ(move_name({{"lib.py", "if x:\n    def a():\n        return 1\n"}}, "a", "new.py").error,
            "it is not at the top of its file");
  EXPECT_EQ(move_name({{"lib.py", "a = 1\na = 2\n"}}, "a", "new.py").error, "it is declared 2 times");
  EXPECT_EQ(move_name({{"lib.py", "class A:\n    def f(self):\n        pass\n"}}, "A.f", "new.py").error,
            "it is not at the top of its file");
  EXPECT_EQ(move_name({{"lib.py", "def a():\n    return 1\n"}}, "a", "new.js").error,
            "the file is of another language");
}

TEST(Move, JavaScriptModules) {
  const Moved made = move_name(
      {{"src/lib.js",
        "import { x } from './x.js';\n\nconst k = 1;\n\n/** Doc. */\nexport function f(a) {\n  return x(a) + k;\n}\n"},
       {"src/x.js", "export const x = (a) => a;\n"},
       {"app.js", "import { f } from './src/lib.js';\nf(1);\n"},
       {"index.js", "export { f } from './src/lib.js';\n"}},
      "f", "util/f.js");
  EXPECT_EQ(made.error, "");
  EXPECT_EQ(made.files.at("util/f.js"),
            "import { x } from '../src/x.js';\nimport { k } from '../src/lib.js';\n\n/** Doc. */\nexport function f(a) "
            "{\n  return x(a) + k;\n}\n");
  EXPECT_EQ(made.files.at("src/lib.js"), "import { x } from './x.js';\n\nexport const k = 1;\n");
  EXPECT_EQ(made.files.at("app.js"), "import { f } from './util/f.js';\nf(1);\n");
  EXPECT_EQ(made.files.at("index.js"), "export { f } from './util/f.js';\n");
}

TEST(Move, TypeScriptTypes) {
  const Moved made = move_name(
      {{"a.ts", "import type { T } from './t';\n\nexport class A {\n  x!: T;\n}\n\nexport const b = new A();\n"},
       {"t.ts", "export type T = number;\n"},
       {"u.ts", "import { A, b } from './a';\n\nuse(A, b);\n"}},
      "A", "n.ts");
  EXPECT_EQ(made.error, "");
  EXPECT_EQ(made.files.at("n.ts"), "import type { T } from './t';\n\nexport class A {\n  x!: T;\n}\n");
  EXPECT_EQ(made.files.at("a.ts"),
            "import type { T } from './t';\nimport { A } from './n';\n\nexport const b = new A();\n");
  EXPECT_EQ(made.files.at("u.ts"), "import { b } from './a';\nimport { A } from './n';\n\nuse(A, b);\n");
}

TEST(Move, JavaScriptRefuses) {
  EXPECT_EQ(move_name({{"a.js", "export default function f() {}\n"}}, "f", "b.js").error,
            "it is what the file exports by default");
  EXPECT_EQ(move_name({{"a.js", "function f() {}\nmodule.exports = { f };\n"}}, "f", "b.js").error,
            "the file uses 'require' or 'module.exports'");
  EXPECT_EQ(move_name({{"a.js", "export function f() {}\n"}, {"i.js", "export * from './a.js';\n"}}, "f", "b.js").error,
            "i.js:1 exports all that its file has");
  EXPECT_EQ(move_name({{"a.js", "function f() {}\nexport { f };\n"}}, "f", "b.js").error,
            "its file exports it by name at line 2");
  EXPECT_EQ(move_name({{"a.ts", "export function f() {}\n"}}, "f", "b.js").error, "the file has no types");
}

TEST(Move, NamesOfModules) {
  EXPECT_EQ(relative_module("a/b.js", "c/d.js", "./x.js"), "../c/d.js");
  EXPECT_EQ(relative_module("a/b.ts", "a/d.ts", "./x"), "./d");
  EXPECT_EQ(relative_module("a/b.ts", "a/d.ts", "./x.js"), "./d.js");
  EXPECT_EQ(moved_module("../x", "a/b.js", "c.js"), "./x");
  EXPECT_EQ(sibling_module("pkg.a", "src/pkg/a.py", "src/u.py", "src/pkg/sub/b.py", {}), "pkg.sub.b");
  EXPECT_EQ(sibling_module("pkg.a", "src/pkg/a.py", "src/u.py", "other/b.py", {}), std::nullopt);
  EXPECT_EQ(sibling_module(".a", "pkg/a.py", "pkg/u.py", "pkg/b.py", {}), ".b");
  EXPECT_EQ(sibling_module(".a", "pkg/a.py", "pkg/u.py", "b.py", {}), std::nullopt);
  EXPECT_EQ(usual_module("a.py", "b.py", {}), "b");
  EXPECT_EQ(usual_module("d/a.py", "e/b.py", {}), std::nullopt);
}

}  // namespace
}  // namespace oc::context
