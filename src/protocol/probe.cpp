// SPDX-License-Identifier: Apache-2.0
#include "protocol/probe.hpp"

#include <fmt/format.h>

#include "base/process.hpp"
#include "base/text.hpp"
#include "protocol/codec.hpp"

namespace oc::protocol {
namespace {

constexpr std::chrono::seconds k_patience{60};  // a vocabulary of 256 000 tokens on a slow disk takes some seconds
constexpr base::ByteCount k_output_limit{1 << 20};
constexpr const char* k_hint = "the file is damaged or made for another version: get it again";

}  // namespace

base::Result<ModelFacts> probe_model(const base::Path& engine_program, const base::Path& model,
                                     const base::CancelToken& cancel) {
  const base::Command command{engine_program, {"probe", base::to_utf8(model)}};
  OC_TRY(const base::Exit exit, base::run_process(command, k_patience, k_output_limit, cancel));
  if (exit.timed_out)
    return base::fail(base::ErrorKind::model,
                      fmt::format("{} could not be opened within {} s", base::display(model), k_patience.count()),
                      k_hint);
  if (exit.code == -1)
    return base::fail(base::ErrorKind::model,
                      fmt::format("{} makes libllama end with {}", base::display(model), exit.signal), k_hint);
  const auto reply = decode_reply(base::trim(exit.output));
  if (!reply)
    return base::fail(base::ErrorKind::engine, fmt::format("the engine could not look into {} (exit code {}): {}",
                                                           base::display(model), exit.code, base::trim(exit.errors)));
  if (const auto* failed = std::get_if<Failed>(&reply->body)) return std::unexpected(failed->error);
  if (const auto* loaded = std::get_if<Loaded>(&reply->body)) return loaded->facts;
  return base::fail(base::ErrorKind::engine, "the engine's probe gave an answer of the wrong type");
}

}  // namespace oc::protocol
