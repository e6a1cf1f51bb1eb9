// What tests/fixtures/make_fixtures.py had PyTorch compute.
#pragma once

#include <algorithm>
#include <span>
#include <string>

#include <scrawl/error.hpp>
#include <scrawl/model.hpp>

#include "files/files.hpp"
#include "formats/safetensors.hpp"
#include "network_helpers.hpp"

namespace scrawl {

class PyTorch {
 public:
  explicit PyTorch(const std::string& file = "pytorch.safetensors")
      : content_(parse_safetensors(read_file(SCRAWL_SOURCE "/tests/fixtures/" + file, 1 << 20),
                                   "fixture")) {}

  std::span<const float> operator[](const std::string& name) const {
    const auto found = std::ranges::find(content_.tensors, name, &Tensor::name);
    if (found == content_.tensors.end()) throw Error("no fixture " + name);
    return found->values;
  }
  Glyphs glyphs() const {
    const auto images = (*this)["images"];
    const auto labels = (*this)["labels"];
    return {{images.begin(), images.end()}, {labels.begin(), labels.end()}};
  }
  Model model(const char* architecture = "dense 24, relu, dense 16, relu, dense 10") const {
    Model model = initialize(parse_architecture(architecture), 1);
    for (Tensor& tensor : model.weights) {
      const auto values = (*this)[tensor.name];
      tensor.values.assign(values.begin(), values.end());
    }
    return model;
  }

 private:
  Safetensors content_;
};

}  // namespace scrawl
