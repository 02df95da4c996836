// SPDX-License-Identifier: Apache-2.0
#include "kv/store.hpp"

#include <gtest/gtest.h>
#ifndef _WIN32
#include <sys/resource.h>
#endif

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/cache_files.hpp"
#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "base/log.hpp"
#include "kv/container.hpp"
#include "unit/base/scratch_folder.hpp"
#include "unit/kv/sample_entries.hpp"

namespace oc::kv {
namespace {

using base::ByteCount;
using base::testing::ScratchFolder;
using testing::entry_of;
using testing::key_of;

constexpr ByteCount k_plenty{100'000'000};

class StoreTest : public ::testing::Test {
 protected:
  // Failures are looked for here, and are not worth a line.
  static void SetUpTestSuite() { base::set_log_level(base::LogLevel::error); }
  Store::Options options(ByteCount memory = k_plenty, ByteCount disk = k_plenty) const {
    return {.folder = folder(), .memory_limit = memory, .disk_limit = disk};
  }
  base::Path folder() const { return scratch_ / "kv"; }
  base::Path file_of(int number) const { return folder() / (key_of(number).hex() + ".kv"); }
  bool has_file(int number) const { return std::filesystem::is_regular_file(file_of(number)); }
  // A store that was left again.
  void store(const std::vector<int>& numbers) const {
    Store store(options());
    for (const int number : numbers) store.put(entry_of(number));
  }
  std::string bytes_of(const base::Path& path) const { return base::read_file(path, k_plenty).value(); }
  void write(const base::Path& path, const std::string& bytes) const {
    ASSERT_TRUE(base::make_folder(folder()));
    const std::array<std::string_view, 1> pieces{bytes};
    ASSERT_TRUE(base::write_cache_file(path, pieces, base::file_clock_now_ns()));
  }

