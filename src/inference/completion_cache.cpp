// SPDX-License-Identifier: Apache-2.0
#include "inference/completion_cache.hpp"

#include <ranges>

#include <fmt/format.h>

namespace oc::inference {
namespace {

// Lengths before texts: no two requests look alike.
void add(std::string& text, std::string_view more) { text += fmt::format("{}:{}", more.size(), more); }

std::string surroundings_of(const protocol::Generate& request, const protocol::InfillPrompt& prompt) {
  std::string text = fmt::format("{} ", request.max_tokens.value);
  for (const std::string& stop : request.stop) add(text, stop);
  add(text, request.sampling.grammar);
  add(text, prompt.suffix);
  add(text, prompt.path);
  add(text, prompt.repository);
  for (const protocol::NamedText& file : prompt.files) {
    add(text, file.path);
    add(text, file.text);
  }
  return text;
}

}  // namespace

std::optional<CompletionCache::Known> CompletionCache::find(const protocol::Generate& request) const {
  const auto* prompt = std::get_if<protocol::InfillPrompt>(&request.prompt);
  if (prompt == nullptr || request.sampling.temperature > 0) return std::nullopt;
  const std::string surroundings = surroundings_of(request, *prompt);
  for (const Entry& entry : entries_ | std::views::reverse) {
    if (!prompt->prefix.starts_with(entry.prefix) || entry.surroundings != surroundings) continue;
    const std::string_view typed = std::string_view(prompt->prefix).substr(entry.prefix.size());
    if (entry.answer.size() > typed.size() && entry.answer.starts_with(typed))
      return Known{entry.answer.substr(typed.size()), entry.is_approximate || !typed.empty()};
  }
  return std::nullopt;
}

void CompletionCache::put(const protocol::Generate& request, std::string_view answer, protocol::StopReason stop,
                          bool is_approximate) {
  if (stop == protocol::StopReason::cancelled) answer = answer.substr(0, answer.rfind('\n') + 1);
  const auto* prompt = std::get_if<protocol::InfillPrompt>(&request.prompt);
  if (prompt == nullptr || request.sampling.temperature > 0 || answer.empty()) return;
  Entry entry{surroundings_of(request, *prompt), prompt->prefix, std::string(answer), is_approximate};
  std::erase_if(entries_,
                [&](const Entry& old) { return old.prefix == entry.prefix && old.surroundings == entry.surroundings; });
  if (entries_.size() == k_most) entries_.pop_front();
  entries_.push_back(std::move(entry));
}

}  // namespace oc::inference
