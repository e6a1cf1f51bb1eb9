#include "network_training/layered_training.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>

#include "network/overloaded.hpp"
#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "network_training/add_gradients.hpp"

namespace scrawl {

namespace {

/// Numbers that one task updates: enough to be worth a task, few enough to share out evenly.
constexpr std::size_t slice_size = 16384;

/// What a team sums at once: enough for a network to carry it at full speed, few enough that the
/// next is added to meanwhile.
constexpr std::size_t piece_size = 16384;

constexpr float statistics_momentum = 0.1F;  // of a step, in running means; PyTorch's

constexpr const char* wrong_size = "TrainingPlan: a batch of the wrong size";

Chunking chunking_of(const Shape& input, std::size_t batch, std::size_t workers) {
  const std::size_t images = images_in_chunk(input);
  return {images, (batch + images - 1) / images, workers};
}

/// There is a loss of ten logits, and one of a page reader's maps.
void check_output(const Architecture& architecture) {
  if (is_classifier(architecture)) return;
  check_architecture(architecture);
  const Shape out = output_shape(architecture);
  const Shape& in = architecture.input;
  if (out == Shape{DetectionChannels::count, in.height / cell_pixels, in.width / cell_pixels} &&
      in.height % cell_pixels == 0 && in.width % cell_pixels == 0) {
    return;
  }
  throw Error(fmt::format(
      "'{}' gives {} maps of {}x{}: to be trained, a network has to give ten logits of a glyph, or "
      "{} maps of cells of {}x{} pixels",
      to_string(architecture), out.channels, out.height, out.width, DetectionChannels::count,
      cell_pixels, cell_pixels));
}

}  // namespace

template <typename T>
LayeredTraining<T>::LayeredTraining(const Architecture& architecture,
                                    const Normalization& normalization, const PlanOptions& options,
                                    const TrainingState& state, Workers& workers)
    : architecture_(architecture),
      options_(options),
      workers_(workers),
      normalization_(normalization),
      chunking_(chunking_of(architecture.input, options.batch, workers.size())),
      is_classifier_(scrawl::is_classifier(architecture)),
      workspaces_(workers.size()),
      logits_(is_classifier_ ? chunking_.chunks * chunking_.images * digit_count : 0) {
  check_output(architecture);
  auto [steps, size] = place_steps<T>(architecture, chunking_);
  steps_ = std::move(steps);
  add_workspaces();
  weights_.resize(size);
  velocity_.resize(size);
  gradient_.resize(size);
  add_slices();
  const std::size_t processes = options.team == nullptr ? 1 : options.team->size();
  gradients_.assign((chunking_.chunks + processes - 1) / processes, AlignedVector<float>(size));
  import_weights<T>(steps_, state.weights, weights_);
  import_weights<T>(steps_, state.velocity, velocity_);
  if (options.squares) {
    squares_.resize(size);
    import_weights<T>(steps_, state.squares.empty() ? zero_weights(architecture) : state.squares,
                      squares_);
  }
  if (options.weight_ema) {
    weight_ema_.resize(size);
    import_weights<T>(steps_, state.weight_ema.empty() ? state.weights : state.weight_ema,
                      weight_ema_);
  }
  for (const std::size_t layer : copying_) refresh(layer);
}

template <typename T>
void LayeredTraining<T>::add_slices() {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    std::visit(
        [&]<typename Step>(const Step&) {
          if constexpr (has_copy<Step>) copying_.push_back(i);
        },
        steps_[i].step);
  }
  slices_ = slices_of<T>(steps_, slice_size);
  for (std::size_t begin = 0; begin < slices_.size();) {
    const std::size_t offset = slices_[begin].offset;
    std::size_t end = begin;
    std::size_t size = 0;
    while (end < slices_.size() && size < piece_size) {
      size = slices_[end].offset + slices_[end].size - offset;
      ++end;
    }
    piece_slices_.push_back({begin, end});
    pieces_.emplace_back(gradient_.data() + offset, size);
    begin = end;
  }
}

