// SPDX-License-Identifier: Apache-2.0
#include "language_server/file_uri.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace oc::language_server {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool stays(char c) { return is_letter(c) || (c >= '0' && c <= '9') || std::string_view("-._~/").contains(c); }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '?' || text[i] == '#') return std::nullopt;
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (bytes.contains('\0')) return std::nullopt;
  return bytes;
}

bool begins_with_drive(std::string_view path) { return path.size() >= 2 && is_letter(path[0]) && path[1] == ':'; }

}  // namespace

std::string uri_of_path(std::string_view path, PathStyle style) {
  std::string text(path), uri = "file://";
  if (style == PathStyle::windows) {
    std::ranges::replace(text, '\\', '/');
    if (text.starts_with("//")) text.erase(0, 2);  // \\machine\share
    else uri += '/';
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_drive = style == PathStyle::windows && i == 1 && begins_with_drive(text);
    if (stays(text[i]) || is_drive) uri += text[i];
    else uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(text[i])));
  }
  return uri;
}

std::optional<std::string> path_of_uri(std::string_view uri, PathStyle style) {
  constexpr std::string_view k_scheme = "file:";
  const auto same = [](char a, char b) { return (is_letter(a) ? static_cast<char>(a | 0x20) : a) == b; };
  if (uri.size() < k_scheme.size() || !std::ranges::equal(uri.substr(0, k_scheme.size()), k_scheme, same))
    return std::nullopt;
  uri.remove_prefix(k_scheme.size());
  std::string_view machine;
  if (uri.starts_with("//")) {
    uri.remove_prefix(2);
    machine = uri.substr(0, uri.find('/'));
    uri.remove_prefix(machine.size());
  }
  auto path = decode(uri);
  if (!path || !path->starts_with('/')) return std::nullopt;
  if (machine == "localhost") machine = {};
  if (style == PathStyle::posix) return machine.empty() ? path : std::nullopt;
  std::ranges::replace(*path, '\\', '/');
  const auto name = decode(machine);
  if (!name) return std::nullopt;
  if (!name->empty()) return "//" + *name + *path;
  if (!begins_with_drive(std::string_view(*path).substr(1))) return std::nullopt;
  path->erase(0, 1);
  if (path->front() >= 'a') path->front() = static_cast<char>(path->front() - ('a' - 'A'));
  return path;
}

}  // namespace oc::language_server
