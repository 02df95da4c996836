// SPDX-License-Identifier: Apache-2.0
#include "tasks/review_answer.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "tasks/prompt_texts.hpp"

namespace oc::tasks {
namespace {

// Who objects to more in one answer guesses.
constexpr std::size_t k_most_findings = 5;
constexpr std::size_t k_longest_message = 300;
// A part of a line says which line is meant when it is this long and at least half of it.
constexpr std::size_t k_least_part = 8;
constexpr int k_least_failure_words = 3;
constexpr std::size_t k_most_digits = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; }
bool has_word(std::string_view text) { return std::ranges::any_of(text, is_word); }

// Runs of blanks as one, none at the ends.
std::string with_single_blanks(std::string_view text) {
  std::string single;
  for (const char c : base::trim(text)) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r';
    if (!is_blank) single += c;
    else if (!single.ends_with(' ')) single += ' ';
  }
  return single;
}

std::string_view without_backticks(std::string_view text) {
  text = base::trim(text);
  while (text.size() >= 2 && text.front() == '`' && text.back() == '`')
    text = base::trim(text.substr(1, text.size() - 2));
  return text;
}

// A model that copies a line sometimes copies the number that stood before it: "12| x = 1", "12+| x = 1".
std::string_view without_line_number(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  if (size == 0) return text;
  if (size < text.size() && text[size] == '+') ++size;
  if (size >= text.size() || text[size] != '|') return text;
  return base::trim(text.substr(size + 1));
}

struct Place {
  std::string path;  // "" where only a number was given
  std::int64_t number = 0;
};

// "src/a.py:12", "12", "line 12", "`src/a.py:L12-14`".
std::optional<Place> parse_place(std::string_view text) {
  text = without_backticks(text);
  const std::size_t colon = text.rfind(':');
  Place place;
  std::string_view number = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (colon != std::string_view::npos) place.path = without_backticks(text.substr(0, colon));
  number = base::trim(number);
  for (const std::string_view word : {"line", "Line", "LINE", "L"})
    if (number.starts_with(word)) number = base::trim(number.substr(word.size()));
  std::size_t size = 0;
  for (; size < number.size() && size < k_most_digits && is_digit(number[size]); ++size)
    place.number = place.number * 10 + (number[size] - '0');
  const std::string_view rest = number.substr(size);
  if (size == 0 || !(rest.empty() || rest.front() == '-' || rest.front() == '+')) return std::nullopt;
  if (place.path.starts_with("./")) place.path.erase(0, 2);
  return place;
}

// The paths that are meant: all of them where none is named.
std::set<std::string> meant_paths(const std::string& named, const std::vector<ReviewedLine>& lines) {
  std::set<std::string> meant;
  for (const ReviewedLine& line : lines)
    if (named.empty() || line.path == named || line.path.ends_with("/" + named)) meant.insert(line.path);
  if (meant.contains(named)) return {named};
  return !named.empty() && meant.size() > 1 ? std::set<std::string>{} : meant;
}

// The last bar before `end` that may stand between two parts: one of a pair is an "or" of the code.
std::size_t find_bar_before(std::string_view text, std::size_t end) {
  while (end > 0) {
    const std::size_t bar = text.rfind('|', end - 1);
    if (bar == std::string_view::npos) return bar;
    const bool is_pair = text.substr(bar + 1).starts_with('|') || text.substr(0, bar).ends_with('|');
    if (!is_pair) return bar;
    end = bar;
  }
  return std::string_view::npos;
}

struct Found {
  const ReviewedLine* line = nullptr;
  bool is_exact = false;  // the whole line, at its number
};

enum class Likeness { whole, part };

bool quotes(const std::string& quote, const ReviewedLine& line, Likeness likeness) {
  const std::string text = with_single_blanks(line.text);
  if (likeness == Likeness::whole) return text == quote;
  return quote.size() >= k_least_part && 2 * quote.size() >= text.size() && text.find(quote) != std::string::npos;
}

std::optional<Found> find_quoted_line(const std::string& quote, const Place& place, const std::set<std::string>& paths,
                                      const std::vector<ReviewedLine>& lines, Likeness likeness) {
  if (!has_word(quote)) return std::nullopt;
  std::vector<const ReviewedLine*> alike;
  for (const ReviewedLine& line : lines)
    if (paths.contains(line.path) && quotes(quote, line, likeness)) alike.push_back(&line);
  std::vector<const ReviewedLine*> at_number;
  std::ranges::copy_if(alike, std::back_inserter(at_number),
                       [&](const ReviewedLine* line) { return line->number.value == place.number; });
  if (at_number.size() == 1) return Found{at_number.front(), likeness == Likeness::whole};
  if (alike.size() == 1) return Found{alike.front(), false};
  return std::nullopt;
}

int count_words(std::string_view text) {
  int words = 0;
  bool is_in_word = false;
  for (const char c : text) {
    if (is_word(c) && !is_in_word) ++words;
    is_in_word = is_word(c);
  }
  return words;
}

// Words that take the objection back, or are those of the form.
constexpr std::array k_no_failures = {"none",
                                      "n/a",
                                      "nothing",
                                      "no failure",
                                      "no error",
                                      "no issue",
                                      "no problem",
                                      "no defect",
                                      "not applicable",
                                      "correct",
                                      "this is correct",
                                      "it is correct",
                                      "this line is correct",
                                      "the code is correct",
                                      "with which input or state",
                                      "failure case"};

