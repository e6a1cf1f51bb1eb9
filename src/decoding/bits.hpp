// Bits of a video codec's headers, the most significant first, with every access checked.
#pragma once

#include <cstddef>
#include <cstdint>

#include <scrawl/error.hpp>

#include "decoding/bytes.hpp"

namespace scrawl {

class BitReader {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}

  /// u(count) or f(count), at most 32 bits. Throws Error when the header ends before.
  std::uint32_t read(std::size_t count) {
    std::uint32_t number = 0;
    for (; count > 0; --count) {
      const std::uint32_t byte = read_big_endian(bytes_, at_ / 8, 1);
      number = number << 1 | (byte >> (7 - at_ % 8) & 1);
      ++at_;
    }
    return number;
  }

  bool flag() { return read(1) != 0; }

  void skip(std::size_t count) {
    at_ += count;
    if (at_ > 8 * bytes_.size()) take(bytes_, bytes_.size(), 1);
  }

  /// A number after as many zeros as it has bits below its highest: ue(v) of H.265, 9.2, and uvlc()
  /// of AV1, 4.10.3, alike but for numbers of 32 bits and more, which no header needs.
  std::uint32_t read_exp_golomb() {
    std::size_t zeros = 0;
    while (!flag())
      if (++zeros == 32) throw Error("damaged: a number of more than 32 bits in a header");
    return (std::uint32_t{1} << zeros) - 1 + read(zeros);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;  // in bits
};

}  // namespace scrawl
