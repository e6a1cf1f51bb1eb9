#include "formats/onnx.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "formats/protobuf.hpp"

namespace scrawl::onnx {

static_assert(std::endian::native == std::endian::little, "raw data are little-endian");

namespace {

using Message = ProtobufMessage;

// Of ONNX 1.8, which onnxruntime 1.6 of December 2020 was the first to read.
constexpr std::int64_t ir_version = 7;
constexpr std::int64_t opset = 13;

// The numbers of fields, of types and of kinds of attributes are those of onnx.proto.

constexpr std::int64_t data_type(Type type) {
  return type == Type::float32 ? 1 : 2;
}
constexpr std::int64_t int64_type = 7;

Message attribute(const Attribute& attribute) {
  Message message;
  message.bytes(1, attribute.name);
  if (const auto* whole = std::get_if<std::int64_t>(&attribute.value)) {
    message.integer(3, *whole);
    message.integer(20, 2);
  } else if (const auto* real = std::get_if<float>(&attribute.value)) {
    message.real(2, *real);
    message.integer(20, 1);
  } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    message.bytes(4, *text);
    message.integer(20, 3);
  } else {
    for (const std::int64_t item : std::get<std::vector<std::int64_t>>(attribute.value)) {
      message.integer(8, item);
    }
    message.integer(20, 7);
  }
  return message;
}

Message node(const Node& node) {
  Message message;
  for (const std::string& input : node.inputs) message.bytes(1, input);
  message.bytes(2, node.name);
  message.bytes(3, node.name);
  message.bytes(4, node.operation);
  for (const Attribute& each : node.attributes) message.message(5, attribute(each));
  return message;
}

template <typename T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

Message tensor(const Constant& constant) {
  Message message;
  for (const std::int64_t extent : constant.shape) message.integer(1, extent);
  const bool real = std::holds_alternative<std::vector<float>>(constant.values);
  message.integer(2, real ? data_type(Type::float32) : int64_type);
  message.bytes(8, constant.name);
  message.bytes(9,
                std::visit([](const auto& values) { return bytes_of(values); }, constant.values));
  return message;
}

Message shape(const Value& value) {
  Message batch;
  batch.bytes(2, "batch");
  Message message;
  message.message(1, batch);
  for (const std::int64_t extent : value.shape) {
    Message dimension;
    dimension.integer(1, extent);
    message.message(1, dimension);
  }
  return message;
}

Message value(const Value& value) {
  Message tensor_type;
  tensor_type.integer(1, data_type(value.type));
  tensor_type.message(2, shape(value));
  Message type;
  type.message(1, tensor_type);
  Message message;
  message.bytes(1, value.name);
  message.message(2, type);
  message.bytes(3, value.description);
  return message;
}

Message graph_message(const Graph& graph) {
  Message message;
  for (const Node& each : graph.nodes) message.message(1, node(each));
  message.bytes(2, "scrawl");
  for (const Constant& each : graph.constants) message.message(5, tensor(each));
  for (const Value& each : graph.inputs) message.message(11, value(each));
  for (const Value& each : graph.outputs) message.message(12, value(each));
  return message;
}

}  // namespace

std::string to_bytes(const Graph& graph) {
  Message message;
  message.integer(1, ir_version);
  message.bytes(2, "scrawl");
  message.bytes(3, SCRAWL_VERSION);
  message.bytes(6, graph.description);
  message.message(7, graph_message(graph));
  Message operators;
  operators.bytes(1, "");  // ONNX's own
  operators.integer(2, opset);
  message.message(8, operators);
  for (const auto& [key, text] : graph.metadata) {
    Message entry;
    entry.bytes(1, key);
    entry.bytes(2, text);
    message.message(14, entry);
  }
  return message.content();
}

}  // namespace scrawl::onnx
