// SPDX-License-Identifier: Apache-2.0
#include "tasks/explain_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "context/file_split.hpp"
#include "context/line_range.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/token_counter.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;

// A summary of more text than this says too little about it.
constexpr std::int64_t k_most_part_tokens = 3000;
constexpr std::int64_t k_summary_tokens = 256;
// Room for the frame of a piece and the joints between texts.
constexpr std::int64_t k_margin_tokens = 64;
// At least two summaries must fit into one prompt, or joining them would never end.
constexpr std::int64_t k_least_part_tokens = 2 * k_summary_tokens + k_margin_tokens;

// Text of a file, or a summary that stands for it.
struct Part {
  context::Piece piece;
  bool is_summary = false;
};

std::string framed(const Part& part) {
  if (!part.is_summary) return framed_piece(part.piece);
  return prompt_text("part_summary", {{"path", part.piece.path},
                                      {"lines", context::to_words(part.piece.lines)},
                                      {"summary", part.piece.text}}) +
         "\n\n";
}

class PartsExplainer {
 public:
  PartsExplainer(ModelSession& session, const PartsRequest& request) : session_(session), request_(request) {}

  base::Result<Answer> explain() {
    OC_CHECK(find_budget());
    OC_TRY(std::vector<Part> parts, split());
    ledger_parts(parts);
    session_.tell(ContextChosen{total_.selection});
    session_.tell(Note{
        fmt::format("too much for one prompt: {} parts are summarised first; what is done is kept", parts.size())});
    for (int round = 0; !fits(parts); ++round) {
      const std::size_t before = parts.size();
      OC_TRY(parts, summarise(parts, round));
      if (round > 0 && parts.size() >= before)
        return base::fail(base::ErrorKind::too_large, "the summaries of the parts do not fit into the context window",
                          "name fewer files, or allow a larger context with --context");
    }
    return answer(parts);
  }

 private:
  base::Result<TokenCount> count(std::string_view text) {
    return session_.count(protocol::RawPrompt{std::string(text)});
  }

  base::Result<void> find_budget() {
    const std::int64_t window = session_.loaded().context_tokens;
    OC_TRY(const TokenCount question, count(request_.question));
    const std::int64_t reserve = std::min<std::int64_t>(session_.generation().max_tokens.value, window / 4);
    whole_budget_ = TokenCount(window - reserve - question.value - 2 * k_margin_tokens);
    part_budget_ = TokenCount(std::min(whole_budget_.value, k_most_part_tokens));
    if (part_budget_.value >= k_least_part_tokens) return {};
    return base::fail(
        base::ErrorKind::too_large,
        fmt::format("a context window of {} tokens is too small to explain this in parts", base::format_count(window)),
        "allow a larger one with --context");
  }

  base::Result<std::vector<Part>> split() {
    std::vector<Part> parts;
    const context::CountTokens counter = [this](std::string_view text) { return count(text); };
    for (const FilePart& file : request_.files) {
      context::SourceFile part = file.file;
      std::int64_t offset = 0;
      if (file.lines) {
        part.text = context::text_of_lines(file.file, *file.lines);
        offset = file.lines->first.value - 1;
      }
      OC_TRY(const auto ranges, context::split_file(part, part_budget_ - TokenCount(k_margin_tokens), counter));
      for (const base::LineRange& range : ranges) {
        const base::LineRange shown{base::LineNumber(range.first.value + offset),
                                    base::LineNumber(range.last.value + offset)};
        context::Piece piece{part.shown_path, shown, std::string(context::text_of_lines(part, range)),
                             "named on the command line; summarised as a part"};
        if (!base::is_blank(piece.text)) parts.push_back({std::move(piece), false});
      }
    }
    for (Part& part : parts) {
      OC_TRY(const TokenCount tokens, count(framed(part)));
      tokens_.push_back(tokens);
    }
    return parts;
  }

