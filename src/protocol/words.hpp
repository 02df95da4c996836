// SPDX-License-Identifier: Apache-2.0
// Enums ⇄ their words on the wire; one table each. Internal to protocol/.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "protocol/messages.hpp"

namespace oc::protocol {

template <class Enum, std::size_t n>
using Words = std::array<std::pair<Enum, std::string_view>, n>;

inline constexpr Words<Role, 3> k_roles{
    {{Role::system, "system"}, {Role::user, "user"}, {Role::assistant, "assistant"}}};
inline constexpr Words<ModelReference::Kind, 2> k_model_kinds{
    {{ModelReference::Kind::gguf, "gguf"}, {ModelReference::Kind::script, "script"}}};
inline constexpr Words<Priority, 4> k_priorities{{{Priority::completion, "completion"},
                                                  {Priority::interactive, "interactive"},
                                                  {Priority::batch, "batch"},
                                                  {Priority::idle, "idle"}}};
inline constexpr Words<Reuse, 2> k_reuses{{{Reuse::exact, "exact"}, {Reuse::approximate, "approximate"}}};
inline constexpr Words<Guesses, 2> k_guesses{{{Guesses::used, "used"}, {Guesses::none, "none"}}};
inline constexpr Words<Power, 2> k_powers{{{Power::any, "any"}, {Power::mains, "mains"}}};
inline constexpr Words<Progress::Stage, 4> k_stages{{{Progress::Stage::queued, "queued"},
                                                     {Progress::Stage::loading, "loading"},
                                                     {Progress::Stage::forecast, "forecast"},
                                                     {Progress::Stage::prefill, "prefill"}}};
inline constexpr Words<StopReason, 5> k_stops{{{StopReason::end, "end"},
                                               {StopReason::max_tokens, "max_tokens"},
                                               {StopReason::stop_text, "stop_text"},
                                               {StopReason::context_full, "context_full"},
                                               {StopReason::cancelled, "cancelled"}}};

template <class Enum, std::size_t n>
constexpr std::string_view word_of(const Words<Enum, n>& words, Enum value) {
  for (const auto& [v, word] : words)
    if (v == value) return word;
  return {};
}

template <class Enum, std::size_t n>
constexpr std::optional<Enum> value_of(const Words<Enum, n>& words, std::string_view word) {
  for (const auto& [value, w] : words)
    if (w == word) return value;
  return std::nullopt;
}

}  // namespace oc::protocol
