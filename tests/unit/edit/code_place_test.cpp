// SPDX-License-Identifier: Apache-2.0
#include "edit/code_place.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/edit/code_place_check.hpp"

namespace oc::edit {
namespace {

const std::string k_cpp = R"(// Copyright Somebody
#include "a.hpp"

#include <vector>
#ifdef _WIN32
#include <windows.h>
#endif

namespace n {
namespace {

int helper(int a) { return a; }

}  // namespace

/* About add,
   in two lines. */
int add(int a, int b) {
  return a + b;
}

/// Over.
double over(double a) {
  return a;
}

double over(int a) {
  return a;
}

class Box {
 public:
  int get() const { return size_; }
  void set(int size) {
    size_ = size;
  }

 private:
  int size_ = 0;
};

template <class T>
T most(T a) {
  return a;
}

int Bag::get() {
  return 1;
}

}  // namespace n
)";

TEST(CodePlaceCpp, FunctionsWithAndWithoutTheirNamespace) {
  const std::string wanted = changed(k_cpp, "  return a + b;\n", "  return b + a;\n");
  EXPECT_EQ(after("cpp", k_cpp, "int add(int a, int b) {\n  return b + a;\n}\n"), wanted);
  EXPECT_EQ(after("cpp", k_cpp, "namespace n {\n\nint add(int a, int b) {\n  return b + a;\n}\n\n}  // namespace n\n"),
            wanted);
  EXPECT_EQ(after("cpp", k_cpp, "int Bag::get() {\n  return 2;\n}\n"),
            changed(k_cpp, "int Bag::get() {\n  return 1;\n", "int Bag::get() {\n  return 2;\n"));
}

TEST(CodePlaceCpp, BlockCommentsAreTakenWhole) {
  EXPECT_EQ(after("cpp", k_cpp, "// New.\nint add(int a, int b) {\n  return b + a;\n}\n"),
            changed(k_cpp, "/* About add,\n   in two lines. */\nint add(int a, int b) {\n  return a + b;\n",
                    "// New.\nint add(int a, int b) {\n  return b + a;\n"));
}

TEST(CodePlaceCpp, Overloads) {
  EXPECT_EQ(after("cpp", k_cpp, "double over(int a) {\n  return 2 * a;\n}\n"),
            changed(k_cpp, "double over(int a) {\n  return a;\n", "double over(int a) {\n  return 2 * a;\n"));
  EXPECT_TRUE(is_refused(after("cpp", k_cpp, "double over(long a) {\n  return 2 * a;\n}\n")));
  EXPECT_TRUE(is_refused(after("cpp", k_cpp, "int add(long a, long b) {\n  return 2;\n}\n")));
  EXPECT_EQ(after("cpp", k_cpp, "int add(int a, int b) {\n  return a + b;\n}\n\nint add(int a) {\n  return a;\n}\n"),
            changed(k_cpp, "  return a + b;\n}\n", "  return a + b;\n}\n\nint add(int a) {\n  return a;\n}\n"));
  EXPECT_EQ(after("cpp", k_cpp, "int add(long a) {\n  return 2;\n}\n", {"n::add"}),
            changed(k_cpp, "int add(int a, int b) {\n  return a + b;\n", "int add(long a) {\n  return 2;\n"));
}

TEST(CodePlaceCpp, ClassesAndTheirMethods) {
  EXPECT_EQ(
      after("cpp", k_cpp, "class Box {\n  // ...\n  void set(int size) {\n    size_ = 1 + size;\n  }\n  // ...\n};\n"),
      changed(k_cpp, "    size_ = size;\n", "    size_ = 1 + size;\n"));
  EXPECT_TRUE(is_refused(
      after("cpp", k_cpp, "class Box {\n public:\n  int get() const { return 1; }\n  void set(int size) { }\n};\n")));
  EXPECT_EQ(after("cpp", k_cpp, "  void set(int size) {\n    size_ = 1 + size;\n  }\n"),
            changed(k_cpp, "    size_ = size;\n", "    size_ = 1 + size;\n"));
  EXPECT_TRUE(is_refused(after("cpp", k_cpp, "class Box;\n")));
  EXPECT_TRUE(is_refused(after("cpp", k_cpp, "class Box {};\n")));
  EXPECT_TRUE(is_refused(after("cpp", k_cpp, "int add(int a, int b) { /* ... */ }\n")));
  EXPECT_TRUE(is_refused(after("cpp", k_cpp, "int add(int a, int b) {}\n")));
}

TEST(CodePlaceCpp, IncludesStayOutOfConditions) {
  EXPECT_EQ(after("cpp", k_cpp, "#include <map>\n\nint add(int a, int b) {\n  return 1;\n}\n"),
            changed(changed(k_cpp, "#include <vector>\n", "#include <vector>\n#include <map>\n"), "  return a + b;\n",
                    "  return 1;\n"));
  const std::string header = "#ifndef A_H\n#define A_H\n#include <a>\nint f();\nint g() {\n  return 1;\n}\n#endif\n";
  EXPECT_EQ(after("cpp", header, "#include <b>\nint g() {\n  return 2;\n}\n"),
            changed(changed(header, "#include <a>\n", "#include <a>\n#include <b>\n"), "return 1", "return 2"));
}

TEST(CodePlaceCpp, FilesWithWindowsLineEndsAreTheirCallersBusiness) {
  EXPECT_EQ(after("cpp", k_cpp, "template <class T>\nT most(T a) {\n  return 2 * a;\n}\n"),
            changed(k_cpp, "T most(T a) {\n  return a;\n", "T most(T a) {\n  return 2 * a;\n"));
}

const std::string k_java = R"(package a.b;

import java.util.List;

/**
 * About Box.
 */
@Entity
public class Box {
  private int size = 1;

