// SPDX-License-Identifier: Apache-2.0
// Large blocks of new memory, given to the process before it touches them: many pages at a time and beside the thread
// that fills them. A page fault for each page takes longer than what is then written to it, on a virtual machine most
// of all: it was half of the time in which a repacked 7B loads (docs/performance.md). Where the system has no call for
// it (Linux 5.14 has one), nothing happens.
#pragma once

#include <memory>

namespace oc::base {

class Prefault {
 public:
  // Remembers what is mapped now.
  Prefault();
  // Waits for the piece that is under way.
  ~Prefault();
  Prefault(const Prefault&) = delete;
  Prefault& operator=(const Prefault&) = delete;

  // Begins with the blocks of 64 MiB and more that were mapped since, and that will all be used: what is given is
  // counted as used from then on. The second call does nothing.
  void begin();

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace oc::base
