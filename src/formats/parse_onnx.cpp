// ONNX files, as bytes to a graph. The numbers of fields and types are those of onnx.proto.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "formats/number_types.hpp"
#include "formats/onnx.hpp"
#include "formats/protobuf_reader.hpp"

namespace scrawl::onnx {

namespace {

using Field = ProtobufField;

/// Calls take(field) for each field of a message.
template <typename Take>
void each_field(std::string_view message, Take take) {
  ProtobufReader reader(message);
  while (const auto field = reader.next()) take(*field);
}

/// Adds a repeated integer, which may be packed.
void add_integers(const Field& field, std::vector<std::int64_t>& values) {
  if (field.type == Field::WireType::varint) {
    values.push_back(field.integer());
    return;
  }
  ProtobufReader packed(field.bytes);
  while (!packed.at_end()) values.push_back(static_cast<std::int64_t>(packed.varint()));
}

template <typename Number>
std::vector<Number> raw_numbers(std::string_view bytes) {
  std::vector<Number> numbers(bytes.size() / sizeof(Number));
  if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(Number));
  return numbers;
}

// ---- Tensors

/// A TensorProto as it stands in the file.
struct RawTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::int64_t type = 0;
  std::string_view raw;  // little-endian
  std::vector<float> floats;
  std::vector<std::int64_t> integers;
  std::vector<double> doubles;
};

RawTensor raw_tensor(std::string_view message) {
  RawTensor tensor;
  each_field(message, [&](const Field& field) {
    switch (field.number) {
      case 1:
        return add_integers(field, tensor.shape);
      case 2:
        tensor.type = field.integer();
        return;
      case 4:
        if (field.type == Field::WireType::four_bytes) {
          tensor.floats.push_back(field.real());
        } else {
          const auto packed = raw_numbers<float>(field.bytes);
          tensor.floats.insert(tensor.floats.end(), packed.begin(), packed.end());
        }
        return;
      case 5:
      case 7:
        return add_integers(field, tensor.integers);
      case 8:
        tensor.name = field.bytes;
        return;
      case 9:
        tensor.raw = field.bytes;
        return;
      case 10: {
        const auto packed = raw_numbers<double>(field.bytes);
        tensor.doubles.insert(tensor.doubles.end(), packed.begin(), packed.end());
        return;
      }
      case 14:
        if (field.value == 1)
          throw Error("its weights are in another file; save the model with its weights inside");
        return;
      default:
        return;
    }
  });
  return tensor;
}

/// TensorProto.DataType, of those that weights and sizes have.
struct NumberKind {
  std::int64_t type;
  NumberType number;
};
constexpr std::array<NumberKind, 9> number_kinds{{{1, NumberType::f32},
                                                  {2, NumberType::integer_1},
                                                  {3, NumberType::integer_1},
                                                  {6, NumberType::integer_4},
                                                  {7, NumberType::integer_8},
                                                  {9, NumberType::integer_1},
                                                  {10, NumberType::f16},
                                                  {11, NumberType::f64},
                                                  {16, NumberType::bf16}}};

std::vector<float> reals_of(const RawTensor& tensor, NumberType type) {
  if (!tensor.floats.empty()) return tensor.floats;
  if (!tensor.doubles.empty()) return {tensor.doubles.begin(), tensor.doubles.end()};
  std::vector<float> values;
  for (const std::int64_t bits : tensor.integers) {  // float16 and bfloat16 in int32_data
    std::array<std::byte, sizeof bits> number;
    std::memcpy(number.data(), &bits, sizeof bits);
    values.push_back(read_float(type, number.data()));
  }
  const std::size_t width = size_of(type);
  const auto* raw = reinterpret_cast<const std::byte*>(tensor.raw.data());
  for (std::size_t at = 0; at + width <= tensor.raw.size(); at += width) {
    values.push_back(read_float(type, raw + at));
  }
  return values;
}

std::vector<std::int64_t> integers_of(const RawTensor& tensor, NumberType type) {
  if (!tensor.integers.empty()) return tensor.integers;
  const auto widened = [](const auto& numbers) {
    return std::vector<std::int64_t>(numbers.begin(), numbers.end());
  };
  if (type == NumberType::integer_1) return widened(raw_numbers<std::uint8_t>(tensor.raw));
  if (type == NumberType::integer_4) return widened(raw_numbers<std::int32_t>(tensor.raw));
  return raw_numbers<std::int64_t>(tensor.raw);
}

Constant constant(std::string_view message) {
  const RawTensor tensor = raw_tensor(message);
  const auto bad = [&](const std::string& what) {
    throw Error(fmt::format("constant {}: {}", excerpt(tensor.name), what));
  };
  const auto* kind = std::ranges::find(number_kinds, tensor.type, &NumberKind::type);
  if (kind == number_kinds.end()) bad(fmt::format("numbers of type {}", tensor.type));
  std::size_t count = 1;
  for (const std::int64_t extent : tensor.shape) {
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<std::size_t>(extent), &count))
      bad("its shape cannot be");
  }
  Constant found{tensor.name, tensor.shape, {}};
  if (is_integer(kind->number)) {
    found.values = integers_of(tensor, kind->number);
  } else {
    found.values = reals_of(tensor, kind->number);
  }
  const std::size_t size =
      std::visit([](const auto& values) { return values.size(); }, found.values);
  if (size != count) bad(fmt::format("{} numbers where its shape has {}", size, count));
  return found;
}

