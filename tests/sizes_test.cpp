// Files that lie about their size: what is looked at before decoding is what the decoder uses.
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include <scrawl/error.hpp>

#include "encoded_pictures.hpp"
#include "picture/picture.hpp"

namespace scrawl {
namespace {

using namespace std::string_view_literals;

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string refusal(const std::string& file) {
  try {
    decode_picture(as_bytes(file), "x");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string encoded(const std::string& kind) {
  for (const EncodedPicture& picture : encode_all_kinds(32, 24, kind))
    return {reinterpret_cast<const char*>(picture.content.data()), picture.content.size()};
  ADD_FAILURE() << "no " << kind;
  return "";
}

std::string little_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, number >>= 8) text += static_cast<char>(number & 255);
  return text;
}

TEST(Sizes, OfAJpegWithTwoFrameHeadersAreRefused) {
  const std::string jpeg = encoded("JPEG, gray");
  const std::string second("\xff\xc0\0\x0b\x08\0\x08\0\x08\1\1\x11\0", 13);
  for (const std::size_t at : {std::size_t{2}, jpeg.size() - 2}) {
    std::string twice = jpeg;
    twice.insert(at, second);
    EXPECT_NE(refusal(twice).find("two frame headers"), std::string::npos) << refusal(twice);
  }
}

TEST(Sizes, OfAPngWithTwoHeadersAreRefused) {
  const std::string png = encoded("PNG, gray");
  std::string header = png.substr(8, 25);
  header[11] = 8;  // the width's last byte
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(header.data()) + 4, 17);
  for (int i = 0; i < 4; ++i) header[21 + i] = static_cast<char>(sum >> (24 - 8 * i));
  std::string twice = png;
  twice.insert(33, header);
  EXPECT_NE(refusal(twice), "");
}

TEST(Sizes, OfAGifAreThoseOfItsFrameAndNotOfItsScreen) {
  std::string gif = encoded("GIF, grays");
  gif.replace(6, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(decode_picture(as_bytes(gif), "x").width, 32);
}

TEST(Sizes, OfAWebpAreRefusedWhereCanvasAndFrameDiffer) {
  const std::string frame = encoded("WebP, lossless").substr(12);
  const auto with_canvas = [&](std::uint64_t width, std::uint64_t height) {
    const std::string content = "WEBPVP8X" + little_endian(10, 4) + std::string(4, '\0') +
                                little_endian(width - 1, 3) + little_endian(height - 1, 3) + frame;
    return "RIFF" + little_endian(content.size(), 4) + content;
  };
  EXPECT_EQ(refusal(with_canvas(32, 24)), "");
  EXPECT_NE(refusal(with_canvas(8, 8)), "");
  EXPECT_NE(refusal(with_canvas(1 << 14, 1 << 14)), "");
}

std::string tiff_entry(int tag, std::uint64_t value) {
  return little_endian(tag, 2) + little_endian(4, 2) + little_endian(1, 4) +
         little_endian(value, 4);
}

/// A directory of a gray picture whose pixels are at the file's 8th byte.
std::string tiff_directory(std::uint64_t width, std::uint64_t height, std::uint64_t next) {
  return little_endian(9, 2) + tiff_entry(256, width) + tiff_entry(257, height) +
         tiff_entry(258, 8) + tiff_entry(259, 1) + tiff_entry(262, 1) + tiff_entry(273, 8) +
         tiff_entry(277, 1) + tiff_entry(278, height) + tiff_entry(279, width * height) +
         little_endian(next, 4);
}

TEST(Sizes, OfATiffAreThoseOfItsFirstDirectory) {
  const std::size_t first = 8 + 32 * 24;
  const std::size_t second = first + tiff_directory(32, 24, 0).size();
  const std::string tiff = "II*" + std::string(1, '\0') + little_endian(first, 4) +
                           std::string(32 * 24, '\x80') + tiff_directory(32, 24, second) +
                           tiff_directory(60000, 60000, 0);
  EXPECT_EQ(decode_picture(as_bytes(tiff), "x").width, 32);
}

TEST(Sizes, OfTilesInATiffAreRefused) {
  const std::string directory =
      little_endian(10, 2) + tiff_entry(256, 32) + tiff_entry(257, 24) + tiff_entry(258, 8) +
      tiff_entry(259, 1) + tiff_entry(262, 1) + tiff_entry(277, 1) + tiff_entry(322, 65520) +
      tiff_entry(323, 65520) + tiff_entry(324, 8) + tiff_entry(325, 768) + little_endian(0, 4);
  EXPECT_NE(refusal("II*" + std::string(1, '\0') + little_endian(8 + 768, 4) +
                    std::string(768, '\x80') + directory),
            "");
}

TEST(Sizes, OfAJpegInATiffAreRefusedWhereTheyAreMore) {
  std::string tiff = encoded("TIFF, RGB, JPEG");
  const std::size_t frame = tiff.find("\xff\xc0\0\x11\x08"sv);
  ASSERT_NE(frame, std::string::npos);
  tiff.replace(frame + 5, 4, "\xff\xf0\xff\xf0");
  EXPECT_NE(refusal(tiff), "");
}

TEST(Sizes, OfABmpWithAnotherAmountOfPixelsAreRefused) {
  std::string bmp = encoded("BMP, gray");
  bmp.replace(18, 4, little_endian(9000, 4));
  EXPECT_NE(refusal(bmp), "");
}

}  // namespace
}  // namespace scrawl