  public Box(int size) {
    this.size = size;
  }

  /** Doc. */
  @Override
  public String toString() {
    return "box";
  }

  public void put(int a) {
    size = a;
  }

  public void put(String a) {
    size = 0;
  }
}
)";

TEST(CodePlaceJava, Methods) {
  EXPECT_EQ(after("java", k_java, "public String toString() {\n  return \"Box\";\n}\n"),
            changed(k_java, "    return \"box\";\n", "    return \"Box\";\n"));
  EXPECT_EQ(after("java", k_java, "@Override\npublic String toString() {\n  return \"Box\";\n}\n"),
            changed(k_java, "    return \"box\";\n", "    return \"Box\";\n"));
  EXPECT_EQ(after("java", k_java, "public void put(String a) {\n  size = 2;\n}\n"),
            changed(k_java, "    size = 0;\n", "    size = 2;\n"));
  EXPECT_TRUE(is_refused(after("java", k_java, "public void put(long a) {\n  size = 2;\n}\n")));
  EXPECT_TRUE(is_refused(after("java", k_java, "String toString() {\n  return \"Box\";\n}\n")));
}

TEST(CodePlaceJava, ClassesAndNewMethods) {
  // A new one beside two of its name: is it new, or one of them?
  const std::string fresh = "  public void put(Map a) {\n    size = 3;\n  }\n";
  EXPECT_EQ(
      after("java", k_java,
            "public class Box {\n  // ... existing code ...\n  public void put(String a) {\n    size = 0;\n  }\n\n" +
                fresh + "}\n"),
      "! 'put' has other parameters in the file (line 22), so it may be another function: give both, or the old "
      "lines with the new ones");
  EXPECT_EQ(after("java", k_java,
                  "import java.util.Map;\n\npublic class Box {\n  // ... existing code ...\n  public void put(int a) "
                  "{\n    size = "
                  "a;\n  }\n  public void put(String a) {\n    size = 0;\n  }\n\n" +
                      fresh + "}\n"),
            changed(changed(k_java, "import java.util.List;\n", "import java.util.List;\nimport java.util.Map;\n"),
                    "    size = 0;\n  }\n", "    size = 0;\n  }\n\n" + fresh));
  // Without its fields.
  EXPECT_EQ(after("java", k_java,
                  "public class Box {\n  public Box(int size) {\n    x();\n  }\n  public String toString() {\n    "
                  "return \"\";\n  }\n  public "
                  "void put(int a) {\n    x();\n  }\n  public void put(String a) {\n    x();\n  }\n}\n"),
            "! the code of 'Box' lacks 'size': give all of it, or say '...' where something stays");
  EXPECT_TRUE(is_refused(after("java", k_java, "package other;\n\npublic void put(int a) {\n  size = 2;\n}\n")));
}

