// SPDX-License-Identifier: Apache-2.0
#include "quality/finding.hpp"

#include <gtest/gtest.h>

namespace oc::quality {
namespace {

Finding make(std::string path, std::int64_t line, std::string rule, std::string message,
             std::string source = "static") {
  Finding finding;
  finding.path = std::move(path);
  finding.lines = {base::LineNumber(line), base::LineNumber(line)};
  finding.rule = std::move(rule);
  finding.message = std::move(message);
  finding.source = std::move(source);
  return finding;
}

TEST(Findings, ThatAreEqualBecomeOne) {
  Finding worse = make("a.c", 3, "nullPointer", "Null pointer dereference: p", "cppcheck");
  worse.severity = Severity::error;
  Finding surer = make("a.c", 3, "clang-x", "null pointer dereference 'p'", "clang-tidy");
  surer.confidence = Confidence::high;
  const auto merged = merge_findings({surer, make("b.c", 1, "r", "m"), worse, make("b.c", 1, "r", "other words")});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].severity, Severity::error);
  EXPECT_EQ(merged[0].source, "cppcheck");
  EXPECT_EQ(merged[0].confidence, Confidence::high);
  EXPECT_EQ(merged[1].path, "b.c");
}

TEST(Findings, OfOtherLinesRulesAndSymbolsStay) {
  Finding other_symbol = make("a.c", 1, "r", "y");
  other_symbol.symbol = "g";
  EXPECT_EQ(merge_findings({make("a.c", 1, "r", "x"), make("a.c", 2, "r", "x"), make("a.c", 1, "s", "z"), other_symbol})
                .size(),
            4U);
}

TEST(Findings, KeepTheirFingerprintWhenLinesMove) {
  Finding a = make("a.c", 1, "r", "m");
  a.quote = "x = 1;";
  Finding b = a;
  b.lines = {base::LineNumber(9), base::LineNumber(9)};
  EXPECT_EQ(fingerprint(a), fingerprint(b));
  EXPECT_EQ(fingerprint(a).size(), 16U);
  b.quote = "x = 2;";
  EXPECT_NE(fingerprint(a), fingerprint(b));
}

TEST(Findings, HaveWordsForSeverities) {
  EXPECT_EQ(severity_from("warning"), Severity::warning);
  EXPECT_FALSE(severity_from("fatal"));
}

}  // namespace
}  // namespace oc::quality
