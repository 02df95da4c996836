# SPDX-License-Identifier: Apache-2.0
"""Seeded defects: small programs that do not compile or whose test fails, and what mends them.

LANGUAGES: name of the language → (file, the program around the function at @, command; FILE and OUT stand for the file and a
path for what is built). DEFECTS: (language, what it is, the function as it is, the function as it must be)."""

LANGUAGES = {
    "c++": ("calc.cpp", "#include <cassert>\n\nint base = 1;\n\n@\n\nint main() {\n  assert(calc(2, 3) == 6);\n  return 0;\n}\n",
            "g++ -std=c++20 -O0 FILE -o OUT && OUT"),
    "python": ("calc.py", "BASE = 1\n\n\n@\n\n\nif __name__ == '__main__':\n    assert calc(2, 3) == 6, calc(2, 3)\n", "python3 -B FILE"),
    "javascript": ("calc.js", "'use strict';\nconst base = 1;\n\n@\n\nif (calc(2, 3) !== 6) throw new Error(`calc is ${calc(2, 3)}`);\n",
                   "node FILE"),
    "go": ("calc.go", "package main\n\nvar base = 1\n\n@\n\nfunc main() {\n\tif calc(2, 3) != 6 {\n\t\tpanic(\"calc is wrong\")\n\t}\n}\n",
           "go run FILE"),
    "rust": ("calc.rs", "const BASE: i32 = 1;\n\n@\n\nfn main() {\n    assert_eq!(calc(2, 3), 6);\n}\n",
             "rustc -A warnings -C debuginfo=0 FILE -o OUT && OUT"),
    "java": ("Calc.java", "public class Calc {\n    static int base = 1;\n\n@\n\n    public static void main(String[] words) {\n"
             "        if (calc(2, 3) != 6) throw new RuntimeException(\"calc is \" + calc(2, 3));\n    }\n}\n", "java FILE"),
}

CPP = "int calc(int a, int b) {\n  return a + b + base;\n}"
PYTHON = "def calc(a, b):\n    return a + b + BASE"
JAVASCRIPT = "function calc(a, b) {\n  return a + b + base;\n}"
GO = "func calc(a int, b int) int {\n\treturn a + b + base\n}"
RUST = "fn calc(a: i32, b: i32) -> i32 {\n    a + b + BASE\n}"
JAVA = "    static int calc(int a, int b) {\n        return a + b + base;\n    }"

