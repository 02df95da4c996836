// SPDX-License-Identifier: Apache-2.0
#include "context/trace.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <iterator>

#include <chrono>
#include <random>

#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context {
namespace {

// "main.py:12:0 run": what the tests compare, a line each.
std::vector<std::string> places(const Trace& trace) {
  std::vector<std::string> out;
  for (const Frame& f : trace.frames)
    out.push_back(fmt::format("{}:{}:{}{}{}", f.path, f.line, f.column, f.function.empty() ? "" : " ", f.function));
  return out;
}
using Places = std::vector<std::string>;

TEST(PythonTrace, InnermostCallFirst) {
  const Trace trace = parse_trace(R"(starting up: 3 workers
Traceback (most recent call last):
  File "main.py", line 12, in <module>
    total = sum_up(["1", 2])
            ^^^^^^^^^^^^^^^^
  File "/app/lib/sums.py", line 4, in sum_up
    return first + second
           ~~~~~~^~~~~~~~
TypeError: can only concatenate str (not "int") to str
make: *** [Makefile:3: run] Error 1
)");
  EXPECT_EQ(trace.kind, Trace::Kind::python);
  EXPECT_EQ(trace.message, "TypeError: can only concatenate str (not \"int\") to str");
  EXPECT_EQ(places(trace), (Places{"/app/lib/sums.py:4:0 sum_up", "main.py:12:0 <module>"}));
}

TEST(PythonTrace, ChainedExceptionsLastOneFirst) {
  const Trace trace = parse_trace(R"(Traceback (most recent call last):
  File "store.py", line 8, in load
    return table[key]
KeyError: 'colour'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "app.py", line 30, in <module>
    main()
  File "app.py", line 21, in main
    raise Missing("no colour") from error
store.Missing: no colour
)");
  EXPECT_EQ(trace.message, "store.Missing: no colour; caused by KeyError: 'colour'");
  EXPECT_EQ(places(trace), (Places{"app.py:21:0 main", "app.py:30:0 <module>", "store.py:8:0 load"}));
}

TEST(PythonTrace, SyntaxErrorWithoutHeader) {
  const Trace trace =
      parse_trace("  File \"/w/my file.py\", line 2\n    def f(:\n          ^\nSyntaxError: invalid syntax\n");
  EXPECT_EQ(trace.kind, Trace::Kind::python);
  EXPECT_EQ(trace.message, "SyntaxError: invalid syntax");
  EXPECT_EQ(places(trace), (Places{"/w/my file.py:2:0"}));
}

TEST(PythonTrace, ExceptionGroup) {
  const Trace trace = parse_trace(R"(  + Exception Group Traceback (most recent call last):
  |   File "batch.py", line 20, in <module>
  |     raise ExceptionGroup("two jobs failed", errors)
  | ExceptionGroup: two jobs failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "batch.py", line 9, in run
    |     job()
    |   File "jobs.py", line 3, in first
    |     int("x")
    | ValueError: invalid literal for int() with base 10: 'x'
    +---------------- 2 ----------------
    | TimeoutError: too slow
    +------------------------------------
)");
  EXPECT_EQ(
      trace.message,
      "ExceptionGroup: two jobs failed (2 sub-exceptions); ValueError: invalid literal for int() with base 10: 'x'; "
      "TimeoutError: too slow");
  EXPECT_EQ(places(trace), (Places{"jobs.py:3:0 first", "batch.py:9:0 run", "batch.py:20:0 <module>"}));
}

TEST(PythonTrace, RecursionIsOnePlaceAndTheInterpreterIsNone) {
  std::string text = "Traceback (most recent call last):\n";
  for (int i = 0; i < 700; ++i) text += "  File \"r.py\", line 2, in f\n    return f()\n";
  text +=
      "  File \"<string>\", line 1, in <module>\n  [Previous line repeated 996 more times]\nRecursionError: too deep\n";
  const Trace trace = parse_trace(text);
  EXPECT_EQ(places(trace), (Places{"r.py:2:0 f"}));
  EXPECT_EQ(trace.message, "RecursionError: too deep");
}

TEST(PythonTrace, Pytest) {
  const Trace trace = parse_trace(R"(____________ test_total ____________

    def test_total():
>       assert total([1, 2]) == 4
E       assert 3 == 4
E        +  where 3 = total([1, 2])

tests/test_sums.py:5: AssertionError
)");
  EXPECT_EQ(trace.kind, Trace::Kind::python);
  EXPECT_EQ(trace.message, "assert 3 == 4");
  EXPECT_EQ(places(trace), (Places{"tests/test_sums.py:5:0"}));
}

TEST(PythonTrace, ColoursAndCrlfDoNotMatter) {
  const Trace trace = parse_trace(
      "\x1b[31mTraceback (most recent call last):\x1b[0m\r\n  File \x1b[35m\"a.py\"\x1b[0m, line \x1b[35m7\x1b[0m, in "
      "f\r\n"
      "\x1b[1;35mValueError\x1b[0m: \x1b[35mbad\x1b[0m\r\n");
  EXPECT_EQ(places(trace), (Places{"a.py:7:0 f"}));
  EXPECT_EQ(trace.message, "ValueError: bad");
}

TEST(GccTrace, ErrorsBeforeNotesIncludesAndWarnings) {
  const Trace trace = parse_trace(R"([ 50%] Building C object main.o
In file included from src/list.h:3,
                 from src/main.c:1:
src/node.h:7:3: warning: no semicolon at end of struct
src/main.c: In function ‘main’:
src/main.c:9:15: error: ‘count’ undeclared (first use in this function)
    9 |   printf("%d", count);
      |               ^~~~~
src/main.c:9:15: note: each undeclared identifier is reported only once
src/main.c:14:1: error: expected ‘;’ before ‘}’ token
ninja: build stopped: subcommand failed.
)");
  EXPECT_EQ(trace.kind, Trace::Kind::gcc_clang);
  EXPECT_EQ(trace.message, "error: ‘count’ undeclared (first use in this function)");
  EXPECT_EQ(places(trace), (Places{"src/main.c:9:15 main", "src/main.c:14:1 main", "src/list.h:3:0", "src/main.c:1:0",
                                   "src/node.h:7:3"}));
  EXPECT_EQ(trace.frames[1].message, "error: expected ‘;’ before ‘}’ token");
}

