#include "decoding/coded_frames.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/core.h>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/bits.hpp"

namespace scrawl {

namespace {

/// A still picture is one frame, or one of a few layers. Each that is hidden takes as long as the
/// picture itself.
constexpr std::size_t max_frames = 8;

/// Takes from each of two headers what is more.
void join(CodedFrames& all, const CodedFrames& other) {
  const bool first = all.size.width == 0;
  all.size = {std::max(all.size.width, other.size.width),
              std::max(all.size.height, other.size.height)};
  all.bit_depth = std::max(all.bit_depth, other.bit_depth);
  all.has_color = (!first && all.has_color) || other.has_color;
  all.chroma = first ? other.chroma : std::max(all.chroma, other.chroma);
}

void check(const CodedFrames& all, const char* header) {
  if (all.size.width == 0)
    throw Error(fmt::format("damaged: its size is not known, since it has no {}", header));
  if (all.frames > max_frames)
    throw Error(fmt::format("{} frames in one picture, at most {} can be read; save it as PNG",
                            all.frames, max_frames));
}

// AV1 Bitstream & Decoding Process Specification, section 5.

/// Of the sequence header (5.5), what is needed to find a frame's size.
struct Av1Sequence {
  CodedFrames frames;
  PictureSize largest{0, 0};  ///< that a frame with a size of its own can have
  bool is_reduced = false;
  std::optional<std::size_t> presentation_time;  ///< the bits of a frame's, where it has one
  bool has_frame_ids = false;
  std::size_t frame_id_bits = 0;
  bool chooses_screen_content = true;
  bool has_screen_content = true;
  bool chooses_integer_motion = true;
};

/// 5.5.3 and 5.5.4; how many bits a decoder's delays have, where they are told (0: they are not).
std::size_t read_timing(BitReader& bits, Av1Sequence& sequence) {
  bits.skip(64);  // units of time
  const bool is_regular = bits.flag();
  if (is_regular) bits.read_exp_golomb();
  if (!bits.flag()) return 0;  // decoder_model_info_present_flag
  const std::size_t delay_bits = bits.read(5) + 1;
  bits.skip(32 + 5);
  const std::size_t time_bits = bits.read(5) + 1;
  if (!is_regular) sequence.presentation_time = time_bits;
  return delay_bits;
}

/// 5.5.1, from timing_info_present_flag to the end of the loop over operating points.
void read_operating_points(BitReader& bits, Av1Sequence& sequence) {
  const std::size_t delay_bits = bits.flag() ? read_timing(bits, sequence) : 0;
  const bool has_display_delay = bits.flag();
  const std::uint32_t points = bits.read(5) + 1;
  for (std::uint32_t i = 0; i < points; ++i) {
    bits.skip(12);
    if (bits.read(5) > 7) bits.skip(1);
    if (delay_bits > 0 && bits.flag()) bits.skip(2 * delay_bits + 1);
    if (has_display_delay && bits.flag()) bits.skip(4);
  }
}

/// 5.5.1, from enable_interintra_compound to OrderHintBits.
void read_tools(BitReader& bits, Av1Sequence& sequence) {
  bits.skip(4);
  const bool has_order = bits.flag();
  if (has_order) bits.skip(2);
  sequence.chooses_screen_content = bits.flag();
  if (!sequence.chooses_screen_content) sequence.has_screen_content = bits.flag();
  if (sequence.has_screen_content) {
    sequence.chooses_integer_motion = bits.flag();
    if (!sequence.chooses_integer_motion) bits.skip(1);
  }
  if (has_order) bits.skip(3);
}

/// 5.5.2.
void read_colors(BitReader& bits, std::uint32_t profile, CodedFrames& frames) {
  const bool is_deep = bits.flag();
  const bool is_deepest = profile == 2 && is_deep && bits.flag();
  frames.bit_depth = is_deepest ? 12 : is_deep ? 10 : 8;
  frames.has_color = profile == 1 || !bits.flag();
  constexpr std::uint32_t unspecified = 2;
  std::uint32_t primaries = unspecified, transfer = unspecified, matrix = unspecified;
  if (bits.flag()) {
    primaries = bits.read(8);
    transfer = bits.read(8);
    matrix = bits.read(8);
  }
  if (!frames.has_color) return;
  constexpr std::size_t halved = 2, halved_across = 4, full = 8;
  const bool is_srgb = primaries == 1 && transfer == 13 && matrix == 0;
  if (!is_srgb) bits.skip(1);  // color_range
  frames.chroma = full;
  if (is_srgb || profile == 1) return;
  if (profile == 0)
    frames.chroma = halved;
  else if (!is_deepest)
    frames.chroma = halved_across;
  else if (bits.flag())
    frames.chroma = bits.flag() ? halved : halved_across;
}

/// 5.5.1.
Av1Sequence read_sequence(Bytes header) {
  BitReader bits(header);
  Av1Sequence sequence;
  const std::uint32_t profile = bits.read(3);
  bits.skip(1);  // still_picture
  sequence.is_reduced = bits.flag();
  if (sequence.is_reduced)
    bits.skip(5);
  else
    read_operating_points(bits, sequence);
  const std::size_t width_bits = bits.read(4) + 1;
  const std::size_t height_bits = bits.read(4) + 1;
  sequence.frames.size = {std::size_t{bits.read(width_bits)} + 1,
                          std::size_t{bits.read(height_bits)} + 1};
  sequence.largest = {std::size_t{1} << width_bits, std::size_t{1} << height_bits};
  if (!sequence.is_reduced) sequence.has_frame_ids = bits.flag();
  if (sequence.has_frame_ids) {
    const std::size_t delta_bits = bits.read(4) + 2;
    sequence.frame_id_bits = delta_bits + bits.read(3) + 1;
  }
  bits.skip(3);
  if (!sequence.is_reduced) read_tools(bits, sequence);
  bits.skip(3);
  read_colors(bits, profile, sequence.frames);
  return sequence;
}

/// Whether a frame has a size of its own: frame_size_override_flag of its header (5.9.2). Decoders
/// take it even where it is more than the sequence header's.
bool has_own_size(Bytes header, const Av1Sequence& sequence) {
  if (sequence.is_reduced) return false;
  BitReader bits(header);
  if (bits.flag()) return false;  // show_existing_frame
  constexpr std::uint32_t key_frame = 0, switch_frame = 3;
  const std::uint32_t type = bits.read(2);
  if (type == switch_frame) return true;
  const bool is_shown = bits.flag();
  if (!is_shown) bits.skip(1);
  if (is_shown && sequence.presentation_time) bits.skip(*sequence.presentation_time);
  if (type != key_frame || !is_shown) bits.skip(1);  // error_resilient_mode
  bits.skip(1);                                      // disable_cdf_update
  const bool screen_content =
      sequence.chooses_screen_content ? bits.flag() : sequence.has_screen_content;
  if (screen_content && sequence.chooses_integer_motion) bits.skip(1);
  bits.skip(sequence.frame_id_bits);
  return bits.flag();
}

struct Obu {
  std::uint32_t type;
  Bytes payload;
};

/// The first OBU (5.3), which is taken off `stream`.
Obu take_obu(Bytes& stream) {
  const std::uint32_t header = read_big_endian(stream, 0, 1);
  std::size_t at = (header & 4) != 0 ? 2 : 1;  // with an extension
  std::uint64_t size = stream.size() - std::min(at, stream.size());
  if ((header & 2) != 0) {  // leb128 (4.10.5)
    size = 0;
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t byte = read_big_endian(stream, at++, 1);
      size |= (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) break;
    }
  }
  const Bytes payload = take(stream, at, size);
  stream = stream.subspan(at + payload.size());
  return {header >> 3 & 15, payload};
}

// ITU-T H.265.

/// The payload without the bytes that keep start codes out of it (7.3.1.1).
std::vector<std::byte> remove_emulation_prevention(Bytes unit) {
  std::vector<std::byte> payload;
  int zeros = 0;
  for (const std::byte byte : unit) {
    if (zeros >= 2 && byte == std::byte{3}) {
      zeros = 0;
      continue;
    }
    zeros = byte == std::byte{0} ? zeros + 1 : 0;
    payload.push_back(byte);
  }
  return payload;
}

/// profile_tier_level(1, layers), 7.3.3.
void skip_profile(BitReader& bits, std::uint32_t layers) {
  bits.skip(2 + 1 + 5 + 32 + 4 + 43 + 1 + 8);
  if (layers == 0) return;
  std::size_t told = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const bool has_profile = bits.flag();
    const bool has_level = bits.flag();
    if (i < layers) told += (has_profile ? 88 : 0) + (has_level ? 8 : 0);
  }
  bits.skip(told);
}

