// Pictures: decoding each format, refusing what cannot be decoded, and finding the glyph.
#include "picture/picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <initializer_list>
#include <leptonica/allheaders.h>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>

#include "picture/page.hpp"

namespace {

using scrawl::Glyph;
using scrawl::Picture;
using Bytes = std::vector<std::byte>;

struct Point {
  double x;
  double y;
};

/// How a picture of a seven looks. Its corners are (0, 0), (1, 0) and (0.3, 1.5) times `size`.
struct Seven {
  int width = 200;
  int height = 200;
  Point at{50, 30};
  double size = 80;
  double pen = 10;
  int ink = 0;
  int paper = 255;
};

double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double t = ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy);
  const double along = std::clamp(t, 0.0, 1.0);
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

/// The fraction of ink, 0 to 1, of a pixel.
double ink_share(const Seven& seven, int x, int y) {
  const auto corner = [&](double across, double down) {
    return Point{seven.at.x + across * seven.size, seven.at.y + down * seven.size};
  };
  const Point p{x + 0.5, y + 0.5};
  const double distance = std::min(distance_to_segment(p, corner(0, 0), corner(1, 0)),
                                   distance_to_segment(p, corner(1, 0), corner(0.3, 1.5)));
  return std::clamp(seven.pen / 2 - distance + 0.5, 0.0, 1.0);
}

