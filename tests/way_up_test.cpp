// Pages that lie on their side or upside down: turned where that is clear, and only there.
#include "recognition/way_up.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "picture/turn.hpp"
#include "process.hpp"
#include "recognition/recognizer.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

const std::string examples = SCRAWL_SOURCE "/examples/pictures/";

Picture squared_paper() {
  return load_picture(examples + "2026-squared-paper.jpg");
}

TEST(Turning, MovesEachPixelAndItsBox) {
  const Picture picture{3, 2, 1, {0, 1, 2, 3, 4, 5}};
  EXPECT_EQ(turn(picture, 90).pixels, (std::vector<std::uint8_t>{3, 0, 4, 1, 5, 2}));
  EXPECT_EQ(turn(picture, 180).pixels, (std::vector<std::uint8_t>{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(turn(picture, 270).pixels, (std::vector<std::uint8_t>{2, 5, 1, 4, 0, 3}));
  for (const int degrees : {0, 90, 180, 270}) {
    const Picture turned = turn(picture, degrees);
    for (int y = 0; y < 2; ++y) {
      for (int x = 0; x < 3; ++x) {
        const Box to = turn(Box{x, y, 1, 1}, degrees, 3, 2);
        EXPECT_EQ(turned.pixels[static_cast<std::size_t>(to.y * turned.width + to.x)],
                  picture.pixels[static_cast<std::size_t>(y * 3 + x)]);
        EXPECT_EQ(turn(to, (360 - degrees) % 360, turned.width, turned.height), (Box{x, y, 1, 1}));
      }
    }
  }
}

TEST(WayUp, IsFoundOfAPageThatLiesAnyWay) {
  const Recognizer recognizer;
  const Picture upright = squared_paper();
  const Reading expected = recognizer.read(upright);
  EXPECT_EQ(expected.turn, Turn::none);
  for (const int degrees : {90, 180, 270}) {
    const Picture turned = turn(upright, degrees);
    const Reading reading = recognizer.read(turned);
    EXPECT_EQ(degrees_of(reading.turn), 360 - degrees);
    EXPECT_EQ(reading.text, expected.text) << degrees;
    ASSERT_EQ(reading.digits.size(), expected.digits.size());
    for (std::size_t i = 0; i < expected.digits.size(); ++i) {
      const Box& box = expected.digits[i].box;
      EXPECT_EQ(reading.digits[i].box, turn(box, degrees, upright.width, upright.height));
    }
    EXPECT_EQ(explain(turned, reading).pixels, explain(upright, expected).pixels) << degrees;
  }
}

TEST(WayUp, IsWhatItIsToldToBe) {
  const Recognizer recognizer;
  const Picture upright = squared_paper();
  const std::string expected = recognizer.read(upright).text;
  ReadOptions options;
  options.turn = Turn::none;
  EXPECT_NE(recognizer.read(turn(upright, 180), options).text, expected);
  options.turn = Turn::left;
  const Reading reading = recognizer.read(turn(upright, 90), options);
  EXPECT_EQ(reading.text, expected);
  EXPECT_EQ(reading.turn, Turn::left);
}

/// Turned by any angle about its center, with white corners.
Picture rotate(const Picture& picture, double degrees) {
  const double radians = degrees * 3.14159265358979 / 180;
  const double cosine = std::cos(radians);
  const double sine = std::sin(radians);
  Picture rotated = picture;
  const auto at = [&](int x, int y, int c) {
    if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return 235.0;
    const int pixel = (y * picture.width + x) * picture.channels + c;
    return static_cast<double>(picture.pixels[static_cast<std::size_t>(pixel)]);
  };
  std::size_t out = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double dx = x - picture.width / 2.0;
      const double dy = y - picture.height / 2.0;
      const double from_x = picture.width / 2.0 + cosine * dx + sine * dy;
      const double from_y = picture.height / 2.0 - sine * dx + cosine * dy;
      const int left = static_cast<int>(std::floor(from_x));
      const int top = static_cast<int>(std::floor(from_y));
      const double u = from_x - left;
      const double v = from_y - top;
      for (int c = 0; c < picture.channels; ++c)
        rotated.pixels[out++] = static_cast<std::uint8_t>(
            (1 - v) * ((1 - u) * at(left, top, c) + u * at(left + 1, top, c)) +
            v * ((1 - u) * at(left, top + 1, c) + u * at(left + 1, top + 1, c)));
    }
  }
  return rotated;
}

/// With paper around it, so that nothing of it is cut off when it is turned.
Picture with_margin(const Picture& picture, int margin) {
  Picture larger{picture.width + 2 * margin, picture.height + 2 * margin, picture.channels, {}};
  const auto row = static_cast<std::size_t>(larger.width * larger.channels);
  larger.pixels.resize(row * static_cast<std::size_t>(larger.height), 235);
  for (int y = 0; y < picture.height; ++y)
    std::copy_n(
        picture.pixels.begin() + static_cast<std::ptrdiff_t>(y) * picture.width * picture.channels,
        picture.width * picture.channels,
        larger.pixels.begin() +
            static_cast<std::ptrdiff_t>(y + margin) * static_cast<std::ptrdiff_t>(row) +
            static_cast<std::ptrdiff_t>(margin) * picture.channels);
  return larger;
}

TEST(WayUp, OfSquaredPaperThatSlopesIsUpright) {
  const Recognizer recognizer;
  for (const double degrees : {-12.0, 12.0}) {
    const Reading reading = recognizer.read(rotate(with_margin(squared_paper(), 150), degrees));
    EXPECT_EQ(reading.turn, Turn::none) << degrees;
    EXPECT_NE(reading.text.find("31415926"), std::string::npos) << degrees << '\n' << reading.text;
  }
}

TEST(WayUp, OfOneDigitIsAsItCame) {
  const Recognizer recognizer;
  const Picture seven = load_picture(examples + "7-mnist.png");
  for (const int degrees : {0, 90, 180, 270})
    EXPECT_EQ(recognizer.read(turn(seven, degrees)).turn, Turn::none) << degrees;
  ReadOptions options{.layout = Layout::one};
  options.turn = Turn::around;
  const Reading reading = recognizer.read(turn(seven, 180), options);
  EXPECT_EQ(reading.text, "7");
  EXPECT_EQ(reading.digits.at(0).box,
            turn(recognizer.read(seven, {.layout = Layout::one}).digits.at(0).box, 180, seven.width,
                 seven.height));
}

TEST(WayUp, IsSaid) {
  const ScratchFolder folder;
  const std::string name = folder / "page.pgm";
  Picture turned = turn(squared_paper(), 180);
  std::ofstream file(name, std::ios::binary);
  file << (turned.channels == 1 ? "P5 " : "P6 ") << turned.width << ' ' << turned.height
       << " 255\n";
  file.write(reinterpret_cast<const char*>(turned.pixels.data()),
             static_cast<std::streamsize>(turned.pixels.size()));
  file.close();
  const ProcessResult text = run_scrawl({"read", name});
  EXPECT_EQ(text.out, "2026 11\n31415926\n718 28\n");
  EXPECT_NE(text.err.find("upside down"), std::string::npos) << text.err;
  const ProcessResult json = run_scrawl({"read", "--json", name});
  EXPECT_NE(json.out.find("\"turn\":180"), std::string::npos) << json.out;
  EXPECT_EQ(run_scrawl({"read", "--quiet", "--turn", "180", name}).err, "");
  EXPECT_EQ(run_scrawl({"read", "--turn", "45", name}).code, 2);
}

}  // namespace
}  // namespace scrawl