bool names_failure(std::string_view failure, const ReviewedLine& line) {
  if (count_words(failure) < k_least_failure_words) return false;
  if (with_single_blanks(line.text).find(with_single_blanks(failure)) != std::string::npos) return false;
  const std::string lower = base::to_lower_ascii(failure);
  return std::ranges::none_of(k_no_failures, [&](const char* denial) { return lower.starts_with(denial); });
}

std::string as_message(std::string_view failure) {
  std::string message = base::filter_controls(with_single_blanks(failure));
  if (message.size() <= k_longest_message) return message;
  message.resize(k_longest_message);
  message.resize(base::complete_utf8_prefix(message));
  return message + "…";
}

// Blanks, bullets and the bars of a table around a line.
std::string_view bare_line(std::string_view line) {
  line = base::trim(line);
  for (const std::string_view bullet : {"- ", "* "})
    if (line.starts_with(bullet)) line = base::trim(line.substr(bullet.size()));
  if (!line.starts_with('|')) return line;
  line.remove_prefix(1);
  if (line.ends_with('|')) line.remove_suffix(1);
  return base::trim(line);
}

class AnswerReading {
 public:
  AnswerReading(const ReviewItem& item, const std::vector<ReviewedLine>& lines) : item_(item), lines_(lines) {}

  void read(std::string_view line) {
    const std::size_t bar = line.find('|');
    if (bar == std::string_view::npos) return;  // chatter, or "none"
    const std::string_view rest = line.substr(bar + 1);
    const auto place = parse_place(line.substr(0, bar));
    if (!place) {
      if (is_head_of_table(line)) return;
      ++answer_.dropped.without_form;
    } else if (find_bar_before(rest, rest.size()) == std::string_view::npos) {
      ++answer_.dropped.without_form;
    } else {
      judge(*place, rest);
    }
  }

  ReviewAnswer take() { return std::move(answer_); }

 private:
  // "path:number | code | …" and "---|---|---" are no objections.
  static bool is_head_of_table(std::string_view line) {
    const std::string lower = base::to_lower_ascii(line);
    return !has_word(line) || lower.starts_with("path:number") || lower.starts_with("line |");
  }

  // Code may hold bars of its own, so each of them may be where a whole line ends; a part of one ends at the last bar
  // alone, else what is invented would be true up to its first bar.
  void judge(const Place& place, std::string_view rest) {
    const std::set<std::string> paths = meant_paths(place.path, lines_);
    if (paths.empty()) {
      ++answer_.dropped.elsewhere;
      return;
    }
    const std::size_t last = find_bar_before(rest, rest.size());
    for (std::size_t bar = last; bar != std::string_view::npos; bar = find_bar_before(rest, bar))
      if (judge_until(bar, place, rest, paths, Likeness::whole)) return;
    if (!judge_until(last, place, rest, paths, Likeness::part)) ++answer_.dropped.without_quote;
  }

  // Whether the code quoted before the bar is there.
  bool judge_until(std::size_t bar, const Place& place, std::string_view rest, const std::set<std::string>& paths,
                   Likeness likeness) {
    const std::string quote = with_single_blanks(without_line_number(without_backticks(rest.substr(0, bar))));
    const auto found = find_quoted_line(quote, place, paths, lines_, likeness);
    if (found) add(*found, base::trim(rest.substr(bar + 1)));
    return found.has_value();
  }

  void add(const Found& found, std::string_view failure) {
    const auto [said, is_new] = said_.emplace(base::to_lower_ascii(with_single_blanks(failure)), found.line);
    if (!is_new && said->second == found.line) return;
    if (!is_new || !names_failure(failure, *found.line)) {
      ++answer_.dropped.without_failure;
      return;
    }
    if (answer_.findings.size() == k_most_findings) {
      ++answer_.dropped.too_many;
      return;
    }
    quality::Finding finding;
    finding.severity = item_.severity;
    finding.confidence = found.is_exact ? quality::Confidence::medium : quality::Confidence::low;
    finding.source = "model";
    finding.rule = item_.rule;
    finding.path = found.line->path;
    finding.lines = {found.line->number, found.line->number};
    finding.about = finding.lines;
    finding.message = as_message(failure);
    finding.quote = base::filter_controls(base::trim(found.line->text));
    answer_.findings.push_back(std::move(finding));
  }

  const ReviewItem& item_;
  const std::vector<ReviewedLine>& lines_;
  // The same words about many lines are about none; a line that comes again is a model that goes round in circles.
  std::map<std::string, const ReviewedLine*> said_;
  ReviewAnswer answer_;
};

}  // namespace

std::vector<ReviewItem> review_items() {
  std::vector<ReviewItem> items;
  const std::string text = prompt_text("review_items");
  for (const std::string_view line : base::split_lines(text)) {
    const std::size_t first = line.find('|'), second = line.find('|', first + 1);
    if (second == std::string_view::npos) continue;
    const auto severity = quality::severity_from(base::trim(line.substr(first + 1, second - first - 1)));
    items.push_back({std::string(base::trim(line.substr(0, first))), severity.value_or(quality::Severity::warning),
                     std::string(base::trim(line.substr(second + 1)))});
  }
  return items;
}

void DroppedObjections::add(const DroppedObjections& other) {
  without_form += other.without_form;
  elsewhere += other.elsewhere;
  without_quote += other.without_quote;
  without_failure += other.without_failure;
  too_many += other.too_many;
}

ReviewAnswer read_review_answer(std::string_view answer, const ReviewItem& item,
                                const std::vector<ReviewedLine>& lines) {
  AnswerReading reading(item, lines);
  for (const std::string_view line : base::split_lines(answer)) reading.read(bare_line(line));
  return reading.take();
}

}  // namespace oc::tasks