const std::string k_rust = R"(use std::fmt;
use std::io;

#[derive(Debug)]
pub struct Point {
    pub x: i32,
    y: i32,
}

impl Point {
    pub fn new() -> Self {
        Point { x: 1, y: 2 }
    }

    /// Doc.
    #[inline]
    pub fn sum(&self) -> i32 {
        self.x + self.y
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "p")
    }
}

pub struct Line;

impl Line {
    pub fn len(&self) -> i32 {
        1
    }
}

fn free(a: i32) -> i32 {
    a
}
)";

TEST(CodePlaceRust, MethodsInAndOutOfTheirImpl) {
  const std::string wanted = changed(k_rust, "        self.x + self.y\n", "        self.y + self.x\n");
  EXPECT_EQ(after("rust", k_rust, "impl Point {\n    pub fn sum(&self) -> i32 {\n        self.y + self.x\n    }\n}\n"),
            wanted);
  EXPECT_EQ(after("rust", k_rust, "pub fn sum(&self) -> i32 {\n    self.y + self.x\n}\n"), wanted);
  EXPECT_EQ(after("rust", k_rust, "    pub fn sum(&self) -> i32 {\n        self.y + self.x\n    }\n"), wanted);
  EXPECT_EQ(after("rust", k_rust, "fn free(a: i32) -> i32 {\n    a + 1\n}\n"),
            changed(k_rust, "    a\n}", "    a + 1\n}"));
}

TEST(CodePlaceRust, AnotherTypesMethodIsNotThisOnes) {
  EXPECT_TRUE(is_refused(after("rust", k_rust, "impl Line {\n    pub fn new() -> Self {\n        Line\n    }\n}\n")));
  EXPECT_TRUE(is_refused(after("rust", k_rust, "impl Other {\n    pub fn new() -> Self {\n        Other\n    }\n}\n")));
  EXPECT_TRUE(is_refused(after("rust", k_rust, "pub fn new() -> Point {\n    Point { x: 0, y: 0 }\n}\n")));
  EXPECT_EQ(
      after("rust", k_rust,
            "impl Line {\n    pub fn len(&self) -> i32 {\n        1\n    }\n\n    pub fn new() -> Self {\n        "
            "Line\n    }\n}\n"),
      changed(k_rust, "        1\n    }\n", "        1\n    }\n\n    pub fn new() -> Self {\n        Line\n    }\n"));
  // A function behind an impl is none of its methods.
  EXPECT_TRUE(is_refused(
      after("rust", k_rust,
            "impl Line {\n    pub fn len(&self) -> i32 {\n        1\n    }\n}\n\nfn fresh() -> i32 {\n    2\n}\n")));
  EXPECT_EQ(after("rust", k_rust, "fn fresh() -> i32 {\n    2\n}\n\nfn free(a: i32) -> i32 {\n    a\n}\n"),
            changed(k_rust, "fn free(", "fn fresh() -> i32 {\n    2\n}\n\nfn free("));
}

