// SPDX-License-Identifier: Apache-2.0
// What a model answered to one question of a review, and which of it may be believed: a finding has to quote a line
// that was there to be reviewed and to say when it goes wrong. Pure; nothing of an answer is taken on trust.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "quality/finding.hpp"

namespace oc::tasks {

// A line that may be objected to.
struct ReviewedLine {
  std::string path;
  base::LineNumber number;
  std::string text;
};

// One kind of defect that is asked for.
struct ReviewItem {
  std::string rule;
  quality::Severity severity = quality::Severity::warning;
  std::string question;
};
// prompts/review_items.md: "rule | severity | question", a line each.
std::vector<ReviewItem> review_items();

// Objections that are not believed, by the first thing that was wrong with each.
struct DroppedObjections {
  int without_form = 0;     // not the three parts that were asked for
  int elsewhere = 0;        // a file that was not shown
  int without_quote = 0;    // no reviewed line is quoted, or several are and the number tells none of them
  int without_failure = 0;  // it is not said what goes wrong, or it is said of everything
  int too_many = 0;
  int total() const { return without_form + elsewhere + without_quote + without_failure + too_many; }
  void add(const DroppedObjections& other);
  bool operator==(const DroppedObjections&) const = default;
};

struct ReviewAnswer {
  std::vector<quality::Finding> findings;
  DroppedObjections dropped;
};

// A quote is enough to find its line: a number that is off is put right where no other reviewed line reads so. The
// confidence is medium for a whole line at its number, else low. Linear in the answer times the lines.
ReviewAnswer read_review_answer(std::string_view answer, const ReviewItem& item,
                                const std::vector<ReviewedLine>& lines);

}  // namespace oc::tasks