TEST(GccTrace, OtherFormsOfTheSameTools) {
  EXPECT_EQ(places(parse_trace("C:\\w\\a b.cpp:3:5: fatal error: 'x.h' file not found\n")),
            (Places{"C:\\w\\a b.cpp:3:5"}));
  EXPECT_EQ(places(parse_trace("a.c:3: error: old style\n")), (Places{"a.c:3:0"}));
  EXPECT_EQ(places(parse_trace("app: src/a.c:5: run: Assertion `n > 0' failed.\n")), (Places{"src/a.c:5:0 run"}));
  EXPECT_EQ(places(parse_trace("a.c:8:12: runtime error: signed integer overflow\n")), (Places{"a.c:8:12"}));
  EXPECT_EQ(places(parse_trace("#0  total (n=3) at src/sum.c:12\n#1  0x0000555 in main () at src/main.c:4\n")),
            (Places{"src/sum.c:12:0 total (n=3)", "src/main.c:4:0 main ()"}));
  const Trace linker =
      parse_trace("/usr/bin/ld: main.o: in function `main':\nmain.c:(.text+0x5): undefined reference to `run'\n");
  EXPECT_EQ(linker.message, "undefined reference to `run'");
  EXPECT_EQ(linker.kind, Trace::Kind::gcc_clang);
  const Trace sanitizer = parse_trace(R"(==17==ERROR: AddressSanitizer: heap-use-after-free on address 0x602 at pc 0x55
READ of size 4 at 0x602 thread T0
    #0 0x55d1 in take(int*) /w/src/a.c:5:3
    #1 0x55d2 in main /w/src/a.c:11:9
    #2 0x7f00 in __libc_start_main (/lib/libc.so.6+0x1)
)");
  EXPECT_EQ(sanitizer.message, "AddressSanitizer: heap-use-after-free on address 0x602 at pc 0x55");
  EXPECT_EQ(places(sanitizer), (Places{"/w/src/a.c:5:3 take(int*)", "/w/src/a.c:11:9 main"}));
  EXPECT_EQ(parse_trace("Main.java:3: error: ';' expected\n").kind, Trace::Kind::java);
}

