// SPDX-License-Identifier: Apache-2.0
#include "llama/layer_trial.hpp"

#include <ggml-alloc.h>
#include <ggml-backend.h>

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "llama/gguf_layout.hpp"

namespace oc::llama {
namespace {

using protocol::WeightLayout;

constexpr std::string_view k_layer = "blk.", k_matrix = ".weight";
// So much is read from memory, whatever was multiplied last: caches of laptops end at 32 MB.
constexpr std::int64_t k_telling_bytes = 100'000'000;
constexpr int k_most_layers = 8;
// Far more than so many layers of any model have.
constexpr std::size_t k_most_matrices = 256;

using Buffer = std::unique_ptr<ggml_backend_buffer, Freeing<ggml_backend_buffer_free>>;
using Backend = std::unique_ptr<ggml_backend, Freeing<ggml_backend_free>>;

Tensors make_tensors(std::size_t count) {
  const std::size_t size = count * ggml_tensor_overhead() + ggml_graph_overhead();
  return Tensors(ggml_init({size, nullptr, true}));
}

ggml_backend_dev_t processor() { return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU); }
ggml_backend_buffer_type_t usual_layout() { return ggml_backend_dev_buffer_type(processor()); }

// A function that only some devices have.
template <class Function>
Function find_function(ggml_backend_dev_t device, const char* name) {
  ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(device);
  return reinterpret_cast<Function>(ggml_backend_reg_get_proc_address(registry, name));
}

// The layouts that this CPU has beside the usual one, the best first.
std::vector<ggml_backend_buffer_type_t> own_layouts(ggml_backend_dev_t device) {
  std::vector<ggml_backend_buffer_type_t> layouts;
  const auto list = find_function<ggml_backend_dev_get_extra_bufts_t>(device, "ggml_backend_dev_get_extra_bufts");
  ggml_backend_buffer_type_t* each = list != nullptr ? list(device) : nullptr;
  for (; each != nullptr && *each != nullptr; ++each) layouts.push_back(*each);
  return layouts;
}

struct Matrix {
  ggml_type type;
  std::int64_t columns, rows;
  std::string bytes;
};

// Asked in the way that libllama asks when it loads: an operation on a tensor in an empty buffer of that kind.
bool can_multiply(ggml_backend_dev_t device, ggml_backend_buffer_type_t layout, const Matrix& matrix) {
  const Tensors tensors = make_tensors(3);
  ggml_tensor* weight = ggml_new_tensor_2d(tensors.get(), matrix.type, matrix.columns, matrix.rows);
  ggml_tensor* input = ggml_new_tensor_2d(tensors.get(), GGML_TYPE_F32, matrix.columns, 64);
  const ggml_tensor* product = ggml_mul_mat(tensors.get(), weight, input);
  const Buffer nothing(ggml_backend_buft_alloc_buffer(layout, 0));
  weight->buffer = nothing.get();
  return ggml_backend_dev_supports_op(device, product);
}

// ggml has kernels for these on every CPU; of others it may have none, and ends the process.
bool is_usual(ggml_type type) {
  return type == GGML_TYPE_F32 || type == GGML_TYPE_F16 || type == GGML_TYPE_BF16 ||
         (type >= GGML_TYPE_Q4_0 && type <= GGML_TYPE_Q8_0) || (type >= GGML_TYPE_Q2_K && type <= GGML_TYPE_Q6_K) ||
         type == GGML_TYPE_IQ4_NL || type == GGML_TYPE_IQ4_XS;
}

// -1: it is in no layer.
int layer_of(std::string_view name) {
  int layer = -1;
  if (name.starts_with(k_layer)) std::from_chars(name.data() + k_layer.size(), name.data() + name.size(), layer);
  return layer;
}

struct Place {
  const ggml_tensor* tensor;
  std::int64_t index;  // in the file
};

// Of the first layers, in the file's order; empty: they are not all plain matrices.
std::vector<Place> find_matrices(const gguf_context* file, ggml_context* tensors) {
  std::array<std::vector<Place>, k_most_layers> layers;
  for (std::int64_t i = 0; i < gguf_get_n_tensors(file); ++i) {
    const std::string name = gguf_get_tensor_name(file, i);
    const int layer = layer_of(name);
    const ggml_tensor* tensor = ggml_get_tensor(tensors, name.c_str());
    if (layer < 0 || layer >= k_most_layers || !name.ends_with(k_matrix) || tensor == nullptr) continue;
    const int dimensions = ggml_n_dims(tensor);
    if (dimensions > 2 || (dimensions == 2 && !is_usual(tensor->type))) return {};
    if (dimensions == 2) layers[static_cast<std::size_t>(layer)].push_back({tensor, i});
  }
  std::vector<Place> places;
  std::int64_t bytes = 0;
  for (const auto& layer : layers) {
    if (bytes >= k_telling_bytes || places.size() + layer.size() > k_most_matrices) break;
    for (const Place& place : layer) bytes += static_cast<std::int64_t>(ggml_nbytes(place.tensor));
    places.insert(places.end(), layer.begin(), layer.end());
  }
  return places;
}

base::Result<std::vector<Matrix>> read_matrices(const base::Path& path) {
  OC_TRY(const GgufLayout layout, read_gguf_layout(path));
  std::vector<Matrix> matrices;
  for (const Place& place : find_matrices(layout.file.get(), layout.tensors.get())) {
    const std::size_t begin =
        gguf_get_data_offset(layout.file.get()) + gguf_get_tensor_offset(layout.file.get(), place.index);
    const std::size_t size = ggml_nbytes(place.tensor);
    OC_TRY(std::string bytes, base::read_part(path, base::ByteCount(static_cast<std::int64_t>(begin)),
                                              base::ByteCount(static_cast<std::int64_t>(size))));
    if (bytes.size() != size)
      return base::fail(base::ErrorKind::model, fmt::format("{} is cut off", base::display(path)));
    matrices.push_back({place.tensor->type, place.tensor->ne[0], place.tensor->ne[1], std::move(bytes)});
  }
  return matrices;
}

// The matrices as one layout has them. Buffers go before the tensors that lie in them.
struct Weights {
  Tensors tensors = make_tensors(k_most_matrices);
  std::vector<Buffer> buffers;
  std::vector<ggml_tensor*> matrices;

