#include "formats/infer_architecture.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "files/excerpt.hpp"
#include "files/number_of_text.hpp"
#include "formats/sigmoid.hpp"
#include "network/overloaded.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

/// The tensors of one PyTorch module.
struct Group {
  enum class Kind { conv, dense, norm } kind = Kind::dense;
  std::string name;  ///< what stands before .weight
  Tensor* weight = nullptr;
  Tensor* bias = nullptr;
  Tensor* mean = nullptr;
  Tensor* variance = nullptr;

  std::size_t outputs() const { return weight->shape[0]; }
};

using Groups = std::vector<Group>;

[[noreturn]] void fail(std::string_view what) {
  throw Error(std::string(what));
}

std::string list(const std::vector<Tensor>& tensors) {
  constexpr std::size_t max_shown = 30;
  std::vector<std::string> texts;
  for (const Tensor& tensor : tensors) {
    texts.push_back(
        fmt::format("{} ({})", excerpt(tensor.name, 100), fmt::join(tensor.shape, ", ")));
    if (texts.size() == max_shown) break;
  }
  return fmt::format("{}{}", fmt::join(texts, ", "), tensors.size() > texts.size() ? ", ..." : "");
}

// ---- From tensors to groups ----

Tensor* Group::*member(std::string_view part) {
  if (part == "weight") return &Group::weight;
  if (part == "bias") return &Group::bias;
  if (part == "running_mean") return &Group::mean;
  if (part == "running_var") return &Group::variance;
  return nullptr;
}

/// Throws where the group is none of our layers.
Group::Kind kind_of(const Group& group) {
  const auto refuse = [&](std::string_view why) {
    fail(fmt::format("{} {}", group.name.empty() ? "the tensors" : excerpt(group.name), why));
  };
  if (group.weight == nullptr) refuse("has no weight");
  const std::vector<std::size_t>& shape = group.weight->shape;
  if (std::ranges::find(shape, 0U) != shape.end()) refuse("has an empty weight");
  const std::vector<std::size_t> outputs{shape.empty() ? 0 : shape[0]};
  for (const Tensor* part : {group.bias, group.mean, group.variance}) {
    if (part != nullptr && part->shape != outputs) refuse("has parts of different sizes");
  }
  const bool has_statistics = group.mean != nullptr && group.variance != nullptr;
  if (shape.size() == 1 && has_statistics && group.bias != nullptr) return Group::Kind::norm;
  if (group.mean != nullptr || group.variance != nullptr)
    refuse("is no normalization that is known");
  if (shape.size() == 2) return Group::Kind::dense;
  if (shape.size() != 4) refuse("is no convolution, dense layer or batch normalization");
  if (shape[2] != shape[3]) refuse("is a convolution whose kernels are not square");
  return Group::Kind::conv;
}

Groups group(std::vector<Tensor>& tensors) {
  constexpr std::size_t max_tensors = 1000;  // an architecture has no more than 100 layers
  if (tensors.size() > max_tensors) fail(fmt::format("more than {} tensors", max_tensors));
  Groups groups;
  for (Tensor& tensor : tensors) {
    const std::size_t dot = tensor.name.rfind('.');
    const std::string name = dot == std::string::npos ? "" : tensor.name.substr(0, dot);
    const auto part =
        member(std::string_view(tensor.name).substr(dot == std::string::npos ? 0 : dot + 1));
    if (part == nullptr)
      fail(fmt::format("tensor {} is of no known kind of layer", excerpt(tensor.name)));
    auto found = std::ranges::find(groups, name, &Group::name);
    if (found == groups.end()) found = groups.insert(groups.end(), {.name = name});
    (*found).*part = &tensor;
  }
  for (Group& one : groups) one.kind = kind_of(one);
  return groups;
}

// ---- From groups to an architecture ----

/// How many modules without weights stand between two of an nn.Sequential: 1 between "net.0" and
/// "net.2". Nothing where the names do not say.
std::optional<std::size_t> between(const std::string& left, const std::string& right) {
  const auto split =
      [](const std::string& name) -> std::pair<std::string, std::optional<std::size_t>> {
    const std::size_t dot = name.rfind('.');
    const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
    return {name.substr(0, begin),
            number_of_text<std::size_t>(std::string_view(name).substr(begin))};
  };
  const auto [left_parent, from] = split(left);
  const auto [right_parent, to] = split(right);
  if (!from || !to || left_parent != right_parent || *to <= *from) return std::nullopt;
  return *to - *from - 1;
}

