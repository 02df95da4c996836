// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "protocol/codec.hpp"
#include "protocol/fields.hpp"

namespace oc::protocol {
namespace {

using Json = nlohmann::json;
using base::TokenCount;

Json to_json(const ModelReference& m) {
  return {{"kind", word_of(k_model_kinds, m.kind)},
          {"path", m.path},
          {"context", m.context_tokens},
          {"threads", m.threads},
          {"draft", m.draft}};
}
ModelReference model_from(const Json& parent) {
  const Json& o = object_field(parent, "model");
  return {word_field(o, "kind", k_model_kinds, ModelReference::Kind::gguf), text_field(o, "path"),
          number_field<int>(o, "context"), number_field<int>(o, "threads"), text_field(o, "draft")};
}

Json to_json(const Prompt& prompt) {
  struct Writer {
    Json operator()(const ChatPrompt& p) const {
      Json segments = Json::array();
      for (const Segment& s : p.segments) segments.push_back({{"role", word_of(k_roles, s.role)}, {"text", s.text}});
      return {{"chat", std::move(segments)}, {"answer_start", p.answer_start}};
    }
    Json operator()(const InfillPrompt& p) const {
      Json files = Json::array();
      for (const NamedText& f : p.files) files.push_back({{"path", f.path}, {"text", f.text}});
      return {{"infill",
               {{"prefix", p.prefix},
                {"suffix", p.suffix},
                {"path", p.path},
                {"repository", p.repository},
                {"files", std::move(files)}}}};
    }
    Json operator()(const RawPrompt& p) const { return {{"raw", p.text}}; }
  };
  return std::visit(Writer{}, prompt);
}

Prompt prompt_from(const Json& o) {
  if (!o.is_object()) throw FieldError("a prompt is not an object");
  if (find_field(o, "chat") != nullptr) {
    ChatPrompt chat;
    for (const Json& s : list_field(o, "chat")) {
      if (!s.is_object()) throw FieldError("a segment is not an object");
      chat.segments.push_back({word_field(s, "role", k_roles, Role::user), text_field(s, "text")});
    }
    chat.answer_start = text_field(o, "answer_start");
    return chat;
  }
  if (find_field(o, "infill") != nullptr) {
    const Json& i = object_field(o, "infill");
    InfillPrompt infill{
        text_field(i, "prefix"), text_field(i, "suffix"), text_field(i, "path"), text_field(i, "repository"), {}};
    for (const Json& f : list_field(i, "files")) {
      if (!f.is_object()) throw FieldError("a file is not an object");
      infill.files.push_back({text_field(f, "path"), text_field(f, "text")});
    }
    return infill;
  }
  if (find_field(o, "raw") != nullptr) return RawPrompt{text_field(o, "raw")};
  throw FieldError("a prompt has none of 'chat', 'infill', 'raw'");
}

Json to_json(const Sampling& s) {
  return {{"temperature", s.temperature}, {"top_k", s.top_k}, {"top_p", s.top_p}, {"min_p", s.min_p}, {"seed", s.seed},
          {"grammar", s.grammar}};
}
Sampling sampling_from(const Json& parent) {
  const Json& o = object_field(parent, "sampling");
  const Sampling d;
  return {number_field<double>(o, "temperature", d.temperature),
          number_field<int>(o, "top_k", d.top_k),
          number_field<double>(o, "top_p", d.top_p),
          number_field<double>(o, "min_p", d.min_p),
          number_field<std::uint32_t>(o, "seed", d.seed),
          text_field(o, "grammar")};
}

struct BodyWriter {
  Json operator()(const Hello& m) const {
    return {{"type", "hello"}, {"protocol", m.protocol}, {"version", m.version}};
  }
  Json operator()(const Load& m) const {
    return {{"type", "load"}, {"model", to_json(m.model)}, {"priority", word_of(k_priorities, m.priority)}};
  }
  Json operator()(const Count& m) const {
    Json prompts = Json::array();
    for (const Prompt& p : m.prompts) prompts.push_back(to_json(p));
    return {{"type", "count"},
            {"model", to_json(m.model)},
            {"prompts", std::move(prompts)},
            {"priority", word_of(k_priorities, m.priority)}};
  }
  Json operator()(const Tokenize& m) const {
    return {{"type", "tokenize"},
            {"model", to_json(m.model)},
            {"text", m.text},
            {"special", m.special == ParseSpecial::yes}};
  }
  Json operator()(const Generate& m) const {
    return {{"type", "generate"},
            {"model", to_json(m.model)},
            {"prompt", to_json(m.prompt)},
            {"sampling", to_json(m.sampling)},
            {"max_tokens", m.max_tokens.value},
            {"stop", m.stop},
            {"priority", word_of(k_priorities, m.priority)},
            {"reuse", word_of(k_reuses, m.reuse)},
            {"guesses", word_of(k_guesses, m.guesses)},
            {"replay", m.replay},
            {"alternatives", m.alternatives},
            {"endings", m.endings},
            {"subject", m.subject},
            {"power", word_of(k_powers, m.power)}};
  }
  Json operator()(const Forecast& m) const {
    return {{"type", "forecast"},
            {"model", to_json(m.model)},
            {"prompt", to_json(m.prompt)},
            {"priority", word_of(k_priorities, m.priority)}};
  }
  Json operator()(const Calibrate& m) const { return {{"type", "calibrate"}, {"model", to_json(m.model)}}; }
  Json operator()(const Cancel& m) const { return {{"type", "cancel"}, {"request", m.request}}; }
  Json operator()(const Status&) const { return {{"type", "status"}}; }
  Json operator()(const Shutdown& m) const { return {{"type", "shutdown"}, {"reason", m.reason}}; }
};

std::vector<std::string> texts_from(const Json& o, const char* name, const char* complaint) {
  std::vector<std::string> texts;
  for (const Json& text : list_field(o, name)) {
    if (!text.is_string()) throw FieldError(complaint);
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

Priority priority_from(const Json& o) { return word_field(o, "priority", k_priorities, Priority::interactive); }

Generate generate_from(const Json& o) {
  Generate g;
  g.model = model_from(o);
  g.prompt = prompt_from(object_field(o, "prompt"));
  g.sampling = sampling_from(o);
  g.max_tokens = TokenCount(number_field<std::int64_t>(o, "max_tokens", g.max_tokens.value));
  g.stop = texts_from(o, "stop", "a stop text is not a text");
  g.priority = priority_from(o);
  g.reuse = word_field(o, "reuse", k_reuses, Reuse::exact);
  g.guesses = word_field(o, "guesses", k_guesses, Guesses::used);
  g.replay = text_field(o, "replay");
  g.alternatives = number_field<int>(o, "alternatives", g.alternatives);
  g.endings = texts_from(o, "endings", "an ending is not a text");
  g.subject = text_field(o, "subject");
  g.power = word_field(o, "power", k_powers, Power::any);
  return g;
}

Tokenize tokenize_from(const Json& o) {
  Tokenize t{model_from(o), text_field(o, "text"), flag_field(o, "special") ? ParseSpecial::yes : ParseSpecial::no};
  if (t.text.size() > k_most_tokenized)
    throw FieldError("a text of " + std::to_string(t.text.size()) + " bytes is too long to be shown in tokens, " +
                     std::to_string(k_most_tokenized) + " are allowed");
  return t;
}

RequestBody body_from(const Json& o) {
  const std::string type = text_field(o, "type");
  if (type == "hello") return Hello{number_field<int>(o, "protocol"), text_field(o, "version")};
  if (type == "load") return Load{model_from(o), priority_from(o)};
  if (type == "count") {
    Count count{model_from(o), {}, priority_from(o)};
    for (const Json& p : list_field(o, "prompts")) count.prompts.push_back(prompt_from(p));
    return count;
  }
  if (type == "tokenize") return tokenize_from(o);
  if (type == "generate") return generate_from(o);
  if (type == "forecast") return Forecast{model_from(o), prompt_from(object_field(o, "prompt")), priority_from(o)};
  if (type == "calibrate") return Calibrate{model_from(o)};
  if (type == "cancel") return Cancel{number_field<std::uint64_t>(o, "request")};
  if (type == "status") return Status{};
  if (type == "shutdown") return Shutdown{text_field(o, "reason")};
  throw FieldError("unknown type '" + type + "'");
}

// A level takes a hundred times the byte that it is written with, and is not known to be one too many before its end.
bool is_too_deep(std::string_view line) {
  constexpr int k_most_levels = 32;
  int level = 0;
  bool is_in_text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (is_in_text && c == '\\') ++i;
    else if (c == '"') is_in_text = !is_in_text;
    else if (!is_in_text && (c == '[' || c == '{') && ++level > k_most_levels) return true;
    else if (!is_in_text && (c == ']' || c == '}')) --level;
  }
  return false;
}

}  // namespace

std::string encode(const Request& request) {
  Json json = std::visit(BodyWriter{}, request.body);
  json["id"] = request.id;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<Request> decode_request(std::string_view line) {
  try {
    if (is_too_deep(line)) throw FieldError("it is nested too deeply");
    const Json json = Json::parse(line);
    if (!json.is_object()) throw FieldError("it is not an object");
    return Request{number_field<std::uint64_t>(json, "id"), body_from(json)};
  } catch (const std::exception& e) {
    return base::fail(base::ErrorKind::engine, std::string("cannot understand a request: ") + e.what());
  }
}

}  // namespace oc::protocol
