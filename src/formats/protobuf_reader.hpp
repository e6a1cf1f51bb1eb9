// Reads protobuf's wire format (https://protobuf.dev/programming-guides/encoding), field by field.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <scrawl/error.hpp>

namespace scrawl {

/// A field of a message; of `value` and `bytes`, which one it is, the wire type says.
struct ProtobufField {
  enum class WireType : unsigned { varint = 0, eight_bytes = 1, length = 2, four_bytes = 5 };

  std::uint64_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t value = 0;   ///< of a varint, or the bits of four or eight bytes
  std::string_view bytes{};  ///< of a string, bytes, a message or packed numbers

  std::int64_t integer() const { return static_cast<std::int64_t>(value); }
  float real() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
};

/// Goes through a message. Throws Error where it is cut off, or is no protobuf.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// Nothing at the end.
  std::optional<ProtobufField> next() {
    if (rest_.empty()) return std::nullopt;
    const std::uint64_t tag = varint();
    ProtobufField field{tag >> 3U, static_cast<ProtobufField::WireType>(tag & 7U)};
    switch (field.type) {
      case ProtobufField::WireType::varint:
        field.value = varint();
        break;
      case ProtobufField::WireType::eight_bytes:
        field.value = fixed(8);
        break;
      case ProtobufField::WireType::length:
        field.bytes = take(varint());
        break;
      case ProtobufField::WireType::four_bytes:
        field.value = fixed(4);
        break;
      default:
        throw Error("protobuf: a field of an unknown wire type");
    }
    return field;
  }

  /// Of packed numbers.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    throw Error("protobuf: a number of more than 64 bits");
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw Error("protobuf: truncated");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t fixed(std::size_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, take(size).data(), size);
    return value;
  }

  std::string_view rest_;
};

}  // namespace scrawl
