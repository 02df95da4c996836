// SPDX-License-Identifier: Apache-2.0
// What the two programs say to each other: plain values, no behaviour. codec.hpp gives them their JSON form,
// docs/protocol.md describes both. A change that an older peer would misread raises k_version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace oc::protocol {

inline constexpr int k_version = 1;
// Longest line either side accepts: a prompt of a 32k window is far below it.
inline constexpr std::size_t k_line_limit = 64u << 20;
// Answers that one request may ask for, be they alternatives or to several endings.
inline constexpr int k_most_alternatives = 8;
// Bytes of a text that is asked for in tokens: the reply has forty times as many, and everybody waits meanwhile.
inline constexpr std::size_t k_most_tokenized = std::size_t{1} << 20;
// The socket and the lock in the user's runtime folder.
inline constexpr const char* k_socket_name = "engine.sock";
inline constexpr const char* k_lock_name = "engine.lock";
// Computed KV, in the user's cache folder.
inline constexpr const char* k_kv_folder = "kv";

// Paths travel as UTF-8 text, always absolute.
struct ModelReference {
  enum class Kind { gguf, script };
  Kind kind = Kind::gguf;
  std::string path;
  int context_tokens = 0;  // 0: the engine chooses from the model, the memory and the requests
  int threads = 0;         // 0: one for each physical core
  std::string draft;       // a GGUF with the same vocabulary that guesses what it will say; "": none
  bool operator==(const ModelReference&) const = default;
};

enum class Role { system, user, assistant };

// One piece of a conversation. Neighbours of one role are joined into one message: a prompt is a list of segments, most
// stable first, so that two prompts share the longest possible prefix.
struct Segment {
  Role role = Role::user;
  std::string text;
  bool operator==(const Segment&) const = default;
};

struct ChatPrompt {
  std::vector<Segment> segments;
  std::string answer_start;  // words put into the assistant's mouth; not part of the answer text
  bool operator==(const ChatPrompt&) const = default;
};

struct NamedText {
  std::string path;
  std::string text;
  bool operator==(const NamedText&) const = default;
};

// Fill in the middle: what stands between prefix and suffix. `files` come before, in the vocabulary's repository layout
// where it has one.
struct InfillPrompt {
  std::string prefix;
  std::string suffix;
  std::string path;
  std::string repository;
  std::vector<NamedText> files;
  bool operator==(const InfillPrompt&) const = default;
};

// Text as it is, no template, no special tokens parsed.
struct RawPrompt {
  std::string text;
  bool operator==(const RawPrompt&) const = default;
};

using Prompt = std::variant<ChatPrompt, InfillPrompt, RawPrompt>;

struct Sampling {
  double temperature = 0;  // 0: greedy, the others are then unused
  int top_k = 40;          // 0: off
  double top_p = 0.95;     // 1: off
  double min_p = 0.05;     // 0: off
  std::uint32_t seed = 0;
  std::string grammar;  // GBNF, root rule "root"; empty: none
};

// May an answer come from what was computed for a text that differed a little: KV of what follows an edit, moved to its
// new place; the rest of a completion that is being typed? Answers are then mostly, not always, those of `exact`.
enum class Reuse { exact, approximate };

// May text that stood before be guessed to come again, and several tokens be checked in one call? Such calls differ in
// the last bits from single ones: `none` gives, bit for bit, what plain decoding gives.
enum class Guesses { used, none };

// mains: not while the machine runs on its battery.
enum class Power { any, mains };

// Who waits: a smaller value goes first.
enum class Priority { completion, interactive, batch, idle };

