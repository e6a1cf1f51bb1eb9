// HEIC and AVIF: how large a picture is said by what is coded, and not by the boxes around it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/coded_frames.hpp"
#include "decoding/heif_items.hpp"
#include "decoding/heif_size.hpp"
#include "decoding/write_png.hpp"
#include "picture/picture.hpp"
#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

/// Bits, the most significant first.
class Bits {
 public:
  Bits& put(std::uint64_t number, int count) {
    for (int i = count - 1; i >= 0; --i) {
      if (used_ % 8 == 0) bytes_ += '\0';
      bytes_.back() = static_cast<char>(bytes_.back() | ((number >> i & 1) << (7 - used_ % 8)));
      ++used_;
    }
    return *this;
  }

  /// ue(v) of H.265, 9.2.
  Bits& put_exp_golomb(std::uint64_t number) {
    int bits = 0;
    while ((number + 1) >> (bits + 1) != 0) ++bits;
    return put(0, bits).put(number + 1, bits + 1);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::size_t used_ = 0;
};

std::string big_endian(std::uint64_t number, int bytes) {
  return Bits().put(number, 8 * bytes).bytes();
}

Bytes as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string obu(int type, const std::string& payload) {
  return Bits().put(0, 1).put(type, 4).put(0, 1).put(1, 1).put(0, 1).bytes() +
         static_cast<char>(payload.size()) + payload;
}

/// The sequence header of a still picture.
std::string still_sequence(std::uint64_t width, std::uint64_t height) {
  Bits bits;
  bits.put(0, 3).put(1, 1).put(1, 1).put(0, 5);
  bits.put(15, 4).put(15, 4).put(width - 1, 16).put(height - 1, 16);
  bits.put(0, 3).put(0, 3);                                          // tools
  bits.put(0, 1).put(0, 1).put(0, 1).put(0, 1).put(0, 2).put(0, 2);  // colors, 4:2:0
  return obu(1, bits.put(1, 1).bytes());
}

/// One with all that can stand before the size.
std::string long_sequence(std::uint64_t width, std::uint64_t height) {
  Bits bits;
  bits.put(1, 3).put(0, 1).put(0, 1);               // profile 1: 4:4:4
  bits.put(1, 1).put(1, 32).put(25, 32).put(0, 1);  // timing, not regular
  bits.put(1, 1).put(9, 5).put(1, 32).put(7, 5).put(11, 5);
  bits.put(1, 1).put(1, 5);  // display delays, two operating points
  bits.put(0, 12).put(8, 5).put(0, 1).put(1, 1).put(0, 21).put(1, 1).put(3, 4);
  bits.put(0, 12).put(5, 5).put(0, 1).put(0, 1);
  bits.put(15, 4).put(15, 4).put(width - 1, 16).put(height - 1, 16);
  bits.put(1, 1).put(3, 4).put(2, 3);            // frame ids of 8 bits
  bits.put(0, 3).put(0, 4).put(1, 1).put(0, 2);  // tools, an order of frames
  bits.put(1, 1).put(1, 1).put(6, 3).put(0, 3);
  bits.put(1, 1).put(1, 1).put(1, 8).put(1, 8).put(1, 8).put(0, 1).put(0, 1);  // 10 bits
  return obu(1, bits.put(1, 1).bytes());
}

/// The header of a key frame after long_sequence, up to the size of its own.
std::string long_frame(bool has_own_size) {
  Bits bits;
  bits.put(0, 1).put(0, 2).put(1, 1);  // a key frame that is shown
  bits.put(5, 12);                     // when
  bits.put(0, 1).put(1, 1).put(0, 1);  // screen content
  bits.put(77, 8).put(has_own_size ? 1 : 0, 1);
  return obu(6, bits.put(0, 32).bytes());
}

const std::string still_frame = obu(6, big_endian(0, 8));

/// A parameter set of H.265 with its header, 4:2:0.
std::string parameter_set(std::uint64_t width, std::uint64_t height,
                          bool has_fitting_blocks = true) {
  Bits bits;
  bits.put(33, 7).put(0, 6).put(1, 3);
  bits.put(0, 4).put(1, 3).put(1, 1);  // two layers
  bits.put(0, 44).put(0, 44).put(30, 8);
  bits.put(3, 2).put(0, 14).put(0, 44).put(0, 44).put(30, 8);  // a profile for the lower one
  bits.put_exp_golomb(0).put_exp_golomb(1).put_exp_golomb(width).put_exp_golomb(height);
  bits.put(1, 1).put_exp_golomb(0).put_exp_golomb(1).put_exp_golomb(0).put_exp_golomb(2);
  bits.put_exp_golomb(2).put_exp_golomb(2).put_exp_golomb(4).put(1, 1);
  for (int i = 0; i < 6; ++i) bits.put_exp_golomb(1);  // the order of pictures, in two layers
  bits.put_exp_golomb(0).put_exp_golomb(3);            // coding blocks of 8 to 64
  bits.put_exp_golomb(0).put_exp_golomb(has_fitting_blocks ? 3 : 5);  // transforms of 4 to 32
  bits.put_exp_golomb(1).put_exp_golomb(1).put(0, 1).put(3, 2).put(0, 1).put(1, 8);
  std::string unit;  // with bytes that keep start codes out (7.3.1.1)
  for (const char byte : bits.bytes()) {
    if (unit.size() > 1 && unit.ends_with(std::string(2, '\0')) && byte >= 0 && byte <= 3)
      unit += '\3';
    unit += byte;
  }
  return unit;
}

std::string hevc_configuration(const std::string& unit) {
  return std::string(21, '\1') + '\3' + '\1' + '\x21' + big_endian(1, 2) +
         big_endian(unit.size(), 2) + unit;
}

const std::string hevc_slice = big_endian(4, 4) + "\x26\x01\x80" + '\0';

std::string box(const std::string& type, const std::string& content) {
  return big_endian(content.size() + 8, 4) + type + content;
}

std::string full_box(const std::string& type, int version, const std::string& content) {
  return box(type, big_endian(static_cast<std::uint64_t>(version) << 24, 4) + content);
}

std::string ispe(std::uint64_t width, std::uint64_t height) {
  return full_box("ispe", 0, big_endian(width, 4) + big_endian(height, 4));
}

std::string av1C(const std::string& obus) {
  return box("av1C", std::string("\x81\0\x0c\0", 4) + obus);
}

struct TestItem {
  std::string type;
  std::vector<std::string> properties;
  std::string data;
  std::vector<int> derived_of{};  // items from 1 on
  std::vector<int> auxiliary_to{};
};

/// A file of these items, of which the first is the picture.
std::string make_file(const std::vector<TestItem>& items) {
  std::string infos, references, properties, associations, places, idat;
  int property = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const TestItem& item = items[i];
    const std::string id = big_endian(i + 1, 2);
    infos += full_box("infe", 2, id + std::string(2, '\0') + item.type + '\0');
    const auto refer = [&](const std::string& type, const std::vector<int>& to) {
      std::string all = id + big_endian(to.size(), 2);
      for (const int other : to) all += big_endian(other, 2);
      if (!to.empty()) references += box(type, all);
    };
    refer("dimg", item.derived_of);
    refer("auxl", item.auxiliary_to);
    associations += id + static_cast<char>(item.properties.size());
    for (const std::string& content : item.properties) {
      properties += content;
      associations += static_cast<char>(++property);
    }
    places += id + big_endian(1, 2) + big_endian(0, 2) + big_endian(1, 2) +
              big_endian(idat.size(), 4) + big_endian(item.data.size(), 4);
    idat += item.data;
  }
  const std::string count = big_endian(items.size(), 2);
  std::string meta = full_box("hdlr", 0, std::string(4, '\0') + "pict" + std::string(13, '\0'));
  meta += full_box("pitm", 0, big_endian(1, 2)) + full_box("iinf", 0, count + infos);
  if (!references.empty()) meta += full_box("iref", 0, references);
  meta += box("iprp", box("ipco", properties) +
                          full_box("ipma", 0, big_endian(items.size(), 4) + associations));
  meta += full_box("iloc", 1, std::string("\x44\0", 2) + count + places) + box("idat", idat);
  return box("ftyp", std::string("avif\0\0\0\0avifmif1heic", 20)) + full_box("meta", 0, meta);
}