TEST(MsvcTrace, ParenthesesAndProjects) {
  const Trace trace = parse_trace(R"(Microsoft (R) Build Engine
  main.cpp
C:\work\app\util.h(4): warning C4100: 'n': unreferenced parameter [C:\work\app\app.vcxproj]
1>C:\work\app\main.cpp(12,3): error C2065: 'total': undeclared identifier [C:\work\app\app.vcxproj]
C:\work\app\main.cpp(20) : error C2143: syntax error: missing ';' before '}'
)");
  EXPECT_EQ(trace.kind, Trace::Kind::msvc);
  EXPECT_EQ(trace.message, "error C2065: 'total': undeclared identifier");
  EXPECT_EQ(places(trace),
            (Places{"C:\\work\\app\\main.cpp:12:3", "C:\\work\\app\\main.cpp:20:0", "C:\\work\\app\\util.h:4:0"}));
  EXPECT_EQ(trace.frames[1].message, "error C2143: syntax error: missing ';' before '}'");
  EXPECT_EQ(places(parse_trace("A.cs(3,5,3,9): error CS0103: no such name\n")), (Places{"A.cs:3:5"}));
  EXPECT_EQ(parse_trace("main.obj : error LNK2019: unresolved external symbol run\n").message,
            "error LNK2019: unresolved external symbol run");
}

TEST(JavaTrace, RootCauseFirst) {
  const Trace trace = parse_trace(R"(10:00:01 INFO  starting
Exception in thread "main" java.lang.IllegalStateException: cannot start
	at com.example.app.Main.start(Main.java:31)
	at com.example.app.Main.main(Main.java:9)
Caused by: java.lang.NullPointerException: name is null
	at com.example.app.Names$Table.find(Names.java:44)
	at java.base/java.util.HashMap.computeIfAbsent(HashMap.java:1220)
	at java.base/jdk.internal.reflect.NativeMethod.invoke(Native Method)
	... 2 more
)");
  EXPECT_EQ(trace.kind, Trace::Kind::java);
  EXPECT_EQ(trace.message,
            "java.lang.IllegalStateException: cannot start; caused by java.lang.NullPointerException: name is null");
  EXPECT_EQ(places(trace),
            (Places{"Names.java:44:0 com.example.app.Names$Table.find",
                    "HashMap.java:1220:0 java.base/java.util.HashMap.computeIfAbsent",
                    "Main.java:31:0 com.example.app.Main.start", "Main.java:9:0 com.example.app.Main.main"}));
}

TEST(NodeTrace, HeadlineAndFramesAreOnePlace) {
  const Trace trace = parse_trace(R"(/app/src/server.js:14
  return user.name.length;
              ^

TypeError: Cannot read properties of undefined (reading 'name')
    at nameLength (/app/src/server.js:14:15)
    at Object.<anonymous> (/app/src/index.js:3:1)
    at Module._compile (node:internal/modules/cjs/loader:1256:14)
    at async file:///app/my%20lib/run.mjs:7:3
    at eval (eval at run (/app/x.js:1:1), <anonymous>:1:1)

Node.js v18.19.0
)");
  EXPECT_EQ(trace.kind, Trace::Kind::node);
  EXPECT_EQ(trace.message, "TypeError: Cannot read properties of undefined (reading 'name')");
  EXPECT_EQ(places(trace), (Places{"/app/src/server.js:14:15 nameLength", "/app/src/index.js:3:1 Object.<anonymous>",
                                   "/app/my lib/run.mjs:7:3"}));
}