DEFECTS = [
    ("c++", "no semicolon", CPP.replace(";", ""), CPP),
    ("c++", "unknown name", CPP.replace("base", "bass"), CPP),
    ("c++", "wrong type of a parameter", CPP.replace("int b", "const char* b"), CPP),
    ("c++", "no closing bracket", CPP.replace("a + b", "(a + b"), CPP),
    ("c++", "a missing argument", CPP.replace("int b", "int b, int c"), CPP),
    ("c++", "unknown type", CPP.replace("int a", "integer a"), CPP),
    ("c++", "a constant is assigned", CPP.replace("int a,", "const int a,").replace("  return", "  a = 1;\n  return"), CPP),
    ("c++", "wrong sign", CPP.replace("a + b", "a - b"), CPP),
    ("c++", "a term is missing", CPP.replace(" + base", ""), CPP),
    ("c++", "one too many", CPP.replace("base", "base + 1"), CPP),
    ("c++", "a loop is off by one", "int calc(int a, int b) {\n  int sum = base;\n  for (int i = 1; i < a; ++i) ++sum;\n  return sum + b;\n}",
     "int calc(int a, int b) {\n  int sum = base;\n  for (int i = 0; i < a; ++i) ++sum;\n  return sum + b;\n}"),
    ("python", "no colon", PYTHON.replace(":", ""), PYTHON),
    ("python", "unknown name", PYTHON.replace("BASE", "BASIS"), PYTHON),
    ("python", "no closing bracket", PYTHON.replace("a + b", "(a + b"), PYTHON),
    ("python", "a missing argument", PYTHON.replace("(a, b)", "(a, b, c)"), PYTHON),
    ("python", "wrong type", PYTHON.replace("a + b", "a + str(b)"), PYTHON),
    ("python", "no such attribute", PYTHON.replace("a + b", "a.plus(b)"), PYTHON),
    ("python", "nothing returned", PYTHON.replace("return ", ""), PYTHON),
    ("python", "wrong sign", PYTHON.replace("a + b", "a - b"), PYTHON),
    ("python", "a term is missing", PYTHON.replace(" + BASE", ""), PYTHON),
    ("python", "a local name hides a global one", "def calc(a, b):\n    BASE = BASE + 0\n    return a + b + BASE", PYTHON),
    ("python", "no end", "def calc(a, b):\n    return calc(a, b) + BASE", PYTHON),
    ("python", "division by zero", PYTHON.replace("a + b", "a + b // 0"), PYTHON),
    ("javascript", "no closing brace", JAVASCRIPT[:-2], JAVASCRIPT),
    ("javascript", "unknown name", JAVASCRIPT.replace("base", "basis"), JAVASCRIPT),
    ("javascript", "no closing bracket", JAVASCRIPT.replace("a + b", "(a + b"), JAVASCRIPT),
    ("javascript", "a constant is assigned", JAVASCRIPT.replace("  return", "  base = 2;\n  return"), JAVASCRIPT),
    ("javascript", "declared twice", JAVASCRIPT.replace("  return", "  let x = 1;\n  let x = 2;\n  return"), JAVASCRIPT),
    ("javascript", "no function", JAVASCRIPT.replace("a + b", "a.plus(b)"), JAVASCRIPT),
    ("javascript", "texts are joined", JAVASCRIPT.replace("a + b", "`${a}` + b"), JAVASCRIPT),
    ("javascript", "nothing returned", JAVASCRIPT.replace("return ", ""), JAVASCRIPT),
    ("javascript", "return stands alone", JAVASCRIPT.replace("return ", "return\n    "), JAVASCRIPT),
    ("javascript", "wrong sign", JAVASCRIPT.replace("a + b", "a - b"), JAVASCRIPT),
    ("javascript", "used before it is there", JAVASCRIPT.replace("  return", "  a += c;\n  let c = 0;\n  return"), JAVASCRIPT),
    ("go", "unknown name", GO.replace("base", "basis"), GO),
    ("go", "not used", GO.replace("\treturn", "\tx := 1\n\treturn"), GO),
    ("go", "no return", GO.replace("return ", "_ = "), GO),
    ("go", "wrong type", GO.replace("b int", "b string"), GO),
    ("go", "no closing bracket", GO.replace("a + b", "(a + b"), GO),
    ("go", "a missing argument", GO.replace("b int", "b int, c int"), GO),
    ("go", "wrong sign", GO.replace("a + b", "a - b"), GO),
    ("go", "a term is missing", GO.replace(" + base", ""), GO),
    ("go", "no such index", GO.replace("a + b", "a + []int{}[b]"), GO),
    ("rust", "unknown name", RUST.replace("BASE", "BASIS"), RUST),
    ("rust", "a semicolon too many", RUST.replace("BASE", "BASE;"), RUST),
    ("rust", "wrong type", RUST.replace("b: i32", "b: &str"), RUST),
    ("rust", "no closing bracket", RUST.replace("a + b", "(a + b"), RUST),
    ("rust", "it cannot be changed", RUST.replace("    a + b", "    let x = 0;\n    x += 1;\n    a + b"), RUST),
    ("rust", "it was moved", RUST.replace("    a + b", "    let x = vec![1];\n    drop(x);\n    x.len() as i32 + a + b"), RUST),
    ("rust", "a missing argument", RUST.replace("b: i32", "b: i32, c: i32"), RUST),
    ("rust", "wrong sign", RUST.replace("a + b", "a - b"), RUST),
    ("rust", "a term is missing", RUST.replace(" + BASE", ""), RUST),
    ("rust", "it panics", RUST.replace("a + b", "a + b + None::<i32>.unwrap()"), RUST),
    ("java", "no semicolon", JAVA.replace(";", ""), JAVA),
    ("java", "unknown name", JAVA.replace("base", "basis"), JAVA),
    ("java", "wrong type", JAVA.replace("int b", "String b"), JAVA),
    ("java", "no return", JAVA.replace("return ", "int c = "), JAVA),
    ("java", "no closing bracket", JAVA.replace("a + b", "(a + b"), JAVA),
    ("java", "a missing argument", JAVA.replace("int b", "int b, int c"), JAVA),
    ("java", "not static", JAVA.replace("static ", ""), JAVA),
    ("java", "wrong sign", JAVA.replace("a + b", "a - b"), JAVA),
    ("java", "a term is missing", JAVA.replace(" + base", ""), JAVA),
    ("java", "division by zero", JAVA.replace("a + b", "a + b / 0"), JAVA),
]
