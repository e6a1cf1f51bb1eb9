// Writes protobuf's wire format (https://protobuf.dev/programming-guides/encoding): a message is
// its fields, one after another; each is a tag of number and wire type, then the value.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace scrawl {

/// A message as it is written, field by field. A field that is added twice is a repeated one.
class ProtobufMessage {
 public:
  /// int32, int64, bool or an enum.
  void integer(unsigned field, std::int64_t value) {
    tag(field, WireType::varint);
    varint(static_cast<std::uint64_t>(value));
  }
  void real(unsigned field, float value) {
    tag(field, WireType::four_bytes);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) {
      content_ += static_cast<char>(bits >> shift & 0xFFU);
    }
  }
  /// A string or bytes.
  void bytes(unsigned field, std::string_view value) {
    tag(field, WireType::length);
    varint(value.size());
    content_ += value;
  }
  void message(unsigned field, const ProtobufMessage& value) { bytes(field, value.content_); }

  const std::string& content() const { return content_; }

 private:
  enum class WireType : unsigned { varint = 0, length = 2, four_bytes = 5 };

  void tag(unsigned field, WireType type) { varint(field << 3U | static_cast<unsigned>(type)); }

  /// Seven bits a byte, the lowest first; the highest bit of a byte says that more follow.
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) content_ += static_cast<char>((value & 0x7FU) | 0x80U);
    content_ += static_cast<char>(value);
  }

  std::string content_;
};

}  // namespace scrawl
