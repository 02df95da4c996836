// SPDX-License-Identifier: Apache-2.0
#include "context/rename.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace oc::context {
namespace {

using Files = std::map<std::string, std::string>;

// The texts after the rename, and the doubts as "path:line: reason".
struct Renamed {
  Files files;
  std::vector<std::string> doubts;
  std::string error;
  std::vector<std::string> unnamed = {};
};

Renamed rename(const Files& files, const std::string& old_name, const std::string& new_name,
               const std::string& file = "", const RenameWitness& witness = {}) {
  RenameRequest request{
      .old_name = old_name, .new_name = new_name, .file = file, .files = {}, .paths = {}, .includes = {}};
  for (const auto& [path, text] : files) {
    request.files.push_back({path, text, syntax::find_language_of_file(path)});
    request.paths.push_back(path);
  }
  const auto plan = plan_rename(request, {}, witness);
  Renamed renamed{files, {}, ""};
  if (!plan) {
    renamed.error = plan.error().message;
    return renamed;
  }
  for (auto place = plan->places.rbegin(); place != plan->places.rend(); ++place)
    renamed.files[place->path].replace(place->range.begin, place->range.end - place->range.begin, place->text);
  for (const RenameDoubt& doubt : plan->doubts)
    renamed.doubts.push_back(doubt.path + ":" + std::to_string(doubt.line.value) + ": " + doubt.reason);
  for (const RenameDoubt& place : plan->unnamed)
    renamed.unnamed.push_back(place.path + ":" + std::to_string(place.line.value) + ": " + place.reason);
  return renamed;
}

// Where a text stands for the n-th time.
RenameSpot spot_of(const Files& files, const std::string& path, const std::string& name, int n) {
  std::size_t at = files.at(path).find(name);
  for (int i = 1; i < n; ++i) at = files.at(path).find(name, at + 1);
  return {path, {at, at + name.size()}};
}

using Strings = std::vector<std::string>;

TEST(Rename, PythonFollowsImports) {
  const Files before = {
      {"lib.py", "def load(path):\n    return path\n\n\ndef twice(p):\n    return load(load(p))\n"},
      {"a.py", "from lib import load\n\nprint(load('x'))\n"},
      {"b.py", "import lib\nimport lib as l\n\nprint(lib.load('x'), l.load('y'))\n"},
      {"c.py", "from lib import load as read\n\nprint(read('x'))\n"},
      {"d.py", "def load():\n    pass\n\n\nload()\n"},
      {"e.py", "import json\n\njson.load(open('load'))\n"},
      {"f.py", "from a import load\n\nload('z')\n"},
  };
  const Renamed after = rename(before, "load", "fetch", "lib.py");
  EXPECT_EQ(after.error, "");
  EXPECT_EQ(after.files.at("lib.py"),
            "def fetch(path):\n    return path\n\n\ndef twice(p):\n    return fetch(fetch(p))\n");
  EXPECT_EQ(after.files.at("a.py"), "from lib import fetch\n\nprint(fetch('x'))\n");
  EXPECT_EQ(after.files.at("b.py"), "import lib\nimport lib as l\n\nprint(lib.fetch('x'), l.fetch('y'))\n");
  EXPECT_EQ(after.files.at("c.py"), "from lib import fetch as read\n\nprint(read('x'))\n");
  EXPECT_EQ(after.files.at("d.py"), before.at("d.py"));
  EXPECT_EQ(after.files.at("e.py"), before.at("e.py"));
  EXPECT_EQ(after.files.at("f.py"), "from a import fetch\n\nfetch('z')\n");
  EXPECT_EQ(after.doubts, (Strings{"e.py:3: in a string", "e.py:3: the type of 'json' is not known"}));
}

TEST(Rename, PythonLeavesLocalNames) {
  const Files before = {{"a.py",
                         "def size(x):\n    return len(x)\n\n\n"
                         "def f(size):\n    return size + 1\n\n\n"
                         "def g(x):\n    size = size_of(x)\n    return [size for y in size]\n\n\n"
                         "def h(x):\n    return size(x)\n\n\n"
                         "def k(x, m=size):\n    return (lambda size: size)(m), {'size': size(x)}, dict(size=1)\n"}};
  const Renamed after = rename(before, "size", "count");
  EXPECT_EQ(after.files.at("a.py"),
            "def count(x):\n    return len(x)\n\n\n"
            "def f(size):\n    return size + 1\n\n\n"
            "def g(x):\n    size = size_of(x)\n    return [size for y in size]\n\n\n"
            "def h(x):\n    return count(x)\n\n\n"
            "def k(x, m=count):\n    return (lambda size: size)(m), {'size': count(x)}, dict(size=1)\n");
  EXPECT_EQ(after.doubts, Strings{"a.py:19: in a string"});
}

TEST(Rename, PythonTellsMethodsOfTwoClasses) {
  const Files before = {{"a.py",
                         "class A:\n    def run(self):\n        return self.run()\n\n    alias = run\n\n\n"
                         "class B:\n    def run(self):\n        return self.run()\n\n\n"
                         "class C(A):\n    def run(self):\n        return A.run(self)\n\n\n"
                         "def f(x, a):\n    x.run()\n    return A.run(a), B.run(a)\n"}};
  EXPECT_NE(rename(before, "run", "go").error.find("declared in 3 places"), std::string::npos);
  const Renamed after = rename(before, "A.run", "go");
  EXPECT_EQ(after.error, "");
  EXPECT_EQ(after.files.at("a.py"),
            "class A:\n    def go(self):\n        return self.go()\n\n    alias = go\n\n\n"
            "class B:\n    def run(self):\n        return self.run()\n\n\n"
            "class C(A):\n    def run(self):\n        return A.go(self)\n\n\n"
            "def f(x, a):\n    x.run()\n    return A.go(a), B.run(a)\n");
  EXPECT_EQ(after.doubts, (Strings{"a.py:14: 'C' derives from 'A'", "a.py:19: the type of 'x' is not known",
                                   "a.py:20: the type of 'B' is not known"}));
}

TEST(Rename, PythonGlobalNames) {
  const Files before = {{"a.py",
                         "total = 0\n\n\ndef add(x):\n    global total\n    total += x\n    total = total + 1\n\n\n"
                         "def other():\n    total = 1\n    return total\n"}};
  EXPECT_EQ(rename(before, "total", "amount").files.at("a.py"),
            "amount = 0\n\n\ndef add(x):\n    global amount\n    amount += x\n    amount = amount + 1\n\n\n"
            "def other():\n    total = 1\n    return total\n");
}

TEST(Rename, JavaScriptModules) {
  const Files before = {
      {"lib.js", "export function load(p) {\n  return p;\n}\nexport { load as l };\nconst t = { load, key: load };\n"},
      {"a.js", "import { load } from './lib.js';\nload(1);\n{\n  const load = 2;\n  use(load);\n}\nload(3);\n"},
      {"b.js", "import * as lib from './lib.js';\nimport { load as x } from './lib.js';\nlib.load(x);\n"},
      {"c.js", "import { load } from './other.js';\nload(`${load}`);\n"},
      {"d.js", "const { load } = require('./lib');\nload(obj.load);\n"},
      {"other.js", "export const load = (x) => x;\n"},
  };
  const Renamed after = rename(before, "load", "fetch", "lib.js");
  EXPECT_EQ(after.error, "");
  EXPECT_EQ(after.files.at("lib.js"),
            "export function fetch(p) {\n  return p;\n}\nexport { fetch as l };\n"
            "const t = { load: fetch, key: fetch };\n");
  EXPECT_EQ(after.files.at("a.js"),
            "import { fetch } from './lib.js';\nfetch(1);\n{\n  const load = 2;\n  use(load);\n}\nfetch(3);\n");
  EXPECT_EQ(after.files.at("b.js"),
            "import * as lib from './lib.js';\nimport { fetch as x } from './lib.js';\nlib.fetch(x);\n");
  EXPECT_EQ(after.files.at("c.js"), before.at("c.js"));
  EXPECT_EQ(after.files.at("d.js"), before.at("d.js"));
  EXPECT_EQ(after.doubts, (Strings{"d.js:1: taken out of an object", "d.js:2: it may come with 'require'",
                                   "d.js:2: the type of 'obj' is not known"}));
}

TEST(Rename, TypeScriptClasses) {
  const Files before = {
      {"queue.ts",
       "export class Queue {\n  size = 0;\n  push(x: number) { this.size += x; const size = 2; return size; }\n}\n"
       "export class Other {\n  size = 1;\n  get() { return this.size; }\n}\n"
       "function f(q: Queue) { return q.size; }\n"}};
  const Renamed after = rename(before, "Queue.size", "length");
  EXPECT_EQ(
      after.files.at("queue.ts"),
      "export class Queue {\n  length = 0;\n  push(x: number) { this.length += x; const size = 2; return size; }\n}\n"
      "export class Other {\n  size = 1;\n  get() { return this.size; }\n}\n"
      "function f(q: Queue) { return q.size; }\n");
  EXPECT_EQ(after.doubts, Strings{"queue.ts:9: the type of 'q' is not known"});
  const Renamed type = rename(before, "Queue", "Line");
  EXPECT_NE(type.files.at("queue.ts").find("class Line {"), std::string::npos);
  EXPECT_NE(type.files.at("queue.ts").find("f(q: Line)"), std::string::npos);
}

TEST(Rename, CppDeclarationsAndQualifiedNames) {
  const Files before = {
      {"a.hpp",
       "namespace a {\nint parse(int x);\nclass Parser {\n public:\n  Parser();\n  ~Parser();\n  int next(int n);\n"
       "  int other() { return next(1) + this->next(2); }\n};\n}\n"},
      {"a.cpp",
       "#include \"a.hpp\"\nnamespace a {\nint parse(int x) { return x ? parse(x - 1) : 0; }\nParser::Parser() {}\n"
       "Parser::~Parser() {}\nint Parser::next(int n) { return n ? next(n - 1) : parse(n); }\n}\n"},
      {"main.cpp",
       "#include \"a.hpp\"\nint main() {\n  a::Parser p;\n  int parse = 3;\n  return a::parse(parse) + "
       "p.next(1);\n}\n"},
      {"b.cpp", "static int parse(int x) { return x; }\nint run() { return parse(1) + std::parse(2); }\n"},
  };
  const Renamed after = rename(before, "a::parse", "read");
  EXPECT_EQ(after.error, "");
  EXPECT_EQ(after.files.at("a.hpp").substr(14, 16), "int read(int x);");
  EXPECT_NE(after.files.at("a.cpp").find("int read(int x) { return x ? read(x - 1) : 0; }"), std::string::npos);
  EXPECT_NE(after.files.at("a.cpp").find(": read(n); }"), std::string::npos);
  EXPECT_NE(after.files.at("main.cpp").find("int parse = 3;\n  return a::read(parse)"), std::string::npos);
  EXPECT_EQ(after.files.at("b.cpp"), before.at("b.cpp"));
  EXPECT_EQ(after.doubts, Strings{});

  const Renamed method = rename(before, "Parser::next", "step");
  EXPECT_NE(method.files.at("a.hpp").find("int step(int n);\n  int other() { return step(1) + this->step(2); }"),
            std::string::npos);
  EXPECT_NE(method.files.at("a.cpp").find("int Parser::step(int n) { return n ? step(n - 1)"), std::string::npos);
  EXPECT_EQ(method.doubts, Strings{"main.cpp:5: the type of 'p' is not known"});

  const Renamed type = rename(before, "a::Parser", "Reader");
  EXPECT_EQ(type.error, "");
  EXPECT_NE(type.files.at("a.hpp").find("class Reader {\n public:\n  Reader();\n  ~Reader();"), std::string::npos);
  EXPECT_NE(type.files.at("a.cpp").find("Reader::Reader() {}\nReader::~Reader() {}\nint Reader::next"),
            std::string::npos);
  EXPECT_NE(type.files.at("main.cpp").find("a::Reader p;"), std::string::npos);
}

TEST(Rename, CFilesOfTheirOwn) {
  const Files before = {{"a.c", "static int helper(int x) { return x; }\nint a(void) { return helper(1); }\n"},
                        {"b.c", "static int helper(int x) { return x + 1; }\nint b(void) { return helper(1); }\n"}};
  EXPECT_NE(rename(before, "helper", "assist").error.find("declared in 2 places: a.c:1"), std::string::npos);
  const Renamed after = rename(before, "helper", "assist", "b.c");
  EXPECT_EQ(after.files.at("a.c"), before.at("a.c"));
  EXPECT_EQ(after.files.at("b.c"), "static int assist(int x) { return x + 1; }\nint b(void) { return assist(1); }\n");
}

TEST(Rename, GoPackages) {
  const Files before = {
      {"go.mod", "module example.com/m\n"},
      {"store/store.go",
       "package store\n\ntype Box struct{ size int }\n\nfunc Open(n int) *Box { return &Box{size: n} }\n\n"
       "func (b *Box) Grow(n int) { b.size += n; Open := n; _ = Open }\n"},
      {"store/more.go",
       "package store\n\nfunc Two() *Box { return Open(2) }\n\nfunc (b *Box) Twice() { b.Grow(b.size) }\n"},
      {"main.go",
       "package main\n\nimport (\n\t\"os\"\n\n\t\"example.com/m/store\"\n)\n\n"
       "func main() {\n\tb := store.Open(1)\n\tos.Open(\"Open\")\n\tb.Grow(2)\n}\n"},
  };
  const Renamed after = rename(before, "Open", "Make");
  EXPECT_EQ(after.error, "");
  EXPECT_NE(after.files.at("store/store.go").find("func Make(n int)"), std::string::npos);
  EXPECT_NE(after.files.at("store/store.go").find("Open := n; _ = Open"), std::string::npos);
  EXPECT_NE(after.files.at("store/more.go").find("return Make(2)"), std::string::npos);
  EXPECT_NE(after.files.at("main.go").find("b := store.Make(1)\n\tos.Open(\"Open\")"), std::string::npos);
  EXPECT_EQ(after.doubts, Strings{"main.go:11: in a string"});
  const Renamed method = rename(before, "Box.Grow", "Add");
  EXPECT_NE(method.files.at("store/more.go").find("b.Add(b.size)"), std::string::npos);
  EXPECT_EQ(method.doubts, Strings{"main.go:12: the type of 'b' is not known"});
  const Renamed field = rename(before, "Box.size", "length");
  EXPECT_NE(field.files.at("store/store.go").find("struct{ length int }"), std::string::npos);
  EXPECT_NE(field.files.at("store/store.go").find("&Box{length: n}"), std::string::npos);
  EXPECT_NE(field.files.at("store/store.go").find("b.length += n"), std::string::npos);
  EXPECT_NE(field.files.at("store/more.go").find("b.Grow(b.length)"), std::string::npos);
}

TEST(Rename, RustPaths) {
  const Files before = {
      {"Cargo.toml", ""},
      {"src/store.rs",
       "pub struct Store { pub size: u32 }\n\nimpl Store {\n    pub fn open(size: u32) -> Self { Self { size } }\n"
       "    pub fn grow(&mut self) { self.size += 1; assert_eq!(self.size, 1); Self::open(1); }\n}\n\n"
       "pub fn count(s: &Store) -> u32 { s.size }\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n"
       "    fn counts() { assert_eq!(count(&Store::open(1)), 1); }\n}\n"},
      {"src/main.rs",
       "mod store;\nuse store::{count, Store};\n\nfn main() {\n    let s = Store::open(2);\n    println!(\"{}\", "
       "count(&s));\n"
       "    let count = store::count(&s);\n    println!(\"{}\", count);\n}\n"},
  };
  const Renamed after = rename(before, "count", "tally");
  EXPECT_EQ(after.error, "");
  EXPECT_NE(after.files.at("src/store.rs").find("pub fn tally("), std::string::npos);
  EXPECT_NE(after.files.at("src/store.rs").find("assert_eq!(tally(&Store"), std::string::npos);
  EXPECT_NE(after.files.at("src/main.rs").find("use store::{tally, Store};"), std::string::npos);
  EXPECT_NE(after.files.at("src/main.rs").find("let count = store::tally(&s);\n    println!(\"{}\", count);"),
            std::string::npos);
  const Renamed method = rename(before, "Store::open", "make");
  EXPECT_NE(method.files.at("src/store.rs").find("pub fn make("), std::string::npos);
  EXPECT_NE(method.files.at("src/store.rs").find("Self::make(1)"), std::string::npos);
  EXPECT_NE(method.files.at("src/store.rs").find("count(&Store::make(1))"), std::string::npos);
  EXPECT_NE(method.files.at("src/main.rs").find("Store::make(2)"), std::string::npos);
  EXPECT_EQ(method.doubts, Strings{});
}

TEST(Rename, JavaClassesAndMethods) {
  const Files before = {
      {"app/Queue.java",
       "package app;\n\npublic class Queue {\n  private int size;\n  public Queue() { size = 0; }\n"
       "  int grow(int size) { this.size += size; return size; }\n  int twice() { return grow(size) + size; }\n}\n"},
      {"app/Main.java",
       "package app;\n\nclass Main {\n  int size;\n  void run() { Queue q = new Queue(); q.grow(size); }\n}\n"},
      {"other/Use.java",
       "package other;\n\nimport app.Queue;\n\nclass Use {\n  Queue q;\n  int grow(int x) { return grow(x); }\n}\n"},
      {"third/Queue.java", "package third;\n\nclass Queue {\n  Queue q;\n}\n"},
  };
  const Renamed field = rename(before, "Queue.size", "length");
  EXPECT_EQ(field.error, "");
  EXPECT_NE(field.files.at("app/Queue.java").find("private int length;\n  public Queue() { length = 0; }"),
            std::string::npos);
  EXPECT_NE(field.files.at("app/Queue.java")
                .find("int grow(int size) { this.length += size; return size; }\n"
                      "  int twice() { return grow(length) + length; }"),
            std::string::npos);
  EXPECT_EQ(field.files.at("app/Main.java"), before.at("app/Main.java"));
  const Renamed type = rename(before, "app.Queue", "Line");
  EXPECT_EQ(type.error, "");
  EXPECT_NE(type.files.at("app/Queue.java").find("class Line {\n  private int size;\n  public Line()"),
            std::string::npos);
  EXPECT_NE(type.files.at("app/Main.java").find("Line q = new Line();"), std::string::npos);
  EXPECT_NE(type.files.at("other/Use.java").find("import app.Line;\n\nclass Use {\n  Line q;"), std::string::npos);
  EXPECT_EQ(type.files.at("third/Queue.java"), before.at("third/Queue.java"));
  EXPECT_EQ(type.doubts, Strings{"app/Queue.java:3: the file is named after it: rename the file, too"});
}

TEST(Rename, RefusesNamesThatAreTaken) {
  const Files files = {
      {"a.py", "import os\n\n\ndef f(x):\n    return x\n\n\ndef g(y):\n    return f(y)\n\n\nprint(f(1))\n"}};
  EXPECT_EQ(rename(files, "f", "class").error, "cannot rename 'f' to 'class': 'class' is a keyword of Python");
  EXPECT_EQ(rename(files, "f", "1st").error, "cannot rename 'f' to '1st': '1st' is no name in Python");
  EXPECT_EQ(rename(files, "f", "f").error, "cannot rename 'f' to 'f': that is its name");
  EXPECT_EQ(rename(files, "f", "g").error, "cannot rename 'f' to 'g': that name exists already at a.py:8");
  EXPECT_EQ(rename(files, "f", "y").error, "cannot rename 'f' to 'y': a local name at a.py:9 would hide it");
  EXPECT_EQ(rename(files, "f", "print").error,
            "cannot rename 'f' to 'print': that name has a meaning already at a.py:12");
  EXPECT_EQ(rename(files, "f", "h").error, "");
  EXPECT_EQ(rename(files, "nothing", "h").error, "there is no symbol 'nothing' in this project");
}

TEST(Rename, LeavesWhatCannotBeRead) {
  const Files before = {{"a.js", "function f() { return 1; }\nfunction g() { return f( ; }\nf();\n"}};
  const Renamed after = rename(before, "f", "h");
  EXPECT_EQ(after.files.at("a.js"), "function h() { return 1; }\nfunction g() { return f( ; }\nh();\n");
  EXPECT_EQ(after.doubts, Strings{"a.js:2: near a syntax error, so the code cannot be read for certain"});
}

// Nothing but whole words of the old name is ever replaced, whatever the text is.
TEST(Rename, ChangesNothingButTheName) {
  const Files before = {{"a.py",
                         "\xEF\xBB\xBF"
                         "def f():\r\n\treturn '\xff'\r\n\r\nff = f()  # f\r\n"}};
  EXPECT_EQ(rename(before, "f", "long_name").files.at("a.py"),
            "\xEF\xBB\xBF"
            "def long_name():\r\n\treturn '\xff'\r\n\r\nff = long_name()  # f\r\n");
}

// A witness that names some places, in a file with one of each kind.
class RenameWithWitness : public ::testing::Test {
 protected:
  Files before = {{"a.py",
                   "class A:\n    def run(self):\n        pass\n\n\nclass B:\n    def run(self):\n        pass\n\n\n"
                   "def f(x, y):\n    x.run()\n    y.run()  # run\n    print('run')\n"}};
  std::vector<RenameSpot> asked_about;
  RenameTestimony testimony{"server", {}, {}, {}};

