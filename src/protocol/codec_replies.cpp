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
          {"heads", f.heads},
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
  f.heads = number_field<int>(o, "heads");
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

Json to_json(const ReuseFacts& r) {
  return {{"prompt_tokens", r.prompt_tokens},
          {"reused_tokens", r.reused_tokens},
          {"drafted_tokens", r.drafted_tokens},
          {"accepted_tokens", r.accepted_tokens}};
}
ReuseFacts reuse_from(const Json& o) {
  return {number_field<std::int64_t>(o, "prompt_tokens"), number_field<std::int64_t>(o, "reused_tokens"),
          number_field<std::int64_t>(o, "drafted_tokens"), number_field<std::int64_t>(o, "accepted_tokens")};
}

Json to_json(const KvFacts& k) {
  return {{"memory_bytes", k.memory_bytes},
          {"memory_limit", k.memory_limit},
          {"disk_bytes", k.disk_bytes},
          {"disk_limit", k.disk_limit},
          {"disk_entries", k.disk_entries},
          {"memory_hits", k.memory_hits},
          {"disk_hits", k.disk_hits},
          {"misses", k.misses},
          {"refused", k.refused},
          {"evicted", k.evicted},
          {"failed_writes", k.failed_writes},
          {"dropped_writes", k.dropped_writes}};
}
KvFacts kv_from(const Json& o) {
  KvFacts k;
  k.memory_bytes = number_field<std::int64_t>(o, "memory_bytes");
  k.memory_limit = number_field<std::int64_t>(o, "memory_limit");
  k.disk_bytes = number_field<std::int64_t>(o, "disk_bytes");
  k.disk_limit = number_field<std::int64_t>(o, "disk_limit");
  k.disk_entries = number_field<std::int64_t>(o, "disk_entries");
  k.memory_hits = number_field<std::int64_t>(o, "memory_hits");
  k.disk_hits = number_field<std::int64_t>(o, "disk_hits");
  k.misses = number_field<std::int64_t>(o, "misses");
  k.refused = number_field<std::int64_t>(o, "refused");
  k.evicted = number_field<std::int64_t>(o, "evicted");
  k.failed_writes = number_field<std::int64_t>(o, "failed_writes");
  k.dropped_writes = number_field<std::int64_t>(o, "dropped_writes");
  return k;
}

Json to_json(const Calibrated& c) {
  Json steps = Json::array();
  for (const Calibrated::Step& step : c.steps) steps.push_back({{"rows", step.rows}, {"ms", step.ms}});
  return {{"prefill_threads", c.prefill_threads},  {"decode_threads", c.decode_threads},   {"repack", c.repack},
          {"step_tokens", c.step_tokens},          {"flash_attention", c.flash_attention}, {"steps", std::move(steps)},
          {"prefill_token_ms", c.prefill_token_ms}};
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
    Json json = {{"type", "progress"}, {"stage", word_of(k_stages, m.stage)}, {"done", m.done}, {"total", m.total}};
    if (m.stage == Progress::Stage::forecast) json["first_token_ms"] = m.first_token_ms;
    return json;
  }
  Json operator()(const AnswerText& m) const {
    Json json = {{"type", "text"}, {"text", m.text}};
    if (m.alternative > 0) json["alternative"] = m.alternative;
    return json;
  }
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
  Json operator()(const Forecasted& m) const {
    return {{"type", "forecasted"},
            {"prompt_tokens", m.prompt.value},
            {"cached_tokens", m.cached.value},
            {"first_token_ms", m.first_token_ms},
            {"token_ms", m.token_ms}};
  }
  Json operator()(const Calibrated& m) const {
    Json json = to_json(m);
    json["type"] = "calibrated";
    return json;
  }
  Json operator()(const Generated& m) const {
    Json json = {{"type", "generated"},         {"usage", to_json(m.usage)},
                 {"timing", to_json(m.timing)}, {"stop", word_of(k_stops, m.stop)},
                 {"context", m.context_tokens}, {"approximate", m.is_approximate}};
    for (const Generated::Alternative& each : m.alternatives)
      json["alternatives"].push_back(
          {{"usage", to_json(each.usage)}, {"timing", to_json(each.timing)}, {"stop", word_of(k_stops, each.stop)}});
    return json;
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
            {"models", m.models},
            {"context", m.context_tokens},
            {"threads", m.threads},
            {"cached_tokens", m.cached_tokens},
            {"reuse", to_json(m.reuse)},
            {"kv", to_json(m.kv)},
            {"speeds", to_json(m.speeds)}};
  }
  Json operator()(const Acknowledged&) const { return {{"type", "done"}}; }
  Json operator()(const Failed& m) const {
    return {{"type", "error"},
            {"kind", base::to_string(m.error.kind)},
            {"message", m.error.message},
            {"hint", m.error.hint}};
  }
};