TEST(NodeTrace, OtherForms) {
  const Trace syntax = parse_trace(
      "/app/a.js:2\nlet = 3 3\n        ^\n\nSyntaxError: Unexpected number\n    at node:internal/vm:73:18\n");
  EXPECT_EQ(places(syntax), (Places{"/app/a.js:2:0"}));
  EXPECT_EQ(syntax.message, "SyntaxError: Unexpected number");
  const Trace cause = parse_trace(
      "Uncaught Error: outer\n    at f (a.js:1:2) {\n    at f (a.js:1:2)\n  [cause]: RangeError: inner\n      at g "
      "(b.js:3:4)\n");
  EXPECT_EQ(cause.message, "Error: outer; caused by RangeError: inner");
  EXPECT_EQ(places(cause), (Places{"a.js:1:2 f", "b.js:3:4 g"}));
  const Trace code = parse_trace(
      "node:internal/errors:477\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'\n    at f "
      "(file:///C:/w/a.mjs:1:1)\n");
  EXPECT_EQ(code.message, "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'");
  EXPECT_EQ(places(code), (Places{"C:/w/a.mjs:1:1 f"}));
  const Trace types = parse_trace("src/a.ts:3:7 - error TS2322: Type 'string' is not assignable to type 'number'.\n");
  EXPECT_EQ(places(types), (Places{"src/a.ts:3:7"}));
  EXPECT_EQ(types.message, "error TS2322: Type 'string' is not assignable to type 'number'.");
}

TEST(RustTrace, CompilerErrors) {
  const Trace trace = parse_trace(R"(   Compiling app v0.1.0 (/w/app)
warning: unused variable: `x`
 --> src/util.rs:2:9
  |
error[E0308]: mismatched types
 --> src/main.rs:4:18
  |
4 |     let n: i32 = "a";
  |            ---   ^^^ expected `i32`, found `&str`
  |
 ::: src/lib.rs:9:1
note: function defined here
 --> src/lib.rs:20:4

error: could not compile `app` due to previous error; 1 warning emitted
)");
  EXPECT_EQ(trace.kind, Trace::Kind::rust);
  EXPECT_EQ(trace.message, "error[E0308]: mismatched types");
  EXPECT_EQ(places(trace), (Places{"src/main.rs:4:18", "src/lib.rs:9:1", "src/lib.rs:20:4", "src/util.rs:2:9"}));
}

TEST(RustTrace, PanicsOfBothForms) {
  const Trace trace = parse_trace(R"(thread 'main' panicked at src/main.rs:2:5:
index out of bounds: the len is 3 but the index is 99
stack backtrace:
   0: rust_begin_unwind
             at /rustc/9fc6b4/library/std/src/panicking.rs:645:5
   1: app::pick
             at ./src/pick.rs:11:9
   2: app::main
             at ./src/main.rs:2:5
note: run with `RUST_BACKTRACE=full` for a verbose backtrace.
)");
  EXPECT_EQ(trace.kind, Trace::Kind::rust);
  EXPECT_EQ(trace.message, "panicked: index out of bounds: the len is 3 but the index is 99");
  EXPECT_EQ(places(trace), (Places{"src/main.rs:2:5", "./src/pick.rs:11:9 app::pick", "./src/main.rs:2:5 app::main",
                                   "/rustc/9fc6b4/library/std/src/panicking.rs:645:5 rust_begin_unwind"}));
  const Trace old = parse_trace("thread 'main' panicked at 'it's bad', src/main.rs:7:9\n");
  EXPECT_EQ(old.message, "panicked: it's bad");
  EXPECT_EQ(places(old), (Places{"src/main.rs:7:9"}));
}

TEST(GoTrace, Panic) {
  const Trace trace = parse_trace(R"(panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.(*List).at(0xc000012345, 0x5)
	/w/app/list.go:12 +0x1d
main.main()
	/w/app/main.go:8
created by main.start in goroutine 7
	/w/app/start.go:4 +0x99
exit status 2
)");
  EXPECT_EQ(trace.kind, Trace::Kind::go);
  EXPECT_EQ(trace.message, "panic: runtime error: index out of range [5] with length 3");
  EXPECT_EQ(places(trace), (Places{"/w/app/list.go:12:0 main.(*List).at", "/w/app/main.go:8:0 main.main",
                                   "/w/app/start.go:4:0 main.start"}));
}

