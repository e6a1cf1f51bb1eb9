// EXIF's orientation in each format that has it, and HEIC and AVIF.
#include "decoding/orientation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <leptonica/allheaders.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include <scrawl/error.hpp>

#include "decoding/write_png.hpp"
#include "picture/picture.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using Content = std::vector<std::byte>;

/// 3 x 2: 1 2 3 over 4 5 6.
const Picture six{3, 2, 1, {1, 2, 3, 4, 5, 6}};

std::vector<int> levels(const Picture& picture) {
  return {picture.pixels.begin(), picture.pixels.end()};
}

TEST(Orientation, EachOfTheEightIsUndone) {
  // What EXIF says of the stored picture's row 0 and column 0 (EXIF 2.32, 4.6.4).
  const std::array<std::vector<int>, 9> upright{{{},
                                                 {1, 2, 3, 4, 5, 6},    // top, left
                                                 {3, 2, 1, 6, 5, 4},    // top, right
                                                 {6, 5, 4, 3, 2, 1},    // bottom, right
                                                 {4, 5, 6, 1, 2, 3},    // bottom, left
                                                 {1, 4, 2, 5, 3, 6},    // left, top
                                                 {4, 1, 5, 2, 6, 3},    // right, top
                                                 {6, 3, 5, 2, 4, 1},    // right, bottom
                                                 {3, 6, 2, 5, 1, 4}}};  // left, bottom
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Picture turned = make_upright(six, orientation);
    EXPECT_EQ(turned.width, orientation < 5 ? 3 : 2);
    EXPECT_EQ(turned.height, orientation < 5 ? 2 : 3);
    EXPECT_EQ(levels(turned), upright[orientation]) << orientation;
  }
  for (const int nonsense : {-1, 0, 9}) EXPECT_EQ(levels(make_upright(six, nonsense)), levels(six));
}

TEST(Orientation, KeepsColorsTogether) {
  const Picture colors{2, 1, 3, {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(levels(make_upright(colors, 3)), (std::vector<int>{4, 5, 6, 1, 2, 3}));
}

Content to_content(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// TIFF's header and one directory with the orientation.
std::string exif_of(int orientation) {
  std::string exif("MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19);
  exif += static_cast<char>(orientation);
  return exif + std::string(6, '\0');
}

Content encode(const Picture& picture, int format) {
  Pix* pix = pixCreate(picture.width, picture.height, 8);
  for (int y = 0; y < picture.height; ++y)
    for (int x = 0; x < picture.width; ++x)
      pixSetPixel(pix, x, y, picture.pixels[static_cast<std::size_t>(y) * picture.width + x]);
  l_uint8* data = nullptr;
  std::size_t size = 0;
  EXPECT_EQ(pixWriteMem(&data, &size, pix, format), 0);
  pixDestroy(&pix);
  const auto bytes = std::as_bytes(std::span(data, size));
  Content content(bytes.begin(), bytes.end());
  std::free(data);
  return content;
}

void insert(Content& content, std::size_t at, const std::string& text) {
  const Content bytes = to_content(text);
  content.insert(content.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin(), bytes.end());
}

std::string big_endian(std::size_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i) & 255);
  return text;
}

Content jpeg_with(int orientation) {
  Content jpeg = encode(Picture{16, 8, 1, std::vector<std::uint8_t>(128, 200)}, IFF_JFIF_JPEG);
  const std::string exif = std::string("Exif\0\0", 6) + exif_of(orientation);
  insert(jpeg, 2, "\xff\xe1" + big_endian(exif.size() + 2, 2) + exif);
  return jpeg;
}

Content png_with(int orientation) {
  Content png = encode(six, IFF_PNG);
  const std::string chunk = "eXIf" + exif_of(orientation);
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(chunk.size()));
  insert(png, 33, big_endian(chunk.size() - 4, 4) + chunk + big_endian(sum, 4));
  return png;
}

TEST(Orientation, OfAPhotoTurnsIt) {
  const Picture upright = decode_picture(jpeg_with(6), "photo.jpg");
  EXPECT_EQ(upright.width, 8);
  EXPECT_EQ(upright.height, 16);
  EXPECT_EQ(decode_picture(jpeg_with(1), "photo.jpg").width, 16);
  EXPECT_EQ(decode_picture(jpeg_with(77), "photo.jpg").width, 16);  // nonsense
}

TEST(Orientation, OfAPngTurnsIt) {
  EXPECT_EQ(levels(decode_picture(png_with(8), "turned.png")), levels(make_upright(six, 8)));
}

TEST(Orientation, DamagedExifIsNotWorthAnError) {
  Content jpeg = jpeg_with(6);
  for (std::size_t i = 12; i < 30; ++i) {
    Content damaged = jpeg;
    damaged[i] ^= std::byte{0xff};
    EXPECT_NO_THROW(decode_picture(damaged, "photo.jpg")) << i;
  }
}

/// Encodes with libheif's own tool where that is installed.
class Heif : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Formats, Heif, testing::Values("heic", "avif"));

TEST_P(Heif, IsReadWhereTheBuildHasLibheif) {
  const ScratchFolder scratch;
  Picture picture{64, 48, 1, std::vector<std::uint8_t>(64 * 48, 250)};
  for (int y = 10; y < 40; ++y)
    for (int x = 30; x < 36; ++x) picture.pixels[y * 64 + x] = 10;
  const std::string png = scratch / "in.png";
  const std::string out = scratch / (std::string("out.") + GetParam());
  write_png(picture, png);
  const std::string flag = GetParam() == std::string("avif") ? " -A" : "";
  const std::string command =
      "heif-enc -q 90" + flag + " -o " + out + " " + png + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no heif-enc that can make it";
  try {
    const Picture read = load_picture(out);
    ASSERT_EQ(read.width, 64);
    ASSERT_EQ(read.height, 48);
    ASSERT_EQ(read.channels, 3);
    EXPECT_LT(read.pixels[(25 * 64 + 33) * 3], 60);
    EXPECT_GT(read.pixels[(25 * 64 + 10) * 3], 220);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("built without libheif"), std::string::npos)
        << error.what();
    GTEST_SKIP() << error.what();
  }
  // Cut short anywhere, it is refused and nothing worse.
  std::ifstream stream(out, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(stream)), {});
  for (std::size_t size = 12; size < whole.size(); size += whole.size() / 40 + 1) {
    try {
      decode_picture(to_content(std::string_view(whole).substr(0, size)), "cut.heic");
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("cut.heic: HEIC or AVIF picture"), std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace scrawl
