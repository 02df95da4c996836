// SPDX-License-Identifier: Apache-2.0
// One request to a GGUF in progress: encode, reuse what is there, prefill part by part, decode.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "inference/draft_width.hpp"
#include "inference/drafter.hpp"
#include "inference/gguf_model.hpp"
#include "llama/sampler.hpp"

namespace oc::inference {

class GgufGeneration final : public Generation {
 public:
  // `sampler`: for the request's settings; `most_tokens`: of the answer, as far as the context allows.
  GgufGeneration(GgufModel& model, const protocol::Generate& request, Listener listener, EncodedPrompt prompt,
                 llama::Sampler sampler, std::int64_t most_tokens);
  ~GgufGeneration() override;
  GgufGeneration(const GgufGeneration&) = delete;
  GgufGeneration& operator=(const GgufGeneration&) = delete;

  State state() const override { return state_; }
  void advance(const Interrupt& interrupt) override;
  base::Result<protocol::Generated> take_result() override;
  bool wants_model() const override { return model_ == nullptr && state_ != State::done; }
  void take_model(LanguageModel& model) override;
  bool is_approximate() const override { return edit_.has_value(); }

  protocol::Priority priority() const { return request_.priority; }

 private:
  friend class GgufModel;
  void start();
  void note_start(std::int64_t reused);
  // It will start anew, with another amount that is reused.
  void forget_start();
  // Its timeline goes to somebody else. What was computed of a prompt is in the store; an answer is kept here and goes
  // on as if nothing had been. Not within a call of the model.
  bool has_timeline() const { return timeline_ != nullptr; }
  void give_way();
  // The parts of the prompt that its timeline has are in the store, too; what follows them is its tail.
  bool is_kept() const;
  // Of what was computed of the answer, while it waits for cells: can be forgotten, and is computed again then.
  std::int64_t saved_bytes() const;
  void forget_saved();
  // There is room again for what gave way.
  void come_back();
  // Gives way, and keeps nothing of the model.
  void let_go();
  void resume_answer(const Interrupt& interrupt);
  // Of the prompt, that must be there before it goes on.
  std::size_t parts_needed() const { return tail_ ? tail_parts_ : parts_.size(); }
  // Takes what was computed for a prompt that differs a little, if the request allows it and there is one.
  bool start_from_edit(std::int64_t tokens);
  void prefill_edit(const Interrupt& interrupt);
  // `logits`: behind the prompt.
  void begin_answer(std::span<const float> logits);
  // One of a batch, or of several endings: what is left of their prompts, if it is short, is read in one call for
  // several of them.
  bool reads_with_others() const {
    return request_.priority == protocol::Priority::batch || request_.endings.size() > 1;
  }
  bool may_read_with_others() const;
  std::span<const llama::TokenId> unread() const { return std::span(prompt_.tokens).subspan(timeline_->length()); }
  // Nobody else has something to read: then it is read as any prompt is, and kept.
  void read_alone();
  // All but the end of the prompt has been read, the end in a call with others': its last row.
  void take_end(int last_row);
  void prefill_part(const Interrupt& interrupt);
  // Of the prompt, that may come from the store: the last one is computed for what the answer begins with, unless that
  // is known or the answer has begun.
  std::span<const Part> restorable_parts() const;
  // Somebody else, whose prompt begins alike, computed the next part meanwhile.
  bool take_what_others_computed();
  // The rows of the next decode call: the last token and guesses of what follows it. `most` ≥ 1.
  std::vector<llama::Row> next_rows(std::size_t most, const Interrupt& interrupt);
  void guess(std::size_t most, const Interrupt& interrupt);
  // Reads the logits of those rows, which begin at `first_row` of the call that took `ms`.
  void read_rows(int first_row, double ms);
  // Chooses the token that follows and makes it part of the answer; false when the answer is over.
  bool go_on(std::span<const float> logits);
  // nullopt: the answer ends here. Kind `engine` when the grammar allows no token.
  base::Result<std::optional<llama::TokenId>> choose_token(std::span<const float> logits);
  void end(protocol::StopReason stop);
  void fail(base::Error error);

  GgufModel* model_;  // null: it let go of it
  std::string model_file_;
  protocol::Generate request_;
  Listener listener_;
  EncodedPrompt prompt_;
  kv::Chain chain_;  // of the prompt
  std::vector<Part> parts_;
  llama::Sampler sampler_;
  std::string text_;  // the answer so far
  TextSink text_sink_;
  AnswerStream stream_;
  std::int64_t most_tokens_;
  std::vector<llama::TokenId> replay_;  // what the request wants for an answer, whatever the model says

  State state_ = State::prefill;
  Timeline* timeline_ = nullptr;
  PromptEnds::Logits prompt_end_;          // known before; null: to be computed with the prompt's last part
  bool is_started_ = false;                // has had a timeline, perhaps one that it gave away
  std::optional<Timeline::Overlap> edit_;  // the prompt is made of another one
  std::optional<Timeline::Tail> tail_;     // of the answer, while it waits for a timeline
  std::size_t tail_parts_ = 0;             // of the prompt, before the tail
  bool is_computed_again_ = false;         // some of the answer, in other calls than it was generated in
  llama::TokenId last_ = 0;                // the last token of the answer, whose KV is not computed yet
  std::optional<Drafter> drafter_;
  DraftWidth width_;
  Draft draft_;          // of the call in progress
  double draft_ms_ = 0;  // that a draft model took for it
  std::vector<llama::TokenId> answer_;
  int interruptions_ = 0;        // in a row, of the call that is due
  bool has_unread_end_ = false;  // in decode, as far as others can tell
  bool reads_alone_ = false;
  base::Result<protocol::Generated> result_;
  base::Stopwatch watch_, decode_watch_;
};

}  // namespace oc::inference
