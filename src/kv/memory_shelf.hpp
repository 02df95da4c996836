// SPDX-License-Identifier: Apache-2.0
// The entries in memory, up to a limit; the least recently used ones go first. Not safe for two threads.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/units.hpp"
#include "kv/entry.hpp"

namespace oc::kv {

class MemoryShelf {
 public:
  explicit MemoryShelf(base::ByteCount limit) : limit_(limit) {}

  bool contains(const Key& key) const { return places_.contains(key); }
  // Makes it the most recent one; nullptr: it is not here.
  std::shared_ptr<const Entry> find(const Key& key);
  // As the most recent one, instead of another of that key. One that is larger than the limit is not kept.
  void put(std::shared_ptr<const Entry> entry);
  void erase(const Key& key);

  std::int64_t count() const { return static_cast<std::int64_t>(places_.size()); }
  base::ByteCount size() const { return size_; }
  std::int64_t count_evicted() const { return evicted_; }

 private:
  using Entries = std::list<std::shared_ptr<const Entry>>;  // most recent first
  void remove(Entries::iterator place);

  base::ByteCount limit_;
  base::ByteCount size_;
  std::int64_t evicted_ = 0;
  Entries entries_;
  std::unordered_map<Key, Entries::iterator> places_;
};

}  // namespace oc::kv
