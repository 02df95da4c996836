// SPDX-License-Identifier: Apache-2.0
// Sixty defects, ten kinds in six languages, each with a clean twin: the rule finds the defect, on its line, and is
// silent about the twin.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "quality/project_measures.hpp"
#include "quality/static_findings.hpp"
#include "unit/context/workspace_fixture.hpp"

namespace oc::quality {
namespace {

enum class Reach { everybody, file };

// How a language writes what the defects are made of.
struct Dialect {
  std::string name, ending, top, bottom, both, comment;
  std::string test_path, test_text;  // %s: the name that is tested
  std::string (*function)(const std::string& name, int parameters, const std::string& body, Reach reach) = nullptr;
  std::string (*call)(const std::string& name) = nullptr;
  std::string (*branch)(const std::string& condition, const std::string& body) = nullptr;
  int body_line = 2;  // of the first body line in a file with one function
};

std::string listed(int count, std::string_view before, std::string_view behind) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("{}{}p{}{}", i == 0 ? "" : ", ", before, i, behind);
  return text;
}

// Lines of Python are indented by what they stand in.
std::string indented(const std::string& body) {
  std::string text;
  for (std::size_t at = 0, end = 0; at < body.size(); at = end + 1) {
    end = std::min(body.find('\n', at), body.size());
    text += "    " + body.substr(at, end - at) + "\n";
  }
  return text;
}

std::string braces(const std::string& head, const std::string& body) { return head + " {\n" + body + "}\n"; }

std::string call_with_semicolon(const std::string& name) { return name + "();\n"; }
std::string call_alone(const std::string& name) { return name + "()\n"; }
std::string branch_in_parentheses(const std::string& condition, const std::string& body) {
  return braces("if (" + condition + ")", body);
}
std::string branch_without(const std::string& condition, const std::string& body) {
  return braces("if " + condition, body);
}

const std::vector<Dialect>& dialects() {
  static const std::vector<Dialect> all = {
      {"c", ".c", "", "", "&&", "// ", "test_all.c", "int check(void) {{ return {}(); }}\n",
       [](const std::string& name, int count, const std::string& body, Reach reach) {
         return braces((reach == Reach::file ? "static int " : "int ") + name + "(" + listed(count, "int ", "") + ")",
                       body);
       },
       call_with_semicolon, branch_in_parentheses},
      {"python", ".py", "", "", "and", "# ", "test_all.py", "from x import y\nassert {}() == 1\n",
       [](const std::string& name, int count, const std::string& body, Reach reach) {
         return "def " + std::string(reach == Reach::file ? "_" : "") + name + "(" + listed(count, "", "") + "):\n" +
                indented(body);
       },
       call_alone,
       [](const std::string& condition, const std::string& body) {
         return "if " + condition + ":\n" + indented(body);
       }},
      {"javascript", ".js", "import z from 'z';\n", "", "&&", "// ", "all.test.js", "import z from 'z';\n{}();\n",
       [](const std::string& name, int count, const std::string& body, Reach reach) {
         return braces(
             (reach == Reach::file ? "function " : "export function ") + name + "(" + listed(count, "", "") + ")",
             body);
       },
       call_with_semicolon, branch_in_parentheses, 3},
      {"go", ".go", "package p\n", "", "&&", "// ", "all_test.go", "package p\n\nvar checked = {}()\n",
       [](const std::string& name, int count, const std::string& body, Reach reach) {
         return braces(
             "func " + std::string(reach == Reach::file ? "x" : "X") + name + "(" + listed(count, "", " int") + ")",
             body);
       },
       call_alone, branch_without, 3},
      {"rust", ".rs", "", "", "&&", "// ", "tests/all.rs", "fn check() {{ {}(); }}\n",
       [](const std::string& name, int count, const std::string& body, Reach reach) {
         return braces((reach == Reach::file ? "fn " : "pub fn ") + name + "(" + listed(count, "", ": i32") + ")",
                       body);
       },
       call_with_semicolon, branch_without},
      {"java", ".java", "class A {\n", "}\n", "&&", "// ", "src/test/AllTest.java",
       "class AllTest {{ int checked = {}(); }}\n",
       [](const std::string& name, int count, const std::string& body, Reach reach) {
         return braces(
             (reach == Reach::file ? "private int " : "public int ") + name + "(" + listed(count, "int ", "") + ")",
             body);
       },
       call_with_semicolon, branch_in_parentheses, 3},
  };
  return all;
}

std::string repeated(int count, const std::function<std::string(int)>& make) {
  std::string text;
  for (int i = 0; i < count; ++i) text += make(i);
  return text;
}

struct Seed {
  std::string rule;
  // The text of a file; `is_defect` or its twin. `tag` makes its names its own.
  std::function<std::string(const Dialect& d, bool is_defect, const std::string& tag)> make;
  int line_behind_top = 1;  // where the finding begins, counted from the first line behind Dialect::top
};

std::string file_text(const Dialect& d, const std::string& functions) { return d.top + functions + d.bottom; }

const std::vector<Seed>& seeds() {
  static const std::vector<Seed> all = {
      {"long-function",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         const std::string body =
             repeated(is_defect ? 60 : 40, [&](int i) { return d.call(fmt::format("s{}{}", tag, i)); });
         return file_text(d, d.function("f" + tag, 0, body, Reach::everybody));
       }},
      {"deep-nesting",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         std::string body = d.call("g" + tag);
         for (int i = 0; i < (is_defect ? 5 : 4); ++i) body = d.branch(fmt::format("c{}", i), body);
         return file_text(d, d.function("f" + tag, 0, body, Reach::everybody));
       }},
      {"complex-function",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         const std::string body =
             repeated(is_defect ? 10 : 9, [&](int i) { return d.branch(fmt::format("c{}", i), d.call("g" + tag)); });
         return file_text(d, d.function("f" + tag, 0, body, Reach::everybody));
       }},
      {"complex-function",  // by its conditions alone
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         std::string condition = "c0";
         for (int i = 1; i < (is_defect ? 10 : 9); ++i) condition += fmt::format(" {} c{}", d.both, i);
         return file_text(d, d.function("f" + tag, 0, d.branch(condition, d.call("g" + tag)), Reach::everybody));
       }},
      {"many-parameters",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         return file_text(d, d.function("f" + tag, is_defect ? 6 : 5, d.call("g" + tag), Reach::everybody));
       }},
      {"duplicate-code",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         const std::string body = repeated(20, [&](int i) { return d.call(fmt::format("step{}{}", tag, i)); });
         const std::string other = repeated(20, [&](int i) { return d.call(fmt::format("other{}{}", tag, i)); });
         return file_text(d, d.function("f" + tag, 0, body, Reach::everybody) +
                                 d.function("g" + tag, 1, is_defect ? body : other, Reach::everybody));
       }},
      {"unused-symbol",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         const std::string hidden = d.function("h" + tag, 0, d.call("s" + tag), Reach::file);
         std::string name = "h" + tag;
         if (d.name == "python") name = "_" + name;
         if (d.name == "go") name = "x" + name;
         return file_text(d, hidden + d.function("f" + tag, 0, d.call(is_defect ? "s" + tag : name), Reach::everybody));
       }},
      {"untested-symbol",
       [](const Dialect& d, bool /*is_defect*/, const std::string& tag) {
         const std::string body = d.branch("a", d.branch("b", d.call("g" + tag)));
         return file_text(d, d.function("f" + tag, 0, body, Reach::everybody));
       }},
      {"todo-comment",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         const std::string words = is_defect ? "TO"
                                               "DO: mend it"
                                             : "the list of TODOs is elsewhere";
         return file_text(d, d.comment + words + "\n" + d.function("f" + tag, 0, d.call("g" + tag), Reach::everybody));
       }},
      {"conflict-marker",
       [](const Dialect& d, bool is_defect, const std::string& tag) {
         const std::string mark = is_defect ? "" : d.comment;
         return mark + "<<<<<<< HEAD\n" + mark + "=======\n" + mark + ">>>>>>> theirs\n" +
                file_text(d, d.function("f" + tag, 0, d.call("g" + tag), Reach::everybody));
       },
       0},
  };
  return all;
}