TEST(CodePlaceRust, WhatIsDroppedSilently) {
  EXPECT_TRUE(is_refused(after("rust", k_rust, "fn sum(&self) -> i32 {\n    1\n}\n")));
  EXPECT_TRUE(is_refused(after("rust", k_rust, "pub struct Point {\n    pub x: i32,\n}\n")));
  EXPECT_EQ(after("rust", k_rust, "pub struct Point {\n    pub x: i64,\n    y: i64,\n}\n"),
            changed(k_rust, "    pub x: i32,\n    y: i32,\n", "    pub x: i64,\n    y: i64,\n"));
  EXPECT_EQ(after("rust", k_rust, "use std::io;\nuse std::fs;\n\nfn free(a: i32) -> i32 {\n    fs::x(a)\n}\n"),
            changed(changed(k_rust, "use std::io;\n", "use std::io;\nuse std::fs;\n"), "    a\n}", "    fs::x(a)\n}"));
}

const std::string k_go = R"(package server

import (
	"fmt"
	"os"
)

// T is a type.
type T struct {
	x int
}

// F does it.
//
//go:noinline
func (t *T) F(a int) error {
	return nil
}

func (u U) G() int {
	return 1
}

func Free(a int) int {
	return a
}
)";

TEST(CodePlaceGo, MethodsByTheirReceiver) {
  EXPECT_EQ(after("go", k_go, "package server\n\nfunc (t *T) F(a int) error {\n\treturn err\n}\n"),
            changed(k_go, "return nil", "return err"));
  EXPECT_EQ(after("go", k_go, "func (t *T) F(a int) error {\n    return err\n}\n"),
            changed(k_go, "return nil", "return err"));
  EXPECT_TRUE(is_refused(after("go", k_go, "func F(a int) error {\n\treturn err\n}\n")));
  EXPECT_TRUE(is_refused(after("go", k_go, "func (t *T) G() int {\n\treturn 2\n}\n")));
  EXPECT_TRUE(is_refused(after("go", k_go, "package main\n\nfunc (t *T) F(a int) error {\n\treturn err\n}\n")));
}

TEST(CodePlaceGo, ImportsAndDirectives) {
  EXPECT_EQ(after("go", k_go, "import (\n\t\"os\"\n\t\"io\"\n)\n\nfunc Free(a int) int {\n\treturn io.X\n}\n"),
            changed(changed(k_go, "\t\"os\"\n", "\t\"os\"\n\t\"io\"\n"), "return a", "return io.X"));
  EXPECT_EQ(after("go", k_go, "// F is new.\nfunc (t *T) F(a int) error {\n\treturn nil\n}\n"),
            changed(k_go, "//go:noinline\n", "//go:noinline\n// F is new.\n"));
  EXPECT_EQ(after("go", k_go, "import \"io\"\n\nfunc Free(a int) int {\n\treturn io.X\n}\n"),
            changed(changed(k_go, "\t\"os\"\n", "\t\"os\"\n\t\"io\"\n"), "return a", "return io.X"));
}

const std::string k_typescript = R"(import { a } from './a';
import {
  b,
} from './b';

export const limit = 3;

/** About Box. */
@Component({
  name: 'box',
})
export class Box extends Base {
  private size = 1;

  get(): number {
    return this.size;
  }

  @Input() set(value: number) {
    this.size = value;
  }
}

export function free(x: number): number {
  return x;
}

export const arrow = (x: number) => {
  return x;
};

const handlers = {
  run() {
    return 1;
  },
};
)";