/// A convolution or a dense layer, and what may be told of what follows.
struct Linear {
  const Group* group = nullptr;
  const Group* norm = nullptr;
  bool may_pool = true;
  /// Names of an nn.Sequential have no number left for an activation behind it. (Those of an
  /// nn.ModuleList look the same.)
  bool has_no_room = false;
  /// They have one for it: something stands there.
  bool has_room = false;
};

/// Which normalization goes with which layer: the one before it in the file; where they stand by
/// themselves, the convolutions', or those of all layers but the last.
void pair_norms(std::vector<Linear>& linears, const Groups& groups) {
  std::vector<const Group*> norms;
  bool is_interleaved = true;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].kind != Group::Kind::norm) continue;
    norms.push_back(&groups[i]);
    is_interleaved = is_interleaved && i > 0 && groups[i - 1].kind != Group::Kind::norm &&
                     groups[i - 1].outputs() == groups[i].outputs();
  }
  if (norms.empty()) return;
  const auto convs = static_cast<std::size_t>(std::ranges::count_if(
      linears, [](const Linear& linear) { return linear.group->kind == Group::Kind::conv; }));
  if (is_interleaved) {
    for (Linear& linear : linears) {
      const auto next = static_cast<std::size_t>(linear.group - groups.data()) + 1;
      if (next < groups.size() && groups[next].kind == Group::Kind::norm)
        linear.norm = &groups[next];
    }
    return;
  }
  if (norms.size() != convs && norms.size() != linears.size() - 1) {
    fail("it is not clear where the normalizations are");
  }
  for (std::size_t i = 0; i < norms.size(); ++i) {
    if (linears[i].group->outputs() != norms[i]->outputs()) {
      fail("it is not clear where the normalizations are");
    }
    linears[i].norm = norms[i];
  }
}

/// Convolutions, then dense layers, each with an activation behind it but the last.
std::vector<Linear> order(const Groups& groups) {
  std::vector<Linear> linears;
  for (const Group& group : groups) {
    if (group.kind == Group::Kind::norm) continue;
    if (group.kind == Group::Kind::conv && !linears.empty() &&
        linears.back().group->kind == Group::Kind::dense) {
      fail("a convolution comes after a dense layer");
    }
    linears.push_back({&group});
  }
  if (linears.empty() || linears.back().group->kind != Group::Kind::dense) {
    fail("there is no dense layer at the end");
  }
  pair_norms(linears, groups);
  if (linears.back().norm != nullptr) fail("a normalization comes after the last layer");
  for (std::size_t i = 0; i + 1 < linears.size(); ++i) {
    const Linear& linear = linears[i];
    const auto gap = between((linear.norm != nullptr ? linear.norm : linear.group)->name,
                             linears[i + 1].group->name);
    // Before the first dense layer one of them flattens.
    const bool flattens = linear.group->kind != linears[i + 1].group->kind;
    linears[i].has_no_room = gap == 0U || (gap == 1U && flattens);
    linears[i].has_room = gap && !linears[i].has_no_room;
    // The only one is the activation then.
    if (gap == 1U) linears[i].may_pool = false;
  }
  return linears;
}

/// What shapes do not tell.
struct Assumption {
  Layer activation = Relu{};
  std::uint32_t missing = 0;  ///< bit i: no activation behind the i-th layer with weights
  Pool::Kind pool = Pool::Kind::max;
  bool has_strides = false;   ///< convolutions have a stride of 2 where poolings would be
  bool has_sigmoids = false;  ///< of which the tanhs are made
};

/// Tries what the shapes leave open of convolutions: whether zeros are around, and poolings by 2.
class Search {
 public:
  Search(const std::vector<Linear>& linears, const Assumption& assumption)
      : linears_(linears), assumption_(assumption) {}

  /// All architectures that fit, up to a few.
  std::vector<Architecture> run() {
    go(0, 1, glyph_side, {});
    return std::move(found_);
  }