  void ledger_parts(const std::vector<Part>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      total_.selection.items.push_back({parts[i].piece.path, parts[i].piece.lines, tokens_[i], parts[i].piece.reason});
      total_.selection.used += tokens_[i];
    }
    total_.selection.budget = total_.selection.used;  // in several prompts, each within the window
  }

  bool fits(const std::vector<Part>& parts) const {
    const bool all_summaries = std::ranges::all_of(parts, &Part::is_summary);
    TokenCount sum;
    for (const TokenCount tokens : tokens_) sum += tokens;
    return all_summaries && sum <= whole_budget_;
  }

  // The first round summarises each part, later ones as many summaries together as fit into a prompt.
  base::Result<std::vector<Part>> summarise(const std::vector<Part>& parts, int round) {
    std::vector<Part> summaries;
    std::vector<TokenCount> tokens;
    for (std::size_t i = 0; i < parts.size();) {
      std::size_t end = i + 1;
      TokenCount used = tokens_[i];
      while (round > 0 && end < parts.size() && used + tokens_[end] <= part_budget_) used += tokens_[end++];
      session_.tell(Step{static_cast<std::int64_t>(i), static_cast<std::int64_t>(parts.size()),
                         fmt::format("{} {}", parts[i].piece.path, context::to_words(parts[i].piece.lines))});
      OC_TRY(Part summary, end - i == 1 && parts[i].is_summary ? base::Result<Part>(parts[i])
                                                               : summary_of({parts.data() + i, end - i}));
      OC_TRY(tokens.emplace_back(), count(framed(summary)));
      summaries.push_back(std::move(summary));
      i = end;
    }
    tokens_ = std::move(tokens);
    return summaries;
  }

  static context::Piece place_of(std::span<const Part> parts) {
    context::Piece piece = parts.front().piece;
    if (parts.size() == 1) return piece;
    const context::Piece& last = parts.back().piece;
    if (last.path == piece.path) {
      piece.lines.last = last.lines.last;
    } else {
      piece.path += " … " + last.path;
      piece.lines = {};
    }
    return piece;
  }

  base::Result<Part> summary_of(std::span<const Part> parts) {
    const bool of_text = !parts.front().is_summary;
    std::string text;
    for (const Part& part : parts) text += framed(part);
    const std::string instruction =
        prompt_text(of_text ? "summarise_part" : "summarise_summaries", {{"request", request_.question}});
    Part summary{place_of(parts), true};
    const std::string hash = base::sha256(text + '\0' + instruction);
    const std::string author = tokenizer_name(session_.model());
    if (request_.project != nullptr) {
      const auto known = request_.project->index().find_summary(hash, author);
      if (known && *known && !base::is_blank(**known)) {
        summary.piece.text = base::replace_invalid_utf8(**known);
        return summary;
      }
    }
    OC_TRY(summary.piece.text, ask_for_summary(text, instruction));
    // One that cannot be kept is made again the next time.
    if (request_.project != nullptr)
      static_cast<void>(request_.project->index().store_summary(hash, author, summary.piece.text));
    return summary;
  }

  base::Result<std::string> ask_for_summary(const std::string& text, const std::string& instruction) {
    protocol::ChatPrompt prompt;
    prompt.segments.push_back({protocol::Role::system, system_prompt(session_)});
    prompt.segments.push_back({protocol::Role::user, text});
    prompt.segments.push_back({protocol::Role::user, instruction});
    ModelSession::Request ask;
    ask.prompt = std::move(prompt);
    ask.max_tokens = TokenCount(k_summary_tokens);
    ask.audience = ModelSession::Audience::task;
    OC_TRY(Answer answer, session_.answer(ask));
    if (answer.stop == protocol::StopReason::cancelled) return base::fail(base::ErrorKind::cancelled, "stopped");
    add_usage(answer);
    return std::string(base::trim(answer.text));
  }

  void add_usage(const Answer& answer) {
    total_.usage.prompt += answer.usage.prompt;
    total_.usage.cached += answer.usage.cached;
    total_.usage.completion += answer.usage.completion;
    total_.timing.prefill_ms += answer.timing.prefill_ms;
    total_.timing.generate_ms += answer.timing.generate_ms;
    total_.timing.queue_ms += answer.timing.queue_ms;
    total_.load_ms = answer.load_ms;
  }

  base::Result<Answer> answer(const std::vector<Part>& summaries) {
    protocol::ChatPrompt prompt;
    prompt.segments.push_back({protocol::Role::system, system_prompt(session_)});
    for (const Part& summary : summaries) prompt.segments.push_back({protocol::Role::user, framed(summary)});
    prompt.segments.push_back(
        {protocol::Role::user, prompt_text("explain_summaries", {{"request", request_.question}})});
    ModelSession::Request ask;
    ask.prompt = std::move(prompt);
    ask.max_tokens = session_.generation().max_tokens;
    OC_TRY(Answer answer, session_.answer(ask));
    add_usage(answer);
    answer.usage = total_.usage;
    answer.timing.prefill_ms = total_.timing.prefill_ms;
    answer.timing.generate_ms = total_.timing.generate_ms;
    answer.selection = std::move(total_.selection);
    return answer;
  }

  ModelSession& session_;
  const PartsRequest& request_;
  TokenCount whole_budget_, part_budget_;
  std::vector<TokenCount> tokens_;  // of the parts as they stand in a prompt
  Answer total_;
};

}  // namespace

base::Result<Answer> explain_in_parts(ModelSession& session, const PartsRequest& request) {
  return PartsExplainer(session, request).explain();
}

}  // namespace oc::tasks
