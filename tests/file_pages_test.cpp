// Files with several pages: TIFF, of samples of any depth, and PDF; each page is read, with its
// number.
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/decoding_cost.hpp"
#include "decoding/pdf.hpp"
#include "decoding/tiff_pages.hpp"
#include "picture/picture.hpp"
#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;

const std::string examples = SCRAWL_SOURCE "/examples/pictures/";

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

struct TiffPage {
  int width = 0;
  int height = 0;
  int bits = 8;
  std::string pixels;
  int sample_format = 1;  // 1 whole numbers, 3 floating-point
  int subfile = 0;        // 1 a smaller version of another
};

TiffPage gray_page(const Picture& picture) {
  TiffPage page{picture.width, picture.height, 8, ""};
  for (std::size_t i = 0; i < picture.pixels.size(); i += picture.channels)
    page.pixels += static_cast<char>(picture.pixels[i]);
  return page;
}

/// The same picture as floating-point numbers from 0 to `most`.
TiffPage float_page(const Picture& picture, float most) {
  TiffPage page{picture.width, picture.height, 32, "", 3};
  for (std::size_t i = 0; i < picture.pixels.size(); i += picture.channels)
    page.pixels +=
        number(std::bit_cast<std::uint32_t>(static_cast<float>(picture.pixels[i]) / 255 * most), 4);
  return page;
}

std::string entry(int tag, std::uint64_t value) {
  return number(tag, 2) + number(4, 2) + number(1, 4) + number(value, 4);
}

/// `last`: where the last page's directory says that another is; 0: nowhere.
std::string make_tiff(const std::vector<TiffPage>& pages, std::uint64_t last = 0) {
  constexpr int entries = 11;
  constexpr std::size_t directory = 2 + entries * 12 + 4;
  std::string tiff = "II*" + number(0, 1);
  std::size_t at = 8;
  std::string body;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const TiffPage& page = pages[i];
    if (i == 0) tiff += number(at + page.pixels.size(), 4);
    const std::size_t end = at + page.pixels.size() + directory;
    const bool is_last = i + 1 == pages.size();
    body += page.pixels + number(entries, 2) + entry(254, page.subfile) + entry(256, page.width) +
            entry(257, page.height) + entry(258, page.bits) + entry(259, 1) + entry(262, 1) +
            entry(273, at) + entry(277, 1) + entry(278, page.height) +
            entry(279, page.pixels.size()) + entry(339, page.sample_format) +
            number(is_last ? last : end + pages[i + 1].pixels.size(), 4);
    at = end;
  }
  return tiff + body;
}

Picture seven() {
  return load_picture(examples + "7-mnist.png");
}

Picture two() {
  return load_picture(examples + "2-marker.png");
}

std::string two_pages() {
  return make_tiff({gray_page(seven()), gray_page(two())});
}

void write(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

TEST(TiffPages, AreCountedAndDecodedByTheirNumbers) {
  const std::string tiff = two_pages();
  EXPECT_EQ(count_pages(as_bytes(tiff)), 2U);
  EXPECT_EQ(decode_picture(as_bytes(tiff), "x").width, seven().width);
  const Picture second = decode_picture(as_bytes(tiff), "x", max_picture_pixels, 2);
  EXPECT_EQ(second.width, two().width);
  for (const std::size_t page : {0, 3}) {
    try {
      decode_picture(as_bytes(tiff), "x", max_picture_pixels, page);
      FAIL() << page;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("of 2"), std::string::npos) << error.what();
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    }
  }
  EXPECT_GT(decoding_cost(as_bytes(tiff), 2), std::size_t{0});
}

TEST(TiffPages, SmallerVersionsOfAPageAreNone) {
  TiffPage thumbnail = gray_page(seven());
  thumbnail.subfile = 1;
  const std::string tiff = make_tiff({gray_page(two()), thumbnail, gray_page(two())});
  EXPECT_EQ(count_pages(as_bytes(tiff)), 2U);
  EXPECT_EQ(decode_picture(as_bytes(tiff), "x", max_picture_pixels, 2).width, two().width);
  EXPECT_EQ(count_pages(as_bytes(make_tiff({thumbnail}))), 1U);  // all that there is
}

