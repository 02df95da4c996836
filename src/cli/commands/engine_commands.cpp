// SPDX-License-Identifier: Apache-2.0
// engine status, engine stop. Neither starts an engine.
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_output.hpp"

namespace oc::cli {
namespace {

using engine_client::EngineConnection;

int say(Invocation& invocation, const nlohmann::ordered_json& fields, const std::string& text, int code) {
  const bool as_text = invocation.console.format() == Format::text;
  invocation.console.out(as_text ? text : result_json(invocation.command, fields.dump()) + "\n");
  return code;
}

// What the calibration measured and chose, and what was learned since.
std::string speed_text(const protocol::Calibrated& speeds) {
  if (speeds.steps.empty()) return "speed     not measured yet\n";
  return fmt::format(
      "speed     {:.1f} ms for a token of a prompt, {:.1f} ms for one of an answer\n"
      "chosen    {} threads for prompts, {} for answers; weights {}; {} tokens of a prompt at a time, {} attention\n",
      speeds.prefill_token_ms, speeds.steps.front().ms, speeds.prefill_threads, speeds.decode_threads,
      speeds.repack ? "repacked" : "as in the file", speeds.step_tokens, speeds.flash_attention ? "flash" : "plain");
}

// What was spared: nothing is said of what never happened.
std::string reuse_text(const protocol::StatusReply& s) {
  using base::ByteCount;
  using base::format_bytes;
  using base::format_count;
  std::string text = fmt::format("reused    {} of {} prompt tokens\n", format_count(s.reuse.reused_tokens),
                                 format_count(s.reuse.prompt_tokens));
  if (s.reuse.drafted_tokens > 0)
    text += fmt::format("guessed   {} tokens of answers, {} were right\n", format_count(s.reuse.drafted_tokens),
                        format_count(s.reuse.accepted_tokens));
  const protocol::KvFacts& kv = s.kv;
  text += fmt::format("kv store  {} on disk (limit {}), {} in memory; {} found, {} not, {} evicted",
                      format_bytes(ByteCount(kv.disk_bytes)), format_bytes(ByteCount(kv.disk_limit)),
                      format_bytes(ByteCount(kv.memory_bytes)), format_count(kv.memory_hits + kv.disk_hits),
                      format_count(kv.misses), format_count(kv.evicted));
  if (kv.refused > 0) text += fmt::format(", {} damaged", format_count(kv.refused));
  if (kv.failed_writes > 0) text += fmt::format(", {} could not be written", format_count(kv.failed_writes));
  if (kv.dropped_writes > 0)
    text += fmt::format(", {} were more than the disk could take", format_count(kv.dropped_writes));
  return text + "\n";
}

std::string as_text(const protocol::StatusReply& s) {
  std::string text = fmt::format("engine {} runs, process {}, for {:.0f} s\n", s.version, s.process_id, s.uptime_s);
  text += s.model.empty()
              ? "model     none loaded\n"
              : fmt::format("model     {}\ncontext   up to {} tokens, {} in the KV cache\nthreads   {}\n", s.model,
                            base::format_count(s.context_tokens), base::format_count(s.cached_tokens), s.threads);
  if (!s.model.empty()) text += speed_text(s.speeds) + reuse_text(s);
  for (const std::string& other : s.models)
    if (other != s.model) text += fmt::format("beside    {}\n", other);
  text += fmt::format("memory    {}\n", base::format_bytes(base::ByteCount(s.resident_bytes)));
  text += fmt::format("requests  {} running or waiting, {} {}\n", s.queued, s.clients,
                      s.clients == 1 ? "client" : "clients");
  return text + fmt::format("leaves    after {:.0f} s without a request\n", std::ceil(s.idle_exit_s));
}

nlohmann::ordered_json reuse_json(const protocol::ReuseFacts& r) {
  return {{"prompt_tokens", r.prompt_tokens},
          {"reused_tokens", r.reused_tokens},
          {"drafted_tokens", r.drafted_tokens},
          {"accepted_tokens", r.accepted_tokens}};
}

nlohmann::ordered_json speeds_json(const protocol::Calibrated& c) {
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const auto& step : c.steps) steps.push_back({{"rows", step.rows}, {"step_ms", step.ms}});
  return {{"prefill_threads", c.prefill_threads},
          {"decode_threads", c.decode_threads},
          {"repack", c.repack},
          {"step_tokens", c.step_tokens},
          {"flash_attention", c.flash_attention},
          {"prefill_token_ms", c.prefill_token_ms},
          {"steps", steps}};
}

nlohmann::ordered_json kv_json(const protocol::KvFacts& k) {
  return {{"memory_bytes", k.memory_bytes},
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

base::Result<int> run_status(Invocation& invocation) {
  OC_TRY(auto engine, EngineConnection::find_running(invocation.folders));
  if (!engine) return say(invocation, {{"running", false}}, "no engine runs\n", k_exit_negative);
  OC_TRY(const protocol::StatusReply s, engine->status());
  const nlohmann::ordered_json fields = {{"running", true},
                                         {"version", s.version},
                                         {"process_id", s.process_id},
                                         {"uptime_s", s.uptime_s},
                                         {"idle_exit_s", s.idle_exit_s},
                                         {"resident_bytes", s.resident_bytes},
                                         {"clients", s.clients},
                                         {"queued", s.queued},
                                         {"model", s.model},
                                         {"models", s.models},
                                         {"context_tokens", s.context_tokens},
                                         {"threads", s.threads},
                                         {"cached_tokens", s.cached_tokens},
                                         {"reuse", reuse_json(s.reuse)},
                                         {"kv", kv_json(s.kv)},
                                         {"speeds", speeds_json(s.speeds)}};
  return say(invocation, fields, as_text(s), k_exit_done);
}

base::Result<int> run_stop(Invocation& invocation) {
  OC_TRY(auto engine, EngineConnection::find_running(invocation.folders));
  if (!engine) return say(invocation, {{"stopped", false}}, "no engine runs\n", k_exit_done);
  OC_CHECK(engine->shut_down("the user asked"));
  return say(invocation, {{"stopped", true}}, "the engine has stopped\n", k_exit_done);
}

}  // namespace

void add_engine_commands(CommandLine& line) {
  line.add("engine", "The program that holds the model", nullptr);
  line.add("engine status", "Is it there, what does it hold, when will it leave", run_status);
  line.add("engine stop", "End it and free its memory", run_stop);
}

}  // namespace oc::cli
