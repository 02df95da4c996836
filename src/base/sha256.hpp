// SPDX-License-Identifier: Apache-2.0
// SHA-256 by the system's own library (OpenSSL; on Windows CNG).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::base {

// 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);
// The digest itself.
std::array<std::uint8_t, 32> sha256_digest(std::string_view bytes);
// Bytes as lower-case hexadecimal digits.
std::string to_hex(std::span<const std::uint8_t> bytes);
// Of a file of any size, about 0.5–2 GB/s. `progress` gets the bytes done; false stops it (kind `cancelled`).
Result<std::string> sha256_of_file(const Path& path, const std::function<bool(ByteCount done)>& progress);

}  // namespace oc::base
