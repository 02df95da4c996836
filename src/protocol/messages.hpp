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
// The socket and the lock in the user's runtime folder.
inline constexpr const char* k_socket_name = "engine.sock";
inline constexpr const char* k_lock_name = "engine.lock";

// Paths travel as UTF-8 text, always absolute.
struct ModelReference {
  enum class Kind { gguf, script };
  Kind kind = Kind::gguf;
  std::string path;
  int context_tokens = 0;  // 0: the engine chooses from the model, the memory and the requests
  int threads = 0;         // 0: one for each physical core
  bool operator==(const ModelReference&) const = default;
};

enum class Role { system, user, assistant };

// One piece of a conversation. Neighbours of one role are joined into one message: a prompt is a list of segments, most
// stable first, so that two prompts share the longest possible prefix.
struct Segment {
  Role role = Role::user;
  std::string text;
};

struct ChatPrompt {
  std::vector<Segment> segments;
  std::string answer_start;  // words put into the assistant's mouth; not part of the answer text
};

struct NamedText {
  std::string path;
  std::string text;
};

// Fill in the middle: what stands between prefix and suffix. `files` come before, in the vocabulary's repository layout
// where it has one.
struct InfillPrompt {
  std::string prefix;
  std::string suffix;
  std::string path;
  std::string repository;
  std::vector<NamedText> files;
};

// Text as it is, no template, no special tokens parsed.
struct RawPrompt {
  std::string text;
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

// Who waits: a smaller value goes first.
enum class Priority { completion, interactive, batch, idle };

// Requests.
struct Hello {
  int protocol = k_version;
  std::string version;
};
struct Load {
  ModelReference model;
};
struct Count {
  ModelReference model;
  std::vector<Prompt> prompts;
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
  base::TokenCount max_tokens{1024};
  std::vector<std::string> stop;  // texts that end the answer and are not part of it
  Priority priority = Priority::interactive;
};
struct Cancel {
  std::uint64_t request = 0;
};
struct Status {};
struct Shutdown {
  std::string reason;
};

using RequestBody = std::variant<Hello, Load, Count, Tokenize, Generate, Cancel, Status, Shutdown>;
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
  enum class Stage { queued, loading, prefill };
  Stage stage = Stage::queued;
  std::int64_t done = 0;  // requests ahead · per mille · tokens
  std::int64_t total = 0;
};
struct AnswerText {
  std::string text;
};  // valid UTF-8, whole characters
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
};
struct StatusReply {
  std::string version;
  std::int64_t process_id = 0;
  double uptime_s = 0;
  double idle_exit_s = 0;  // seconds until it leaves if nothing is asked
  std::int64_t resident_bytes = 0;
  int clients = 0;
  int queued = 0;     // requests waiting or running
  std::string model;  // path of the loaded model, "" if none
  int context_tokens = 0;
  int threads = 0;
  std::int64_t cached_tokens = 0;  // tokens in the KV cache now
};
struct Acknowledged {};
struct Failed {
  base::Error error;
};

using ReplyBody = std::variant<HelloReply, Progress, AnswerText, Loaded, Counted, Tokenized, Generated, StatusReply,
                               Acknowledged, Failed>;
struct Reply {
  std::uint64_t id = 0;  // of the request it answers
  ReplyBody body;
};

// Words of the enums, as in JSON.
std::string_view to_string(Role role);
std::string_view to_string(StopReason stop);

}  // namespace oc::protocol