Picture gray_picture(int width, int height, const std::function<double(int, int)>& level) {
  Picture picture{width, height, 1, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      picture.pixels.push_back(
          static_cast<std::uint8_t>(std::lround(std::clamp(level(x, y), 0.0, 255.0))));
  return picture;
}

Picture draw(const Seven& seven) {
  return gray_picture(seven.width, seven.height, [&](int x, int y) {
    return seven.paper + (seven.ink - seven.paper) * ink_share(seven, x, y);
  });
}

Picture draw_in_color(const Seven& seven, const std::array<int, 3>& ink,
                      const std::array<int, 3>& paper) {
  Picture picture{seven.width, seven.height, 3, {}};
  for (int y = 0; y < seven.height; ++y)
    for (int x = 0; x < seven.width; ++x)
      for (int c = 0; c < 3; ++c)
        picture.pixels.push_back(static_cast<std::uint8_t>(
            std::lround(paper[c] + (ink[c] - paper[c]) * ink_share(seven, x, y))));
  return picture;
}

/// The mean |difference| of two glyphs' levels.
double difference(const Glyph& a, const Glyph& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

/// What a glyph may differ in because it was drawn with other pixels (of 255, in the mean).
constexpr double alike = 5;

Glyph glyph_of(const Picture& picture) {
  const auto found = scrawl::find_glyph(picture);
  EXPECT_TRUE(found.has_value());
  return found ? found->glyph : Glyph{};
}

Point center_of_mass(const Glyph& glyph) {
  double sum = 0;
  Point mass{0, 0};
  for (std::size_t i = 0; i < glyph.size(); ++i) {
    sum += glyph[i];
    mass.x += static_cast<double>(glyph[i]) * static_cast<double>(i % scrawl::glyph_side);
    mass.y += static_cast<double>(glyph[i]) * static_cast<double>(i / scrawl::glyph_side);
  }
  return {mass.x / sum, mass.y / sum};
}

struct DestroyPix {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using OwnedPix = std::unique_ptr<Pix, DestroyPix>;

OwnedPix to_pix(const Picture& picture) {
  OwnedPix pix(pixCreate(picture.width, picture.height, picture.channels == 1 ? 8 : 32));
  const std::uint8_t* in = picture.pixels.data();
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x, in += picture.channels) {
      if (picture.channels == 1) pixSetPixel(pix.get(), x, y, in[0]);
      if (picture.channels == 3) pixSetRGBPixel(pix.get(), x, y, in[0], in[1], in[2]);
    }
  }
  return pix;
}

Bytes encode(Pix* pix, int format) {
  setMsgSeverity(L_SEVERITY_NONE);
  l_uint8* data = nullptr;
  std::size_t size = 0;
  if (format == IFF_WEBP)
    EXPECT_EQ(pixWriteMemWebP(&data, &size, pix, 100, 1), 0);
  else
    EXPECT_EQ(pixWriteMem(&data, &size, pix, format), 0);
  const std::unique_ptr<l_uint8, decltype(&std::free)> owner(data, &std::free);
  const auto bytes = std::as_bytes(std::span(data, size));
  return {bytes.begin(), bytes.end()};
}

Bytes to_bytes(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string refusal(std::span<const std::byte> bytes, const char* name = "7.png") {
  try {
    scrawl::decode_picture(bytes, name);
  } catch (const scrawl::Error& error) {
    return error.what();
  }
  return "";
}

struct Encoding {
  const char* name;
  int format;
  bool lossy;
};

constexpr Encoding encodings[] = {
    {"png", IFF_PNG, false},
    {"jpeg", IFF_JFIF_JPEG, true},
    {"bmp", IFF_BMP, false},
    {"tiff", IFF_TIFF, false},
    {"tiff_zip", IFF_TIFF_ZIP, false},
    {"tiff_lzw", IFF_TIFF_LZW, false},
    {"tiff_jpeg", IFF_TIFF_JPEG, true},
    {"pnm", IFF_PNM, false},
    {"webp", IFF_WEBP, false},
};

class EveryFormat : public testing::TestWithParam<Encoding> {};

INSTANTIATE_TEST_SUITE_P(Picture, EveryFormat, testing::ValuesIn(encodings),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_P(EveryFormat, IsDecodedWithItsColors) {
  const Picture picture = draw_in_color({.width = 67, .height = 59, .at = {20, 12}, .size = 25},
                                        {20, 60, 200}, {240, 230, 210});
  const Bytes bytes = encode(to_pix(picture).get(), GetParam().format);
  const Picture decoded = scrawl::decode_picture(bytes, "7");
  ASSERT_EQ(decoded.width, 67);
  ASSERT_EQ(decoded.height, 59);
  ASSERT_EQ(decoded.channels, 3);
  ASSERT_EQ(decoded.pixels.size(), picture.pixels.size());
  if (!GetParam().lossy) {
    EXPECT_EQ(decoded.pixels, picture.pixels);
  }
  double sum = 0;
  for (std::size_t i = 0; i < picture.pixels.size(); ++i)
    sum += std::abs(decoded.pixels[i] - picture.pixels[i]);
  EXPECT_LT(sum / static_cast<double>(picture.pixels.size()), 5);
}

TEST_P(EveryFormat, CutShortIsAnErrorUnlessNoPixelIsMissing) {
  const Picture picture = draw({.width = 21, .height = 23, .at = {5, 3}, .size = 10, .pen = 3});
  const Bytes bytes = encode(to_pix(picture).get(), GetParam().format);
  const Picture whole = scrawl::decode_picture(bytes, "7.png");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    try {
      // A TIFF may end in its resolution, which is not needed.
      EXPECT_EQ(scrawl::decode_picture(std::span(bytes).first(size), "7.png").pixels, whole.pixels);
    } catch (const scrawl::Error& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("7.png: ")) << error.what();
    }
  }
}

TEST(Picture, WithoutANameTheMessageBeginsWithWhatIsWrong) {
  const Picture picture = draw({.width = 21, .height = 23, .at = {5, 3}, .size = 10, .pen = 3});
  const Bytes bytes = encode(to_pix(picture).get(), IFF_PNG);
  const std::string damaged = refusal(std::span(bytes).first(bytes.size() / 2), "");
  EXPECT_TRUE(damaged.starts_with("PNG picture: cut short")) << damaged;
  EXPECT_TRUE(refusal({}, "").starts_with("the file is empty")) << refusal({}, "");
}

TEST_P(EveryFormat, WithFlippedBitsIsAPictureOrAnError) {
  const Picture picture = draw({.width = 21, .height = 23, .at = {5, 3}, .size = 10, .pen = 3});
  const Bytes bytes = encode(to_pix(picture).get(), GetParam().format);
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    Bytes damaged = bytes;
    for (int flip = 0; flip < 3; ++flip)
      damaged[random() % damaged.size()] ^= static_cast<std::byte>(1U << (random() % 8));
    try {
      const Picture decoded = scrawl::decode_picture(damaged, "7.png");
      EXPECT_NO_THROW(scrawl::check_picture(decoded)) << "round " << round;
    } catch (const scrawl::Error& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with("7.png: ")) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 0) << "no header was hit";
}

