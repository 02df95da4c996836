// SPDX-License-Identifier: Apache-2.0
#include "context/source_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/files.hpp"
#include "base/folder_entries.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::fail;

// Names, lower case, separated by spaces; '*' stands for any characters, once a name. Broad on purpose: a refusal costs
// a rename, a leak cannot be undone.
constexpr std::string_view k_secret_names =
    ".env* *.env *.pem *.key *.p12 *.pfx *.jks *.keystore *.kdbx *.ppk id_rsa* id_dsa* id_ecdsa* id_ed25519* "
    "credentials* .credentials* .netrc _netrc .npmrc .pypirc .pgpass .my.cnf .htpasswd .git-credentials .vault-token "
    ".dockercfg secrets.y* secrets.json secrets.toml *.tfstate service-account*.json";
// Names that match the above and are made to be read: public halves, examples, source code.
constexpr std::string_view k_harmless_names =
    "*.pub *.example *.sample *.template *.dist *.c *.cc *.cpp *.h *.hpp *.cs *.py *.js *.ts *.tsx *.go *.rs *.rb "
    "*.java *.kt *.swift *.php *.md";

struct NamePattern {
  std::string_view head;
  std::string_view tail;  // after the '*'
  bool has_star = false;

  bool matches(std::string_view name) const {
    if (!has_star) return name == head;
    return name.size() >= head.size() + tail.size() && name.starts_with(head) && name.ends_with(tail);
  }
};

std::vector<NamePattern> parse_patterns(std::string_view patterns) {
  std::vector<NamePattern> parsed;
  while (!patterns.empty()) {
    const std::string_view one = patterns.substr(0, patterns.find(' '));
    const std::size_t star = std::min(one.find('*'), one.size());
    parsed.push_back({one.substr(0, star), one.substr(std::min(star + 1, one.size())), star < one.size()});
    patterns.remove_prefix(std::min(one.size() + 1, patterns.size()));
  }
  return parsed;
}

bool matches_any(std::string_view name, const std::vector<NamePattern>& patterns) {
  return std::ranges::any_of(patterns, [&](const NamePattern& pattern) { return pattern.matches(name); });
}

std::unexpected<base::Error> refuse_secret(const base::Path& path) {
  return fail(ErrorKind::denied,
              fmt::format("will not show {} to a model: files of this name usually hold secrets", base::display(path)),
              "copy what is not secret into a file with another name");
}

base::Path target_of(const base::Path& path) {
  std::error_code code;
  base::Path target = std::filesystem::canonical(path, code);
  return code ? path : target;
}

base::Result<void> check_is_text(const std::string& bytes, const base::Path& path) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
    return fail(ErrorKind::usage, fmt::format("cannot use {}: it looks like UTF-16", base::display(path)),
                "save it as UTF-8");
  if (bytes.find('\0') != std::string::npos)
    return fail(ErrorKind::usage, fmt::format("cannot use {}: it looks binary", base::display(path)),
                "name a text file");
  return {};
}

// Fills in text, encoding, marks and notes from the bytes.
void decode(SourceFile& file) {
  std::string_view body = file.bytes;
  if (body.starts_with(base::k_byte_order_mark)) {
    file.byte_order_mark = ByteOrderMark::present;
    body.remove_prefix(base::k_byte_order_mark.size());
  }
  file.line_end = base::detect_line_end(body);
  file.text = base::to_lf(body);
  if (const auto bad = base::find_invalid_utf8(file.text)) {
    file.encoding = Encoding::repaired;
    const auto line = 1 + std::ranges::count(std::string_view(file.text).substr(0, *bad), '\n');
    file.notes.push_back(fmt::format("{} is not UTF-8 (first at line {}): those bytes are shown to the model as U+FFFD",
                                     base::in_quotes(file.shown_path), line));
    file.text = base::replace_invalid_utf8(file.text);
  }
}

}  // namespace

bool is_secret_file_name(std::string_view name) {
  static const std::vector<NamePattern> secret = parse_patterns(k_secret_names);
  static const std::vector<NamePattern> harmless = parse_patterns(k_harmless_names);
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return matches_any(lower, secret) && !matches_any(lower, harmless);
}

bool is_secret_name(const base::Path& path) { return is_secret_file_name(base::to_utf8(path.filename())); }

std::string shown_path_of(const base::Path& path, const base::Path& workspace) {
  std::error_code code;
  const base::Path absolute = std::filesystem::absolute(path, code);
  const base::Path folder = std::filesystem::absolute(workspace, code);
  const bool inside = !code && base::is_inside(absolute, folder);
  std::string shown =
      base::replace_invalid_utf8(base::to_utf8(inside ? base::relative_to(absolute, folder) : path.lexically_normal()));
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return shown;
}

std::int64_t count_lines(std::string_view text) {
  return std::ranges::count(text, '\n') + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

base::Result<SourceFile> load_source_file(const base::Path& path, const base::Path& workspace, base::ByteCount limit) {
  if (is_secret_name(path) || is_secret_name(target_of(path))) return refuse_secret(path);
  SourceFile file;
  file.path = path;
  file.shown_path = shown_path_of(path, workspace);
  OC_TRY(file.bytes, base::read_file(path, limit));
  OC_CHECK(check_is_text(file.bytes, path));
  decode(file);
  return file;
}

base::Result<SourceFile> load_indexed_file(std::string_view path, const base::Path& workspace, base::ByteCount limit) {
  const base::Path file = (workspace / base::path_from_utf8(path)).lexically_normal();
  const auto denied = [&] {
    return base::fail(base::ErrorKind::denied, fmt::format("{} is no file of the workspace", base::in_quotes(path)));
  };
  if (!base::is_inside(file, workspace)) return denied();
  OC_TRY(const auto entry, base::find_folder_entry(file));
  if (!entry || entry->kind != base::EntryKind::file) return denied();
  std::error_code code, code_of_top;
  const base::Path real = std::filesystem::canonical(file, code);
  const base::Path top = std::filesystem::canonical(workspace, code_of_top);
  if (code || code_of_top || !base::is_inside(real, top)) return denied();
  return load_source_file(file, workspace, limit);
}

}  // namespace oc::context