Usage usage_from(const Json& parent) {
  const Json& o = object_field(parent, "usage");
  return {TokenCount(number_field<std::int64_t>(o, "prompt_tokens")),
          TokenCount(number_field<std::int64_t>(o, "cached_tokens")),
          TokenCount(number_field<std::int64_t>(o, "completion_tokens"))};
}
Timing timing_from(const Json& parent) {
  const Json& o = object_field(parent, "timing");
  return {number_field<double>(o, "queue_ms"), number_field<double>(o, "prefill_ms"),
          number_field<double>(o, "first_token_ms"), number_field<double>(o, "generate_ms")};
}

Generated generated_from(const Json& o) {
  Generated g;
  g.usage = usage_from(o);
  g.timing = timing_from(o);
  g.stop = word_field(o, "stop", k_stops, StopReason::end);
  g.context_tokens = number_field<int>(o, "context");
  g.is_approximate = flag_field(o, "approximate");
  for (const Json& each : list_field(o, "alternatives")) {
    if (!each.is_object()) throw FieldError("an alternative is not an object");
    g.alternatives.push_back({usage_from(each), timing_from(each), word_field(each, "stop", k_stops, StopReason::end)});
  }
  return g;
}

Calibrated calibrated_from(const Json& o) {
  Calibrated c;
  c.prefill_threads = number_field<int>(o, "prefill_threads");
  c.decode_threads = number_field<int>(o, "decode_threads");
  c.repack = flag_field(o, "repack");
  c.step_tokens = number_field<int>(o, "step_tokens");
  if (find_field(o, "flash_attention") != nullptr) c.flash_attention = flag_field(o, "flash_attention");
  c.prefill_token_ms = number_field<double>(o, "prefill_token_ms");
  for (const Json& step : list_field(o, "steps")) {
    if (!step.is_object()) throw FieldError("a step is not an object");
    c.steps.push_back({number_field<int>(step, "rows"), number_field<double>(step, "ms")});
  }
  return c;
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
  for (const Json& each : list_field(o, "models"))
    if (each.is_string()) s.models.push_back(each.get<std::string>());
  s.context_tokens = number_field<int>(o, "context");
  s.threads = number_field<int>(o, "threads");
  s.cached_tokens = number_field<std::int64_t>(o, "cached_tokens");
  if (find_field(o, "reuse") != nullptr) s.reuse = reuse_from(object_field(o, "reuse"));
  if (find_field(o, "kv") != nullptr) s.kv = kv_from(object_field(o, "kv"));
  if (find_field(o, "speeds") != nullptr) s.speeds = calibrated_from(object_field(o, "speeds"));
  return s;
}

ReplyBody body_from(const Json& o) {
  const std::string type = text_field(o, "type");
  if (type == "hello")
    return HelloReply{number_field<int>(o, "protocol"), text_field(o, "version"), text_field(o, "executable"),
                      number_field<std::int64_t>(o, "executable_stamp"), number_field<std::int64_t>(o, "process_id")};
  if (type == "progress")
    return Progress{word_field(o, "stage", k_stages, Progress::Stage::queued), number_field<std::int64_t>(o, "done"),
                    number_field<std::int64_t>(o, "total"), number_field<double>(o, "first_token_ms")};
  if (type == "text") return AnswerText{text_field(o, "text"), number_field<int>(o, "alternative")};
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
  if (type == "forecasted")
    return Forecasted{TokenCount(number_field<std::int64_t>(o, "prompt_tokens")),
                      TokenCount(number_field<std::int64_t>(o, "cached_tokens")),
                      number_field<double>(o, "first_token_ms"), number_field<double>(o, "token_ms")};
  if (type == "calibrated") return calibrated_from(o);
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
