// SPDX-License-Identifier: Apache-2.0
// Random texts and answers, always the same ones: what is placed is what was meant, or nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "edit/answer_edits.hpp"
#include "edit/code_place.hpp"
#include "edit/indentation.hpp"
#include "edit/search_replace.hpp"
#include "edit/text_lines.hpp"
#include "edit/text_place.hpp"
#include "edit/unified_diff.hpp"

namespace oc::edit {
namespace {

using Lines = std::vector<std::string>;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(engine_() % limit); }
  bool chance(std::size_t of) { return below(of) == 0; }
  template <class Item>
  const Item& one_of(const std::vector<Item>& items) {
    return items[below(items.size())];
  }

 private:
  std::mt19937 engine_;
};

std::string replaced(const std::string& bytes, const std::vector<TextChange>& changes) {
  std::vector<LineReplacement> all;
  for (const TextChange& change : changes) {
    auto placed = place_text(base::to_lf(bytes), change);
    if (!placed) return "! " + placed.error().reason;
    all.insert(all.end(), placed->begin(), placed->end());
  }
  auto made = replace_lines(bytes, std::move(all));
  return made ? *made : "! " + made.error().reason;
}

// Few different lines, so that many stand in several places; among them what looks like parts of a diff.
Lines random_lines(Random& random, std::size_t longest) {
  const Lines texts{"a", "b", "",   "",       "  c",    "\td",     "-- e", "++ f", "--- g", "+++ h",
                    "{", "}", "@x", "- item", "+ item", "diff --", "i ",   "\\ j", "=====", "\xC3\xA9"};
  Lines lines(random.below(longest));
  for (std::string& line : lines) line = random.one_of(texts);
  return lines;
}

Lines edited(Random& random, Lines lines) {
  for (std::size_t times = 1 + random.below(4); times > 0; --times) {
    const std::size_t at = random.below(lines.size() + 1);
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    if (random.chance(2)) lines.insert(place, random.one_of(Lines{"new 1", "new 2", "", "a", "}"}));
    else if (place != lines.end() && random.chance(2)) lines.erase(place);
    else if (place != lines.end()) *place = "changed";
  }
  return lines;
}

std::string with_ends(const Lines& lines, const std::string& end, bool is_ended) {
  std::string text;
  for (const std::string& line : lines) text += line + end;
  if (!is_ended && !text.empty()) text.resize(text.size() - end.size());
  return text;
}

TEST(EditProperty, SearchReplaceIsReadAsItIsWritten) {
  Random random(1);
  for (int round = 0; round < 1500; ++round) {
    Lines old_lines = random_lines(random, 6), new_lines = random_lines(random, 6);
    for (Lines* lines : {&old_lines, &new_lines}) std::erase(*lines, "=====");
    const TextChange change{joined(old_lines), joined(new_lines), {}};
    const std::string rendered = render_search(change);
    for (const std::string& answer : {"x.py\n" + rendered, "x.py\n```\n" + rendered + "```\n"}) {
      const AnswerEdits read = parse_answer(answer);
      ASSERT_EQ(read.edits.size(), 1u) << answer;
      EXPECT_EQ(read.edits[0].changes, std::vector{change}) << answer;
      EXPECT_EQ(read.edits[0].path, "x.py");
    }
  }
}

// A tool's diff gives the new text exactly, in a fence and without one.
TEST(EditProperty, DiffsGiveTheNewText) {
  Random random(2);
  for (int round = 0; round < 1500; ++round) {
    const Lines old_lines = random_lines(random, 40), new_lines = edited(random, old_lines);
    const std::string end = random.chance(3) ? "\r\n" : "\n";
    const bool is_ended = random.chance(2) || old_lines.empty() || new_lines.empty() || old_lines.back().empty() ||
                          new_lines.back().empty();
    const std::string old_text = with_ends(old_lines, old_lines.size() < 2 ? "\n" : end, is_ended);
    const std::string new_text = with_ends(new_lines, old_lines.size() < 2 ? "\n" : end, is_ended);
    const std::string diff = unified_diff(old_text, new_text, "x.txt");
    if (diff.empty()) continue;
    for (const std::string& answer : {"```diff\n" + diff + "```\n", diff}) {
      const AnswerEdits read = parse_answer(answer);
      ASSERT_TRUE(read.refusals.empty()) << answer << read.refusals.front().reason;
      ASSERT_EQ(read.edits.size(), 1u) << answer;
      EXPECT_EQ(replaced(old_text, read.edits[0].changes), new_text) << answer;
    }
    if (HasFailure()) return;
  }
}

Lines numbered_code(Random& random, std::string_view unit) {
  Lines lines;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < 25; ++i) {
    if (random.chance(6)) lines.emplace_back();
    std::string line;
    for (std::size_t k = 0; k < depth; ++k) line += unit;
    lines.push_back(line + (random.chance(4) ? "}" : "call" + std::to_string(i) + "();"));
    depth = random.chance(3) ? depth + 1 : depth - (depth > 0 && random.chance(3) ? 1 : 0);
  }
  return lines;
}