/// scaling_list_data(), 7.3.4, where scaling_list_enabled_flag is set.
void skip_scaling_lists(BitReader& bits) {
  if (!bits.flag()) return;
  for (std::uint32_t size = 0; size < 4; ++size)
    for (std::uint32_t list = 0; list < 6; list += size == 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.read_exp_golomb();  // the list that it is like
        continue;
      }
      if (size > 1) bits.read_exp_golomb();  // se(v) has as many bits
      for (std::uint32_t i = 0; i < std::min(64U, 16U << (2 * size)); ++i) bits.read_exp_golomb();
    }
}

/// The sizes of coding and transform blocks, as they have to be (7.4.3.2.1): libde265 writes to
/// standard error where they are not.
void check_blocks(BitReader& bits, PictureSize size, std::uint32_t luma_bits,
                  std::uint32_t chroma_bits) {
  const auto check_that = [](bool fits) {
    if (!fits) throw Error("damaged: its parameter set has sizes of blocks that cannot be");
  };
  const auto read_at_most = [&](std::uint32_t most) {
    const std::uint32_t number = bits.read_exp_golomb();
    check_that(number <= most);
    return number;
  };
  constexpr std::uint32_t smallest_unit = 4, largest_unit = 6, largest_transform = 5;
  const std::uint32_t coding = 3 + read_at_most(largest_unit);
  const std::uint32_t unit = coding + read_at_most(largest_unit);
  const std::uint32_t transform = 2 + read_at_most(largest_transform);
  const std::uint32_t max_transform = transform + read_at_most(largest_transform);
  check_that(unit >= smallest_unit && unit <= largest_unit && transform < coding &&
             max_transform <= std::min(unit, largest_transform));
  check_that(size.width % (std::size_t{1} << coding) == 0 &&
             size.height % (std::size_t{1} << coding) == 0);
  read_at_most(unit - transform);
  read_at_most(unit - transform);
  if (bits.flag()) skip_scaling_lists(bits);
  bits.skip(2);  // asymmetric partitions, sample adaptive offset
  if (!bits.flag()) return;
  check_that(bits.read(4) < luma_bits && bits.read(4) < chroma_bits);
  const std::uint32_t raw = 3 + read_at_most(largest_transform);
  const std::uint32_t max_raw = raw + read_at_most(largest_transform);
  check_that(raw >= std::min(coding, largest_transform) &&
             max_raw <= std::min(unit, largest_transform));
}