  bool add(const Matrix& matrix, ggml_backend_buffer_type_t layout) {
    ggml_tensor* tensor = ggml_new_tensor_2d(tensors.get(), matrix.type, matrix.columns, matrix.rows);
    Buffer buffer(ggml_backend_buft_alloc_buffer(layout, ggml_backend_buft_get_alloc_size(layout, tensor)));
    if (!buffer) return false;
    ggml_backend_buffer_set_usage(buffer.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    if (ggml_backend_tensor_alloc(buffer.get(), tensor, ggml_backend_buffer_get_base(buffer.get())) !=
        GGML_STATUS_SUCCESS)
      return false;
    ggml_backend_tensor_set(tensor, matrix.bytes.data(), 0, matrix.bytes.size());
    buffers.push_back(std::move(buffer));
    matrices.push_back(tensor);
    return true;
  }
};

// All of them times an input of its own length each.
struct Products {
  Tensors tensors = make_tensors(3 * k_most_matrices);
  Buffer buffer;
  ggml_cgraph* graph = nullptr;

  bool make(const Weights& weights, int rows) {
    std::map<std::int64_t, ggml_tensor*> inputs;
    graph = ggml_new_graph(tensors.get());
    for (ggml_tensor* matrix : weights.matrices) {
      ggml_tensor*& input = inputs[matrix->ne[0]];
      if (input == nullptr) input = ggml_new_tensor_2d(tensors.get(), GGML_TYPE_F32, matrix->ne[0], rows);
      ggml_build_forward_expand(graph, ggml_mul_mat(tensors.get(), matrix, input));
    }
    buffer.reset(ggml_backend_alloc_ctx_tensors_from_buft(tensors.get(), usual_layout()));
    if (!buffer) return false;
    for (const auto& [length, input] : inputs) {
      std::vector<float> values(static_cast<std::size_t>(length * rows));
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i));
      ggml_backend_tensor_set(input, values.data(), 0, values.size() * sizeof(float));
    }
    return true;
  }
};

bool is_stopped(void* user) { return (*static_cast<const StopCheck*>(user))(); }

}  // namespace

struct LayerTrial::Parts {
  Backend backend;
  ggml_backend_set_n_threads_t set_threads = nullptr;
  ggml_backend_set_abort_callback_t set_stop = nullptr;
  Weights mapped, repacked;
};

LayerTrial::LayerTrial(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LayerTrial::LayerTrial(LayerTrial&&) noexcept = default;
LayerTrial& LayerTrial::operator=(LayerTrial&&) noexcept = default;
LayerTrial::~LayerTrial() = default;

base::Result<std::optional<LayerTrial>> LayerTrial::create(const base::Path& model) {
  ggml_backend_dev_t device = processor();
  const auto layouts = own_layouts(device);
  auto parts = std::make_unique<Parts>();
  parts->set_threads = find_function<ggml_backend_set_n_threads_t>(device, "ggml_backend_set_n_threads");
  if (layouts.empty() || parts->set_threads == nullptr) return std::nullopt;
  OC_TRY(const auto matrices, read_matrices(model));
  bool is_any_repacked = false;
  for (const Matrix& matrix : matrices) {
    ggml_backend_buffer_type_t usual = usual_layout(), best = usual;
    for (ggml_backend_buffer_type_t layout : layouts | std::views::reverse)
      if (can_multiply(device, layout, matrix)) best = layout;
    is_any_repacked = is_any_repacked || best != usual;
    if (!parts->mapped.add(matrix, usual) || !parts->repacked.add(matrix, best)) return std::nullopt;
  }
  if (!is_any_repacked) return std::nullopt;
  parts->backend.reset(ggml_backend_dev_init(device, nullptr));
  parts->set_stop = find_function<ggml_backend_set_abort_callback_t>(device, "ggml_backend_set_abort_callback");
  if (!parts->backend) return std::nullopt;
  return LayerTrial(std::move(parts));
}

base::Result<double> LayerTrial::time(WeightLayout layout, int rows, int threads, const StopCheck& stop) {
  Products products;
  if (!products.make(layout == WeightLayout::repacked ? parts_->repacked : parts_->mapped, rows))
    return base::fail(base::ErrorKind::engine, "there is no memory to multiply matrices");
  parts_->set_threads(parts_->backend.get(), threads);
  StopCheck check = stop;
  if (parts_->set_stop != nullptr) parts_->set_stop(parts_->backend.get(), is_stopped, &check);
  const base::Stopwatch watch;
  const ggml_status status = ggml_backend_graph_compute(parts_->backend.get(), products.graph);
  const double ms = watch.elapsed_ms();
  if (status == GGML_STATUS_ABORTED || stop()) return 0.0;
  if (status != GGML_STATUS_SUCCESS)
    return base::fail(base::ErrorKind::engine, fmt::format("ggml cannot multiply matrices (status {})", int{status}));
  return ms;
}

}  // namespace oc::llama