// ---- Nodes

/// An attribute; a tensor in it (of a Constant) goes to `tensor`.
Attribute attribute(std::string_view message, std::string_view& tensor) {
  Attribute found;
  std::vector<std::int64_t> integers;
  bool is_list = false;
  each_field(message, [&](const Field& field) {
    switch (field.number) {
      case 1:
        found.name = field.bytes;
        return;
      case 2:
        found.value = field.real();
        return;
      case 3:
        found.value = field.integer();
        return;
      case 4:
        found.value = std::string(field.bytes);
        return;
      case 5:
        tensor = field.bytes;
        return;
      case 8:
        is_list = true;
        return add_integers(field, integers);
      default:
        return;
    }
  });
  if (is_list) found.value = std::move(integers);
  return found;
}

void add_node(std::string_view message, Graph& graph) {
  Node node;
  std::string domain;
  std::string_view tensor;
  each_field(message, [&](const Field& field) {
    switch (field.number) {
      case 1:
        node.inputs.emplace_back(field.bytes);
        return;
      case 2:
        if (node.name.empty()) node.name = field.bytes;
        return;
      case 4:
        node.operation = field.bytes;
        return;
      case 5:
        node.attributes.push_back(attribute(field.bytes, tensor));
        return;
      case 7:
        domain = field.bytes;
        return;
      default:
        return;
    }
  });
  if (!domain.empty() && domain != "ai.onnx") node.operation = domain + '.' + node.operation;
  if (node.operation != "Constant") {
    graph.nodes.push_back(std::move(node));
    return;
  }
  Constant value{node.name, {}, {}};
  if (!tensor.empty()) {
    value = constant(tensor);
    value.name = node.name;
  } else if (!node.attributes.empty()) {
    const auto& given = node.attributes[0].value;
    if (const auto* real = std::get_if<float>(&given)) value.values = std::vector<float>{*real};
    if (const auto* whole = std::get_if<std::int64_t>(&given))
      value.values = std::vector<std::int64_t>{*whole};
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&given)) {
      value.values = *list;
      value.shape = {static_cast<std::int64_t>(list->size())};
    }
  }
  graph.constants.push_back(std::move(value));
}

// ---- The graph

/// TensorShapeProto, without the batch.
std::vector<std::int64_t> shape(std::string_view message) {
  std::vector<std::int64_t> extents;
  each_field(message, [&](const Field& field) {
    if (field.number != 1) return;
    std::int64_t extent = 0;
    each_field(field.bytes, [&](const Field& inner) {
      if (inner.number == 1) extent = inner.integer();
    });
    extents.push_back(extent);
  });
  if (!extents.empty()) extents.erase(extents.begin());
  return extents;
}

Value value(std::string_view message) {
  Value found;
  const auto take_tensor_type = [&](const Field& field) {
    constexpr std::uint64_t uint8 = 2;
    if (field.number == 1)
      found.type = field.value == 1       ? Type::float32
                   : field.value == uint8 ? Type::uint8
                                          : Type::other;
    if (field.number == 2) found.shape = shape(field.bytes);
  };
  each_field(message, [&](const Field& field) {
    if (field.number == 1) found.name = field.bytes;
    if (field.number != 2) return;
    each_field(field.bytes, [&](const Field& type) {
      if (type.number == 1) each_field(type.bytes, take_tensor_type);
    });
  });
  return found;
}

void take_graph(std::string_view message, Graph& graph) {
  constexpr std::size_t most = 10000;
  each_field(message, [&](const Field& field) {
    if (graph.nodes.size() + graph.constants.size() + graph.inputs.size() > most)
      throw Error(fmt::format("more than {} nodes and constants", most));
    switch (field.number) {
      case 1:
        return add_node(field.bytes, graph);
      case 5:
        graph.constants.push_back(constant(field.bytes));
        return;
      case 11:
        graph.inputs.push_back(value(field.bytes));
        return;
      case 12:
        graph.outputs.push_back(value(field.bytes));
        return;
      default:
        return;
    }
  });
}

void take_metadata(std::string_view message, Graph& graph) {
  std::pair<std::string, std::string> entry;
  each_field(message, [&](const Field& field) {
    if (field.number == 1) entry.first = field.bytes;
    if (field.number == 2) entry.second = field.bytes;
  });
  graph.metadata.insert(std::move(entry));
}

}  // namespace

/// Its version, a small number (field 1), and then, since writers go by the numbers, the producer's
/// name or version (2, 3), the graph (7) or the operators (8).
bool is_onnx(std::span<const std::byte> bytes) {
  constexpr std::array<std::uint8_t, 4> next_fields{0x12, 0x1A, 0x3A, 0x42};
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); };
  return bytes.size() > 2 && at(0) == 0x08 && at(1) < 0x80 &&
         std::ranges::find(next_fields, at(2)) != next_fields.end();
}

Graph parse(std::span<const std::byte> bytes) {
  Graph graph;
  bool has_graph = false;
  const std::string_view message(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  each_field(message, [&](const Field& field) {
    if (field.number == 2) graph.producer = field.bytes;
    if (field.number == 7) {
      has_graph = true;
      take_graph(field.bytes, graph);
    }
    if (field.number == 14) take_metadata(field.bytes, graph);
  });
  if (!has_graph) throw Error("there is no graph in it");
  return graph;
}

}  // namespace scrawl::onnx
