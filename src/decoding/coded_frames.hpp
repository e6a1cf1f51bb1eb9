// What an AV1 or HEVC stream says of its frames: the decoder goes by this, not by the container.
#pragma once

#include <cstddef>
#include <optional>

#include "decoding/bytes.hpp"
#include "decoding/inspect.hpp"

namespace scrawl {

/// The frames of a stream: the most that any of its headers says.
struct CodedFrames {
  PictureSize size{0, 0};
  std::size_t bit_depth = 8;
  bool has_color = true;   ///< else one plane
  std::size_t chroma = 2;  ///< samples of both color planes for 4 pixels: 2, 4 or 8
  std::size_t frames = 0;  ///< how many are coded

  /// What all of them take when they are decoded.
  std::size_t bytes() const;
};

/// OBUs: those of an av1C box, and those of the item. Throws Error when they are damaged, or have
/// no sequence header.
CodedFrames read_av1(Bytes configuration, Bytes data);

/// NAL units: those of the hvcC box `configuration`, and those of the item. Throws Error when they
/// are damaged, or have no sequence parameter set.
CodedFrames read_hevc(Bytes configuration, Bytes data);

}  // namespace scrawl
