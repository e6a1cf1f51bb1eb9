// Which network bare tensors are the weights of.
#pragma once

#include <filesystem>
#include <vector>

#include <scrawl/formats.hpp>
#include <scrawl/model.hpp>

namespace scrawl {

/// A model of tensors that only have names and shapes, as import_pytorch has it. Throws Error with
/// `name`, the reason, the tensors and what to do when they are not recognized or do not fit.
Model infer_model(std::vector<Tensor> tensors, const ImportOptions& options,
                  const std::filesystem::path& name);

/// One network that tensors may be the weights of.
struct Interpretation {
  Architecture architecture;
  /// Each tanh stands for a sigmoid, and the weights around it have to be changed for it.
  bool has_sigmoids = false;
  /// It has no ReLU somewhere, and nothing in the file says so.
  bool lacks_relus = false;
  bool operator==(const Interpretation&) const = default;
};

/// All that names and shapes allow, the most usual one first: other activations, ReLUs that are
/// missing where the names of an nn.Sequential do not show that something stands there,
/// average-pooling, a stride instead. Throws Error as infer_model does where there is
/// none.
std::vector<Interpretation> interpretations(std::vector<Tensor> tensors,
                                            const std::filesystem::path& name);

/// The model that tensors are by one of these.
Model model_of(std::vector<Tensor> tensors, const Interpretation& interpretation,
               const Normalization& normalization, const std::filesystem::path& name);

}  // namespace scrawl
