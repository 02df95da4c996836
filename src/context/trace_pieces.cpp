// SPDX-License-Identifier: Apache-2.0
#include "context/trace_pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <system_error>

#include "base/text.hpp"
#include "context/line_range.hpp"

namespace oc::context {
namespace {

namespace fs = std::filesystem;

// Parts of a path that are separated by '/' or, as in MSVC's messages, by '\'; "." is none.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t end = path.find_first_of("/\\");
    const std::string_view part = path.substr(0, end);
    if (!part.empty() && part != ".") parts.push_back(part);
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  return parts;
}

bool ends_with_parts(const std::vector<std::string_view>& path, const std::vector<std::string_view>& tail) {
  return !tail.empty() && tail.size() <= path.size() && std::equal(tail.rbegin(), tail.rend(), path.rbegin());
}

bool is_dependency(std::string_view path) {
  constexpr auto k_folders = std::to_array<std::string_view>(
      {"node_modules", "site-packages", "dist-packages", ".venv", "venv", "vendor", ".cargo", "third_party"});
  return std::ranges::any_of(
      parts_of(path), [&](std::string_view part) { return std::ranges::find(k_folders, part) != k_folders.end(); });
}

// "com.example.Main$1.run" of Main.java → "com/example/Main.java"; the package tells files of one name apart.
std::string path_in_package(const Frame& frame) {
  std::string_view name = frame.function;
  if (const std::size_t module = name.rfind('/'); module != std::string_view::npos) name.remove_prefix(module + 1);
  for (int part = 0; part < 2; ++part) {  // the method, then the class
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return frame.path;
    name = name.substr(0, dot);
  }
  std::string path(name);
  std::ranges::replace(path, '.', '/');
  return path + "/" + frame.path;
}

class Resolver {
 public:
  Resolver(base::Path workspace, base::Path root, std::span<const SourceFile> named, base::ByteCount limit)
      : workspace_(std::move(workspace)), root_(std::move(root)), named_(named), limit_(limit) {
    std::error_code code;
    for (const SourceFile& file : named_) named_paths_.push_back(fs::absolute(file.path, code).lexically_normal());
  }

  // The file a frame is about, or why there is none.
  using Found = std::expected<const SourceFile*, std::string>;
  Found find(Trace::Kind kind, const Frame& frame) {
    std::string name = base::replace_invalid_utf8(frame.path);
    if (kind == Trace::Kind::msvc) std::ranges::replace(name, '\\', '/');  // its logs are read on other systems too
    const base::Path path = base::path_from_utf8(name).lexically_normal();
    for (std::size_t i = 0; i < named_.size(); ++i)
      if (named_paths_[i] == path) return &named_[i];
    if (path.is_absolute() || frame.path.starts_with('/')) return find_in_workspace(path);
    if (!path.has_parent_path()) {  // a bare name says little: the user's own words decide first
      if (const Found found = find_named(kind, frame); !found || *found != nullptr) return found;
      return kind == Trace::Kind::java ? find_by_package(frame) : find_in_workspace(path);
    }
    const Found in_workspace = find_in_workspace(path);
    if (in_workspace) return in_workspace;
    const Found found = find_named(kind, frame);
    return found && *found == nullptr ? in_workspace : found;
  }

  std::vector<std::string> take_notes() { return std::move(notes_); }

 private:
  // By the ends of the paths, without the disk. nullptr: no named file is it.
  Found find_named(Trace::Kind kind, const Frame& frame) const {
    std::string packaged;
    if (kind == Trace::Kind::java) packaged = path_in_package(frame);
    for (const std::string_view tail : {std::string_view(packaged), std::string_view(frame.path)}) {
      const SourceFile* match = nullptr;
      for (const SourceFile& file : named_) {
        const std::string shown = base::to_utf8(file.path);
        if (!ends_with_parts(parts_of(shown), parts_of(tail)) &&
            !ends_with_parts(parts_of(tail), parts_of(file.shown_path)))
          continue;
        if (match != nullptr) return std::unexpected("more than one of the named files is called so");
        match = &file;
      }
      if (match != nullptr) return match;
    }
    return nullptr;
  }