template <typename T>
void LayeredTraining<T>::add_workspaces() {
  std::size_t largest = 0;
  for (const PlacedStep<T>& placed : steps_)
    largest = std::max({largest, placed.in_size, placed.out_size});
  for (Workspace& workspace : workspaces_) {
    const std::size_t images = chunking_.images;
    for (const PlacedStep<T>& placed : steps_)
      workspace.inputs.emplace_back(images * placed.in_size);
    workspace.gradient.resize(images * largest);
    workspace.in_gradient.resize(images * largest);
    if (!is_classifier_) {
      const std::size_t maps = output_shape(architecture_).size();
      workspace.output.resize(images * steps_.back().out_size);
      workspace.maps.resize(maps);
      workspace.maps_gradient.resize(maps);
    }
    workspace.waiting.resize(steps_.size());
  }
}

template <typename T>
TrainingState LayeredTraining<T>::state() const {
  const auto exported = [&](const AlignedVector<float>& from) {
    std::vector<Tensor> tensors = zero_weights(architecture_);
    export_weights<T>(steps_, from, tensors);
    return tensors;
  };
  TrainingState state{exported(weights_), exported(velocity_), {}, {}};
  if (options_.weight_ema) state.weight_ema = exported(weight_ema_);
  if (options_.squares) state.squares = exported(squares_);
  return state;
}

template <typename T>
LossSum LayeredTraining<T>::gradient(const Batch& batch,
                                     std::span<const std::uint8_t* const> /*next*/) {
  if (!is_classifier_) throw std::invalid_argument("TrainingPlan: glyphs for a page reader");
  if (batch.images.size() != batch.labels.size()) throw std::invalid_argument(wrong_size);
  return take_chunks(batch);
}

template <typename T>
DetectionSum LayeredTraining<T>::gradient(const PageBatch& batch) {
  if (is_classifier_) throw std::invalid_argument("TrainingPlan: pages for a classifier");
  if (batch.images.size() != batch.targets.size()) throw std::invalid_argument(wrong_size);
  counts_ = count(batch.targets);
  return take_chunks(batch);
}

/// Of all pictures of a batch, of which each process has its own; in the order of the chunks, so
/// that the sum is the same however many processes there are.
template <typename T>
DetectionCounts LayeredTraining<T>::count(std::span<const DetectionTargets> targets) const {
  const std::size_t images = chunking_.images;
  std::vector<DetectionCounts> chunks((targets.size() + images - 1) / images);
  const Share own = own_rows(targets.size());
  for (std::size_t i = own.begin; i < own.end; ++i) chunks[i / images].add(targets[i]);
  if (options_.team != nullptr) gather_shares(*options_.team, std::span(chunks));
  DetectionCounts sum;
  for (const DetectionCounts& chunk : chunks) sum += chunk;
  return sum;
}

template <typename T>
Share LayeredTraining<T>::own_chunks(std::size_t chunks) const {
  if (options_.team == nullptr) return {0, chunks};
  return share_of(chunks, options_.team->rank(), options_.team->size());
}

template <typename T>
Share LayeredTraining<T>::own_rows(std::size_t rows) const {
  const std::size_t images = chunking_.images;
  const Share own = own_chunks((rows + images - 1) / images);
  return {std::min(rows, own.begin * images), std::min(rows, own.end * images)};
}

/// Takes its chunks through the network, to gradients of their own.
template <typename T>
template <typename AnyBatch>
auto LayeredTraining<T>::take_chunks(const AnyBatch& batch) {
  rows_ = batch.images.size();
  const std::size_t images = chunking_.images;
  if (rows_ == 0 || rows_ > options_.batch) throw std::invalid_argument(wrong_size);
  const std::size_t chunks = (rows_ + images - 1) / images;
  own_ = own_chunks(chunks);
  used_gradients_.clear();
  for (std::size_t i = 0; i < own_.size(); ++i) used_gradients_.push_back(gradients_[i].data());
  using Sum = decltype(chunk_task(0, 0, batch));
  std::vector<Sum> sums(chunks);
  workers_.run(own_.size(), [&](std::size_t task, std::size_t worker) {
    sums[own_.begin + task] = chunk_task(own_.begin + task, worker, batch);
  });
  if (options_.team != nullptr) gather_shares(*options_.team, std::span(sums));
  Sum sum;
  for (const Sum& part : sums) sum += part;
  return sum;
}

