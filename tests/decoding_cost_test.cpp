// What a picture takes in memory is known from its header: the bound holds, and is no wild guess.
#include "decoding/decoding_cost.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <iostream>
#include <leptonica/allheaders.h>
#include <malloc.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/write_png.hpp"
#include "encoded_pictures.hpp"
#include "picture/picture.hpp"
#include "recognition/recognizer.hpp"

namespace scrawl {
namespace {

/// What reading may take at most; these pictures are easier.
constexpr std::size_t reading = std::size_t{80} << 20;

std::size_t peak_of_process() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

/// By how much a process grows at its most while it decodes and reads the picture; nothing where it
/// is refused.
std::optional<std::size_t> measure_peak(const Content& picture, const Recognizer& recognizer,
                                        Layout layout) {
  malloc_trim(0);  // what is free already would not be seen
  int ends[2];
  if (pipe(ends) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child == 0) {
    const std::size_t before = peak_of_process();
    std::size_t grown = 0;
    try {
      recognizer.read(decode_picture(picture, "x"), {.layout = layout});
      grown = peak_of_process() - before;
    } catch (const Error& error) {
      std::cerr << error.what() << '\n';
    }
    _exit(write(ends[1], &grown, sizeof grown) == sizeof grown ? 0 : 1);
  }
  close(ends[1]);
  std::size_t grown = 0;
  const bool is_told = read(ends[0], &grown, sizeof grown) == sizeof grown;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return is_told && grown > 0 ? std::optional(grown) : std::nullopt;
}

TEST(DecodingCost, IsABoundAndNoWildGuess) {
#ifdef SCRAWL_SANITIZED
  GTEST_SKIP() << "sanitizers take memory of their own";
#endif
  const Recognizer recognizer;
  for (const EncodedPicture& encoded : encode_all_kinds(900, 700)) {
    const std::optional<std::size_t> peak = measure_peak(encoded.content, recognizer, Layout::one);
    ASSERT_TRUE(peak) << encoded.kind;
    const std::size_t bound = decoding_cost(encoded.content);
    EXPECT_LE(*peak, bound) << encoded.kind;
    EXPECT_LE(bound, 3 * *peak + reading) << encoded.kind;
  }
}

/// Pictures that are as bad as can be: each pattern says how dark a pixel is.
struct HardPattern {
  const char* name;
  int (*darkness)(int x, int y, std::uint32_t noise);
};

constexpr HardPattern hard_patterns[] = {
    {"dots", [](int x, int y, std::uint32_t) { return x % 2 == 0 && y % 2 == 0 ? 255 : 0; }},
    {"noise", [](int, int, std::uint32_t noise) { return noise % 2 == 0 ? 255 : 0; }},
    {"squares", [](int x, int y, std::uint32_t) { return (x / 8 + y / 8) % 2 == 0 ? 255 : 0; }},
    {"rings",
     [](int x, int y, std::uint32_t) {
       const bool is_ring = x % 12 < 10 && y % 12 < 10 && (x % 12 % 9 == 0 || y % 12 % 9 == 0);
       return is_ring ? 255 : 0;
     }},
    {"waves",
     [](int x, int y, std::uint32_t noise) {
       return static_cast<int>(((static_cast<unsigned>(x + 2 * y) / 4 + noise % 4) * 37) & 255);
     }},
};

Picture draw(const HardPattern& pattern, int side) {
  std::uint32_t noise = 1;
  Picture picture{side, side, 3, {}};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      noise = noise * 1664525 + 1013904223;
      picture.pixels.insert(picture.pixels.end(), 3,
                            static_cast<std::uint8_t>(255 - pattern.darkness(x, y, noise >> 16)));
    }
  return picture;
}

TEST(DecodingCost, OfPicturesThatArePutTogetherFromAFewBytes) {
  // 7000 x 7000 pixels, lossless, all alike.
  const std::string_view webp(
      "RIFF\x1e\0\0\0WEBPVP8L\x11\0\0\0\x2f\x57\xdb\xd5\x16\x07\x50\xe4\x2a\xd4\xa3\x7f\x81\x88\xe8"
      "\x7f\0\0",
      38);
  const auto bytes = std::as_bytes(std::span(webp));
  EXPECT_GT(decoding_cost(bytes), std::size_t{400'000'000});
  EXPECT_LT(decoding_cost(bytes), std::size_t{500'000'000});
  EXPECT_THROW(decoding_cost(bytes.first(20)), Error);
}

TEST(DecodingCost, OfMorePixelsThanNumbersHoldIsMoreThanThereIs) {
  constexpr std::string_view png(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\0\0\0\0", 29);
  EXPECT_GT(decoding_cost(std::as_bytes(std::span(png))), std::size_t{1} << 60);
}

TEST(DecodingCost, HoldsForPicturesThatAreHardToRead) {
#ifdef SCRAWL_SANITIZED
  GTEST_SKIP() << "sanitizers take memory of their own";
#endif
  const Recognizer recognizer;
  // What the networks work in stays from one picture to the next, and is none of theirs.
  for (const int side : {60, 100, 200, 1024}) recognizer.read(draw(hard_patterns[3], side));
  for (const HardPattern& pattern : hard_patterns)
    for (const int side : {200, 1024}) {
      const Content content = format_png(draw(pattern, side));
      const std::optional<std::size_t> peak = measure_peak(content, recognizer, Layout::line);
      ASSERT_TRUE(peak) << pattern.name;
      EXPECT_LE(*peak, decoding_cost(content)) << pattern.name << ' ' << side;
    }
}

}  // namespace
}  // namespace scrawl