 private:
  static constexpr std::size_t max_found = 4;

  void go(std::size_t at, std::size_t channels, std::size_t side, std::vector<Layer> layers) {
    if (found_.size() == max_found) return;
    const Tensor& weight = *linears_[at].group->weight;
    if (linears_[at].group->kind == Group::Kind::dense) {
      dense(at, channels * side * side, std::move(layers));
      return;
    }
    const std::size_t kernel = weight.shape[2];
    if (weight.shape[1] != channels) return;
    for (const bool valid : {true, false}) {
      const std::size_t padding = valid ? 0 : (kernel - 1) / 2;
      if (!valid && (kernel % 2 == 0 || kernel == 1)) continue;
      if (side + 2 * padding < kernel) continue;
      const std::size_t convolved = side + 2 * padding - kernel + 1;
      std::vector<Layer> next = layers;
      next.emplace_back(Conv{weight.shape[0], kernel, 1, padding});
      activate(at, next);
      go(at + 1, weight.shape[0], convolved, next);
      if (linears_[at].may_pool && convolved >= 2)
        shrink(at, convolved, Conv{weight.shape[0], kernel, 1, padding}, std::move(next), layers);
    }
  }

  /// A convolution that is followed by a pooling, or has a stride instead.
  void shrink(std::size_t at, std::size_t convolved, Conv conv, std::vector<Layer> activated,
              std::vector<Layer> before) {
    if (!assumption_.has_strides) {
      activated.emplace_back(Pool{assumption_.pool, 2});
      go(at + 1, conv.outputs, convolved / 2, std::move(activated));
      return;
    }
    conv.stride = 2;
    before.emplace_back(conv);
    activate(at, before);
    go(at + 1, conv.outputs, (convolved - 1) / 2 + 1, std::move(before));
  }

  void activate(std::size_t at, std::vector<Layer>& layers) const {
    if (linears_[at].norm != nullptr) layers.emplace_back(Norm{});
    if ((assumption_.missing >> at & 1U) == 0) layers.push_back(assumption_.activation);
  }

  void dense(std::size_t at, std::size_t inputs, std::vector<Layer> layers) {
    for (; at < linears_.size(); ++at) {
      const Tensor& weight = *linears_[at].group->weight;
      if (weight.shape[1] != inputs) return;
      inputs = weight.shape[0];
      layers.emplace_back(Dense{inputs});
      if (at + 1 < linears_.size()) activate(at, layers);
    }
    if (inputs == digit_count) found_.push_back({std::move(layers)});
  }

  const std::vector<Linear>& linears_;
  const Assumption& assumption_;
  std::vector<Architecture> found_;
};

/// The net of PyTorch's examples/mnist, whose shapes alone would leave two possibilities.
std::optional<Architecture> well_known(const Groups& groups) {
  const Architecture examples = parse_architecture(
      "conv 32 3 valid, relu, conv 64 3 valid, relu, max-pool 2, dropout 0.25, dense 128, relu, "
      "dropout 0.5, dense 10");
  const std::vector<Tensor> expected = weight_shapes(examples);
  const std::size_t parts = 2;  // weight and bias
  if (groups.size() * parts != expected.size()) return std::nullopt;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    const std::string_view name = std::string_view(expected[i * parts].name);
    if (group.bias == nullptr || group.weight->shape != expected[i * parts].shape ||
        !name.starts_with(group.name.substr(group.name.rfind('.') + 1) + '.')) {
      return std::nullopt;
    }
  }
  return examples;
}

/// In use a dropout does nothing.
Architecture without_dropout(Architecture architecture) {
  std::erase_if(architecture.layers,
                [](const Layer& layer) { return std::holds_alternative<Dropout>(layer); });
  return architecture;
}

/// Convolutions and dense layers, as far as there are not too many of them to guess at.
std::vector<Linear> order_few(const Groups& groups) {
  std::vector<Linear> linears = order(groups);
  constexpr std::size_t max_layers = 8;  // of convolutions, for which there are up to 4 ways each
  const auto convs = std::ranges::count(groups, Group::Kind::conv, &Group::kind);
  if (static_cast<std::size_t>(convs) > max_layers) fail("too many convolutions to guess at");
  return linears;
}

