// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "protocol/codec.hpp"
#include "protocol/fields.hpp"

namespace oc::protocol {
namespace {

using Json = nlohmann::json;
using base::TokenCount;

Json to_json(const ModelFacts& f) {
  return {{"name", f.name},
          {"path", f.path},
          {"architecture", f.architecture},
          {"quantization", f.quantization},
          {"chat_format", f.chat_format},
          {"variant", f.variant},
          {"parameters", f.parameters},
          {"file_bytes", f.file_bytes},
          {"parts", f.parts},
          {"context_trained", f.context_trained},
          {"vocabulary", f.vocabulary},
          {"layers", f.layers},
          {"infill", f.infill},
          {"repository_infill", f.repository_infill},
          {"weight_bytes", f.weight_bytes},
          {"kv_bytes_per_token", f.kv_bytes_per_token},
          {"buffer_bytes", f.buffer_bytes}};
}

ModelFacts facts_from(const Json& o) {
  ModelFacts f;
  f.name = text_field(o, "name");
  f.path = text_field(o, "path");
  f.architecture = text_field(o, "architecture");
  f.quantization = text_field(o, "quantization");
  f.chat_format = text_field(o, "chat_format");
  f.variant = text_field(o, "variant");
  f.parameters = number_field<std::int64_t>(o, "parameters");
  f.file_bytes = number_field<std::int64_t>(o, "file_bytes");
  f.parts = number_field<int>(o, "parts", 1);
  f.context_trained = number_field<int>(o, "context_trained");
  f.vocabulary = number_field<int>(o, "vocabulary");
  f.layers = number_field<int>(o, "layers");
  f.infill = flag_field(o, "infill");
  f.repository_infill = flag_field(o, "repository_infill");
  f.weight_bytes = number_field<std::int64_t>(o, "weight_bytes");
  f.kv_bytes_per_token = number_field<std::int64_t>(o, "kv_bytes_per_token");
  f.buffer_bytes = number_field<std::int64_t>(o, "buffer_bytes");
  return f;
}

Json to_json(const Usage& u) {
  return {
      {"prompt_tokens", u.prompt.value}, {"cached_tokens", u.cached.value}, {"completion_tokens", u.completion.value}};
}
Json to_json(const Timing& t) {
  return {{"queue_ms", t.queue_ms},
          {"prefill_ms", t.prefill_ms},
          {"first_token_ms", t.first_token_ms},
          {"generate_ms", t.generate_ms}};
}

struct BodyWriter {
  Json operator()(const HelloReply& m) const {
    return {{"type", "hello"},
            {"protocol", m.protocol},
            {"version", m.version},
            {"executable", m.executable},
            {"executable_stamp", m.executable_stamp},
            {"process_id", m.process_id}};
  }
  Json operator()(const Progress& m) const {
    return {{"type", "progress"}, {"stage", word_of(k_stages, m.stage)}, {"done", m.done}, {"total", m.total}};
  }
  Json operator()(const AnswerText& m) const { return {{"type", "text"}, {"text", m.text}}; }
  Json operator()(const Loaded& m) const {
    return {{"type", "loaded"},
            {"facts", to_json(m.facts)},
            {"context", m.context_tokens},
            {"threads", m.threads},
            {"load_ms", m.load_ms}};
  }
  Json operator()(const Counted& m) const {
    Json counts = Json::array();
    for (const TokenCount count : m.counts) counts.push_back(count.value);
    return {{"type", "counted"}, {"counts", std::move(counts)}};
  }
  Json operator()(const Tokenized& m) const {
    Json tokens = Json::array();
    for (const Token& t : m.tokens) tokens.push_back({{"id", t.id}, {"text", t.text}});
    return {{"type", "tokenized"}, {"tokens", std::move(tokens)}};
  }
  Json operator()(const Generated& m) const {
    return {{"type", "generated"},
            {"usage", to_json(m.usage)},
            {"timing", to_json(m.timing)},
            {"stop", word_of(k_stops, m.stop)},
            {"context", m.context_tokens}};
  }
  Json operator()(const StatusReply& m) const {
    return {{"type", "status"},
            {"version", m.version},
            {"process_id", m.process_id},
            {"uptime_s", m.uptime_s},
            {"idle_exit_s", m.idle_exit_s},
            {"resident_bytes", m.resident_bytes},
            {"clients", m.clients},
            {"queued", m.queued},
            {"model", m.model},
            {"context", m.context_tokens},
            {"threads", m.threads},
            {"cached_tokens", m.cached_tokens}};
  }
  Json operator()(const Acknowledged&) const { return {{"type", "done"}}; }
  Json operator()(const Failed& m) const {
    return {{"type", "error"},
            {"kind", base::to_string(m.error.kind)},
            {"message", m.error.message},
            {"hint", m.error.hint}};
  }
};

Generated generated_from(const Json& o) {
  Generated g;
  const Json& usage = object_field(o, "usage");
  g.usage.prompt = TokenCount(number_field<std::int64_t>(usage, "prompt_tokens"));
  g.usage.cached = TokenCount(number_field<std::int64_t>(usage, "cached_tokens"));
  g.usage.completion = TokenCount(number_field<std::int64_t>(usage, "completion_tokens"));
  const Json& timing = object_field(o, "timing");
  g.timing.queue_ms = number_field<double>(timing, "queue_ms");
  g.timing.prefill_ms = number_field<double>(timing, "prefill_ms");
  g.timing.first_token_ms = number_field<double>(timing, "first_token_ms");
  g.timing.generate_ms = number_field<double>(timing, "generate_ms");
  g.stop = word_field(o, "stop", k_stops, StopReason::end);
  g.context_tokens = number_field<int>(o, "context");
  return g;
}

StatusReply status_from(const Json& o) {
  StatusReply s;
  s.version = text_field(o, "version");
  s.process_id = number_field<std::int64_t>(o, "process_id");
  s.uptime_s = number_field<double>(o, "uptime_s");
  s.idle_exit_s = number_field<double>(o, "idle_exit_s");
  s.resident_bytes = number_field<std::int64_t>(o, "resident_bytes");
  s.clients = number_field<int>(o, "clients");
  s.queued = number_field<int>(o, "queued");
  s.model = text_field(o, "model");
  s.context_tokens = number_field<int>(o, "context");
  s.threads = number_field<int>(o, "threads");
  s.cached_tokens = number_field<std::int64_t>(o, "cached_tokens");
  return s;
}

ReplyBody body_from(const Json& o) {
  const std::string type = text_field(o, "type");
  if (type == "hello")
    return HelloReply{number_field<int>(o, "protocol"), text_field(o, "version"), text_field(o, "executable"),
                      number_field<std::int64_t>(o, "executable_stamp"), number_field<std::int64_t>(o, "process_id")};
  if (type == "progress")
    return Progress{word_field(o, "stage", k_stages, Progress::Stage::queued), number_field<std::int64_t>(o, "done"),
                    number_field<std::int64_t>(o, "total")};
  if (type == "text") return AnswerText{text_field(o, "text")};
  if (type == "loaded")
    return Loaded{facts_from(object_field(o, "facts")), number_field<int>(o, "context"),
                  number_field<int>(o, "threads"), number_field<double>(o, "load_ms")};
  if (type == "counted") {
    Counted counted;
    for (const Json& c : list_field(o, "counts")) {
      if (!c.is_number_integer()) throw FieldError("a count is not a number");
      counted.counts.emplace_back(c.get<std::int64_t>());
    }
    return counted;
  }
  if (type == "tokenized") {
    Tokenized tokenized;
    for (const Json& t : list_field(o, "tokens")) {
      if (!t.is_object()) throw FieldError("a token is not an object");
      tokenized.tokens.push_back({number_field<std::int32_t>(t, "id"), text_field(t, "text")});
    }
    return tokenized;
  }
  if (type == "generated") return generated_from(o);
  if (type == "status") return status_from(o);
  if (type == "done") return Acknowledged{};
  if (type == "error")
    return Failed{{base::error_kind_from(text_field(o, "kind")), text_field(o, "message"), text_field(o, "hint")}};
  throw FieldError("unknown type '" + type + "'");
}

}  // namespace

std::string_view to_string(Role role) { return word_of(k_roles, role); }
std::string_view to_string(StopReason stop) { return word_of(k_stops, stop); }

std::string encode(const Reply& reply) {
  Json json = std::visit(BodyWriter{}, reply.body);
  json["id"] = reply.id;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<Reply> decode_reply(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    if (!json.is_object()) throw FieldError("it is not an object");
    return Reply{number_field<std::uint64_t>(json, "id"), body_from(json)};
  } catch (const std::exception& e) {
    return base::fail(base::ErrorKind::engine, std::string("cannot understand the engine's reply: ") + e.what());
  }
}

std::string encode_facts(const ModelFacts& facts) {
  return to_json(facts).dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<ModelFacts> decode_facts(std::string_view json) {
  try {
    const Json parsed = Json::parse(json);
    if (!parsed.is_object()) throw FieldError("it is not an object");
    return facts_from(parsed);
  } catch (const std::exception& e) {
    return base::fail(base::ErrorKind::engine, std::string("cannot understand the facts of a model: ") + e.what());
  }
}

}  // namespace oc::protocol