TEST(Gif, FirstFrameIsDecodedAndTransparencyIsWhite) {
  // 2 x 2: color 0 is blue and transparent, color 1 is black. LZW: 0 1 1 0; then a second frame,
  // cut.
  using namespace std::string_view_literals;
  const Bytes bytes = to_bytes(
      "GIF89a\x02\0\x02\0\x80\0\0\0\0\xff\0\0\0"
      "!\xf9\x04\x01\0\0\0\0"
      ",\0\0\0\0\x02\0\x02\0\0\x02\x03\x44\x02\x05\0"
      ",\0\0"sv);
  const Picture picture = scrawl::decode_picture(bytes, "gif");
  ASSERT_EQ(picture.pixels.size(), 4U * picture.channels);
  const std::vector<int> expected{255, 0, 0, 255};
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(picture.pixels[i * picture.channels], expected[i]) << i;
}

TEST(Gif, CutShortAtAnyLengthIsAnError) {
  OwnedPix pix(pixConvertTo1(to_pix(draw({.width = 21, .height = 23, .size = 10})).get(), 128));
  const Bytes bytes = encode(pix.get(), IFF_GIF);
  EXPECT_EQ(refusal(bytes), "");
  for (std::size_t size = 0; size + 1 < bytes.size(); ++size)
    EXPECT_NE(refusal(std::span(bytes).first(size)), "") << size;
}

TEST(Depths, OneAndSixteenBitsAreDecodedAsEight) {
  OwnedPix bits(pixCreate(2, 1, 1));
  pixSetPixel(bits.get(), 0, 0, 1);  // black, as Leptonica has it
  for (const int format : {IFF_PNG, IFF_TIFF_G4, IFF_PNM, IFF_BMP})
    EXPECT_EQ(scrawl::decode_picture(encode(bits.get(), format), "1 bit").pixels,
              (std::vector<std::uint8_t>{0, 255}))
        << format;
  OwnedPix deep(pixCreate(2, 1, 16));
  pixSetPixel(deep.get(), 0, 0, 0x1234);
  pixSetPixel(deep.get(), 1, 0, 0xfedc);
  for (const int format : {IFF_PNG, IFF_TIFF, IFF_PNM})
    EXPECT_EQ(scrawl::decode_picture(encode(deep.get(), format), "16 bits").pixels,
              (std::vector<std::uint8_t>{0x12, 0xfe}))
        << format;
}

TEST(Alpha, IsLaidOverWhite) {
  OwnedPix pix(pixCreate(3, 1, 32));  // black, of which the alpha is 0, 128, 255
  pixSetSpp(pix.get(), 4);
  pixSetPixel(pix.get(), 1, 0, 128);
  pixSetPixel(pix.get(), 2, 0, 255);
  const Picture picture = scrawl::decode_picture(encode(pix.get(), IFF_PNG), "alpha");
  ASSERT_EQ(picture.pixels.size(), 9U);
  EXPECT_EQ(picture.pixels[0], 255);
  EXPECT_NEAR(picture.pixels[3], 127, 1);
  EXPECT_EQ(picture.pixels[6], 0);
}

TEST(Alpha, OfLightInkIsLaidOverBlack) {
  OwnedPix pix(pixCreate(3, 1, 32));  // white, of which the alpha is 0, 0, 255
  pixSetSpp(pix.get(), 4);
  for (int x = 0; x < 3; ++x) pixSetPixel(pix.get(), x, 0, x == 2 ? 0xFFFFFFFF : 0xFFFFFF00);
  const Picture picture = scrawl::decode_picture(encode(pix.get(), IFF_PNG), "alpha");
  EXPECT_EQ(picture.pixels[0], 0);
  EXPECT_EQ(picture.pixels[6], 255);
}

TEST(Refused, EmptyFile) {
  EXPECT_EQ(refusal({}), "7.png: the file is empty");
}

TEST(Refused, OtherFormatsByName) {
  EXPECT_NE(refusal(to_bytes("%!PS-Adobe")).find("found PostScript"), std::string::npos);
  EXPECT_NE(refusal(to_bytes(std::string_view("\0\0\0\x0cjP  \r\n", 10))).find("JPEG 2000"),
            std::string::npos);
  EXPECT_NE(refusal(to_bytes(std::string_view("\0\0\0\x1c"
                                              "ftypheic",
                                              12)))
                .find("HEIC"),
            std::string::npos);
  EXPECT_NE(refusal(to_bytes("spix....")).find("something else"), std::string::npos);
  EXPECT_NE(refusal(to_bytes("Dear Sir")).find("expected PNG, JPEG"), std::string::npos);
}

