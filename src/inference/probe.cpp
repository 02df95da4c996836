// SPDX-License-Identifier: Apache-2.0
#include "inference/probe.hpp"

#include <fmt/format.h>

#include "base/files.hpp"
#include "inference/chat_format.hpp"
#include "llama/model.hpp"
#include "llama/runtime.hpp"

namespace oc::inference {
namespace {

// Says what a file that is no GGUF is, which libllama does not.
base::Result<void> check_magic(const base::Path& path) {
  OC_TRY(const auto found, base::find_file_facts(path));
  const auto refuse = [&](std::string_view why) {
    return base::fail(base::ErrorKind::model, fmt::format("{} is not a model: {}", base::display(path), why),
                      "give the path of a .gguf file");
  };
  if (!found) return refuse("there is no such file");
  if (!found->is_regular) return refuse("it is not a regular file");
  if (found->size.value == 0) return refuse("the file is empty");
  OC_TRY(const std::string head, base::read_head(path, base::ByteCount(4)));
  if (head != "GGUF") return refuse("it does not begin with 'GGUF'");
  return {};
}

}  // namespace

base::Result<protocol::ModelFacts> inspect_model(const base::Path& path, const base::Path& backends_folder) {
  OC_TRY(const auto parts, llama::find_model_parts(path));
  for (const base::Path& part : parts) OC_CHECK(check_magic(part));
  llama::start_runtime(backends_folder);
  const std::atomic<bool> never{false};
  OC_TRY(const auto model, llama::Model::load(parts.front(), llama::LoadScope::layout, [](double) {}, never));
  protocol::ModelFacts facts = model.facts(parts.front());
  facts.chat_format = ChatFormat::find(model.chat_template(), model.vocabulary()).name();
  return facts;
}

}  // namespace oc::inference
