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

std::string as_text(const protocol::StatusReply& s) {
  std::string text = fmt::format("engine {} runs, process {}, for {:.0f} s\n", s.version, s.process_id, s.uptime_s);
  text += s.model.empty()
              ? "model     none loaded\n"
              : fmt::format("model     {}\ncontext   up to {} tokens, {} in the KV cache\nthreads   {}\n", s.model,
                            base::format_count(s.context_tokens), base::format_count(s.cached_tokens), s.threads);
  text += fmt::format("memory    {}\n", base::format_bytes(base::ByteCount(s.resident_bytes)));
  text += fmt::format("requests  {} running or waiting, {} {}\n", s.queued, s.clients,
                      s.clients == 1 ? "client" : "clients");
  return text + fmt::format("leaves    after {:.0f} s without a request\n", std::ceil(s.idle_exit_s));
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
                                         {"context_tokens", s.context_tokens},
                                         {"threads", s.threads},
                                         {"cached_tokens", s.cached_tokens}};
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