TestItem av1_image(std::uint64_t width, std::uint64_t height) {
  return {"av01", {ispe(28, 28), av1C(still_sequence(width, height))}, still_frame};
}

TestItem hevc_image(std::uint64_t width, std::uint64_t height) {
  return {"hvc1",
          {ispe(28, 28), box("hvcC", hevc_configuration(parameter_set(width, height)))},
          hevc_slice};
}

std::string grid(int columns, std::uint64_t width, std::uint64_t height) {
  return std::string(3, '\0') + static_cast<char>(columns - 1) + big_endian(width, 2) +
         big_endian(height, 2);
}

std::string overlay(std::uint64_t width, std::uint64_t height) {
  return std::string(10, '\0') + big_endian(width, 2) + big_endian(height, 2) +
         std::string(8, '\0');
}

std::string refusal(const std::string& file) {
  try {
    decode_picture(as_bytes(file), "x");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool is_too_large(const std::string& file) {
  try {
    decode_picture(as_bytes(file), "x");
  } catch (const TooLargeError& error) {
    return std::string(error.what()).find("16384 x 16000") != std::string::npos;
  } catch (const Error& error) {
    ADD_FAILURE() << error.what();
  }
  return false;
}

TEST(CodedFrames, OfAv1AreThoseOfTheSequenceHeader) {
  const std::string still = still_sequence(1000, 700);
  CodedFrames frames = read_av1(as_bytes(still), as_bytes(still_frame));
  EXPECT_EQ(frames.size.width, 1000U);
  EXPECT_EQ(frames.size.height, 700U);
  EXPECT_EQ(frames.frames, 1U);
  EXPECT_EQ(frames.bytes(), 1000U * 700 * 3 / 2);
  const std::string data = long_sequence(333, 222) + long_frame(false);
  frames = read_av1({}, as_bytes(data));
  EXPECT_EQ(frames.size.width, 333U);
  EXPECT_EQ(frames.size.height, 222U);
  EXPECT_EQ(frames.bit_depth, 10U);
  EXPECT_EQ(frames.bytes(), 334U * 222 * 3 * 2);
}

TEST(CodedFrames, OfAv1MayHaveASizeOfTheirOwn) {
  const std::string data = long_sequence(28, 28) + long_frame(true);
  const CodedFrames frames = read_av1({}, as_bytes(data));
  EXPECT_EQ(frames.size.width, 65536U);
  EXPECT_EQ(frames.size.height, 65536U);
}

TEST(CodedFrames, OfHevcAreThoseOfTheParameterSet) {
  const std::string configuration = hevc_configuration(parameter_set(1920, 1088));
  const CodedFrames frames = read_hevc(as_bytes(configuration), as_bytes(hevc_slice));
  EXPECT_EQ(frames.size.width, 1920U);
  EXPECT_EQ(frames.size.height, 1088U);
  EXPECT_EQ(frames.bit_depth, 10U);
  EXPECT_EQ(frames.frames, 1U);
}

TEST(CodedFrames, WithBlocksThatCannotBeAreRefused) {
  const std::string configuration = hevc_configuration(parameter_set(1920, 1088, false));
  EXPECT_THROW(read_hevc(as_bytes(configuration), {}), Error);
}

TEST(CodedFrames, ThatNobodyNeedsAreRefused) {
  std::string frames, slices;
  for (int i = 0; i < 9; ++i) frames += still_frame, slices += hevc_slice;
  const std::string still = still_sequence(1000, 700);
  const std::string configuration = hevc_configuration(parameter_set(1920, 1088));
  EXPECT_THROW(read_av1(as_bytes(still), as_bytes(frames)), Error);
  EXPECT_THROW(read_hevc(as_bytes(configuration), as_bytes(slices)), Error);
}

TEST(CodedFrames, CutShortAreAnError) {
  const auto expect_errors = [](const std::string& whole, const auto& read, std::size_t needed) {
    for (std::size_t size = 0; size < needed; ++size)
      EXPECT_THROW(read(as_bytes(whole.substr(0, size))), Error) << size;
  };
  const std::string sequence = long_sequence(333, 222);
  expect_errors(
      sequence, [](Bytes bytes) { read_av1(bytes, {}); }, sequence.size());
  const std::string configuration = hevc_configuration(parameter_set(1920, 1088));
  expect_errors(
      configuration, [](Bytes bytes) { read_hevc(bytes, {}); }, configuration.size());
}

TEST(HeifSize, IsThatOfTheCodedImage) {
  EXPECT_TRUE(is_too_large(make_file({av1_image(16384, 16000)})));
  EXPECT_TRUE(is_too_large(make_file({hevc_image(16384, 16000)})));
}

TEST(HeifSize, IsThatOfTheDataWhereTheConfigurationSaysLess) {
  TestItem av1 = av1_image(28, 28);
  av1.data = still_sequence(16384, 16000) + still_frame;
  EXPECT_TRUE(is_too_large(make_file({av1})));
  TestItem hevc = hevc_image(32, 24);
  const std::string unit = parameter_set(16384, 16000);
  hevc.data = big_endian(unit.size(), 4) + unit + hevc_slice;
  EXPECT_TRUE(is_too_large(make_file({hevc})));
}

TEST(HeifSize, IsThatOfTheClaimWhereItIsMore) {
  TestItem image = av1_image(28, 28);
  image.properties[0] = ispe(16384, 16000);
  EXPECT_TRUE(is_too_large(make_file({image})));
}

TEST(HeifSize, IsThatOfTheLargestImageThatIsDecoded) {
  const TestItem small = av1_image(28, 28);
  const TestItem large = av1_image(16384, 16000);
  EXPECT_TRUE(
      is_too_large(make_file({{"grid", {ispe(56, 28)}, grid(2, 56, 28), {2, 3}}, small, large})));
  EXPECT_TRUE(
      is_too_large(make_file({{"grid", {ispe(56, 28)}, grid(2, 16384, 16000), {2, 2}}, small})));
  EXPECT_TRUE(
      is_too_large(make_file({{"iovl", {ispe(28, 28)}, overlay(16384, 16000), {2}}, small})));
  EXPECT_TRUE(is_too_large(make_file({{"iovl", {ispe(28, 28)}, overlay(28, 28), {2}}, large})));
  EXPECT_TRUE(is_too_large(make_file({{"iden", {ispe(28, 28)}, "", {2}}, large})));
  TestItem alpha = large;
  alpha.auxiliary_to = {1};
  EXPECT_TRUE(is_too_large(make_file({small, alpha})));
  EXPECT_TRUE(is_too_large(make_file({{"grid", {ispe(28, 28)}, grid(1, 28, 28), {2}},
                                      small,
                                      {"av01", large.properties, large.data, {}, {2}}})));
}

TEST(HeifSize, OfImagesInACircleIsAnError) {
  const std::string itself = make_file({{"iden", {ispe(28, 28)}, "", {1}}});
  EXPECT_NE(refusal(itself).find("images of images"), std::string::npos) << refusal(itself);
  std::vector<TestItem> levels;
  for (int level = 2; level < 6; ++level)
    levels.push_back({"iovl", {ispe(28, 28)}, overlay(28, 28), std::vector<int>(60000, level)});
  levels.push_back(av1_image(1, 1));
  EXPECT_NE(refusal(make_file(levels)).find("made of more than"), std::string::npos);
}

TEST(HeifSize, OfManyLayersIsAnError) {
  const std::string file = make_file(
      {{"iovl", {ispe(28, 28)}, overlay(28, 28), std::vector<int>(9, 2)}, av1_image(9000, 9000)});
  EXPECT_NE(refusal(file).find("more than 4 times"), std::string::npos) << refusal(file);
}

TEST(HeifSize, ThatCannotBeEstablishedIsAnError) {
  TestItem image = av1_image(28, 28);
  image.properties.pop_back();
  EXPECT_NE(refusal(make_file({image})).find("no configuration"), std::string::npos);
  image.properties.push_back(av1C(""));
  EXPECT_NE(refusal(make_file({image})).find("no sequence header"), std::string::npos);
  image.type = "jpeg";
  EXPECT_NE(refusal(make_file({image})).find("coded as jpeg"), std::string::npos);
  const std::string file = make_file({av1_image(28, 28)});
  const std::string twice = file + file.substr(file.find("meta") - 4);
  EXPECT_NE(refusal(twice).find("two boxes meta"), std::string::npos) << refusal(twice);
}

TEST(HeifSize, OfAFileCutShortIsAnErrorOrTheSame) {
  const std::string file = make_file(
      {{"grid", {ispe(56, 28)}, grid(2, 56, 28), {2, 3}}, av1_image(28, 28), hevc_image(32, 24)});
  ASSERT_EQ(read_heif_size(as_bytes(file)).largest.width, 56U);
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_THROW(read_heif_size(as_bytes(file.substr(0, size))), Error) << size;
}

/// Encodes with libheif's own tool where that is installed.
class EncodedHeif : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Formats, EncodedHeif, testing::Values("heic", "avif"));

TEST_P(EncodedHeif, ThatClaimsLessThanItHasIsAsLargeAsItIs) {
  const ScratchFolder scratch;
  const std::string png = scratch / "in.png";
  const std::string out = scratch / (std::string("out.") + GetParam());
  write_png(Picture{320, 200, 1, std::vector<std::uint8_t>(320 * 200, 200)}, png);
  const std::string flag = GetParam() == std::string("avif") ? " -A" : "";
  const std::string command = "heif-enc" + flag + " -o " + out + " " + png + " >/dev/null 2>&1";
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no heif-enc that can make it";
  std::string file = slurp(out);
  EXPECT_EQ(read_heif_size(as_bytes(file)).largest.width, 320U);
  for (std::size_t at = 0; (at = file.find("ispe", at)) != std::string::npos; ++at)
    file.replace(at + 8, 8, big_endian(28, 4) + big_endian(28, 4));
  EXPECT_EQ(read_heif_size(as_bytes(file)).largest.width, 320U);
  EXPECT_THROW(decode_picture(as_bytes(file), "x", 10'000), TooLargeError);
}

}  // namespace
}  // namespace scrawl