  RenameSpot spot(int n) const { return spot_of(before, "a.py", "run", n); }
  Renamed rename_run() {
    return rename(before, "A.run", "go", "",
                  [&](auto declarations, auto doubts) -> base::Result<std::optional<RenameTestimony>> {
                    EXPECT_EQ(std::vector(declarations.begin(), declarations.end()), (std::vector{spot(1)}));
                    asked_about.assign(doubts.begin(), doubts.end());
                    return testimony;
                  });
  }
};

TEST_F(RenameWithWitness, WhatIsNamedIsChangedWhatIsNotStaysInDoubt) {
  testimony.named = {spot(1), spot(3)};
  testimony.others = {{spot(4), "it is the one at a.py:7"}};
  const Renamed after = rename_run();
  EXPECT_EQ(asked_about, (std::vector{spot(3), spot(4)}));
  EXPECT_EQ(after.files.at("a.py"),
            "class A:\n    def go(self):\n        pass\n\n\nclass B:\n    def run(self):\n        pass\n\n\n"
            "def f(x, y):\n    x.go()\n    y.run()  # run\n    print('run')\n");
  EXPECT_EQ(after.doubts, (Strings{"a.py:13: in a comment",
                                   "a.py:13: the type of 'y' is not known; server says it is the one at a.py:7",
                                   "a.py:14: in a string"}));
  EXPECT_EQ(after.unnamed, Strings{});
}

TEST_F(RenameWithWitness, WordsOfCommentsAndStringsStay) {
  testimony.named = {spot(1), spot(5), spot(6)};
  const Renamed after = rename_run();
  EXPECT_NE(after.files.at("a.py").find("# run\n    print('run')"), std::string::npos);
}

TEST_F(RenameWithWitness, WhatIsCertainIsChangedWithoutIt) {
  testimony.named = {spot(2)};
  const Renamed after = rename_run();
  EXPECT_NE(after.files.at("a.py").find("class A:\n    def go"), std::string::npos);
  EXPECT_NE(after.files.at("a.py").find("class B:\n    def go"), std::string::npos);
  EXPECT_EQ(after.unnamed, Strings{"a.py:2: server does not name it"});
}

TEST_F(RenameWithWitness, APlaceThatTheTreeDoesNotSeeIsNotChanged) {
  testimony.named = {spot(1), {"a.py", {0, 3}}, {"a.py", {100000, 100003}}, {"no.py", {0, 3}}};
  const Renamed after = rename_run();
  EXPECT_TRUE(after.files.at("a.py").starts_with("class A"));
  EXPECT_EQ(after.doubts.front(), "a.py:1: server names it, but the syntax tree sees no name there");
}

}  // namespace
}  // namespace oc::context