// Requests.
struct Hello {
  int protocol = k_version;
  std::string version;
};
struct Load {
  ModelReference model;
  Priority priority = Priority::interactive;
};
struct Count {
  ModelReference model;
  std::vector<Prompt> prompts;
  Priority priority = Priority::interactive;
};
// ParseSpecial::yes turns the text of special tokens into those tokens; for people who look at a vocabulary.
enum class ParseSpecial { no, yes };
struct Tokenize {
  ModelReference model;
  std::string text;
  ParseSpecial special = ParseSpecial::no;
};
struct Generate {
  ModelReference model;
  Prompt prompt;
  Sampling sampling;
  // 0: only prefill, so that a later request finds it done; with Priority::idle it is acknowledged at once and goes on
  // when nobody asks anything, whether or not the client stays.
  base::TokenCount max_tokens{1024};
  std::vector<std::string> stop;  // texts that end the answer and are not part of it
  Priority priority = Priority::interactive;
  Reuse reuse = Reuse::exact;
  Guesses guesses = Guesses::used;
  std::string replay;  // for benchmarks: the tokens of this text are the answer, whatever the model would choose
  // Answers to the prompt, 1 to k_most_alternatives, decoded together. The first is the one that 1 would give; the
  // others have another seed each, and a temperature that lets them differ.
  int alternatives = 1;
  // Several questions over one beginning: each of these texts, at most k_most_alternatives, is the last user segment of
  // a prompt of its own, which is a ChatPrompt up to there, and gets an answer with the request's own sampling. Told
  // apart as alternatives are, by their place in the list; `alternatives` is 1 then. Empty: the prompt is all there is.
  std::vector<std::string> endings;
  // Of what is acknowledged at once: it takes the place of what waits, or is at work, about the same subject with this
  // model. "": of nothing.
  std::string subject;
  // What is acknowledged at once is dropped when the other power comes, in the middle of it too.
  Power power = Power::any;
};
// How long a prompt will take, without computing anything; loads the model if it is not.
struct Forecast {
  ModelReference model;
  Prompt prompt;
  Priority priority = Priority::interactive;
};
// Measures the machine for a model anew.
struct Calibrate {
  ModelReference model;
};
struct Cancel {
  std::uint64_t request = 0;
};
struct Status {};
struct Shutdown {
  std::string reason;
};

using RequestBody = std::variant<Hello, Load, Count, Tokenize, Generate, Forecast, Calibrate, Cancel, Status, Shutdown>;
struct Request {
  std::uint64_t id = 0;  // chosen by the client, unique on its connection
  RequestBody body;
};

// What is known about a GGUF without its weights.
struct ModelFacts {
  std::string name;
  std::string path;
  std::string architecture;
  std::string quantization;
  std::string chat_format;  // "chatml", "deepseek", …; "" when the model has no template that is known
  std::string variant;      // "instruct" or "base"
  std::int64_t parameters = 0;
  std::int64_t file_bytes = 0;  // of all parts
  int parts = 1;
  int context_trained = 0;  // tokens
  int vocabulary = 0;
  int layers = 0;
  bool infill = false;             // has FIM tokens
  bool repository_infill = false;  // … and the tokens of the repository layout
  std::int64_t weight_bytes = 0;
  std::int64_t kv_bytes_per_token = 0;
  std::int64_t buffer_bytes = 0;  // compute buffers and vocabulary, estimated
  int heads = 0;                  // of attention
};

// Replies.
struct HelloReply {
  int protocol = k_version;
  std::string version;
  std::string executable;             // the engine's own file …
  std::int64_t executable_stamp = 0;  // … and a number that changes when it is rebuilt
  std::int64_t process_id = 0;
};
struct Progress {
  enum class Stage { queued, loading, forecast, prefill };
  Stage stage = Stage::queued;
  std::int64_t done = 0;  // requests ahead · per mille · tokens that were computed before · tokens
  std::int64_t total = 0;
  double first_token_ms = 0;  // forecast: how long until the answer begins; 0: not known yet
};
struct AnswerText {
  std::string text;     // valid UTF-8, whole characters
  int alternative = 0;  // whose, from 0: of the alternatives, or of the endings
};
struct Loaded {
  ModelFacts facts;
  int context_tokens = 0;  // the window a request may use (explicit, or what may be grown to)
  int threads = 0;
  double load_ms = 0;  // 0 when it was loaded already
};
struct Counted {
  std::vector<base::TokenCount> counts;
};
struct Token {
  std::int32_t id = 0;
  std::string text;
};
struct Tokenized {
  std::vector<Token> tokens;
};