TEST(Refused, MissingFile) {
  EXPECT_THROW(scrawl::load_picture("/nonexistent/7.png"), scrawl::Error);
}

/// A file whose header tells of 10,001 x 10,000 pixels, and that has none.
Bytes oversized(std::string_view before, std::string_view after) {
  return to_bytes(std::string(before) + std::string(after));
}

TEST(Refused, OverAHundredMegapixelsBeforeDecoding) {
  using namespace std::string_view_literals;
  const Bytes files[] = {
      oversized("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"sv, "\0\0\x27\x11\0\0\x27\x10\x08\0\0\0\0"sv),
      oversized("P5\n"sv, "10001 10000\n255\n1234"sv),
      oversized("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv, "\x11\x27\0\0\x10\x27\0\0\1\0\x18\0"sv),
      oversized("GIF89a\1\0\1\0\0\0\0"sv, ",\0\0\0\0\x11\x27\x10\x27\0\2"sv),
      oversized("\xff\xd8\xff\xc0\0\x0b\x08\x27\x10\x27\x11\1\1\x11\0"sv, "\xff\xd9"sv),
  };
  for (const Bytes& file : files)
    EXPECT_NE(refusal(file).find("10001 x 10000 pixels; at most 100 million"), std::string::npos)
        << refusal(file);
}

TEST(Refused, HeadersThatLieAboutTheSize) {
  using namespace std::string_view_literals;
  EXPECT_NE(refusal(to_bytes("P5\n10000 10000\n255\n1234")), "");
  EXPECT_NE(refusal(oversized("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"sv,
                              "\x10\x27\0\0\x10\x27\0\0\1\0\x18\0\0\0\0\0\0\0\0\0"sv)),
            "");
}

TEST(Refused, MoreJpegScansThanAnyPictureNeeds) {
  const Picture picture = draw({.width = 16, .height = 16, .at = {4, 3}, .size = 7, .pen = 3});
  Bytes bytes = encode(to_pix(picture).get(), IFF_JFIF_JPEG);
  const Bytes scan = to_bytes(std::string_view("\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00", 10));
  for (int i = 0; i < 101; ++i) bytes.insert(bytes.end() - 2, scan.begin(), scan.end());
  EXPECT_NE(refusal(bytes).find("scans"), std::string::npos) << refusal(bytes);
}

TEST(Blank, UniformPicturesHaveNoGlyph) {
  for (const int level : {0, 1, 128, 254, 255})
    for (const int side : {1, 2, 28, 300})
      EXPECT_FALSE(scrawl::find_glyph(gray_picture(side, side, [&](int, int) { return level; })))
          << level << " " << side;
  EXPECT_FALSE(scrawl::find_glyph(Picture{}));
}

TEST(Blank, FaintNoiseHasNoGlyph) {
  std::mt19937 random(1);
  for (const int level : {10, 128, 245}) {
    for (const int side : {28, 200, 1500}) {
      std::normal_distribution<double> noise(level, 3);
      const Picture picture = gray_picture(side, side, [&](int, int) { return noise(random); });
      EXPECT_FALSE(scrawl::find_glyph(picture)) << level << " " << side;
    }
  }
}

TEST(Blank, ShadesOfLightHaveNoGlyph) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 2);
  const std::function<double(double, double)> shades[] = {
      [](double x, double) { return 255 * x; },                       // a full gradient
      [](double x, double y) { return 90 + 60 * x + 50 * y; },        // a lamp at the side
      [](double x, double y) { return 215 - 90 * (x * x + y * y); },  // toward a corner
      [](double x, double y) {
        return 220 - 200 * (std::pow(x - 0.45, 2) + std::pow(y - 0.55, 2));
      },
      [](double x, double y) {
        return 220 - 150 * std::exp(-std::pow(std::hypot(x - 0.5, y - 0.5), 2) / 0.05);
      },
  };
  for (const int side : {28, 300, 1200}) {
    for (const auto& shade : shades) {
      const Picture picture = gray_picture(side, side, [&](int x, int y) {
        return shade(1.0 * x / side, 1.0 * y / side) + noise(random);
      });
      EXPECT_FALSE(scrawl::find_glyph(picture)) << side << " shade " << &shade - shades;
    }
  }
}

