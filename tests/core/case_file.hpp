// What the core's trial reads: a file of both models and of pictures with what they say, as
// prepare.cpp writes it and read.cpp takes it on other machines, little-endian like those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <scrawl/model.hpp>

#include "picture/picture.hpp"

namespace scrawl {

struct CoreCase {
  std::string name;
  Picture picture;
  std::string text;
};

struct CoreCases {
  Model model;
  Model page_reader;
  std::vector<CoreCase> cases;
};

template <typename T>
void put(std::ostream& out, const std::vector<T>& values) {
  const auto size = static_cast<std::uint32_t>(values.size());
  out.write(reinterpret_cast<const char*>(&size), sizeof size);
  out.write(reinterpret_cast<const char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
}

inline void put(std::ostream& out, const std::string& text) {
  put(out, std::vector<char>(text.begin(), text.end()));
}

template <typename T>
std::vector<T> get(std::istream& in) {
  std::uint32_t size = 0;
  in.read(reinterpret_cast<char*>(&size), sizeof size);
  if (!in) throw std::runtime_error("the file of cases is cut short");
  std::vector<T> values(size);
  in.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(size * sizeof(T)));
  if (!in) throw std::runtime_error("the file of cases is cut short");
  return values;
}

inline std::string get_text(std::istream& in) {
  const std::vector<char> text = get<char>(in);
  return {text.begin(), text.end()};
}

inline void put(std::ostream& out, const Model& model) {
  put(out, to_string(model.architecture));
  put(out, std::vector{model.normalization.mean, model.normalization.std, model.temperature});
  for (const Tensor& tensor : model.weights) put(out, tensor.values);
}

inline Model get_model(std::istream& in) {
  Model model;
  model.architecture = parse_architecture(get_text(in));
  const std::vector<float> numbers = get<float>(in);
  model.normalization = {numbers.at(0), numbers.at(1)};
  model.temperature = numbers.at(2);
  model.weights = weight_shapes(model.architecture);
  for (Tensor& tensor : model.weights) tensor.values = get<float>(in);
  return model;
}

inline void put(std::ostream& out, const CoreCases& all) {
  put(out, all.model);
  put(out, all.page_reader);
  put(out, std::vector{static_cast<std::uint32_t>(all.cases.size())});
  for (const CoreCase& one : all.cases) {
    put(out, one.name);
    put(out,
        std::vector<std::int32_t>{one.picture.width, one.picture.height, one.picture.channels});
    put(out, one.picture.pixels);
    put(out, one.text);
  }
}

inline CoreCases get_cases(std::istream& in) {
  CoreCases all;
  all.model = get_model(in);
  all.page_reader = get_model(in);
  all.cases.resize(get<std::uint32_t>(in).at(0));
  for (CoreCase& one : all.cases) {
    one.name = get_text(in);
    const std::vector<std::int32_t> size = get<std::int32_t>(in);
    one.picture = {size.at(0), size.at(1), size.at(2), get<std::uint8_t>(in)};
    one.text = get_text(in);
  }
  return all;
}

}  // namespace scrawl
