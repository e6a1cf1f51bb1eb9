#include "network/inference_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "network/kernels.hpp"
#include "network/onednn.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

using onednn::Layout;
using onednn::Matmul;
using onednn::Type;

/// One dense layer with the ReLU behind it.
struct DenseLayer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  bool relu = false;
  bool last = false;
  std::vector<std::byte> weight;  // packed as oneDNN likes it
  std::vector<float> bias;        // (outputs)
};

/// The working memory of one call.
struct Workspace {
  std::vector<Matmul> products;                // one for each layer
  std::vector<std::vector<std::byte>> inputs;  // of each layer: (rows, layer inputs)
  std::vector<float> logits;                   // (rows, 10)
};

}  // namespace

struct InferencePlan::Compiled {
  std::size_t rows;
  Type type;
  float scale;  // a pixel at the network's input is pixel * scale + shift
  float shift;
  std::vector<DenseLayer> layers;
  std::mutex lock;
  std::vector<std::unique_ptr<Workspace>> idle;

  Matmul compile(const DenseLayer& layer) const {
    return {{rows, layer.inputs, type},
            {layer.inputs, layer.outputs, type, Layout::packed},
            {rows, layer.outputs, layer.last ? Type::f32 : type},
            {.bias = true, .relu = layer.relu}};
  }

  std::unique_ptr<Workspace> make_workspace() const {
    auto workspace = std::make_unique<Workspace>();
    for (const DenseLayer& layer : layers) {
      workspace->products.push_back(compile(layer));
      workspace->inputs.emplace_back(rows * layer.inputs * onednn::size_of(type));
    }
    workspace->logits.resize(rows * digit_count);
    return workspace;
  }

  std::unique_ptr<Workspace> borrow() {
    const std::scoped_lock guard(lock);
    if (idle.empty()) return nullptr;
    std::unique_ptr<Workspace> workspace = std::move(idle.back());
    idle.pop_back();
    return workspace;
  }

  void give_back(std::unique_ptr<Workspace> workspace) {
    const std::scoped_lock guard(lock);
    idle.push_back(std::move(workspace));
  }

  void load(std::span<const std::uint8_t> glyphs, std::byte* to) const {
    if (type == Type::bf16) {
      normalise(glyphs, scale, shift, reinterpret_cast<Bf16*>(to));
    } else {
      normalise(glyphs, scale, shift, reinterpret_cast<float*>(to));
    }
  }

  void forward(Workspace& workspace) const {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      void* out = layers[i].last ? static_cast<void*>(workspace.logits.data())
                                 : workspace.inputs[i + 1].data();
      workspace.products[i](workspace.inputs[i].data(), layers[i].weight.data(),
                            layers[i].bias.data(), out);
    }
  }
};

InferencePlan::InferencePlan(const Model& model, std::size_t rows, bool bf16)
    : compiled_(std::make_unique<Compiled>()) {
  check_weights(model);
  compiled_->rows = rows;
  compiled_->type = bf16 ? Type::bf16 : Type::f32;
  compiled_->scale = 1.0F / (255.0F * model.normalisation.deviation);
  compiled_->shift = -model.normalisation.mean / model.normalisation.deviation;
  const auto& layers = model.architecture.layers;
  for (std::size_t i = 0, tensor = 0; i < layers.size(); ++i) {
    if (!std::holds_alternative<Dense>(layers[i])) continue;
    const Tensor& weight = model.weights[tensor++];
    DenseLayer layer{weight.shape[1], weight.shape[0], false, i + 1 == layers.size(), {}, {}};
    layer.relu = !layer.last && std::holds_alternative<Relu>(layers[i + 1]);
    layer.weight = compiled_->compile(layer).pack_right(weight.values.data());
    layer.bias = model.weights[tensor++].values;
    compiled_->layers.push_back(std::move(layer));
  }
  compiled_->give_back(compiled_->make_workspace());
}

InferencePlan::~InferencePlan() = default;
InferencePlan::InferencePlan(InferencePlan&&) noexcept = default;
InferencePlan& InferencePlan::operator=(InferencePlan&&) noexcept = default;

std::size_t InferencePlan::rows() const {
  return compiled_->rows;
}

void InferencePlan::run(std::span<const std::uint8_t> glyphs, std::span<float> logits) const {
  const std::size_t count = glyphs.size() / glyph_pixels;
  if (count == 0 || count > rows() || glyphs.size() != count * glyph_pixels ||
      logits.size() != count * digit_count) {
    throw std::invalid_argument("InferencePlan: glyphs or logits of the wrong size");
  }
  const onednn::OneThread one_thread;
  std::unique_ptr<Workspace> workspace = compiled_->borrow();
  if (workspace == nullptr) workspace = compiled_->make_workspace();
  // Rows beyond `count` hold what they held before; nobody looks at what becomes of them.
  compiled_->load(glyphs, workspace->inputs[0].data());
  compiled_->forward(*workspace);
  std::copy_n(workspace->logits.begin(), logits.size(), logits.begin());
  compiled_->give_back(std::move(workspace));
  if (!std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); })) {
    throw Error("model: its logits are not finite: the weights are too large");
  }
}

}  // namespace scrawl
