// SPDX-License-Identifier: Apache-2.0
// Pages of a mapped file that were used leave the process, and come back when they are read again.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#ifdef _WIN32
#include "base/windows_api.hpp"
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "base/process.hpp"
#include "base/system.hpp"

namespace oc::base {
namespace {

constexpr std::size_t k_size = std::size_t{64} << 20;

// As libllama maps a model: shared, to be read.
class Mapping {
 public:
#ifdef _WIN32
  explicit Mapping(const Path& path)
      : file_(::CreateFileW(windows::to_system(path).c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr, OPEN_EXISTING,
                            FILE_ATTRIBUTE_NORMAL, nullptr)),
        mapping_(::CreateFileMappingW(file_.get(), nullptr, PAGE_READONLY, 0, 0, nullptr)),
        bytes_(static_cast<const char*>(::MapViewOfFile(mapping_.get(), FILE_MAP_READ, 0, 0, 0))) {}
  ~Mapping() { ::UnmapViewOfFile(bytes_); }
#else
  explicit Mapping(const Path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    void* bytes = ::mmap(nullptr, k_size, PROT_READ, MAP_SHARED, file, 0);
    if (bytes != MAP_FAILED) bytes_ = static_cast<const char*>(bytes);
    ::close(file);
  }
  ~Mapping() {
    if (bytes_ != nullptr) ::munmap(const_cast<char*>(bytes_), k_size);
  }
#endif
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // Every page.
  bool is_all(char wanted) const {
    if (bytes_ == nullptr) return false;
    for (std::size_t i = 0; i < k_size; i += 4096)
      if (bytes_[i] != wanted) return false;
    return true;
  }

 private:
#ifdef _WIN32
  windows::Handle file_, mapping_;
#endif
  const char* bytes_ = nullptr;
};

// Its VirtualUnlock leaves the working set as it is.
bool is_wine() {
#ifdef _WIN32
  return ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr;
#else
  return false;
#endif
}

TEST(MappedPages, AreGivenBackAndReadAgain) {
  if (!can_drop_mapped_pages() || is_wine()) GTEST_SKIP() << "this system cannot";
  const Path path = std::filesystem::temp_directory_path() /
                    path_from_utf8("oc-mapped-" + std::to_string(current_process_id()) + " \xc3\xa4");
  const bool is_written =
      static_cast<bool>(std::ofstream(path, std::ios::binary) << std::string(k_size, 'm') << std::flush);
  if (is_written) {
    const Mapping mapping(path);
    EXPECT_TRUE(mapping.is_all('m'));
    const ByteCount used = resident_memory();
    drop_mapped_pages(path);
    EXPECT_LT(resident_memory(), used - ByteCount(k_size * 3 / 4));
    EXPECT_TRUE(mapping.is_all('m')) << "what is read again";
  }
  std::filesystem::remove(path);
  if (!is_written) GTEST_SKIP() << "no room for a file of 64 MiB";
}

}  // namespace
}  // namespace oc::base