template <typename T>
template <typename AnyBatch>
auto LayeredTraining<T>::chunk_task(std::size_t index, std::size_t worker, const AnyBatch& batch) {
  const std::size_t capacity = chunking_.images;
  const std::size_t images = std::min(capacity, rows_ - index * capacity);
  const std::size_t chunks = (rows_ + capacity - 1) / capacity;
  Workspace& workspace = workspaces_[worker];
  Chunk chunk{.worker = worker,
              .index = index,
              .capacity = capacity,
              .images = images,
              .fraction = 1.0F / static_cast<float>(chunks),
              .weights = weights_.data(),
              .gradient = gradients_[index - own_.begin].data()};
  if constexpr (std::is_same_v<AnyBatch, PageBatch>) chunk.renormalization = batch.renormalization;
  chunk.random = Random({options_.seed, random_dropout, batch.number, index}).next();
  load(batch.images.subspan(index * chunking_.images, images), workspace.inputs[0].data());
  forward(chunk, workspace);
  const auto sum = take_loss(chunk, batch, workspace);
  backward(chunk, workspace);
  return sum;
}

template <typename T>
void LayeredTraining<T>::load(std::span<const std::uint8_t* const> images, T* to) const {
  const std::size_t size = architecture_.input.size();
  for (std::size_t i = 0; i < images.size(); ++i) {
    normalize({images[i], size}, normalization_, to + i * size);
  }
  std::fill(to + images.size() * size, to + chunking_.images * size, T{});
}

template <typename T>
LossSum LayeredTraining<T>::take_loss(const Chunk& chunk, const Batch& batch,
                                      Workspace& workspace) {
  const std::size_t begin = chunk.index * chunk.capacity;
  // Images beyond the end of a smaller last chunk get a gradient of zero, and so change nothing.
  T* gradient = workspace.gradient.data();
  std::fill(gradient + chunk.images * digit_count, gradient + chunk.capacity * digit_count, T{});
  const Targets targets{
      batch.labels.subspan(begin, chunk.images), batch.smoothing,
      batch.targets.empty() ? nullptr : batch.targets.data() + begin * digit_count};
  return softmax_cross_entropy(logits_.data() + begin * digit_count, targets,
                               1.0F / static_cast<float>(rows_), gradient);
}

/// The maps are stored with more channels than they have.
template <typename T>
DetectionSum LayeredTraining<T>::take_loss(const Chunk& chunk, const PageBatch& batch,
                                           Workspace& workspace) {
  constexpr std::size_t channels = DetectionChannels::count;
  const std::size_t out_size = steps_.back().out_size;
  const std::size_t cells = workspace.maps.size() / channels;
  const std::size_t stored = out_size / cells;
  std::fill_n(workspace.gradient.data(), chunk.capacity * out_size, T{});
  DetectionSum sum;
  for (std::size_t i = 0; i < chunk.images; ++i) {
    const T* out = workspace.output.data() + i * out_size;
    T* gradient = workspace.gradient.data() + i * out_size;
    for (std::size_t at = 0; at < workspace.maps.size(); ++at) {
      workspace.maps[at] = scrawl::load(out[at / channels * stored + at % channels]);
    }
    sum += detection_loss(workspace.maps.data(), batch.targets[chunk.index * chunk.capacity + i],
                          counts_, workspace.maps_gradient.data());
    for (std::size_t at = 0; at < workspace.maps.size(); ++at) {
      store(workspace.maps_gradient[at], gradient[at / channels * stored + at % channels]);
    }
  }
  return sum;
}

/// A dense layer that is the last writes f32.
template <typename T>
T* LayeredTraining<T>::last_output(const Chunk& chunk, Workspace& workspace) {
  if (!is_classifier_) return workspace.output.data();
  return reinterpret_cast<T*>(logits_.data() + chunk.index * chunk.capacity * digit_count);
}

