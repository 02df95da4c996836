// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <array>

namespace oc::base {
namespace {

constexpr std::array<std::pair<ErrorKind, std::string_view>, 11> k_words{{
    {ErrorKind::negative, "negative"},
    {ErrorKind::usage, "usage"},
    {ErrorKind::configuration, "configuration"},
    {ErrorKind::model, "model"},
    {ErrorKind::too_large, "too_large"},
    {ErrorKind::conflict, "conflict"},
    {ErrorKind::denied, "denied"},
    {ErrorKind::engine, "engine"},
    {ErrorKind::io, "io"},
    {ErrorKind::internal, "internal"},
    {ErrorKind::cancelled, "cancelled"},
}};

}  // namespace

std::string_view to_string(ErrorKind kind) {
  for (const auto& [k, word] : k_words)
    if (k == kind) return word;
  return "internal";
}

ErrorKind error_kind_from(std::string_view word) {
  for (const auto& [kind, w] : k_words)
    if (w == word) return kind;
  return ErrorKind::internal;
}

}  // namespace oc::base