TEST(GoTrace, CompilerVetAndTests) {
  const Trace build =
      parse_trace("# example.com/app\n./main.go:3:5: undefined: total\nvet: ./b.go:9:2: unreachable code\n");
  EXPECT_EQ(build.kind, Trace::Kind::go);
  EXPECT_EQ(build.message, "undefined: total");
  EXPECT_EQ(places(build), (Places{"./main.go:3:5", "./b.go:9:2"}));
  const Trace test = parse_trace("--- FAIL: TestSum (0.00s)\n    sum_test.go:12: got 3, want 4\nFAIL\n");
  EXPECT_EQ(test.message, "got 3, want 4");
  EXPECT_EQ(places(test), (Places{"sum_test.go:12:0"}));
}

TEST(UnknownTrace, PlacesThatLookLikeSource) {
  const Trace ruby =
      parse_trace("lib/a.rb:12:in `run': undefined method (NoMethodError)\n\tfrom bin/app.rb:3:in `<main>'\n");
  EXPECT_EQ(ruby.kind, Trace::Kind::unknown);
  EXPECT_EQ(places(ruby), (Places{"lib/a.rb:12:0", "bin/app.rb:3:0"}));
  EXPECT_EQ(places(parse_trace("PHP Fatal error: oops in /w/a.php on line 12")), (Places{"/w/a.php:12:0"}));
  EXPECT_EQ(places(parse_trace("   at App.Run() in C:\\w\\App.cs:line 8")), (Places{"C:\\w\\App.cs:8:0"}));
  EXPECT_TRUE(parse_trace("listening on 127.0.0.1:8080, see https://x.org:443/a.js:1").frames.empty());
}

TEST(UnknownTrace, OnlyAMessage) {
  EXPECT_EQ(parse_trace("TypeError: unsupported operand").message, "TypeError: unsupported operand");
  EXPECT_EQ(parse_trace("log\nerror: it broke\nmore\n").message, "error: it broke");
  EXPECT_EQ(parse_trace("\n  it does nothing  \n").message, "it does nothing");
  EXPECT_EQ(parse_trace("one\ntwo\n").message, "");
  EXPECT_EQ(parse_trace("").message, "");
  EXPECT_TRUE(parse_trace("").frames.empty());
}

TEST(AnyTrace, MixedKindsKeepThePlacesOfAll) {
  const Trace trace = parse_trace(R"(src/fast.c:3:5: error: 'x' undeclared
Traceback (most recent call last):
  File "setup.py", line 4, in <module>
    build()
  File "build.py", line 9, in build
    run()
RuntimeError: compiler failed
)");
  EXPECT_EQ(trace.kind, Trace::Kind::python);
  EXPECT_EQ(places(trace), (Places{"build.py:9:0 build", "setup.py:4:0 <module>", "src/fast.c:3:5"}));
}

TEST(AnyTrace, LineNumbersThatAreNone) {
  for (const char* text : {"a.c:0:1: error: x", "a.c:99999999999:1: error: x", "a.c:-3: error: x", ":3:1: error: x",
                           "File \"a.py\", line 0", "File \"\", line 3", "a.cpp(0): error C1: x", "\tat a.b(A.java:0)"})
    EXPECT_TRUE(parse_trace(text).frames.empty()) << text;
}

void expect_sound(const Trace& trace) {
  EXPECT_LE(trace.frames.size(), k_most_frames);
  EXPECT_LE(trace.message.size(), 1100u);
  EXPECT_EQ(base::find_invalid_utf8(trace.message), std::nullopt);
  for (const Frame& frame : trace.frames) {
    EXPECT_FALSE(frame.path.empty());
    EXPECT_LE(frame.path.size(), 4096u);
    EXPECT_GE(frame.line, 1);
    EXPECT_GE(frame.column, 0);
    EXPECT_EQ(base::find_invalid_utf8(frame.path + frame.function + frame.message), std::nullopt);
    EXPECT_EQ((frame.path + frame.function + frame.message).find('\x1b'), std::string::npos);
  }
}