class SeededDefectsTest : public context::WorkspaceTest {};

TEST_F(SeededDefectsTest, AreFoundAndTheirTwinsAreNot) {
  std::map<std::string, std::pair<std::string, std::int64_t>> expected;  // by path: rule and line
  std::map<std::string, std::string> twins;                              // by path: the rule that must be silent
  for (const Dialect& d : dialects()) {
    std::string tests;
    for (std::size_t i = 0; i < seeds().size(); ++i) {
      const Seed& seed = seeds()[i];
      for (const bool is_defect : {true, false}) {
        const std::string tag = fmt::format("{}{}{}", is_defect ? "bad" : "good", d.name, i);
        const std::string path = fmt::format("{}/{}{}", d.name, tag, d.ending);
        write(path, seed.make(d, is_defect, tag));
        const int top = d.body_line - 2;
        if (is_defect) expected[path] = {seed.rule, seed.line_behind_top == 0 ? 1 : top + seed.line_behind_top};
        else twins[path] = seed.rule;
        if (!is_defect && seed.rule == "untested-symbol")
          write(d.name + "/" + d.test_path,
                fmt::format(fmt::runtime(d.test_text), (d.name == "go" ? "Xf" : "f") + tag));
      }
    }
  }
  ASSERT_EQ(expected.size(), 60U);
  context::ProjectIndex index = open();
  refresh(index);
  MeasureOptions options;
  options.workspace = workspace();
  options.file_limit = base::ByteCount(1'000'000);
  const auto measures = measure_project(options, index);
  ASSERT_TRUE(measures);
  std::map<std::string, std::set<std::string>> found;  // by path: "rule line"
  for (const Finding& finding : static_findings(*measures)) {
    found[finding.path].insert(finding.rule);
    found[finding.path].insert(fmt::format("{} {}", finding.rule, finding.lines.first.value));
  }
  for (const auto& [path, defect] : expected)
    EXPECT_TRUE(found[path].contains(fmt::format("{} {}", defect.first, defect.second)))
        << path << " " << defect.first << ":" << defect.second << " among " << testing::PrintToString(found[path]);
  for (const auto& [path, rule] : twins) EXPECT_FALSE(found[path].contains(rule)) << path << " " << rule;
}

}  // namespace
}  // namespace oc::quality