template <typename T>
void LayeredTraining<T>::forward(const Chunk& chunk, Workspace& workspace) {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const T* in = workspace.inputs[i].data();
    T* out = i + 1 < steps_.size() ? workspace.inputs[i + 1].data() : last_output(chunk, workspace);
    std::visit(
        [&]<typename Step>(Step& step) {
          if constexpr (has_source<Step>) {
            const T* added = step.source() ? workspace.inputs[*step.source()].data() : nullptr;
            step.forward(chunk, in, added, out);
          } else {
            step.forward(chunk, in, out);
          }
        },
        steps_[i].step);
  }
}

template <typename T>
void LayeredTraining<T>::backward(const Chunk& chunk, Workspace& workspace) {
  for (std::size_t i = steps_.size(); i-- > 0;) backward_step(i, chunk, workspace);
  AlignedVector<T>& of_input = workspace.waiting[0];  // which nobody wants
  if (!of_input.empty()) workspace.spare.push_back(std::move(of_input));
  of_input.clear();
}

/// From the gradient of what a step gives to that of what it takes.
template <typename T>
void LayeredTraining<T>::backward_step(std::size_t index, const Chunk& chunk,
                                       Workspace& workspace) {
  const bool last = index + 1 == steps_.size();
  const T* in = workspace.inputs[index].data();
  const T* out = last ? nullptr : workspace.inputs[index + 1].data();
  T* gradient = workspace.gradient.data();
  T* in_gradient = workspace.in_gradient.data();
  // What residual sums behind have added of this place's output.
  AlignedVector<T> none;
  AlignedVector<T>& waiting = last ? none : workspace.waiting[index + 1];
  const T* also = waiting.empty() ? nullptr : waiting.data();
  const std::size_t out_values = chunking_.images * steps_[index].out_size;
  if (last && !is_classifier_) out = workspace.output.data();

  const auto add_waiting = [&] {
    if (also != nullptr) add(gradient, also, out_values, gradient);
  };
  std::optional<std::size_t> source;
  std::visit(Overloaded{[&](NormStep<T>& step) {
                          source = step.source();
                          if (!source) add_waiting();
                          step.backward(chunk, in, out, also, gradient, in_gradient);
                        },
                        [&](auto& step) {
                          add_waiting();
                          step.backward(chunk, in, out, gradient, in_gradient);
                        }},
             steps_[index].step);
  if (const auto* step = std::get_if<ResidualStep<T>>(&steps_[index].step)) {
    source = step->source();
  }
  if (also != nullptr) workspace.spare.push_back(std::exchange(waiting, {}));
  if (source) let_wait(*source, out_values, workspace);
  std::swap(workspace.gradient, workspace.in_gradient);
}

/// Of a sum, both parts have the same gradient: one goes on to the layer before, the other waits
/// for the layer whose input was added.
template <typename T>
void LayeredTraining<T>::let_wait(std::size_t source, std::size_t values, Workspace& workspace) {
  AlignedVector<T>& waiting = workspace.waiting[source];
  if (!waiting.empty())
    return add(waiting.data(), workspace.gradient.data(), values, waiting.data());
  if (workspace.spare.empty()) workspace.spare.emplace_back(workspace.gradient.size());
  waiting = std::exchange(workspace.gradient, std::move(workspace.spare.back()));
  workspace.spare.pop_back();
}

template <typename T>
void LayeredTraining<T>::update(const Optimizer& optimizer) {
  std::visit([&](const auto& kind) { apply(kind); }, optimizer);
  workers_.run(copying_.size(), [&](std::size_t copy, std::size_t) { refresh(copying_[copy]); });
}

template <typename T>
void LayeredTraining<T>::apply(const Sgd& sgd) {
  sum_slices(sgd.decay, [&](std::size_t index) {
    const WeightRange& slice = slices_[index];
    if (slice.kind == WeightRange::Kind::statistic) return update_statistics(slice, sgd.ema_decay);
    update_all({weights_.data() + slice.offset, slice.size}, velocity_.data() + slice.offset,
               ema_of(slice), gradient_.data() + slice.offset, sgd);
  });
}

