// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

#include <fmt/format.h>

namespace oc::base {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::array<std::uint8_t, 32> finish() {
    std::array<std::uint8_t, 32> digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::array<std::uint8_t, 32> sha256_digest(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.finish();
}

Result<std::string> sha256_of_file(const Path& path, const std::function<bool(ByteCount)>& progress) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored))
    return fail(ErrorKind::io, fmt::format("cannot read {}: it is not a regular file", display(path)));
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorKind::io, fmt::format("cannot read {}", display(path)));
  Digest digest;
  std::string buffer(1 << 20, '\0');
  ByteCount done;
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
    digest.add(std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount())));
    done += ByteCount(in.gcount());
    if (!progress(done)) return fail(ErrorKind::cancelled, fmt::format("reading of {} stopped", display(path)));
  }
  if (in.bad()) return fail(ErrorKind::io, fmt::format("cannot read {} to its end", display(path)));
  return to_hex(digest.finish());
}

}  // namespace oc::base