TEST(TiffPages, ThatGoInCirclesOrBeyondTheEndAreCountedOnce) {
  const std::string tiff = two_pages();
  const std::uint64_t first = 8 + gray_page(seven()).pixels.size();
  EXPECT_EQ(count_pages(as_bytes(make_tiff({gray_page(seven()), gray_page(two())}, first))), 2U);
  EXPECT_EQ(count_pages(as_bytes(make_tiff({gray_page(seven())}, 1U << 30))), 1U);
  for (std::size_t size = 4; size < tiff.size(); size += 97)
    EXPECT_GE(count_pages(as_bytes(tiff).first(size)), 1U) << size;
}

TEST(TiffPages, OfOtherFormatsAreOne) {
  EXPECT_EQ(count_pages(as_bytes(slurp(examples + "7-mnist.png"))), 1U);
  EXPECT_THROW(count_pages(as_bytes("no picture")), Error);
}

TEST(TiffPages, OfFloatingPointNumbersAreAsBytesAre) {
  const std::vector<std::uint8_t> expected = seven().pixels;
  for (const float most : {1.0F, 255.0F, 65535.0F}) {
    const std::string tiff = make_tiff({float_page(seven(), most)});
    const Picture decoded = decode_picture(as_bytes(tiff), "x");
    ASSERT_EQ(decoded.pixels.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(decoded.pixels[i], expected[i], 1) << most << ' ' << i;
  }
  std::string cut = make_tiff({float_page(seven(), 1)});
  cut.erase(100, 1000);
  EXPECT_THROW(decode_picture(as_bytes(cut), "x"), Error);
}

TEST(TiffPages, AreReadEachWithItsNumber) {
  const ScratchFolder folder;
  write(folder / "scan.tif", two_pages());
  const std::string name = folder / "scan.tif";
  const ProcessResult text = run_scrawl({"read", name});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(text.out, name + " page 1: 7\n" + name + " page 2: 2\n");
  const ProcessResult json = run_scrawl({"read", "--json", name});
  std::istringstream lines(json.out);
  int page = 0;
  for (std::string line; std::getline(lines, line);) {
    const Json one = Json::parse(line);
    EXPECT_EQ(one["file"], name);
    EXPECT_EQ(one["page"], ++page);
    EXPECT_EQ(one["pages"], 2);
  }
  EXPECT_EQ(page, 2);
  const ProcessResult one_file = run_scrawl({"read", "--explain", folder / "shown.png", name});
  EXPECT_EQ(one_file.code, 1);
  EXPECT_NE(one_file.err.find("has 2 pages"), std::string::npos) << one_file.err;
}

TEST(TiffPages, AreRowsOfAForm) {
  const ScratchFolder folder;
  write(folder / "scan.tif", two_pages());
  write(folder / "fields.json",
        R"({"unit": "share", "fields": [{"name": "mark", "box": [0, 0, 1, 1]}]})");
  const std::string name = folder / "scan.tif";
  const ProcessResult table = run_scrawl({"read", "--form", folder / "fields.json", name});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_NE(table.out.find(name + " page 1,7,"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find(name + " page 2,2,"), std::string::npos) << table.out;
}

// ---- PDF

/// A PDF whose pages are these pictures, in gray, at `resolution` dots per inch.
std::string make_pdf(const std::vector<Picture>& pictures, double resolution) {
  std::string pdf = "%PDF-1.4\n";
  std::vector<std::size_t> offsets;
  const auto object = [&](const std::string& content) {
    offsets.push_back(pdf.size());
    pdf += std::to_string(offsets.size()) + " 0 obj\n" + content + "\nendobj\n";
  };
  const auto stream = [](const std::string& head, const std::string& content) {
    return "<<" + head + "/Length " + std::to_string(content.size()) + ">>stream\n" + content +
           "\nendstream";
  };
  std::string kids;
  for (std::size_t i = 0; i < pictures.size(); ++i) kids += std::to_string(3 + 3 * i) + " 0 R ";
  object("<</Type/Catalog/Pages 2 0 R>>");
  object("<</Type/Pages/Kids[" + kids + "]/Count " + std::to_string(pictures.size()) + ">>");
  for (const Picture& picture : pictures) {
    const std::string width = std::to_string(picture.width * 72 / resolution);
    const std::string height = std::to_string(picture.height * 72 / resolution);
    const std::string next = std::to_string(offsets.size() + 2);
    const std::string image = std::to_string(offsets.size() + 3);
    object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 " + width + " " + height + "]/Contents " + next +
           " 0 R/Resources<</XObject<</I " + image + " 0 R>>>>>>");
    object(stream("", "q " + width + " 0 0 " + height + " 0 0 cm /I Do Q"));
    object(stream("/Type/XObject/Subtype/Image/Width " + std::to_string(picture.width) +
                      "/Height " + std::to_string(picture.height) +
                      "/ColorSpace/DeviceGray/BitsPerComponent 8",
                  gray_page(picture).pixels));
  }
  const std::size_t table = pdf.size();
  pdf += "xref\n0 " + std::to_string(offsets.size() + 1) + "\n0000000000 65535 f \n";
  for (const std::size_t offset : offsets) {
    const std::string digits = std::to_string(offset);
    pdf += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  }
  return pdf + "trailer<</Root 1 0 R/Size " + std::to_string(offsets.size() + 1) +
         ">>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
}

