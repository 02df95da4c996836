// SPDX-License-Identifier: Apache-2.0
// Messages ⇄ one line of JSON (no newline in it). Decoding is strict about types and lenient about unknown fields; what
// it does not understand is an Error of kind `engine`. Text that is not UTF-8 is replaced by U+FFFD when encoding.
#pragma once

#include <string>
#include <string_view>

#include "protocol/messages.hpp"

namespace oc::protocol {

std::string encode(const Request& request);
std::string encode(const Reply& reply);
base::Result<Request> decode_request(std::string_view line);
base::Result<Reply> decode_reply(std::string_view line);

// The facts of a model alone: what the engine's `probe` prints and `model info --format json` shows.
std::string encode_facts(const ModelFacts& facts);
base::Result<ModelFacts> decode_facts(std::string_view json);

}  // namespace oc::protocol
