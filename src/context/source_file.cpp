// SPDX-License-Identifier: Apache-2.0
#include "context/source_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/files.hpp"

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

// At most one '*' in the pattern.
bool matches(std::string_view name, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return name == pattern;
  const std::string_view head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  return name.size() >= head.size() + tail.size() && name.starts_with(head) && name.ends_with(tail);
}

bool matches_any(std::string_view name, std::string_view patterns) {
  while (!patterns.empty()) {
    const std::size_t end = std::min(patterns.find(' '), patterns.size());
    if (matches(name, patterns.substr(0, end))) return true;
    patterns.remove_prefix(std::min(end + 1, patterns.size()));
  }
  return false;
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

bool is_secret_name(const base::Path& path) {
  std::string name = base::to_utf8(path.filename());
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return matches_any(name, k_secret_names) && !matches_any(name, k_harmless_names);
}

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

}  // namespace oc::context
