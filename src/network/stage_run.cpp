#include "network/stage_run.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <variant>

#include "network/bf16.hpp"
#include "network/channel_kernels.hpp"
#include "network/kernels.hpp"
#include "network/pooling.hpp"

namespace scrawl {

namespace {

/// Calls body with a number of that type, f32 or bf16, which says no more than its type.
template <typename Body>
void with_number(DataType type, Body body) {
  type == DataType::f32 ? body(float{}) : body(Bf16{});
}

template <typename T, typename PoolImage>
void pool_images(const PoolStage& stage, const void* in, void* out, PoolImage pool_image) {
  const PoolExtent& extent = stage.extent;
  const auto* from = static_cast<const T*>(in);
  auto* to = static_cast<T*>(out);
  for (std::size_t i = 0; i < stage.images; ++i) {
    pool_image(from, extent, to);
    from += extent.height * extent.width * extent.channels;
    to += extent.out_height() * extent.out_width() * extent.channels;
  }
}

void run(const PoolStage& stage, const void* in, void* out) {
  if (stage.type == DataType::u8) {
    return pool_images<std::uint8_t>(stage, in, out,
                                     [](auto... arguments) { max_pool(arguments...); });
  }
  with_number(stage.type, [&]<typename T>(T) {
    pool_images<T>(stage, in, out, [&](auto... arguments) {
      stage.kind == Pool::Kind::max ? max_pool(arguments...) : average_pool(arguments...);
    });
  });
}

void run(const ScaleStage& stage, const void* in, void* out) {
  with_number(stage.type, [&]<typename T>(T) {
    scale_shift(static_cast<const T*>(in), stage.extent, stage.scale.data(), stage.shift.data(),
                stage.relu, static_cast<T*>(out));
  });
}

void run(const ActivationStage& stage, const void* in, void* out) {
  with_number(stage.type, [&]<typename T>(T) {
    const auto* from = static_cast<const T*>(in);
    auto* to = static_cast<T*>(out);
    if (!stage.relu) return hyperbolic_tangent(from, stage.values, to);
    std::copy_n(from, stage.values, to);
    relu(to, stage.values);
  });
}

void run(const ResidualStage& stage, const void* in, const void* added, void* out) {
  with_number(stage.type, [&]<typename T>(T) {
    auto* to = static_cast<T*>(out);
    add(static_cast<const T*>(in), static_cast<const T*>(added), stage.values, to);
    if (stage.relu) relu(to, stage.values);
  });
}

void run(const QuantizeStage& stage, const void* in, void* out) {
  with_number(stage.type, [&]<typename T>(T) {
    quantize(static_cast<const T*>(in), stage.values, stage.scale, static_cast<std::uint8_t*>(out));
  });
}

}  // namespace

StageRun::StageRun(const Stage& stage) : work_(work_of(stage)) {}

StageRun::Work StageRun::work_of(const Stage& stage) {
  return std::visit(
      []<typename Kind>(const Kind& own) -> Work {
        if constexpr (std::is_same_v<Kind, ConvolutionStage>) {
          return ConvolutionWork{&own, ConvolutionRun(*own.convolution)};
        } else if constexpr (std::is_same_v<Kind, DenseStage>) {
          return DenseWork{&own, own.compile()};
        } else {
          return &own;
        }
      },
      stage.work);
}

void StageRun::operator()(const void* in, const void* added, void* out) {
  std::visit(
      [&]<typename Kind>(Kind& own) {
        if constexpr (std::is_same_v<Kind, ConvolutionWork>) {
          own.run.forward(in, own.stage->bias.data(), out);
        } else if constexpr (std::is_same_v<Kind, DenseWork>) {
          own.product(in, own.stage->weights.data(), own.stage->bias.data(), out);
        } else if constexpr (std::is_same_v<Kind, const ResidualStage*>) {
          run(*own, in, added, out);
        } else {
          run(*own, in, out);
        }
      },
      work_);
}

}  // namespace scrawl