TEST(Blank, SpecksHaveNoGlyph) {
  Picture picture = gray_picture(400, 400, [](int, int) { return 255; });
  for (const int at : {1000, 50'321, 120'456}) picture.pixels[at] = 0;
  EXPECT_FALSE(scrawl::find_glyph(picture));
}

TEST(FindGlyph, EitherPolarityGivesTheSameGlyph) {
  const Glyph dark = glyph_of(draw({.ink = 0, .paper = 255}));
  const Glyph light = glyph_of(draw({.ink = 255, .paper = 0}));
  EXPECT_LT(difference(dark, light), 1);
  EXPECT_EQ(*std::max_element(dark.begin(), dark.end()), 255);
  EXPECT_EQ(dark[0], 0);
}

TEST(FindGlyph, WhereTheDigitIsDoesNotMatter) {
  const Glyph expected = glyph_of(draw({.width = 500, .height = 400}));
  for (const Point at : {Point{8, 8}, Point{400, 20}, Point{11, 260}, Point{390.5, 260.5}})
    EXPECT_LT(difference(glyph_of(draw({.width = 500, .height = 400, .at = at})), expected), alike)
        << at.x << " " << at.y;
}

TEST(FindGlyph, HowLargeTheDigitIsDoesNotMatter) {
  const Glyph expected = glyph_of(draw({}));
  for (const double size : {20.0, 40.0, 160.0, 400.0, 1000.0}) {
    const int side = static_cast<int>(size * 2.5);
    const Seven seven{
        .width = side, .height = side, .at = {size / 2, size / 2}, .size = size, .pen = size / 8};
    EXPECT_LT(difference(glyph_of(draw(seven)), expected), alike) << size;
  }
}

TEST(FindGlyph, CenterOfMassIsWhereMnistHasIt) {
  for (const double pen : {1.0, 3.0, 10.0, 20.0}) {
    const Point mass = center_of_mass(glyph_of(draw({.pen = pen})));
    EXPECT_NEAR(mass.x, 14, 0.5) << pen;
    EXPECT_NEAR(mass.y, 14, 0.5) << pen;
  }
}

TEST(FindGlyph, LongerSideIsTwentyPixels) {
  for (const double pen : {1.0, 3.0, 10.0}) {
    const Glyph glyph = glyph_of(draw({.pen = pen}));
    int rows = 0;
    for (std::size_t y = 0; y < scrawl::glyph_side; ++y)
      rows += *std::max_element(glyph.begin() + y * 28, glyph.begin() + (y + 1) * 28) > 40;
    EXPECT_NEAR(rows, 20, 1) << pen;
  }
}

TEST(FindGlyph, BoxIsAroundTheInk) {
  const auto found = scrawl::find_glyph(draw({}));  // (50, 30) to (130, 150), and half the pen
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->box.x, 45, 1);
  EXPECT_NEAR(found->box.y, 25, 1);
  EXPECT_NEAR(found->box.width, 90, 2);
  EXPECT_NEAR(found->box.height, 130, 2);
}

TEST(FindGlyph, BoxOfALargePictureIsInItsOwnPixels) {
  const auto found = scrawl::find_glyph(
      draw({.width = 2100, .height = 2100, .at = {900, 600}, .size = 400, .pen = 40}));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->box.x, 880, 4);
  EXPECT_NEAR(found->box.y, 580, 4);
  EXPECT_NEAR(found->box.width, 440, 8);
  EXPECT_NEAR(found->box.height, 640, 8);
}

TEST(FindGlyph, MnistGlyphComesOutNearlyUnchanged) {
  const Seven seven{.width = 28,
                    .height = 28,
                    .at = {8.3, 8.3},
                    .size = 11.6,
                    .pen = 2.6,
                    .ink = 255,
                    .paper = 0};
  const Picture picture = draw(seven);
  Glyph expected{};
  std::copy(picture.pixels.begin(), picture.pixels.end(), expected.begin());
  ASSERT_NEAR(center_of_mass(expected).x, 14, 0.5);
  ASSERT_NEAR(center_of_mass(expected).y, 14, 0.5);
  EXPECT_LT(difference(glyph_of(picture), expected), 3);
}