/// The sequence parameter set, 7.3.2.2; `unit` is what follows the NAL unit's header.
CodedFrames read_parameter_set(Bytes unit) {
  const std::vector<std::byte> payload = remove_emulation_prevention(unit);
  BitReader bits(payload);
  bits.skip(4);
  const std::uint32_t layers = bits.read(3);
  bits.skip(1);
  skip_profile(bits, layers);
  bits.read_exp_golomb();  // its number
  CodedFrames frames;
  const std::uint32_t chroma_format = bits.read_exp_golomb();
  if (chroma_format > 3) throw Error("damaged: its parameter set has a chroma format above 3");
  frames.has_color = chroma_format != 0;
  if (chroma_format != 0) frames.chroma = std::size_t{1} << chroma_format;
  if (chroma_format == 3) bits.skip(1);
  frames.size.width = bits.read_exp_golomb();
  frames.size.height = bits.read_exp_golomb();
  if (bits.flag())  // the conformance window
    for (int i = 0; i < 4; ++i) bits.read_exp_golomb();
  const std::uint32_t more_luma = bits.read_exp_golomb();
  const std::uint32_t more_chroma = bits.read_exp_golomb();
  if (std::max(more_luma, more_chroma) > 8)
    throw Error("damaged: its parameter set has more than 16 bits");
  frames.bit_depth = 8 + std::size_t{std::max(more_luma, more_chroma)};
  bits.read_exp_golomb();  // how far pictures are counted
  for (std::uint32_t i = bits.flag() ? 0 : layers; i <= layers; ++i)
    for (int order = 0; order < 3; ++order) bits.read_exp_golomb();
  check_blocks(bits, frames.size, 8 + more_luma, 8 + more_chroma);
  return frames;
}