class Pdf : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_read_pdf()) GTEST_SKIP() << "poppler-utils are not installed";
  }
};

TEST_F(Pdf, PagesAreAsTheirScansAre) {
  const std::string pdf = make_pdf({seven(), two()}, 150);
  ASSERT_EQ(count_pages(as_bytes(pdf)), 2U);
  for (const std::size_t page : {1, 2}) {
    const Picture expected = page == 1 ? seven() : two();
    const Picture decoded = decode_picture(as_bytes(pdf), "x", max_picture_pixels, page);
    EXPECT_NEAR(decoded.width, expected.width, 1) << page;  // at their resolution
    EXPECT_NEAR(decoded.height, expected.height, 1) << page;
  }
  EXPECT_LE(decode_picture(as_bytes(pdf), "x", 5000, 2).pixels.size(), std::size_t{3} * 5000);
}

TEST_F(Pdf, IsReadWhateverItIsCalled) {
  const ScratchFolder folder;
  const std::string name = folder / "-o; $(touch x) 'scan'.pdf";
  write(name, make_pdf({two(), seven()}, 100));
  const ProcessResult text = run_scrawl({"read", name});
  EXPECT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(text.out, name + " page 1: 2\n" + name + " page 2: 7\n");
  EXPECT_EQ(run_scrawl({"read", folder.path()}).out, text.out);
}

TEST_F(Pdf, ThatIsDamagedIsAnError) {
  const std::string pdf = make_pdf({seven()}, 100);
  EXPECT_THROW(count_pages(as_bytes("%PDF-1.4\nnothing")), Error);
  EXPECT_THROW(count_pages(as_bytes(pdf).first(60)), Error);
  EXPECT_THROW(decode_picture(as_bytes(pdf), "x", max_picture_pixels, 2), Error);
}

TEST(PdfWithoutItsPrograms, SaysWhatToInstall) {
  const ScratchFolder folder;
  write(folder / "scan.pdf", make_pdf({seven()}, 100));
  const std::string path = std::getenv("PATH");
  ASSERT_EQ(setenv("PATH", folder.path().c_str(), 1), 0);
  const ProcessResult result = run_scrawl({"read", folder / "scan.pdf"});
  ASSERT_EQ(setenv("PATH", path.c_str(), 1), 0);
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("apt install poppler-utils"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace scrawl