std::size_t count_of(const Lines& lines, const Lines& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; at + part.size() <= lines.size(); ++at)
    if (std::equal(part.begin(), part.end(), lines.begin() + static_cast<std::ptrdiff_t>(at))) ++count;
  return count;
}

std::string_view indentation_of(const Lines& lines) {
  for (const std::string& line : lines)
    if (!base::is_blank(line)) return base::indentation(line);
  return "";
}

// Quoted lines that were mangled as models do are found where they were taken from, or nowhere.
TEST(EditProperty, MangledQuotesLandRightOrNotAtAll) {
  Random random(3);
  int applied = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string unit = random.one_of(Lines{"\t", "  ", "    "});
    const Lines file = numbered_code(random, unit);
    const std::size_t begin = random.below(file.size()),
                      size = 1 + random.below(std::min<std::size_t>(6, file.size() - begin));
    const auto from = file.begin() + static_cast<std::ptrdiff_t>(begin);
    const Lines window(from, from + static_cast<std::ptrdiff_t>(size));
    Lines wanted = window;
    wanted.insert(wanted.begin() + static_cast<std::ptrdiff_t>(random.below(size + 1)),
                  std::string(indentation_of(window)) + "fresh();");
    Lines expected(file.begin(), from);
    expected.insert(expected.end(), wanted.begin(), wanted.end());
    expected.insert(expected.end(), from + static_cast<std::ptrdiff_t>(size), file.end());
    Lines quoted = window, given = wanted;
    switch (random.below(5)) {
      case 0:
        for (Lines* lines : {&quoted, &given})
          for (std::string& line : *lines)
            if (!line.empty()) line.insert(0, unit);
        break;
      case 1:
        for (Lines* lines : {&quoted, &given}) *lines = indented_like(*lines, "");
        break;
      case 2: quoted.back() += "  "; break;
      case 3:
        quoted.insert(quoted.begin(), "");
        given.insert(given.begin(), "");
        break;
      default: break;
    }
    if (count_of(file, quoted) > 0 && quoted != window) continue;  // by chance it is another quote
    const std::string result = replaced(joined(file), {{joined(quoted), joined(given), {}}});
    if (result.starts_with("! ")) continue;
    ++applied;
    const auto same = [](const std::string& one, const std::string& other) {
      return Lines(owned_lines(one)) == owned_lines(other);
    };
    EXPECT_TRUE(same(result, joined(expected))) << joined(quoted) << "---\n"
                                                << joined(given) << "---\n"
                                                << joined(file) << "---\n"
                                                << result;
    if (HasFailure()) return;
  }
  EXPECT_GT(applied, 1200);
}

struct Sample {
  const char* language;
  const char* comment;
  std::vector<std::string> parts;  // blank lines go between
  std::size_t edited = 0;          // of `parts`
  const char* old_line = "";
  const char* new_lines = "";
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all{
      {"python",
       "#",
       {"\"\"\"Doc.\"\"\"\nimport os\nimport sys\n",
        "# About f.\n@cache\ndef f(a):\n    x = a\n    y = x\n    return y\n", "def g(a):\n    return a\n",
        "LIMIT = 3\n",
        "class A:\n    size = 1\n\n    def f(self):\n        return 1\n\n    def h(self):\n        return 2\n",
        "if __name__ == \"__main__\":\n    f(1)\n"},
       1,
       "    y = x\n",
       "    y = x\n    fresh()\n"},
      {"cpp",
       "//",
       {"#include <vector>\n", "namespace {\n", "int helper(int a) {\n  return a;\n}\n", "}  // namespace\n",
        "/* About f. */\nint f(int a) {\n  int b = a;\n  return b;\n}\n",
        "class A {\n public:\n  int f() { return 1; }\n\n  void g() {\n    f();\n  }\n\n private:\n  int x_ = 0;\n};\n",
        "int main() {\n  return f(1);\n}\n"},
       4,
       "  int b = a;\n",
       "  int b = a;\n  fresh();\n"},
      {"rust",
       "//",
       {"use std::fmt;\nuse std::io;\n", "pub struct P {\n    x: i32,\n    y: i32,\n}\n",
        "impl P {\n    pub fn new() -> Self {\n        let p = P { x: 1, y: 2 };\n        p\n    }\n\n    fn "
        "sum(&self) -> i32 {\n        self.x\n    }\n}\n",
        "impl Default for P {\n    fn default() -> Self {\n        P::new()\n    }\n}\n",
        "fn main() {\n    P::new();\n}\n"},
       2,
       "        let p = P { x: 1, y: 2 };\n",
       "        let p = P { x: 1, y: 2 };\n        fresh();\n"},
      {"go",
       "//",
       {"package main\n", "import (\n\t\"fmt\"\n\t\"os\"\n)\n", "// T is.\ntype T struct {\n\tx int\n}\n",
        "func (t *T) F() int {\n\ty := t.x\n\treturn y\n}\n", "func F() int {\n\treturn 1\n}\n",
        "func main() {\n\tF()\n}\n"},
       3,
       "\ty := t.x\n",
       "\ty := t.x\n\tfresh()\n"},
      {"typescript",
       "//",
       {"import { a } from './a';\nimport b from './b';\n", "export const limit = 3;\n",
        "export class Box {\n  private size = 1;\n\n  get(): number {\n    const x = 1;\n    return x;\n  }\n\n  "
        "set(value: number) {\n    this.size = value;\n  }\n}\n",
        "export function f(x: number): number {\n  return x;\n}\n", "run(f(1));\n"},
       2,
       "    const x = 1;\n",
       "    const x = 1;\n    fresh();\n"},
      {"java",
       "//",
       {"package a;\n", "import java.util.List;\nimport java.util.Map;\n",
        "/**\n * About A.\n */\npublic class A {\n  private int x = 1;\n\n  public void put(int a) {\n    x = a;\n  "
        "}\n\n  public void put(String a) {\n    x = 2;\n  }\n\n  @Override\n  public String toString() {\n    return "
        "\"a\";\n  }\n}\n",
        "class B {\n  int y;\n}\n"},
       2,
       "    x = a;\n",
       "    x = a;\n    fresh();\n"}};
  return all;
}