void add_nal_unit(Bytes unit, CodedFrames& all) {
  constexpr std::uint32_t first_other = 32, parameter_set = 33;
  const std::uint32_t header = read_big_endian(unit, 0, 2);
  const std::uint32_t type = header >> 9 & 63;
  const std::uint32_t layer = header >> 3 & 63;
  if (layer > 0) return;  // of another view; its syntax is another, and decoders leave it out
  if (type == parameter_set) join(all, read_parameter_set(unit.subspan(2)));
  if (type < first_other && (read_big_endian(unit, 2, 1) & 0x80) != 0) ++all.frames;
}

}  // namespace

std::size_t CodedFrames::bytes() const {
  constexpr std::size_t pixel_cap = std::size_t{1} << 40;  // no picture has so many
  const std::size_t samples = has_color ? 4 + chroma : 4;  // of 4 pixels
  const std::size_t pixels =
      std::min(pixels_of({size.width + size.width % 2, size.height + size.height % 2}), pixel_cap);
  return std::max<std::size_t>(1, frames) * pixels * samples / 4 * (bit_depth > 8 ? 2 : 1);
}

CodedFrames read_av1(Bytes configuration, Bytes data) {
  constexpr std::uint32_t sequence_header = 1, frame_header = 3, frame = 6;
  CodedFrames all;
  std::vector<Av1Sequence> sequences;
  for (Bytes stream : {configuration, data}) {
    while (!stream.empty()) {
      const Obu obu = take_obu(stream);
      if (obu.type == sequence_header) {
        sequences.push_back(read_sequence(obu.payload));
        join(all, sequences.back().frames);
      }
      if (obu.type != frame_header && obu.type != frame) continue;
      if (++all.frames > max_frames) break;
      for (const Av1Sequence& sequence : sequences)
        if (has_own_size(obu.payload, sequence)) join(all, {.size = sequence.largest, .chroma = 2});
    }
  }
  check(all, "sequence header");
  return all;
}

CodedFrames read_hevc(Bytes configuration, Bytes data) {
  CodedFrames all;
  // ISO 14496-15, 8.3.3.1.2: 22 bytes, then arrays of units.
  std::size_t at = 23;
  for (std::uint32_t arrays = read_big_endian(configuration, 22, 1); arrays > 0; --arrays) {
    std::uint32_t units = read_big_endian(configuration, at + 1, 2);
    for (at += 3; units > 0; --units) {
      const std::size_t size = read_big_endian(configuration, at, 2);
      add_nal_unit(take(configuration, at + 2, size), all);
      at += 2 + size;
    }
  }
  while (!data.empty()) {
    const std::size_t size = read_big_endian(data, 0, 4);
    add_nal_unit(take(data, 4, size), all);
    data = data.subspan(4 + size);
  }
  check(all, "sequence parameter set");
  return all;
}

}  // namespace scrawl