  Found find_by_package(const Frame& frame) {
    const base::Path path = base::path_from_utf8(base::replace_invalid_utf8(path_in_package(frame)));
    for (const char* top : {"", "src/main/java", "src/main/kotlin", "src/test/java", "src"})
      if (const Found found = find_in_workspace(top / path)) return found;
    return std::unexpected("no such file in the workspace");
  }

  Found find_in_workspace(const base::Path& path) {
    const base::Path candidate = (path.is_absolute() ? path : root_ / path).lexically_normal();
    // Decided by name first: the disk is not even asked about other places.
    if (!base::is_inside(candidate, root_) && !base::is_inside(candidate, workspace_))
      return std::unexpected("outside the workspace");
    std::error_code code;
    const base::Path real = fs::canonical(candidate, code);
    if (code) return std::unexpected("no such file in the workspace");
    if (!base::is_inside(real, root_)) return std::unexpected("a link that leads out of the workspace");
    for (std::size_t i = 0; i < named_.size(); ++i)
      if (named_paths_[i] == candidate || named_paths_[i] == real) return &named_[i];
    constexpr std::size_t k_most_files = 32;  // each is held whole in memory
    const auto known = files_.find(real);
    if (known == files_.end() && files_.size() >= k_most_files)
      return std::unexpected("the trace names more files than are looked at");
    const auto& file = known != files_.end() ? known->second : files_.emplace(real, load(real)).first->second;
    if (!file) return std::unexpected(file.error().message);
    return &*file;
  }

  base::Result<SourceFile> load(const base::Path& real) {
    auto file = load_source_file(real, root_, limit_);
    if (file) notes_.insert(notes_.end(), file->notes.begin(), file->notes.end());
    return file;
  }

  base::Path workspace_, root_;  // as given (absolute), and with links resolved
  std::span<const SourceFile> named_;
  std::vector<base::Path> named_paths_;
  base::ByteCount limit_;
  std::map<base::Path, base::Result<SourceFile>> files_;
  std::vector<std::string> notes_;
};

Piece make_piece(const SourceFile& file, const Frame& frame, std::int64_t count) {
  Piece piece;
  piece.path = file.shown_path;
  piece.lines.first = base::LineNumber(std::max<std::int64_t>(1, frame.line - k_lines_round_a_frame));
  piece.lines.last = base::LineNumber(std::min<std::int64_t>(count, frame.line + k_lines_round_a_frame));
  piece.text = text_of_lines(file, piece.lines);
  piece.reason = fmt::format("line {}, named by the trace", frame.line);
  piece.need = Need::optional;
  return piece;
}

}  // namespace

base::Result<TracePieces> load_trace_pieces(const Trace& trace, const base::Path& workspace,
                                            std::span<const SourceFile> named, base::ByteCount file_limit) {
  std::error_code code;
  const base::Path root = fs::canonical(workspace, code);
  if (code)
    return base::fail(base::ErrorKind::io,
                      fmt::format("cannot open the workspace {}: {}", base::display(workspace), code.message()));
  Resolver resolver(fs::absolute(workspace, code).lexically_normal(), root, named, file_limit);
  TracePieces result;
  std::vector<Piece> of_dependencies;
  for (const Frame& frame : trace.frames) {
    const auto file = resolver.find(trace.kind, frame);
    if (!file) {
      result.skipped.push_back({frame, file.error()});
      continue;
    }
    const std::int64_t count = count_lines((*file)->text);
    if (frame.line < 1 || frame.line > count) {
      result.skipped.push_back({frame, fmt::format("the file has {} {}", count, count == 1 ? "line" : "lines")});
      continue;
    }
    Piece piece = make_piece(**file, frame, count);
    (is_dependency(piece.path) ? of_dependencies : result.pieces).push_back(std::move(piece));
  }
  std::ranges::move(of_dependencies, std::back_inserter(result.pieces));
  result.notes = resolver.take_notes();
  return result;
}

}  // namespace oc::context
