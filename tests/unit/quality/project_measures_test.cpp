// SPDX-License-Identifier: Apache-2.0
#include "quality/project_measures.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "quality/measure_history.hpp"
#include "quality/static_findings.hpp"
#include "unit/context/workspace_fixture.hpp"

namespace oc::quality {
namespace {

class ProjectMeasuresTest : public context::WorkspaceTest {
 protected:
  ProjectMeasures measure(const std::string& folder = "") {
    context::ProjectIndex index = open();
    refresh(index);
    MeasureOptions options;
    options.workspace = workspace();
    options.folder = folder;
    options.file_limit = base::ByteCount(1'000'000);
    auto measures = measure_project(options, index);
    EXPECT_TRUE(measures) << measures.error().message;
    return std::move(*measures);
  }

  // "rule path:line symbol" of each, separated by ", ".
  std::string findings(const std::string& rule) {
    std::string text;
    for (const Finding& finding : static_findings(measure()))
      if (finding.rule == rule)
        text += fmt::format("{}{}:{} {}", text.empty() ? "" : ", ", finding.path, finding.lines.first.value,
                            finding.symbol);
    return text;
  }
};

TEST_F(ProjectMeasuresTest, NamesWhatNobodyUsesByTheRulesOfEachLanguage) {
  write("a.c",
        "static int dead_a(void) { return 1; }\nstatic int live(void) { return 2; }\nint main(void) { return live(); "
        "}\n");
  write("b.cpp",
        "#include \"b.hpp\"\nnamespace { int dead_b() { return 1; } }\nint api() { return 1; }\nint half() { return 2; "
        "}\n");
  write("b.hpp", "int api();\nstatic int in_header() { return 1; }\n");
  write("c.py",
        "def _dead():\n    pass\n\ndef _live():\n    pass\n\ndef public():\n    return _live()\n\n@route\ndef "
        "_decorated():\n    pass\n");
  write("d.js",
        "import x from 'x';\nfunction deadD(a) { return deadD(a); }\nexport function api() {}\nconst live = () => "
        "1;\nx(live);\n");
  write("e.go", "package e\n\nfunc deadE() {}\nfunc Api() {}\nfunc live() {}\nfunc init() { live() }\n");
  write("f.rs", "fn dead_f() {}\npub fn api() {}\nfn live() {}\nfn main() { live() }\n#[test]\nfn checks() {}\n");
  write("G.java",
        "class G {\n  private int deadG() { return 1; }\n  private int live() { return 2; }\n  public int api() { "
        "return live(); }\n}\n");
  EXPECT_EQ(findings("unused-symbol"),
            "G.java:2 G.deadG, a.c:1 dead_a, b.cpp:2 dead_b, c.py:1 _dead, d.js:2 deadD, e.go:3 e.deadE, "
            "f.rs:1 dead_f");
}

TEST_F(ProjectMeasuresTest, AsksAllOtherFilesWhoUsesASymbol) {
  write("a.go", "package a\n\nfunc helper() {}\n");
  write("b.go", "package a\n\nfunc Api() { helper() }\n");
  write("a.py", "def _helper():\n    pass\n");
  write("b.py", "from a import _helper\n_helper()\n");
  write("c.c", "static void hook(void) {}\n#define CALL(x) hook()\n");
  write("d.py", "def _by_name():\n    pass\nx = globals()['_by_name']\n");
  EXPECT_EQ(findings("unused-symbol"), "");
}

TEST_F(ProjectMeasuresTest, SaysNothingOfFilesThatItCannotRead) {
  write("a.c", "static int dead(void) { return 1; }\nint broken( { ][ }\n");
  EXPECT_EQ(findings("unused-symbol"), "");
}

TEST_F(ProjectMeasuresTest, NamesFunctionsThatNoTestNames) {
  const std::string body = "(a, b):\n    if a and b:\n        return 1\n    return 2\n\n";
  write("a.py", "def tested" + body + "def untested" + body + "def _private" + body +
                    "def trivial():\n    pass\n_private(1, 2)\n");
  EXPECT_EQ(findings("untested-symbol"), "");  // there are no tests at all
  write("test_a.py", "from a import tested\n\ndef test_it():\n    assert tested(1, 2) == 1\n");
  EXPECT_EQ(findings("untested-symbol"), "a.py:6 untested");
}

TEST_F(ProjectMeasuresTest, JudgesFunctionsByTheirLimits) {
  std::string many;
  for (int i = 0; i < 61; ++i) many += fmt::format("  x{}();\n", i);
  write("a.c",
        "void fits(int a, int b, int c, int d, int e) {}\nvoid longer(void) {\n" + many + "}\n" +
            "int deep(int a, int b, int c, int d, int e, int f) {\n  if (a) if (b) if (c) if (d) if (e) return f;\n"
            "  return a && b && c && d && e;\n}\n");
  EXPECT_EQ(findings("long-function"), "a.c:2 longer");
  EXPECT_EQ(findings("deep-nesting"), "a.c:65 deep");
  EXPECT_EQ(findings("many-parameters"), "a.c:65 deep");
  EXPECT_EQ(findings("complex-function"), "");
  const ProjectMeasures measures = measure();
  EXPECT_EQ(measures.files[0].functions[2].complexity, 10);
}

TEST_F(ProjectMeasuresTest, FindsCopiesMarksAndConflicts) {
  std::string body;
  for (int i = 0; i < 12; ++i) body += fmt::format("  total = total + weight_{} * {};\n", i, i);
  write("a.c", "int f(int total) {\n" + body + "  return 1;\n}\n");
  write("sub/b.c", "int g(int x) {\n  int total = x;\n" + body +
                       "  // TO"
                       "DO: less of it\n  return 2;\n}\n");
  write("c.py", "x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> theirs\n");
  write("vendor/d.c", "int f(int total) {\n" + body + "}\n");
  EXPECT_EQ(findings("duplicate-code"), "a.c:2 , sub/b.c:3 ");
  EXPECT_EQ(findings("todo-comment"), "sub/b.c:15 ");
  EXPECT_EQ(findings("conflict-marker"), "c.py:2 ");
  EXPECT_EQ(measure("sub").files.size(), 1U);
  const MeasureSums sums = sums_of(measure(), "");
  EXPECT_EQ(sums.copied_lines, 26);
  EXPECT_EQ(sums.marks, 1);
}

TEST_F(ProjectMeasuresTest, KeepsAHistory) {
  const base::Path file = workspace() / "quality.jsonl";
  MeasureSums sums;
  sums.time = 1;
  sums.lines = 10;
  EXPECT_TRUE(load_history(file)->empty());
  ASSERT_TRUE(add_to_history(file, sums));
  sums.time = 2;
  ASSERT_TRUE(add_to_history(file, sums));  // nothing changed
  sums.lines = 12;
  ASSERT_TRUE(add_to_history(file, sums));
  write("quality.jsonl", base::read_file(file, base::ByteCount(10'000)).value() + "garbage\n{\"folder\":3}\n[]\n");
  const auto history = load_history(file);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ((*history)[1].lines, 12);
  std::string line = base::read_file(file, base::ByteCount(10'000)).value(), lines;
  line.resize(line.find('\n') + 1);
  for (int i = 0; i < 1005; ++i) lines += line;
  write("quality.jsonl", lines);
  ASSERT_TRUE(add_to_history(file, sums));
  EXPECT_EQ(load_history(file)->size(), 1000U);
}

}  // namespace
}  // namespace oc::quality
