// SPDX-License-Identifier: Apache-2.0
#include "kv/memory_shelf.hpp"

#include <iterator>
#include <utility>

namespace oc::kv {

std::shared_ptr<const Entry> MemoryShelf::find(const Key& key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return *found->second;
}

void MemoryShelf::put(std::shared_ptr<const Entry> entry) {
  if (const auto found = places_.find(entry->key); found != places_.end()) remove(found->second);
  const base::ByteCount size = size_of(*entry);
  if (size > limit_) return;
  while (size_ + size > limit_) {
    remove(std::prev(entries_.end()));
    ++evicted_;
  }
  entries_.push_front(std::move(entry));
  places_.emplace(entries_.front()->key, entries_.begin());
  size_ += size;
}

void MemoryShelf::erase(const Key& key) {
  if (const auto found = places_.find(key); found != places_.end()) remove(found->second);
}

void MemoryShelf::remove(Entries::iterator place) {
  size_ -= size_of(**place);
  places_.erase((*place)->key);
  entries_.erase(place);
}

}  // namespace oc::kv
