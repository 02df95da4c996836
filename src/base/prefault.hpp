// SPDX-License-Identifier: Apache-2.0
// Large blocks of new memory, given to the process before it touches them: many pages at a time and beside the thread
// that fills them. A page fault for each page takes longer than what is then written to it, on a virtual machine most
// of all: of loading a repacked 7B it was half (docs/performance.md). Where the system has no call for it (Linux 5.14
// has one), nothing happens. Belongs to one thread.
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

  // So much, from 0 to 1, of the blocks of 64 MiB and more that were mapped since the constructor has been filled: what
  // follows is given its pages, up to 256 MiB ahead. They count as used from then on, so all of these blocks must be to
  // be filled. The first call finds the blocks. Throws nothing; what cannot be had is faulted in as usual.
  void reach(double fraction) noexcept;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace oc::base
