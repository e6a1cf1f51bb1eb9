// An ONNX graph as plain structs, and the bytes of its file: as much of the format as our models
// need. https://onnx.ai/onnx/repo-docs/IR.html; the operators:
// https://onnx.ai/onnx/operators
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace scrawl::onnx {

enum class Type { float32, uint8, other };

/// A setting of a node.
struct Attribute {
  std::string name;
  std::variant<std::int64_t, float, std::vector<std::int64_t>, std::string> value;
};

/// An operator in its place; its one output has its name.
struct Node {
  std::string name;
  std::string operation;
  std::vector<std::string> inputs;
  std::vector<Attribute> attributes;
};

/// A named array of constants, row-major; shape {}: a single number.
struct Constant {
  std::string name;
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>> values;
};

/// What goes in or comes out: (batch, shape...); a size of 0: not known.
struct Value {
  std::string name;
  Type type = Type::float32;
  std::vector<std::int64_t> shape;  ///< of one image
  std::string description;
};

struct Graph {
  std::string description;
  std::vector<Node> nodes;  ///< each behind those whose outputs it takes
  std::vector<Constant> constants;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
  std::map<std::string, std::string> metadata;
  std::string producer{};  ///< of a file that was read
};

/// The content of a file.
std::string to_bytes(const Graph& graph);

/// Whether bytes begin as a model's do.
bool is_onnx(std::span<const std::byte> bytes);

/// The graph of a file; constants of nodes (Constant) are among its constants. Throws Error, naming
/// what is wrong, for what is no ONNX file, or has its weights in another one. Memory is at most
/// some 4 times that of `bytes`.
Graph parse(std::span<const std::byte> bytes);

}  // namespace scrawl::onnx