[[noreturn]] void fail_of_shapes() {
  fail(
      "no network of convolutions, poolings by 2 and dense layers from 28x28 pixels to ten "
      "digits has these shapes");
}

Architecture find_architecture(const Groups& groups) {
  if (const auto known = well_known(groups)) return *known;
  const std::vector<Linear> linears = order_few(groups);
  for (std::size_t i = 0; i + 1 < linears.size(); ++i) {
    if (!linears[i].has_no_room) continue;
    fail(fmt::format("no ReLU stands between {} and {}", excerpt(linears[i].group->name),
                     excerpt(linears[i + 1].group->name)));
  }
  const Assumption usual;
  const std::vector<Architecture> found = Search(linears, usual).run();
  if (found.empty()) fail_of_shapes();
  if (found.size() > 1) {
    std::vector<std::string> texts;
    texts.reserve(found.size());
    for (const Architecture& one : found) texts.push_back(fmt::format("\"{}\"", to_string(one)));
    fail(fmt::format("several networks have these shapes: {}", fmt::join(texts, ", ")));
  }
  return found[0];
}

/// Bit i: the i-th is so.
std::uint32_t mask_of(const std::vector<Linear>& linears, bool Linear::*is_so) {
  constexpr std::size_t bits = 32;
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < std::min(linears.size(), bits); ++i)
    found |= static_cast<std::uint32_t>(linears[i].*is_so ? 1 : 0) << i;
  return found;
}

/// The usual ones first: ReLUs everywhere and max-pooling; then one thing or another that isn't so.
std::vector<Assumption> assumptions(std::size_t places, bool has_convs) {
  std::vector<Assumption> all{{}};
  std::vector<Pool::Kind> poolings{Pool::Kind::max};
  if (has_convs) {
    poolings.push_back(Pool::Kind::average);
    all.push_back({.pool = Pool::Kind::average});
    all.push_back({.has_strides = true});
  }
  if (places == 0) return all;
  for (const bool has_sigmoids : {false, true}) {
    for (const Pool::Kind pool : poolings) {
      all.push_back({.activation = Tanh{}, .pool = pool, .has_sigmoids = has_sigmoids});
    }
  }
  // Any of the ReLUs may be missing; where there are many, one.
  constexpr std::size_t few = 4;
  constexpr std::size_t most = 31;
  if (places <= few) {
    for (std::uint32_t missing = 1; missing < 1U << places; ++missing) {
      all.push_back({.missing = missing});
    }
  } else {
    for (std::size_t i = 0; i < std::min(places, most); ++i) all.push_back({.missing = 1U << i});
  }
  return all;
}

// ---- From groups to weights ----

void take(Tensor& to, Tensor* from, float otherwise) {
  if (from == nullptr) {
    to.values.assign(element_count(to), otherwise);
    return;
  }
  if (from->shape != to.shape) {
    fail(fmt::format("{} ({}) where the architecture has {} ({})", excerpt(from->name),
                     fmt::join(from->shape, ", "), to.name, fmt::join(to.shape, ", ")));
  }
  to.values = std::move(from->values);
}

/// A normalization subtracts the mean, and with it the bias of the layer before, if it has one.
void take_norm(std::span<Tensor> tensors, const Group& norm, const Group* before) {
  take(tensors[0], norm.weight, 1);
  take(tensors[1], norm.bias, 0);
  take(tensors[2], norm.mean, 0);
  take(tensors[3], norm.variance, 1);
  if (before == nullptr || before->bias == nullptr) return;
  for (std::size_t i = 0; i < tensors[2].values.size(); ++i) {
    tensors[2].values[i] -= before->bias->values.at(i);
  }
}

