// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"
#include "base/windows_api.hpp"

#include <bcrypt.h>

#include <array>

#include <fmt/format.h>

namespace oc::base {
namespace {

// Opening the provider is slow and CNG is part of every Windows, so it is opened once and kept.
BCRYPT_ALG_HANDLE algorithm() {
  static const BCRYPT_ALG_HANDLE handle = [] {
    BCRYPT_ALG_HANDLE opened = nullptr;
    BCryptOpenAlgorithmProvider(&opened, BCRYPT_SHA256_ALGORITHM, nullptr, 0);
    return opened;
  }();
  return handle;
}

class Digest {
 public:
  Digest() { BCryptCreateHash(algorithm(), &hash_, nullptr, 0, nullptr, 0, 0); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { BCryptDestroyHash(hash_); }

  void add(std::string_view bytes) {
    while (!bytes.empty()) {  // the length is 32 bits wide
      const std::size_t n = std::min(bytes.size(), std::size_t{1} << 30);
      auto* first = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));  // only read
      BCryptHashData(hash_, first, static_cast<ULONG>(n), 0);
      bytes.remove_prefix(n);
    }
  }
  std::array<std::uint8_t, 32> finish() {
    std::array<std::uint8_t, 32> digest{};
    BCryptFinishHash(hash_, digest.data(), static_cast<ULONG>(digest.size()), 0);
    return digest;
  }

 private:
  BCRYPT_HASH_HANDLE hash_ = nullptr;
};

}  // namespace

std::array<std::uint8_t, 32> sha256_digest(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.finish();
}

Result<std::string> sha256_of_file(const Path& path, const std::function<bool(ByteCount)>& progress) {
  const windows::Handle in(::CreateFileW(
      windows::to_system(path).c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
      OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr));
  if (!in) return windows::system_failure("read", path, ::GetLastError());
  if (::GetFileType(in.get()) != FILE_TYPE_DISK)
    return fail(ErrorKind::io, fmt::format("cannot read {}: it is not a regular file", display(path)));
  Digest digest;
  std::string buffer(1 << 20, '\0');
  ByteCount done;
  for (;;) {
    DWORD n = 0;
    if (!::ReadFile(in.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &n, nullptr))
      return windows::system_failure("read", path, ::GetLastError());
    if (n == 0) return to_hex(digest.finish());
    digest.add({buffer.data(), n});
    done += ByteCount(n);
    if (!progress(done)) return fail(ErrorKind::cancelled, fmt::format("reading of {} stopped", display(path)));
  }
}

}  // namespace oc::base
