// The layers of a network, each compiled for training: forward, back, and its weights.
//
// What a layer works on is a chunk: some images of a batch that one worker takes through all
// layers. Values of T lie as (images, height, width, channels). The learned numbers of all layers
// stand in one array of f32, each layer's from its `offset` on, in an order of its own.
#pragma once

#include <variant>

#include "network_training/convolution_step.hpp"
#include "network_training/dense_layer_step.hpp"
#include "network_training/fused_conv_max_pool_step.hpp"
#include "network_training/norm_step.hpp"
#include "network_training/weightless_steps.hpp"

namespace scrawl {

template <typename T>
using LayerStep =
    std::variant<ConvolutionStep<T>, FusedConvMaxPoolStep<T>, DenseLayerStep<T>, NormStep<T>,
                 PoolStep<T>, ActivationStep<T>, DropoutStep<T>, ResidualStep<T>>;

template <typename Step>
constexpr bool has_weights = requires(const Step& step) {
  step.ranges();
};

/// Multiplies with a copy of its weights, which is made anew after each update.
template <typename Step>
constexpr bool has_copy = requires(Step& step) {
  step.refresh(nullptr);
};

/// Adds the input of another step, in passing or as its only work.
template <typename Step>
constexpr bool has_source = requires(const Step& step) {
  step.source();
};

}  // namespace scrawl
