// SPDX-License-Identifier: Apache-2.0
#include "inference/scripted_model.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace oc::inference {
namespace {

using Json = nlohmann::json;
using base::TokenCount;

constexpr base::ByteCount k_script_limit{64 << 20};
constexpr std::size_t k_token_bytes = 4;

std::vector<std::string> token_texts(std::string_view text) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    std::size_t n = base::complete_utf8_prefix(text.substr(0, k_token_bytes));
    if (n == 0) n = std::min(k_token_bytes, text.size());
    tokens.emplace_back(text.substr(0, n));
    text.remove_prefix(n);
  }
  return tokens;
}

std::string prompt_text(const protocol::Prompt& prompt) {
  if (const auto* raw = std::get_if<protocol::RawPrompt>(&prompt)) return raw->text;
  if (const auto* infill = std::get_if<protocol::InfillPrompt>(&prompt)) {
    std::string text;
    for (const auto& file : infill->files) text += "<file>" + file.path + "\n" + file.text;
    return text + "<prefix>" + infill->prefix + "<suffix>" + infill->suffix + "<middle>";
  }
  const auto& chat = std::get<protocol::ChatPrompt>(prompt);
  std::string text;
  const protocol::Segment* last = nullptr;
  for (const auto& segment : chat.segments) {
    if (last == nullptr || last->role != segment.role) text += fmt::format("<{}>\n", protocol::to_string(segment.role));
    text += segment.text;
    last = &segment;
  }
  return text + "<assistant>\n" + chat.answer_start;
}

// Sleeps in slices so that cancelling is honoured within 10 ms; false when cancelled.
bool pause(double milliseconds, const base::CancelToken& cancel) {
  const base::Stopwatch watch;
  while (watch.elapsed_ms() < milliseconds) {
    if (cancel.is_requested()) return false;
    std::this_thread::sleep_for(
        std::chrono::duration<double, std::milli>(std::min(10.0, milliseconds - watch.elapsed_ms())));
  }
  return !cancel.is_requested();
}

}  // namespace

// Turns the lines of a script into answers; throws nlohmann's exceptions.
struct ScriptReader {
  ScriptedModel& model;

  static std::vector<std::string> texts(const Json& line, const char* name) {
    const auto it = line.find(name);
    if (it == line.end()) return {};
    return it->is_string() ? std::vector{it->get<std::string>()} : it->get<std::vector<std::string>>();
  }

  void read(const Json& line) {
    if (line.contains("model")) {
      const Json& m = line.at("model");
      auto& facts = model.facts_;
      facts.name = m.value("name", facts.name);
      facts.context_trained = m.value("context", facts.context_trained);
      facts.infill = m.value("infill", facts.infill);
      facts.repository_infill = m.value("repository_infill", facts.repository_infill);
      facts.variant = m.value("variant", facts.variant);
      return;
    }
    ScriptedModel::Answer answer;
    answer.only_for = texts(line, "for");
    answer.expect = texts(line, "expect");
    answer.reject = texts(line, "reject");
    if (auto given = texts(line, "answer"); !given.empty()) answer.texts = std::move(given);
    answer.delay_ms = line.value("delay_ms", 0.0);
    answer.prefill_ms = line.value("prefill_ms", 0.0);
    answer.crash = line.value("crash", false);
    if (const auto it = line.find("error"); it != line.end())
      answer.error = base::Error{base::error_kind_from(it->value("kind", "engine")), it->value("message", ""),
                                 it->value("hint", "")};
    model.answers_.push_back(std::move(answer));
  }
};

base::Result<std::unique_ptr<ScriptedModel>> ScriptedModel::load(const base::Path& script) {
  OC_TRY(const std::string text, base::read_file(script, k_script_limit));
  auto model = std::make_unique<ScriptedModel>();
  auto& facts = model->facts_;
  facts.name = "script";
  facts.path = base::to_utf8(script);
  facts.architecture = "script";
  facts.variant = "instruct";
  facts.chat_format = "chatml";
  facts.context_trained = 8192;
  facts.infill = true;
  ScriptReader reader{*model};
  int number = 0;
  for (const std::string_view line : base::split_lines(text)) {
    ++number;
    if (base::is_blank(line) || line.starts_with('#')) continue;
    try {
      reader.read(Json::parse(line));
    } catch (const std::exception& e) {
      return base::fail(base::ErrorKind::configuration, fmt::format("{} line {} is not a line of a script: {}",
                                                                    base::display(script), number, e.what()));
    }
  }
  return model;
}

base::Result<TokenCount> ScriptedModel::count(const protocol::Prompt& prompt) {
  return TokenCount(static_cast<std::int64_t>(token_texts(prompt_text(prompt)).size()));
}

base::Result<protocol::Forecasted> ScriptedModel::forecast(const protocol::Prompt& prompt) {
  protocol::Forecasted forecast;
  OC_TRY(forecast.prompt, count(prompt));
  return forecast;
}

std::vector<protocol::Token> ScriptedModel::tokenize(const std::string& text, protocol::ParseSpecial) {
  std::vector<protocol::Token> tokens;
  for (std::string& piece : token_texts(text))
    tokens.push_back({static_cast<std::int32_t>(tokens.size()), std::move(piece)});
  return tokens;
}

