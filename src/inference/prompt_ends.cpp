// SPDX-License-Identifier: Apache-2.0
#include "inference/prompt_ends.hpp"

#include <cstring>
#include <string>

namespace oc::inference {
namespace {

kv::Key key_of(const kv::Chain& prompt) { return prompt.fork("logits"); }

}  // namespace

void PromptEnds::put(const kv::Chain& prompt, std::span<const float> logits) {
  newest_key_ = key_of(prompt);
  newest_ = std::make_shared<const std::vector<float>>(logits.begin(), logits.end());
  if (home_->store == nullptr) return;
  std::string bytes(logits.size_bytes(), '\0');
  std::memcpy(bytes.data(), logits.data(), logits.size_bytes());
  // Computed again, it is the same; unless what was stored is not what it says.
  if (home_->store->contains(newest_key_)) {
    const auto stored = home_->store->find(newest_key_);
    if (stored != nullptr && (stored->state != bytes || stored->identity != home_->identity))
      home_->store->refuse(newest_key_);
  }
  home_->store->put({newest_key_, home_->identity, 0, {}, std::move(bytes)});
}

PromptEnds::Logits PromptEnds::find(const kv::Chain& prompt) const {
  const kv::Key key = key_of(prompt);
  if (newest_ != nullptr && newest_key_ == key) return newest_;
  // Most prompts are new: not a find in vain for each.
  if (home_->store == nullptr || !home_->store->contains(key)) return nullptr;
  const auto entry = home_->store->find(key);
  if (entry == nullptr) return nullptr;
  std::vector<float> logits(static_cast<std::size_t>(vocabulary_));
  if (entry->identity != home_->identity || entry->state.size() != logits.size() * sizeof(float)) {
    home_->store->refuse(key);  // its name says otherwise
    return nullptr;
  }
  std::memcpy(logits.data(), entry->state.data(), entry->state.size());
  return std::make_shared<const std::vector<float>>(std::move(logits));
}

bool PromptEnds::contains(const kv::Chain& prompt) const {
  const kv::Key key = key_of(prompt);
  return (newest_ != nullptr && newest_key_ == key) || (home_->store != nullptr && home_->store->contains(key));
}

}  // namespace oc::inference
