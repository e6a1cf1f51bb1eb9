// The decoders: the same pixels as Leptonica's for all kinds of pictures, and not a word of
// their own.
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <leptonica/allheaders.h>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>

#include "encoded_pictures.hpp"
#include "picture/picture.hpp"
#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

struct DestroyPix {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using OwnedPix = std::unique_ptr<Pix, DestroyPix>;

/// By Leptonica alone, step by step: a copy for each, alpha over white.
OwnedPix decode_by_steps(const Content& content) {
  OwnedPix pix(pixReadMem(reinterpret_cast<const l_uint8*>(content.data()), content.size()));
  constexpr l_uint32 white = 0xFFFFFF00;
  if (pix && pixGetSpp(pix.get()) == 4) pix.reset(pixAlphaBlendUniform(pix.get(), white));
  if (pix) pix.reset(pixRemoveColormap(pix.get(), REMOVE_CMAP_BASED_ON_SRC));
  if (pix) pix.reset(pixConvertTo8Or32(pix.get(), L_COPY, 0));
  return pix;
}

std::vector<std::uint8_t> samples_of(Pix* pix) {
  std::vector<std::uint8_t> samples;
  for (int y = 0; y < pixGetHeight(pix); ++y)
    for (int x = 0; x < pixGetWidth(pix); ++x) {
      l_uint32 value = 0;
      pixGetPixel(pix, x, y, &value);
      if (pixGetDepth(pix) == 8) samples.push_back(static_cast<std::uint8_t>(value));
      for (const int shift : {24, 16, 8})
        if (pixGetDepth(pix) == 32) samples.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  return samples;
}

bool is_heif(const EncodedPicture& encoded) {
  return encoded.kind.starts_with("HEIC") || encoded.kind.starts_with("AVIF");
}

TEST(Decoders, GiveThePixelsThatLeptonicaGives) {
  // An odd size, whose rows end within words and bytes; one pixel; a row that is a tenth of a unit.
  for (const auto& [width, height] : {std::pair{67, 59}, {1, 1}, {130, 3}}) {
    for (const EncodedPicture& encoded : encode_all_kinds(width, height)) {
      if (is_heif(encoded)) continue;
      const OwnedPix expected = decode_by_steps(encoded.content);
      ASSERT_TRUE(expected) << encoded.kind;
      const Picture picture = decode_picture(encoded.content, encoded.kind);
      EXPECT_EQ(picture.width, pixGetWidth(expected.get())) << encoded.kind;
      EXPECT_EQ(picture.height, pixGetHeight(expected.get())) << encoded.kind;
      EXPECT_EQ(picture.channels, pixGetDepth(expected.get()) == 32 ? 3 : 1) << encoded.kind;
      EXPECT_TRUE(picture.pixels == samples_of(expected.get())) << encoded.kind;
    }
  }
}

/// What is written to standard error while it lives, by whomever.
class CaughtErrors {
 public:
  explicit CaughtErrors(const std::filesystem::path& file)
      : file_(file), kept_(dup(STDERR_FILENO)) {
    const int caught = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(caught, STDERR_FILENO);
    close(caught);
  }
  ~CaughtErrors() { stop(); }
  CaughtErrors(const CaughtErrors&) = delete;
  CaughtErrors& operator=(const CaughtErrors&) = delete;

  std::string stop() {
    std::fflush(stderr);
    if (kept_ >= 0) {
      dup2(kept_, STDERR_FILENO);
      close(kept_);
    }
    kept_ = -1;
    return slurp(file_);
  }

 private:
  std::filesystem::path file_;
  int kept_;
};

/// Copies of it with some bits turned, most of which are refused.
std::vector<Content> damage(const Content& whole) {
  std::mt19937 random(1);
  std::vector<Content> all;
  for (int round = 0; round < 40; ++round) {
    Content damaged = whole;
    for (int flip = 0; flip < 1 + round % 4; ++flip)
      damaged[damaged.size() / 4 + random() % (damaged.size() * 3 / 4)] ^=
          static_cast<std::byte>(1U << (random() % 8));
    all.push_back(damaged);
  }
  return all;
}

TEST(Decoders, WriteNothingThemselvesAboutDamagedPictures) {
  const ScratchFolder scratch;
  int refused = 0;
  for (const EncodedPicture& encoded : encode_all_kinds(67, 59)) {
    CaughtErrors caught(scratch / "err");
    for (const Content& damaged : damage(encoded.content)) {
      try {
        decode_picture(damaged, "x");
      } catch (const Error&) {
        ++refused;
      }
    }
    EXPECT_EQ(caught.stop(), "") << encoded.kind;
  }
  EXPECT_GT(refused, 300);
}

TEST(Decoders, OnlyOurOwnLineIsWrittenAboutADamagedFile) {
  const ScratchFolder scratch;
  const std::string file = scratch / "damaged";
  std::string last;
  for (const EncodedPicture& encoded : encode_all_kinds(67, 59)) {
    const std::string format = encoded.kind.substr(0, encoded.kind.find_first_of(", "));
    if (format == last) continue;  // one of each
    for (const Content& damaged : damage(encoded.content)) {
      try {
        decode_picture(damaged, "x");
        continue;
      } catch (const Error&) {
      }
      last = format;
      std::ofstream(file, std::ios::binary)
          .write(reinterpret_cast<const char*>(damaged.data()),
                 static_cast<std::streamsize>(damaged.size()));
      for (const bool quiet : {false, true}) {
        std::vector<std::string> arguments{"read", file};
        if (quiet) arguments.insert(arguments.begin() + 1, "-q");
        const ProcessResult result = run_scrawl(arguments);
        EXPECT_EQ(result.code, 1) << encoded.kind;
        EXPECT_TRUE(result.err.starts_with("scrawl: " + file + ": ")) << result.err;
        EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
      }
      break;
    }
  }
}

using TiffHandler = void (*)(const char*, const char*, std::va_list);
using SetTiffHandler = TiffHandler (*)(TiffHandler);

void hear_nothing(const char*, const char*, std::va_list) {}

TEST(Decoders, LeaveLibtiffsMessagesToWhoHasThem) {
  const Content tiff = encode_all_kinds(67, 59, "TIFF, RGB").at(0).content;
  for (const char* name : {"TIFFSetErrorHandler", "TIFFSetWarningHandler"}) {
    const auto set = reinterpret_cast<SetTiffHandler>(dlsym(RTLD_DEFAULT, name));
    if (set == nullptr) GTEST_SKIP() << "Leptonica without libtiff";
    const TiffHandler before = set(hear_nothing);
    decode_picture(tiff, "x");
    EXPECT_EQ(set(before), &hear_nothing) << name;
  }
}

TEST(Decoders, LeaveLeptonicasMessagesAsTheyWere) {
  const ScratchFolder scratch;
  const Content tiff = encode_all_kinds(67, 59, "TIFF, RGB").at(0).content;
  const int before = setMsgSeverity(L_SEVERITY_WARNING);
  decode_picture(tiff, "x");
  CaughtErrors caught(scratch / "err");
  EXPECT_EQ(pixRead((scratch / "none.tif").c_str()), nullptr);
  EXPECT_NE(caught.stop(), "");
  EXPECT_EQ(setMsgSeverity(before), L_SEVERITY_WARNING);
}

TEST(Decoders, SayInLibjpegsWordsWhatIsWrong) {
  for (const EncodedPicture& encoded : encode_all_kinds(67, 59, "JPEG, 4:2:0")) {
    Content cut = encoded.content;
    cut.erase(cut.end() - 200, cut.end() - 2);  // the end marker stays
    try {
      decode_picture(cut, "x");
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()),
                "x: JPEG picture: damaged: premature end of data segment");
    }
  }
}

}  // namespace
}  // namespace scrawl