// The script's next answer for this prompt, if the prompt is what it wants.
base::Result<ScriptedModel::Answer> ScriptedModel::next_answer(const std::string& prompt) {
  if (answers_.empty())
    return base::fail(base::ErrorKind::engine, fmt::format("the script {} has no more answers", facts_.path));
  const auto contains = [&](const std::string& text) { return prompt.find(text) != std::string::npos; };
  const auto next =
      std::ranges::find_if(answers_, [&](const Answer& each) { return std::ranges::all_of(each.only_for, contains); });
  if (next == answers_.end())
    return base::fail(base::ErrorKind::engine,
                      fmt::format("the script {} has no answer for the prompt, which is:\n{}", facts_.path, prompt));
  Answer answer = std::move(*next);
  answers_.erase(next);
  for (const std::string& wanted : answer.expect)
    if (!contains(wanted))
      return base::fail(base::ErrorKind::engine, fmt::format("the script expected {} in the prompt, which is:\n{}",
                                                             base::in_quotes(wanted), prompt));
  for (const std::string& unwanted : answer.reject)
    if (contains(unwanted))
      return base::fail(base::ErrorKind::engine, fmt::format("the script found {} in the prompt, which is:\n{}",
                                                             base::in_quotes(unwanted), prompt));
  return answer;
}

class ScriptedGeneration final : public Generation {
 public:
  // `begun`: what is known before the answer.
  ScriptedGeneration(ScriptedModel::Answer answer, std::size_t alternative, protocol::Generate request,
                     Listener listener, const protocol::Generated& begun)
      : answer_(std::move(answer)),
        text_(answer_.texts[std::min(alternative, answer_.texts.size() - 1)]),
        request_(std::move(request)),
        listener_(std::move(listener)),
        result_(begun) {}
  State state() const override { return state_; }
  void advance(const Interrupt&) override {
    if (state_ == State::done) return;
    result_.stop = request_.max_tokens.value == 0 ? protocol::StopReason::max_tokens : play();
    state_ = State::done;
  }
  base::Result<protocol::Generated> take_result() override { return result_; }

 private:
  protocol::StopReason play();
  protocol::StopReason stream_answer(AnswerStream& stream);

  ScriptedModel::Answer answer_;
  std::string text_;
  protocol::Generate request_;
  Listener listener_;
  State state_ = State::prefill;
  protocol::Generated result_;
  base::Stopwatch watch_;
};

protocol::StopReason ScriptedGeneration::play() {
  watch_ = base::Stopwatch();
  const std::int64_t total = result_.usage.prompt.value;
  listener_.progress({protocol::Progress::Stage::prefill, 0, total, 0});
  if (!pause(answer_.prefill_ms, listener_.cancel)) return protocol::StopReason::cancelled;
  listener_.progress({protocol::Progress::Stage::prefill, total, total, 0});
  result_.timing.prefill_ms = watch_.elapsed_ms();
  AnswerStream stream(request_.stop, listener_.text);
  const protocol::StopReason stop = stream_answer(stream);
  if (answer_.crash) std::_Exit(134);
  if (!stream.is_stopped()) stream.finish();
  result_.timing.generate_ms = watch_.elapsed_ms() - result_.timing.prefill_ms;
  return stop;
}

protocol::StopReason ScriptedGeneration::stream_answer(AnswerStream& stream) {
  TokenCount& completion = result_.usage.completion;
  const std::int64_t room = result_.context_tokens - result_.usage.prompt.value;
  for (const std::string& token : token_texts(text_)) {
    if (!pause(answer_.delay_ms, listener_.cancel)) return protocol::StopReason::cancelled;
    if (completion.value == 0) result_.timing.first_token_ms = watch_.elapsed_ms();
    completion += TokenCount(1);
    stream.add(token);
    if (stream.is_stopped()) return protocol::StopReason::stop_text;
    if (completion >= request_.max_tokens) return protocol::StopReason::max_tokens;
    if (completion.value >= room) return protocol::StopReason::context_full;
  }
  return protocol::StopReason::end;
}

base::Result<std::unique_ptr<Generation>> ScriptedModel::begin_alternative(const protocol::Generate& request,
                                                                           int alternative, Listener listener) {
  const std::string prompt = prompt_text(request_of(request, alternative).prompt);
  protocol::Generated begun;
  begun.usage.prompt = TokenCount(static_cast<std::int64_t>(token_texts(prompt).size()));
  begun.context_tokens = context_limit();
  if (begun.usage.prompt.value >= context_limit())
    return std::unexpected(does_not_fit(begun.usage.prompt, context_limit(), facts_));
  if (request.max_tokens.value == 0) current_ = Answer{};
  else if (alternative == 0 || !request.endings.empty()) {
    OC_TRY(current_, next_answer(prompt));
  }
  if (current_.error) return std::unexpected(*current_.error);
  const std::size_t text = request.endings.empty() ? static_cast<std::size_t>(alternative) : 0;
  return std::make_unique<ScriptedGeneration>(current_, text, request, std::move(listener), begun);
}

}  // namespace oc::inference