/// The length of the whole gradient has to be known before any of it is applied.
template <typename T>
void LayeredTraining<T>::apply(const AdamW& adam) {
  if (!options_.squares) throw std::invalid_argument("TrainingPlan: AdamW needs its squares");
  std::vector<double> squares(slices_.size());
  sum_slices(0, [&](std::size_t index) {
    const WeightRange& slice = slices_[index];
    if (slice.kind == WeightRange::Kind::statistic) return update_statistics(slice, adam.ema_decay);
    squares[index] = square_sum({gradient_.data() + slice.offset, slice.size});
  });
  const double norm = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
  const bool is_long = adam.max_norm > 0 && norm > static_cast<double>(adam.max_norm);
  const float scale = is_long ? adam.max_norm / static_cast<float>(norm) : 1.0F;
  workers_.run(slices_.size(), [&](std::size_t task, std::size_t) {
    const WeightRange& slice = slices_[task];
    if (slice.kind == WeightRange::Kind::statistic) return;
    AdamW own = adam;
    if (slice.kind != WeightRange::Kind::weight) own.decay = 0;
    const AdamWState state{velocity_.data() + slice.offset, squares_.data() + slice.offset,
                           ema_of(slice)};
    update_adam({weights_.data() + slice.offset, slice.size}, state,
                gradient_.data() + slice.offset, scale, own);
  });
}

/// Sums the gradients of all chunks and, of weights, decay times the weights, slice by slice; calls
/// use(slice) when it has one.
template <typename T>
void LayeredTraining<T>::sum_slices(float decay, const std::function<void(std::size_t)>& use) {
  if (options_.team == nullptr) {
    return workers_.run(slices_.size(), [&](std::size_t slice, std::size_t) {
      sum_slice(slices_[slice], decay);
      use(slice);
    });
  }
  options_.team->sum(
      {pieces_, [&](std::size_t piece, bool is_first) { add_to_piece(piece, decay, is_first); },
       [&](std::size_t piece) {
         const Share& slices = piece_slices_[piece];
         for (std::size_t i = slices.begin; i < slices.end; ++i) use(i);
       }});
}

/// Of this process's chunks.
template <typename T>
void LayeredTraining<T>::sum_slice(const WeightRange& slice, float decay) {
  sum_gradients(used_gradients_, slice.offset, {weights_.data() + slice.offset, slice.size},
                slice.kind == WeightRange::Kind::weight ? decay : 0,
                {gradient_.data() + slice.offset, slice.size});
}

/// Each sum begins with the decay, of which there is one, so it is the first process's.
template <typename T>
void LayeredTraining<T>::add_to_piece(std::size_t piece, float decay, bool is_first) {
  const Share& slices = piece_slices_[piece];
  const float own_decay = options_.team->rank() == 0 ? decay : 0;
  for (std::size_t i = slices.begin; i < slices.end; ++i) {
    const WeightRange& slice = slices_[i];
    if (is_first) {
      sum_slice(slice, own_decay);
    } else {
      add_gradients(used_gradients_, slice.offset, {gradient_.data() + slice.offset, slice.size});
    }
  }
}

/// Moves running statistics toward the average of the chunks'.
template <typename T>
void LayeredTraining<T>::update_statistics(const WeightRange& slice, float ema_decay) {
  float* running = weights_.data() + slice.offset;
  const float* measured = gradient_.data() + slice.offset;
  for (std::size_t i = 0; i < slice.size; ++i) {
    running[i] += statistics_momentum * (measured[i] - running[i]);
  }
  if (options_.weight_ema) update_ema({ema_of(slice), slice.size}, running, 1 - ema_decay);
}

template <typename T>
void LayeredTraining<T>::refresh(std::size_t layer) {
  std::visit(
      [&]<typename Step>(Step& step) {
        if constexpr (has_copy<Step>) step.refresh(weights_.data());
      },
      steps_[layer].step);
}

template class LayeredTraining<float>;
template class LayeredTraining<Bf16>;

}  // namespace scrawl