struct Forecasted {
  base::TokenCount prompt;
  base::TokenCount cached;    // of the prompt, computed before
  double first_token_ms = 0;  // 0: not known yet
  double token_ms = 0;        // for each token of the answer; 0: not known yet
};
// What was measured, and what is used from the next load on.
struct Calibrated {
  int prefill_threads = 0;
  int decode_threads = 0;
  bool repack = false;
  struct Step {
    int rows = 0;
    double ms = 0;
  };
  std::vector<Step> steps;  // milliseconds of one call of so many rows
  double prefill_token_ms = 0;
  int step_tokens = 0;          // of a prompt, that go through the layers together
  bool flash_attention = true;  // else by way of a matrix of all scores
};

enum class StopReason { end, max_tokens, stop_text, context_full, cancelled };
struct Usage {
  base::TokenCount prompt;
  base::TokenCount cached;  // of the prompt, found in the KV cache
  base::TokenCount completion;
};
struct Timing {
  double queue_ms = 0;
  double prefill_ms = 0;
  double first_token_ms = 0;  // from the request's start in the inference thread
  double generate_ms = 0;     // decode of all tokens after the prefill
};
struct Generated {
  Usage usage;
  Timing timing;
  StopReason stop = StopReason::end;
  int context_tokens = 0;
  struct Alternative {
    Usage usage;
    Timing timing;
    StopReason stop = StopReason::end;
  };
  // Made of what was computed for another prompt, or the rest of what was given for one: Reuse::approximate.
  bool is_approximate = false;
  // Where several were asked for, or endings: each of them, the first one included; else empty.
  std::vector<Alternative> alternatives;
};
// What the engine's stores of computed KV hold and what they did since the engine began.
struct KvFacts {
  std::int64_t memory_bytes = 0;
  std::int64_t memory_limit = 0;
  std::int64_t disk_bytes = 0;
  std::int64_t disk_limit = 0;
  std::int64_t disk_entries = 0;
  std::int64_t memory_hits = 0;
  std::int64_t disk_hits = 0;
  std::int64_t misses = 0;
  std::int64_t refused = 0;  // damaged or foreign files, deleted
  std::int64_t evicted = 0;
  std::int64_t failed_writes = 0;   // the system said no
  std::int64_t dropped_writes = 0;  // more was computed at a time than the disk could take
};
// What the requests to the loaded model were spared.
struct ReuseFacts {
  std::int64_t prompt_tokens = 0;
  std::int64_t reused_tokens = 0;    // of them: found computed
  std::int64_t drafted_tokens = 0;   // guessed
  std::int64_t accepted_tokens = 0;  // of them: right
};
struct StatusReply {
  std::string version;
  std::int64_t process_id = 0;
  double uptime_s = 0;
  double idle_exit_s = 0;  // seconds until it leaves if nothing is asked
  std::int64_t resident_bytes = 0;
  int clients = 0;
  int queued = 0;     // requests waiting or running
  std::string model;  // path of the loaded model that was asked last, "" if none: the figures below are its
  std::vector<std::string> models;  // paths of all that are loaded
  int context_tokens = 0;
  int threads = 0;
  std::int64_t cached_tokens = 0;  // tokens in the KV cache now
  ReuseFacts reuse;
  KvFacts kv;
  Calibrated speeds;  // of the loaded model on this machine, as far as they are known
};
struct Acknowledged {};
struct Failed {
  base::Error error;
};

using ReplyBody = std::variant<HelloReply, Progress, AnswerText, Loaded, Counted, Tokenized, Forecasted, Calibrated,
                               Generated, StatusReply, Acknowledged, Failed>;
struct Reply {
  std::uint64_t id = 0;  // of the request it answers
  ReplyBody body;
};

// Words of the enums, as in JSON.
std::string_view to_string(Role role);
std::string_view to_string(StopReason stop);

}  // namespace oc::protocol