// The parts of a file and of its classes: what stands between blank lines.
Lines paragraphs(const std::string& text) {
  Lines parts(1);
  for (const std::string& line : owned_lines(text)) {
    if (line.empty()) parts.emplace_back();
    else parts.back() += line + "\n";
  }
  return parts;
}

std::string joined_parts(const Lines& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "\n") + part;
  return text;
}

bool has_all_lines(const std::string& result, const std::string& file) {
  std::map<std::string, int> count;
  for (const std::string& line : owned_lines(result)) ++count[line];
  return std::ranges::all_of(owned_lines(file),
                             [&](const std::string& line) { return line.empty() || --count[line] >= 0; });
}

// An answer that gives some parts of a file, with a line added in one of them, adds that line, and nothing else is
// lost.
TEST(EditProperty, CodeInPartLosesNothing) {
  Random random(4);
  std::map<std::string, int> applied;
  for (int round = 0; round < 2400; ++round) {
    const Sample& sample = random.one_of(samples());
    const std::string file = joined_parts(sample.parts);
    Lines parts = paragraphs(file);
    for (std::string& part : parts)
      if (const std::size_t at = part.find(sample.old_line); at != std::string::npos)
        part.replace(at, std::string(sample.old_line).size(), sample.new_lines);
    const std::size_t keep = random.below(6);
    std::string code;
    for (const std::string& part : parts) {
      const bool is_edited = part.find("fresh()") != std::string::npos;
      if (is_edited || keep == 0 || !random.chance(keep)) {
        code += (code.empty() ? "" : "\n") + part;
        continue;
      }
      const std::string mark(base::indentation(part));
      if (random.chance(3))
        code += "\n" + mark + sample.comment +
                random.one_of(Lines{" ...", " ... existing code ...", " rest of the code unchanged"}) + "\n";
    }
    if (random.chance(5)) code = joined(indented_like(owned_lines(code), "    "));
    if (random.chance(5)) code = base::with_line_end(code, base::LineEnd::crlf);
    const bool is_closed = !random.chance(8);
    const AnswerEdits read =
        parse_answer("file\n```" + std::string(sample.language) + "\n" + code + (is_closed ? "```\n" : ""));
    ASSERT_EQ(read.edits.size(), 1u);
    EXPECT_EQ(read.edits[0].is_complete, is_closed);
    auto placed =
        place_code(file, read.edits[0].code, {syntax::find_language(sample.language), CodeScope::unknown, ""});
    if (!placed) continue;
    const auto made = replace_lines(file, std::move(*placed));
    if (!made) continue;
    ++applied[sample.language];
    EXPECT_TRUE(has_all_lines(*made, file)) << code << "-----\n" << *made;
    const std::size_t at = made->find("fresh()");
    EXPECT_TRUE(at != std::string::npos && made->find("fresh()", at + 1) == std::string::npos) << code << "-----\n"
                                                                                               << *made;
    for (const char* word : {"...", "existing", "unchanged"})
      EXPECT_EQ(made->find(word), std::string::npos) << code << "-----\n" << *made;
    if (HasFailure()) return;
  }
  for (const Sample& sample : samples()) EXPECT_GT(applied[sample.language], 60) << sample.language;
}

}  // namespace
}  // namespace oc::edit
