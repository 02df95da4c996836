// SPDX-License-Identifier: Apache-2.0
// Each language's sample is read as its .outline file says. After a change that is meant:
//   OC_REWRITE_OUTLINES=1 build/release/bin/unit_syntax --gtest_filter='Samples.*'; git diff tests/unit/syntax/samples
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "unit/syntax/samples.hpp"

namespace oc::syntax {

std::string load_text(const base::Path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Sample> load_samples() {
  std::vector<Sample> samples;
  const base::Path folder = base::path_from_utf8(std::string(OC_SOURCE_FOLDER) + "/tests/unit/syntax/samples");
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (const Language* language = find_language_of_file(entry.path()); language != nullptr)
      samples.push_back({entry.path(), language, load_text(entry.path())});
  std::ranges::sort(samples, {}, &Sample::path);
  return samples;
}

std::string describe(const Outline& outline) {
  std::string shown;
  for (const Symbol& symbol : outline.symbols) {
    int depth = 0;
    for (int outer = symbol.container; outer >= 0; outer = outline.symbols[static_cast<std::size_t>(outer)].container)
      ++depth;
    shown +=
        fmt::format("{:{}}{}{} {} {}-{} {}{}{}\n", "", depth * 2, symbol.form == SymbolForm::declaration ? "~" : "",
                    to_string(symbol.kind), symbol.qualified_name, symbol.lines.first.value, symbol.lines.last.value,
                    symbol.signature, symbol.doc.empty() ? "" : " | ", symbol.doc);
  }
  for (const Import& import : outline.imports)
    shown += fmt::format("import {} {} ({}) {}\n", import.form == ImportForm::relative ? "relative" : "module",
                         import.target, fmt::join(import.names, ", "), import.line.value);
  std::set<std::string> calls, types, names;
  for (const Reference& reference : outline.references)
    (reference.kind == ReferenceKind::call   ? calls
     : reference.kind == ReferenceKind::type ? types
                                             : names)
        .emplace(reference.name);
  shown += fmt::format("calls {}\ntypes {}\nnames {}\n", fmt::join(calls, " "), fmt::join(types, " "),
                       fmt::join(names, " "));
  return shown;
}

std::string find_broken_promise(const Outline& outline, std::string_view text) {
  const auto lines = static_cast<std::int64_t>(std::ranges::count(text, '\n')) + 1;
  std::size_t last_begin = 0;
  for (std::size_t i = 0; i < outline.symbols.size(); ++i) {
    const Symbol& s = outline.symbols[i];
    const auto inside = [&](const ByteRange& inner, const ByteRange& outer) {
      return inner.begin <= inner.end && inner.begin >= outer.begin && inner.end <= outer.end;
    };
    if (!inside(s.range, {0, text.size()})) return "range outside the text: " + s.name;
    if (s.name.empty() || !inside(s.name_range, s.range)) return "name outside its range: " + s.name;
    if (s.body && !inside(*s.body, s.range)) return "body outside its range: " + s.name;
    if (s.lines.first.value < 1 || s.lines.last < s.lines.first || s.lines.last.value > lines)
      return "lines: " + s.name;
    if (s.signature.size() > 240 || s.doc.size() > 240) return "too long: " + s.name;
    if (s.signature.contains('\n') || s.doc.contains('\n')) return "more than a line: " + s.name;
    if (s.container >= static_cast<int>(i)) return "container after what it holds: " + s.name;
    if (s.container >= 0 && !inside(s.range, outline.symbols[static_cast<std::size_t>(s.container)].range))
      return "outside its container: " + s.name;
    if (s.range.begin < last_begin) return "not by position: " + s.name;
    last_begin = s.range.begin;
  }
  for (const Reference& r : outline.references) {
    if (r.name.data() < text.data() || r.name.data() + r.name.size() > text.data() + text.size())
      return "reference outside the text";
    if (r.line.value < 1 || r.line.value > lines) return "line of a reference";
  }
  for (const Import& import : outline.imports)
    if (import.target.empty() || import.line.value < 1 || import.line.value > lines) return "import " + import.target;
  return {};
}

namespace {

TEST(Samples, AreReadAsTheirOutlinesSay) {
  const bool rewrites = std::getenv("OC_REWRITE_OUTLINES") != nullptr;
  OutlineReader reader;
  const std::vector<Sample> samples = load_samples();
  EXPECT_EQ(samples.size(), 20u);
  for (const Sample& sample : samples) {
    SCOPED_TRACE(sample.language->id);
    base::Path expected = sample.path;
    expected.replace_extension(".outline");
    ASSERT_TRUE(has_grammar(*sample.language));
    const std::optional<Outline> outline = reader.read(*sample.language, sample.text, {});
    ASSERT_TRUE(outline);
    EXPECT_EQ(outline->syntax_errors, 0);
    EXPECT_EQ(outline->coverage, Coverage::whole);
    EXPECT_EQ(find_broken_promise(*outline, sample.text), "");
    if (rewrites) std::ofstream(expected, std::ios::binary) << describe(*outline);
    EXPECT_EQ(describe(*outline), base::to_lf(load_text(expected)));
  }
}

TEST(Samples, AreTheSameWithWindowsLineEnds) {
  OutlineReader reader;
  for (const Sample& sample : load_samples()) {
    // Markdown and YAML count blanks at the end of a line, heredocs differ by what they hold.
    const std::string crlf = base::with_line_end(base::to_lf(sample.text), base::LineEnd::crlf);
    const std::optional<Outline> lf = reader.read(*sample.language, sample.text, {});
    const std::optional<Outline> outline = reader.read(*sample.language, crlf, {});
    ASSERT_TRUE(lf && outline) << sample.language->id;
    EXPECT_EQ(find_broken_promise(*outline, crlf), "") << sample.language->id;
    EXPECT_EQ(outline->symbols.size(), lf->symbols.size()) << sample.language->id;
    EXPECT_EQ(outline->imports.size(), lf->imports.size()) << sample.language->id;
    for (std::size_t i = 0; i < std::min(lf->symbols.size(), outline->symbols.size()); ++i) {
      EXPECT_EQ(outline->symbols[i].qualified_name, lf->symbols[i].qualified_name);
      EXPECT_EQ(outline->symbols[i].signature, lf->symbols[i].signature);
      EXPECT_EQ(outline->symbols[i].doc, lf->symbols[i].doc);
    }
  }
}

TEST(Samples, AreTheSameAfterAByteOrderMark) {
  OutlineReader reader;
  for (const Sample& sample : load_samples()) {
    const std::string text = std::string(base::k_byte_order_mark) + sample.text;
    const std::optional<Outline> outline = reader.read(*sample.language, text, {});
    ASSERT_TRUE(outline) << sample.language->id;
    EXPECT_EQ(find_broken_promise(*outline, text), "") << sample.language->id;
    EXPECT_EQ(describe(*outline), describe(*reader.read(*sample.language, sample.text, {}))) << sample.language->id;
  }
}

}  // namespace
}  // namespace oc::syntax
