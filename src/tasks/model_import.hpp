// SPDX-License-Identifier: Apache-2.0
// Brings a GGUF with all its parts into a folder of models. Where that folder is, and what is told about it, is the
// caller's matter.
#pragma once

#include <functional>
#include <string>

#include "base/cancel.hpp"
#include "protocol/messages.hpp"
#include "tasks/model_files.hpp"

namespace oc::tasks {

enum class ImportMode { copy, link };
struct ImportRequest {
  base::Path file;    // of a split model any part
  base::Path folder;  // is created
  std::string name;   // what it is to be called; "": as the file is
  ImportMode mode = ImportMode::copy;
};

enum class ImportStage { checking, copying, hashing };
// Looks into a model that nobody opened before; protocol::probe_model does it safely.
using ModelProbe = std::function<base::Result<protocol::ModelFacts>(const base::Path& file)>;
using ImportProgress = std::function<void(ImportStage stage, base::ByteCount done, base::ByteCount total)>;

enum class ImportOutcome { imported, already_there };
struct ImportedModel {
  LibraryModel model;  // as it lies in the folder, every part with its SHA-256
  protocol::ModelFacts facts;
  ImportOutcome outcome = ImportOutcome::imported;
};

// Checks the model (by `probe`, and against checksums that lie beside it), copies or links it and records its SHA-256
// in NAME.gguf.sha256. One that is there already with the same bytes is left as it is. Kinds: `model` (missing,
// damaged, not usable), `usage` (the name), `conflict` (another model has that name, another import is running), `io`,
// `cancelled`. Whatever fails, nothing half-copied stays; what a killed import left is removed by the next.
base::Result<ImportedModel> import_model(const ImportRequest& request, const ModelProbe& probe,
                                         const ImportProgress& progress, const base::CancelToken& cancel);

}  // namespace oc::tasks