std::vector<Tensor> fill(const Architecture& architecture, const Groups& groups) {
  std::vector<Tensor> weights = weight_shapes(architecture);
  const auto next = [&](Group::Kind kind, std::size_t& at) -> const Group& {
    while (at < groups.size() && groups[at].kind != kind) ++at;
    if (at == groups.size()) fail(fmt::format("too few layers for '{}'", to_string(architecture)));
    return groups[at++];
  };
  std::size_t conv = 0;
  std::size_t dense = 0;
  std::size_t norm = 0;
  std::size_t used = 0;
  const Group* without_bias = nullptr;
  for (const PlacedLayer& placed : place_layers(architecture)) {
    const std::span<Tensor> tensors(weights.data() + placed.tensor, placed.tensors);
    if (placed.tensors == 0) continue;
    ++used;
    const auto take_linear = [&](const Group& group) {
      take(tensors[0], group.weight, 0);
      if (placed.bias) take(tensors[1], group.bias, 0);
      without_bias = placed.bias ? nullptr : &group;
    };
    std::visit(Overloaded{[&](const Conv&) { take_linear(next(Group::Kind::conv, conv)); },
                          [&](const Dense&) { take_linear(next(Group::Kind::dense, dense)); },
                          [&](const Norm&) {
                            take_norm(tensors, next(Group::Kind::norm, norm), without_bias);
                            without_bias = nullptr;
                          },
                          [](const Pool&) {}, [](const Relu&) {}, [](const Tanh&) {},
                          [](const Dropout&) {}, [](const Residual&) {}},
               placed.layer);
  }
  if (used != groups.size()) {
    fail(fmt::format("{} layers with weights, where '{}' has {}", groups.size(),
                     to_string(architecture), used));
  }
  return weights;
}

}  // namespace

namespace {

/// Whatever `make` throws, with the file's name, the tensors in it and what to do.
template <typename Make>
auto explained(const std::vector<Tensor>& tensors, const std::filesystem::path& name,
               std::string_view advice, Make make) {
  try {
    return make();
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}. It holds: {}. {}", name.string(), error.what(), list(tensors),
                            advice));
  }
}

constexpr const char* give_an_architecture =
    "Give the architecture, as in \"conv 32 3 valid, relu, max-pool 2, dense 10\"";

}  // namespace

Model infer_model(std::vector<Tensor> tensors, const ImportOptions& options,
                  const std::filesystem::path& name) {
  const bool is_told = options.architecture.has_value();
  const char* advice =
      is_told ? "Give the architecture that these are the weights of" : give_an_architecture;
  return explained(tensors, name, advice, [&] {
    const Groups groups = group(tensors);
    Model model;
    model.architecture = is_told ? *options.architecture : find_architecture(groups);
    model.weights = fill(model.architecture, groups);
    model.normalization = options.normalization.value_or(Normalization());
    check_model(model);
    return model;
  });
}

std::vector<Interpretation> interpretations(std::vector<Tensor> tensors,
                                            const std::filesystem::path& name) {
  return explained(tensors, name, give_an_architecture, [&] {
    const Groups groups = group(tensors);
    const std::vector<Linear> linears = order_few(groups);
    const bool has_convs = linears[0].group->kind == Group::Kind::conv;
    std::vector<Interpretation> found;
    const std::optional<Architecture> known = well_known(groups);
    if (known) found.push_back({*known});
    const std::uint32_t there = mask_of(linears, &Linear::has_room);
    const std::uint32_t absent = mask_of(linears, &Linear::has_no_room);
    for (const Assumption& assumption : assumptions(linears.size() - 1, has_convs)) {
      if ((assumption.missing & there) != 0) continue;
      for (Architecture& one : Search(linears, assumption).run()) {
        if (known && one == without_dropout(*known)) continue;
        if (assumption.has_sigmoids && !may_have_sigmoids(one)) continue;
        const Interpretation interpretation{std::move(one), assumption.has_sigmoids,
                                            (assumption.missing & ~absent) != 0};
        if (std::ranges::find(found, interpretation) == found.end())
          found.push_back(interpretation);
      }
    }
    if (found.empty()) fail_of_shapes();
    return found;
  });
}

Model model_of(std::vector<Tensor> tensors, const Interpretation& interpretation,
               const Normalization& normalization, const std::filesystem::path& name) {
  ImportOptions options;
  options.architecture = interpretation.architecture;
  options.normalization = normalization;
  Model model = infer_model(std::move(tensors), options, name);
  if (interpretation.has_sigmoids) fold_sigmoids(model);
  return model;
}

}  // namespace scrawl