  ScratchFolder scratch_;
};

using StoreOnDisk = StoreTest;

TEST_F(StoreTest, WhatIsPutIsFound) {
  Store store(options());
  EXPECT_FALSE(store.contains(key_of(1)));
  EXPECT_EQ(store.find(key_of(1)), nullptr);
  store.put(entry_of(1));
  EXPECT_TRUE(store.contains(key_of(1)));
  EXPECT_EQ(*store.find(key_of(1)), entry_of(1));
  EXPECT_EQ(store.find(key_of(2)), nullptr);
  const Facts facts = store.facts();
  EXPECT_EQ(facts.memory_hits, 1);
  EXPECT_EQ(facts.misses, 2);
  EXPECT_EQ(facts.memory_entries, 1);
  EXPECT_EQ(facts.memory_bytes, size_of(entry_of(1)));
  EXPECT_EQ(facts.memory_limit, k_plenty);
}

TEST_F(StoreTest, NothingIsMadeBeforeTheFirstEntry) {
  Store store(options());
  EXPECT_EQ(store.find(key_of(1)), nullptr);
  store.flush();
  EXPECT_TRUE(scratch_.names().empty());
  EXPECT_EQ(store.facts().failed_writes, 0);
}

TEST_F(StoreTest, TheLeastRecentlyUsedLeavesMemory) {
  const std::int64_t size = size_of(entry_of(7)).value;
  Store store(options(ByteCount(3 * size), {}));
  for (const int i : {7, 14, 21}) store.put(entry_of(i));
  EXPECT_NE(store.find(key_of(7)), nullptr);
  store.put(entry_of(14));
  store.put(entry_of(28));
  EXPECT_TRUE(store.contains(key_of(7)));
  EXPECT_TRUE(store.contains(key_of(14)));
  EXPECT_FALSE(store.contains(key_of(21)));
  EXPECT_TRUE(store.contains(key_of(28)));
  EXPECT_EQ(store.facts().memory_evicted, 1);
  EXPECT_EQ(store.facts().memory_bytes, ByteCount(3 * size));
}

TEST_F(StoreTest, WhatWasOfUseIsRecentOnDiskToo) {
  const std::int64_t size = size_of(entry_of(7)).value;
  {
    Store store(options(k_plenty, ByteCount(3 * size)));
    for (const int i : {7, 14, 21}) store.put(entry_of(i));
    store.flush();
    store.touch(key_of(7));
    store.touch(key_of(1234));
    store.flush();
  }
  Store store(options(ByteCount(0), ByteCount(3 * size)));
  store.put(entry_of(28));
  store.flush();
  EXPECT_TRUE(has_file(7));
  EXPECT_FALSE(has_file(14));
  EXPECT_FALSE(store.contains(key_of(1234)));
}

TEST_F(StoreTest, WhatIsLargerThanMemoryIsOnDiskAlone) {
  Store store(options(ByteCount(500)));
  store.put(entry_of(1));
  EXPECT_EQ(*store.find(key_of(1)), entry_of(1));  // from the queue, or the file
  store.flush();
  EXPECT_EQ(*store.find(key_of(1)), entry_of(1));
  EXPECT_EQ(store.facts().memory_entries, 0);
  EXPECT_EQ(store.on_disk().entries, 1);
}

TEST_F(StoreTest, AFoundEntryOutlivesItsEviction) {
  Store store(options(size_of(entry_of(7)), {}));
  store.put(entry_of(7));
  const auto entry = store.find(key_of(7));
  store.put(entry_of(14));
  EXPECT_FALSE(store.contains(key_of(7)));
  EXPECT_EQ(*entry, entry_of(7));
}

TEST_F(StoreTest, NoDisk) {
  store({1});
  Store store(options(k_plenty, {}));
  EXPECT_FALSE(store.contains(key_of(1)));
  EXPECT_EQ(store.find(key_of(1)), nullptr);
  store.put(entry_of(2));
  store.flush();
  EXPECT_FALSE(has_file(2));
  EXPECT_TRUE(has_file(1));
  EXPECT_EQ(store.on_disk().entries, 0);
}

TEST_F(StoreOnDisk, TheNextStoreFindsEverything) {
  store({1, 2, 3});
  Store store(options());
  EXPECT_TRUE(store.contains(key_of(3)));
  for (const int i : {1, 2, 3}) EXPECT_EQ(*store.find(key_of(i)), entry_of(i));
  EXPECT_EQ(store.facts().disk_hits, 3);
  EXPECT_EQ(*store.find(key_of(1)), entry_of(1));
  EXPECT_EQ(store.facts().memory_hits, 1);
  EXPECT_EQ(store.on_disk().entries, 3);
}

#ifndef _WIN32
TEST_F(StoreOnDisk, ForThisUserAlone) {
  store({1});
  EXPECT_EQ(std::filesystem::status(folder()).permissions(), std::filesystem::perms::owner_all);
  EXPECT_EQ(std::filesystem::status(file_of(1)).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}
#endif

TEST_F(StoreOnDisk, TheLeastRecentlyUsedFilesGo) {
  const auto size = static_cast<std::int64_t>(encode(entry_of(7)).size());
  const ByteCount limit(3 * size);
  {
    Store store(options(k_plenty, limit));
    for (const int i : {7, 14, 21}) store.put(entry_of(i));
    store.flush();
    EXPECT_NE(store.find(key_of(7)), nullptr);
    store.put(entry_of(28));
    store.flush();
    EXPECT_EQ(store.facts().disk_evicted, 1);
    EXPECT_EQ(store.on_disk().bytes, limit);
  }
  EXPECT_FALSE(has_file(14));
  {  // 21, 7, 28: the order is found by the next one, and finding 21 from the disk changes it
    Store store(options({}, limit));
    EXPECT_NE(store.find(key_of(21)), nullptr);
    store.put(entry_of(35));
  }
  EXPECT_FALSE(has_file(7));
  for (const int i : {21, 28, 35}) EXPECT_TRUE(has_file(i)) << i;
}

TEST_F(StoreOnDisk, PutAgainIsUseToo) {
  const auto size = static_cast<std::int64_t>(encode(entry_of(7)).size());
  store({7, 14});
  Store store(options(k_plenty, ByteCount(2 * size)));
  store.put(entry_of(7));
  store.put(entry_of(21));
  store.flush();
  EXPECT_TRUE(has_file(7));
  EXPECT_FALSE(has_file(14));
}

TEST_F(StoreOnDisk, ASmallerLimitHoldsFromTheStart) {
  store({7, 14, 21});
  Store store(options(k_plenty, ByteCount(static_cast<std::int64_t>(encode(entry_of(7)).size()))));
  store.flush();
  EXPECT_EQ(store.on_disk().entries, 1);
  EXPECT_TRUE(has_file(21));
}

TEST_F(StoreOnDisk, FilesOfTheFutureGoFirst) {
  store({7, 14});
  ASSERT_TRUE(base::set_file_time(file_of(14), base::file_clock_now_ns() + 3'600'000'000'000));
  Store store(options(k_plenty, ByteCount(static_cast<std::int64_t>(encode(entry_of(7)).size()))));
  store.flush();
  EXPECT_TRUE(has_file(7));
  EXPECT_FALSE(has_file(14));
}

TEST_F(StoreOnDisk, DamagedFilesAreDeletedAndCounted) {
  store({1, 2, 3, 4});
  std::string bytes = bytes_of(file_of(1));
  bytes[500] = static_cast<char>(bytes[500] ^ 1);
  write(file_of(1), bytes);
  write(file_of(2), bytes_of(file_of(3)));  // another's, whole
  write(file_of(4), "");
  Store store(options());
  for (const int i : {1, 2, 4}) {
    EXPECT_TRUE(store.contains(key_of(i)));  // by its name
    EXPECT_EQ(store.find(key_of(i)), nullptr);
    EXPECT_FALSE(has_file(i));
    EXPECT_FALSE(store.contains(key_of(i)));
  }
  EXPECT_EQ(*store.find(key_of(3)), entry_of(3));
  EXPECT_EQ(store.facts().refused, 3);
  EXPECT_EQ(store.facts().misses, 3);
  store.put(entry_of(1));
  store.flush();
  EXPECT_EQ(bytes_of(file_of(1)), encode(entry_of(1)));
}

TEST_F(StoreOnDisk, WhatProvesUselessIsPutAnew) {
  store({1, 2});
  Store store(options());
  ASSERT_NE(store.find(key_of(1)), nullptr);
  store.refuse(key_of(1));
  EXPECT_FALSE(store.contains(key_of(1)));
  EXPECT_FALSE(has_file(1));
  EXPECT_TRUE(has_file(2));
  EXPECT_EQ(store.facts().refused, 1);
  store.put(entry_of(1));
  store.flush();
  EXPECT_TRUE(has_file(1));
}

TEST_F(StoreOnDisk, FoldersCalledLikeFilesStay) {
  std::filesystem::create_directories(file_of(1) / "precious");
  Store store(options(ByteCount(500)));
  EXPECT_FALSE(store.contains(key_of(1)));
  EXPECT_EQ(store.find(key_of(1)), nullptr);
  EXPECT_EQ(store.facts().refused, 1);
  store.put(entry_of(1));
  store.flush();
  EXPECT_EQ(store.facts().failed_writes, 1);
  EXPECT_EQ(clear(folder()), ByteCount());
  EXPECT_TRUE(std::filesystem::exists(file_of(1) / "precious"));
}

#ifndef _WIN32
// Others may have written it.
TEST_F(StoreOnDisk, FilesThatOthersMayWriteAreReplaced) {
  store({1});
  std::filesystem::permissions(file_of(1), std::filesystem::perms::group_write, std::filesystem::perm_options::add);
  Store store(options());
  EXPECT_EQ(store.find(key_of(1)), nullptr);
  EXPECT_EQ(store.facts().refused, 1);
  store.put(entry_of(1));
  store.flush();
  Store later(options());
  EXPECT_EQ(*later.find(key_of(1)), entry_of(1));
}

TEST_F(StoreOnDisk, LinksAreNotFollowed) {
  store({1});
  std::filesystem::rename(file_of(1), scratch_ / "target");
  std::filesystem::create_symlink("../target", file_of(1));
  const std::string before = bytes_of(scratch_ / "target");
  Store store(options());
  EXPECT_FALSE(store.contains(key_of(1)));
  EXPECT_EQ(store.find(key_of(1)), nullptr);
  store.put(entry_of(1));
  store.flush();
  EXPECT_EQ(store.facts().refused, 1);
  EXPECT_EQ(store.facts().failed_writes, 1);
  EXPECT_TRUE(std::filesystem::is_symlink(file_of(1)));
  EXPECT_EQ(clear(folder()), ByteCount());
  EXPECT_TRUE(std::filesystem::is_symlink(file_of(1)));
  EXPECT_EQ(bytes_of(scratch_ / "target"), before);
}
#endif

TEST_F(StoreOnDisk, WhereNothingCanBeWrittenMemoryServes) {
  std::ofstream(scratch_ / "file") << "x";
  Store store({.folder = scratch_ / "file" / "kv", .memory_limit = k_plenty, .disk_limit = k_plenty});
  for (const int i : {1, 2}) store.put(entry_of(i));
  store.flush();
  EXPECT_EQ(store.facts().failed_writes, 2);
  for (const int i : {1, 2}) EXPECT_EQ(*store.find(key_of(i)), entry_of(i));
  EXPECT_EQ(store.on_disk().entries, 0);
}

TEST_F(StoreOnDisk, VanishedFilesAreMissesAndComeAgain) {
  Store store(options(ByteCount(500)));
  store.put(entry_of(1));
  store.flush();
  EXPECT_EQ(clear(folder()), ByteCount(static_cast<std::int64_t>(encode(entry_of(1)).size())));
  EXPECT_EQ(store.find(key_of(1)), nullptr);
  EXPECT_EQ(store.facts().refused, 0);
  std::filesystem::remove_all(folder());
  store.put(entry_of(1));
  store.flush();
  EXPECT_EQ(*store.find(key_of(1)), entry_of(1));
}

// What follows it in a chain is of no use without it.
TEST_F(StoreOnDisk, WhatIsInMemoryAloneComesToTheDiskAgain) {
  Store store(options());
  store.put(entry_of(1));
  store.flush();
  for (const bool is_asked_for : {true, false}) {
    ASSERT_TRUE(clear(folder()));
    // By the first use the store learns that the file is gone.
    for (int use = 0; use < 2; ++use) {
      if (is_asked_for) EXPECT_NE(store.find(key_of(1)), nullptr);
      else store.touch(key_of(1));
      store.flush();
    }
    EXPECT_TRUE(has_file(1)) << is_asked_for;
  }
}

#ifndef _WIN32
TEST_F(StoreOnDisk, FilesThatCannotBeOpenedJustNowStay) {
  store({1});
  Store store(options());
  store.flush();
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto found = store.find(key_of(1));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(found, nullptr);
  EXPECT_EQ(store.facts().refused, 0);
  EXPECT_NE(store.find(key_of(1)), nullptr);
}
#endif

TEST_F(StoreOnDisk, TooMuchAtOnceIsDroppedAndCounted) {
  Store::Options few = options(k_plenty, ByteCount(50'000));
  few.waiting_limit = ByteCount(1);
  Store store(few);
  store.put(entry_of(1, 60'000));  // more than the limit alone
  EXPECT_EQ(store.facts().dropped_writes, 1);
  store.flush();
  for (int i = 2; i < 100; ++i) store.put(entry_of(i, 100));
  store.flush();
  const Facts facts = store.facts();
  EXPECT_EQ(facts.memory_entries, 99);
  EXPECT_EQ(facts.dropped_writes + store.on_disk().entries + facts.disk_evicted, 99);
  EXPECT_GT(store.on_disk().entries, 0);
}

TEST_F(StoreOnDisk, WhatADeadProcessWasWritingGoes) {
  store({1});
  const std::string half = encode(entry_of(2)).substr(0, 500);
  const base::Path temporary = folder() / (key_of(2).hex() + ".kv.4194305-7.tmp");
  write(temporary, half);
  const std::vector<std::string> foreign{"notes.txt", key_of(2).hex() + ".tmp", "x.kv", "x.kv.1-2.tmp",
                                         key_of(3).hex() + ".kv.bak"};
  for (const std::string& name : foreign) std::ofstream(folder() / name) << "mine";
  Store store(options());
  store.flush();
  EXPECT_FALSE(std::filesystem::exists(temporary));
  EXPECT_FALSE(store.contains(key_of(2)));
  EXPECT_EQ(store.on_disk().entries, 1);
  for (const std::string& name : foreign) EXPECT_TRUE(std::filesystem::exists(folder() / name)) << name;
}

TEST_F(StoreOnDisk, ClearTakesOnlyItsOwn) {
  EXPECT_EQ(clear(folder()), ByteCount());
  store({1, 2});
  write(folder() / (key_of(2).hex() + ".kv.4194305-7.tmp"), "12345");
  std::ofstream(folder() / "notes.txt") << "mine";
  const std::size_t size = encode(entry_of(1)).size() + encode(entry_of(2)).size() + 5;
  EXPECT_EQ(clear(folder()), ByteCount(static_cast<std::int64_t>(size)));
  EXPECT_EQ(clear(folder()), ByteCount());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder()), {}), 1);
  EXPECT_EQ(clear(folder() / "notes.txt"), ByteCount());
  EXPECT_EQ(bytes_of(folder() / "notes.txt"), "mine");
}

// Two processes, as far as the files know: each puts, finds and evicts; nothing wrong is ever found.
TEST_F(StoreOnDisk, TwoStoresInOneFolder) {
  std::atomic<int> wrong = 0, found = 0;
  const auto work = [&](unsigned seed) {
    std::mt19937 random(seed);
    Store store(options(ByteCount(5'000), ByteCount(30'000)));
    for (int i = 0; i < 300; ++i) {
      const int number = static_cast<int>(random() % 40);
      if (const auto entry = store.find(key_of(number))) {
        ++found;
        if (*entry != entry_of(number)) ++wrong;
      } else {
        store.put(entry_of(number));
      }
      if (i % 100 == 50) (void)clear(folder());
    }
    store.flush();
    const Facts facts = store.facts();
    if (facts.refused != 0) ++wrong;
    if (store.on_disk().bytes > ByteCount(2 * 30'000)) ++wrong;
  };
  std::thread other(work, 1);
  work(2);
  other.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(found, 0);
  for (const auto& file : std::filesystem::directory_iterator(folder()))
    EXPECT_EQ(file.path().extension(), ".kv") << file.path();
}

// Entries are read while a person waits. The bound is far from what it takes, for busy machines.
TEST_F(StoreOnDisk, LargeEntriesAreReadFast) {
  constexpr std::size_t size = 20'000'000;
  const std::string state(size, 'x');
  {
    Store store(options());
    Entry entry = entry_of(1);
    entry.state = state;
    store.put(std::move(entry));
  }
  Store store(options());
  const auto start = std::chrono::steady_clock::now();
  const auto entry = store.find(key_of(1));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->state, state);
  RecordProperty("megabytes_per_second", static_cast<int>(static_cast<double>(size) / 1e6 / seconds.count()));
  EXPECT_LT(seconds.count(), 3.0);
}

}  // namespace
}  // namespace oc::kv