TEST(AnyTrace, ManyFramesAreBounded) {
  std::string text = "Traceback (most recent call last):\n";
  for (int i = 1; i <= 600; ++i) text += fmt::format("  File \"f{}.py\", line {}, in f\n    x\n", i, i);
  const Trace trace = parse_trace(text + "ValueError: x\n");
  expect_sound(trace);
  EXPECT_EQ(trace.frames.size(), k_most_frames);
  EXPECT_EQ(trace.frames[0].path, "f600.py");
}

TEST(AnyTrace, SoundOnRandomPieces) {
  constexpr std::string_view k_parts[] = {"Traceback (most recent call last):",
                                          "  File \"a.py\", line ",
                                          "\", line 3, in f",
                                          "TypeError: x",
                                          "\n",
                                          "\n",
                                          "\n",
                                          "  | ",
                                          "  +-+------ 1 ------",
                                          "a.c:1:2",
                                          ": error: ",
                                          ": In function 'f':",
                                          "In file included from ",
                                          "(12,3)",
                                          "): error C1: ",
                                          "\tat a.B.c(",
                                          "A.java:3",
                                          ")",
                                          "Caused by: ",
                                          "... 3 more",
                                          "    at f (",
                                          "file:///%41%",
                                          "a.js:3",
                                          ":4",
                                          " - error TS1",
                                          "[cause]: ",
                                          "error[E1]: ",
                                          " --> ",
                                          "panicked at ",
                                          "'x', ",
                                          "   0: f",
                                          "at ",
                                          "a.rs:1:1",
                                          ":",
                                          "panic: ",
                                          "goroutine 1 [running]:",
                                          "a.go:5",
                                          " +0x1",
                                          "undefined reference to ",
                                          "Sanitizer: ",
                                          "#0 0x1 in f /a.c:1",
                                          ": Assertion `",
                                          "99999999999",
                                          "0",
                                          "-1",
                                          " line ",
                                          "\x1b[31m",
                                          "\xFF",
                                          "漢",
                                          "\0x",
                                          "(",
                                          "'",
                                          "\"",
                                          " ",
                                          "E   ",
                                          "C:\\",
                                          "/"};
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int n = static_cast<int>(random() % 60); n > 0; --n) {
      if (random() % 12 == 0) text += static_cast<char>(random() % 256);
      else text += k_parts[random() % std::size(k_parts)];
    }
    expect_sound(parse_trace(text));
  }
}

// The scanners alone, on texts that would send one that looks back or ahead over and over into minutes.
TEST(AnyTrace, HostileTextTakesNoLongerThanItsLength) {
  for (const std::string_view part : {":1",
                                      "a.c:1:",
                                      "a.c:1:1: error: x\n",
                                      "| ",
                                      "+ ",
                                      "File \"",
                                      "at ",
                                      " (",
                                      "at f (a.js:1:2)\n",
                                      "\tat a.b(A.java:3)\n",
                                      "Traceback (most recent call last):\n",
                                      "'",
                                      "), ",
                                      "(1",
                                      " --> a.rs:1:1\n",
                                      "panicked at '",
                                      " line 1",
                                      "%41",
                                      "Caused by: X\n\tat a.b(A.java:3)\n",
                                      "E   x\n",
                                      "[cause]: x\n",
                                      ": In ",
                                      " in ",
                                      " at "}) {
    std::string text;
    while (text.size() < 1 << 14) text += part;
    const std::vector<std::string_view> lines = base::split_lines(text);
    const auto start = std::chrono::steady_clock::now();
    for (const auto scan :
         {trace_scan::scan_python, trace_scan::scan_rust, trace_scan::scan_go, trace_scan::scan_java,
          trace_scan::scan_msvc, trace_scan::scan_node, trace_scan::scan_gcc_clang, trace_scan::scan_unknown})
      expect_sound(scan(lines).trace);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3)) << part;
  }
}

}  // namespace
}  // namespace oc::context