TEST(FindGlyph, OnePixelPenDoesNotVanish) {
  for (const int side : {100, 400, 1000, 3000}) {
    const Seven seven{.width = side,
                      .height = side,
                      .at = {0.2 * side, 0.2 * side},
                      .size = 0.4 * side,
                      .pen = 1};
    const Glyph glyph = glyph_of(draw(seven));
    const auto strong = std::count_if(glyph.begin(), glyph.end(), [](int v) { return v > 160; });
    EXPECT_GT(strong, 25) << side;  // of about 33 pixels of stroke's length, 2 wide
  }
}

TEST(FindGlyph, ColoredPensAreInk) {
  const Glyph expected = glyph_of(draw({}));
  using Color = std::array<int, 3>;
  const Color white{255, 255, 255};
  for (const Color pen : {Color{0, 0, 255}, Color{255, 0, 0}, Color{0, 160, 0}, Color{255, 220, 0}})
    EXPECT_LT(difference(glyph_of(draw_in_color({}, pen, white)), expected), alike);
  EXPECT_LT(difference(glyph_of(draw_in_color({}, {220, 220, 210}, {30, 80, 50})), expected),
            alike);
  EXPECT_LT(difference(glyph_of(draw_in_color({}, {40, 60, 160}, {230, 200, 130})), expected),
            alike);
}

TEST(FindGlyph, FaintInkIsAsWhiteAsBlackInk) {
  EXPECT_LT(difference(glyph_of(draw({.ink = 190, .paper = 235})), glyph_of(draw({}))), alike);
}

TEST(FindGlyph, ShadowsAreNotInk) {
  const Seven seven{.width = 400,
                    .height = 400,
                    .at = {120, 80},
                    .size = 160,
                    .pen = 20,
                    .ink = 50,
                    .paper = 210};
  const Picture even = draw(seven);
  Picture shaded = even;
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 400; ++x) {
      const double light = 1 - 0.3 * x / 400 - 0.35 * std::clamp((y - 190) / 30.0, 0.0, 1.0);
      std::uint8_t& level = shaded.pixels[static_cast<std::size_t>(y) * 400 + x];
      level = static_cast<std::uint8_t>(level * light);
    }
  EXPECT_LT(difference(glyph_of(shaded), glyph_of(even)), alike);
}

TEST(FindGlyph, SpecksAndEdgeLinesAreLeftOut) {
  const Glyph expected = glyph_of(draw({}));
  Picture picture = draw({});
  for (int i = 0; i < 200; ++i) {
    for (int thick = 0; thick < 4; ++thick) picture.pixels[i * 200 + thick] = 0;  // a grid line
    for (int thick = 196; thick < 200; ++thick) picture.pixels[thick * 200 + i] = 0;
  }
  for (const int at : {30'150, 10'060, 22'171}) picture.pixels[at] = 0;
  EXPECT_LT(difference(glyph_of(picture), expected), alike);
}

TEST(FindGlyph, StrokesThatDoNotTouchBelongTogether) {
  Picture picture = draw({});
  for (int y = 20; y < 45; ++y)
    for (int x = 112; x < 120; ++x) picture.pixels[y * 200 + x] = 255;
  const auto found = scrawl::find_glyph(picture);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->box.x, 45, 1);
  EXPECT_NEAR(found->box.width, 90, 2);
}

TEST(FindGlyph, PicturesOfAnyShapeAreLookedThrough) {
  for (const auto& [width, height] :
       {std::pair{1, 1}, {1, 1000}, {1000, 1}, {3, 5}, {900'000, 1}, {2, 300'000}, {5000, 100}}) {
    const auto found = scrawl::find_glyph(gray_picture(
        width, height, [](int x, int y) { return (x / 3 + y / 3) % 5 == 0 ? 0 : 255; }));
    if (!found) continue;
    EXPECT_LE(found->box.x + found->box.width, width);
    EXPECT_LE(found->box.y + found->box.height, height);
  }
}

TEST(FindGlyph, PictureOfAnotherSizeThanItSaysIsRefused) {
  Picture picture = draw({});
  picture.pixels.pop_back();
  EXPECT_THROW(scrawl::find_glyph(picture), std::invalid_argument);
}

TEST(Examples, HaveAGlyphUnlessBlank) {
  const std::filesystem::path folder =
      std::filesystem::path(SCRAWL_SOURCE) / "examples" / "pictures";
  int pictures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const auto found = scrawl::find_glyph(scrawl::load_picture(entry.path()));
    EXPECT_EQ(found.has_value(), !name.starts_with("blank")) << name;
    ++pictures;
  }
  EXPECT_GE(pictures, 8);
}

}  // namespace
