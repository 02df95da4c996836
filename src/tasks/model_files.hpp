// SPDX-License-Identifier: Apache-2.0
// How a model lies on disk: NAME.gguf, or the parts NAME-00001-of-00003.gguf …, and NAME.gguf.sha256 beside them (the
// format of sha256sum). Knows nothing of what is inside a GGUF, nor of where models are looked for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::tasks {

struct ModelPart {
  base::Path path;
  base::ByteCount size;
  std::string sha256;    // as recorded beside it; "" if unknown
  bool is_there = true;  // false: this part of a split model is missing
  bool operator==(const ModelPart&) const = default;
};

struct LibraryModel {
  std::string name;              // the file's name without ".gguf" (and without the part number of a split model)
  base::Path path;               // of the first part
  base::ByteCount size;          // of all parts that are there
  std::vector<ModelPart> parts;  // at least one
  bool operator==(const LibraryModel&) const = default;

  bool is_complete() const;
};

// The model that a file belongs to; `file` exists, or is any part of a split model. Reads no more than the checksums.
LibraryModel read_model(const base::Path& file);
// Kind `model`, naming the first part that is missing.
base::Result<void> check_complete(const LibraryModel& model);

// "NAME-00002-of-00003.gguf".
struct PartName {
  std::string model;
  int number = 1;  // 1-based
  int count = 1;
  bool operator==(const PartName&) const = default;
};
std::optional<PartName> parse_part_name(std::string_view file_name);
std::string make_part_name(const PartName& part);
// The model's name: of "Qwen-00001-of-00002.gguf" and of "Qwen.gguf" it is "Qwen".
std::string model_name_of(std::string_view file_name);
// May a model be called that? A name that every file system takes, that is no path, no option and no part of a split
// model. Kind `usage` with the reason; `option` ("--name") is where the hint says that another one can be given.
base::Result<void> check_model_name(const std::string& name, std::string_view option);
// Case does not count.
bool has_gguf_ending(std::string_view file_name);

// NAME.gguf.sha256 in the folder.
base::Path checksum_path(const base::Path& folder, std::string_view model_name);
struct Checksum {
  std::string file;    // its name, no folder
  std::string sha256;  // 64 lower-case digits
  bool operator==(const Checksum&) const = default;
};
// Lines that are something else are left out.
std::vector<Checksum> parse_checksums(std::string_view text);
std::string make_checksum_text(std::span<const Checksum> checksums);

}  // namespace oc::tasks