TEST(CodePlaceTypeScript, FunctionsAndMethods) {
  EXPECT_EQ(after("typescript", k_typescript, "export function free(x: number): number {\n  return 2 * x;\n}\n"),
            changed(k_typescript, "number {\n  return x;\n", "number {\n  return 2 * x;\n"));
  EXPECT_EQ(after("typescript", k_typescript, "export const arrow = (x: number) => {\n  return 2 * x;\n};\n"),
            changed(k_typescript, "=> {\n  return x;\n", "=> {\n  return 2 * x;\n"));
  EXPECT_TRUE(
      is_refused(after("typescript", k_typescript, "function free(x: number): number {\n  return 2 * x;\n}\n")));
  const std::string wanted = changed(k_typescript, "    return this.size;\n", "    return 2;\n");
  EXPECT_EQ(after("typescript", k_typescript, "get(): number {\n  return 2;\n}\n"), wanted);
  EXPECT_EQ(after("typescript", k_typescript, "  get(): number {\n    return 2;\n  }\n"), wanted);
  EXPECT_EQ(after("typescript", k_typescript,
                  "export class Box extends Base {\n  // ...\n  get(): number {\n    return 2;\n  }\n}\n"),
            wanted);
  EXPECT_TRUE(is_refused(after("typescript", k_typescript, "nothing(): number {\n  return 2;\n}\n")));
  EXPECT_TRUE(is_refused(after("typescript", k_typescript,
                               "export class Box extends Base {\n  get(): number {\n    return 2;\n  }\n}\n")));
  EXPECT_TRUE(is_refused(after("typescript", k_typescript, "export function free(x: number): number { ... }\n")));
}

TEST(CodePlaceTypeScript, Imports) {
  const std::string code = "\n\nexport function free(x: number): number {\n  return c(x);\n}\n";
  const std::string body = changed(k_typescript, "number {\n  return x;\n", "number {\n  return c(x);\n");
  EXPECT_EQ(after("typescript", k_typescript, "import { a, c } from './a';" + code),
            changed(body, "import { a } from './a';\n", "import { a, c } from './a';\n"));
  EXPECT_EQ(after("typescript", k_typescript, "import { a } from './a';" + code), body);
  EXPECT_EQ(after("typescript", k_typescript, "import { c } from './c';" + code),
            changed(body, "import {\n  b,\n", "import { c } from './c';\nimport {\n  b,\n"));
  EXPECT_TRUE(is_refused(after("typescript", k_typescript, "import { b, c } from './b';" + code)));
  EXPECT_TRUE(is_refused(after("typescript", k_typescript, "import {\n  c,\n} from './c';" + code)));
}

TEST(CodePlaceTypeScript, DecoratorsOfSeveralLinesStay) {
  const std::string code =
      "export class Box extends Base {\n  private size = 2;\n\n  get(): number {\n    return 1;\n  }\n\n  @Input() "
      "set(value: "
      "number) {\n    this.size = 1;\n  }\n}\n";
  const std::string made = after("typescript", k_typescript, code);
  EXPECT_NE(made.find("/** About Box. */\n@Component({\n  name: 'box',\n})\n" + code), std::string::npos) << made;
}

TEST(CodePlaceBroken, AWholeFileMendsAHeadThatIsNone) {
  const std::string good = "BASE = 1\n\n\ndef calc(a, b):\n    return a + BASE\n\n\nif x:\n    assert calc(2, 3)\n";
  std::string broken = good;
  broken.erase(broken.find("):") + 1, 1);
  EXPECT_EQ(after("python", broken, good), good);
  // A part is no whole file, though the file is broken.
  const std::string part = after("python", broken, "BASE = 1\n\n\ndef calc(a, b):\n    return a + BASE\n");
  EXPECT_TRUE(is_refused(part) || part.find("assert calc(2, 3)") != std::string::npos) << part;
}

TEST(CodePlaceOther, TextsWithoutSymbols) {
  const std::string yaml = "a: 1\nb: 2\nc: 3\nd: 4\n";
  EXPECT_EQ(after("yaml", yaml, "a: 1\nb: 5\nc: 3\nd: 4\n"), "a: 1\nb: 5\nc: 3\nd: 4\n");
  EXPECT_EQ(after("yaml", yaml, "# ...\nb: 2\ne: 6\nc: 3\n# ...\n"), "a: 1\nb: 2\ne: 6\nc: 3\nd: 4\n");
  EXPECT_TRUE(is_refused(after("yaml", yaml, "b: 5\n")));
  EXPECT_TRUE(is_refused(after("yaml", yaml, "a: 1\nb: 2\n")));
  EXPECT_TRUE(is_refused(after("no such language", "one\ntwo\n", "three\n")));
}

}  // namespace
}  // namespace oc::edit
