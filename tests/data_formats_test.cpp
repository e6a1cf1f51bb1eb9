// Data sets as people bring them: Kaggle's tables, NumPy's arrays, EMNIST's and QMNIST's files.
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include <scrawl/dataset.hpp>

#include "dataset/images.hpp"
#include "dataset/transform.hpp"
#include "dataset_files.hpp"
#include "formats/zip.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using testing::Bytes;
using testing::operator+;
using testing::error_of;
using testing::expect_mentions;
using testing::put;
using testing::to_bytes;

/// Pixel i of all, as testing::idx_images has it.
std::uint8_t pixel(std::size_t i) {
  return static_cast<std::uint8_t>(i % 251);
}

/// The same images as testing::idx_images(count) and testing::idx_labels(count).
Dataset expected(std::size_t count) {
  Dataset dataset;
  for (std::size_t i = 0; i < count * glyph_pixels; ++i) dataset.images.push_back(pixel(i));
  for (std::size_t i = 0; i < count; ++i)
    dataset.labels.push_back(static_cast<std::uint8_t>(i % 10));
  return dataset;
}

void expect_same(const Dataset& found, const Dataset& wanted) {
  EXPECT_EQ(found.labels, wanted.labels);
  EXPECT_TRUE(found.images == wanted.images);
}

// ---- Tables

/// A line of pixels behind `first`.
std::string csv_line(std::string_view first, std::size_t index) {
  std::string line(first);
  for (std::size_t i = 0; i < glyph_pixels; ++i)
    line += fmt::format("{}{}", line.empty() ? "" : ",", pixel(index * glyph_pixels + i));
  return line + "\n";
}

std::string csv_header(std::string_view first) {
  std::string line(first);
  for (std::size_t i = 0; i < glyph_pixels; ++i)
    line += fmt::format("{}pixel{}", line.empty() ? "" : ",", i);
  return line + "\n";
}

std::string csv(std::size_t count, bool with_header, bool with_labels) {
  std::string text = with_header ? csv_header(with_labels ? "label" : "") : "";
  for (std::size_t i = 0; i < count; ++i)
    text += csv_line(with_labels ? std::to_string(i % 10) : "", i);
  return text;
}

TEST(Tables, AreKagglesTrainAndTest) {
  const ScratchFolder folder;
  put(folder / "train.csv", to_bytes(csv(12, true, true)));
  put(folder / "test.csv", to_bytes(csv(3, true, false)));
  expect_same(load_dataset(folder.path(), Part::train), expected(12));
  const Images images = load_images(folder.path(), Part::test);
  EXPECT_EQ(images.size(), 3U);
  EXPECT_TRUE(images.labels.empty());
  EXPECT_TRUE(is_split(folder.path()));
  expect_mentions(error_of([&] { load_dataset(folder.path(), Part::test); }),
                  {"test.csv", "without labels", "scrawl predict"});
}

TEST(Tables, AreReadWithoutAHeaderPackedAndWithWindowsLineEnds) {
  const ScratchFolder folder;
  put(folder / "digits.csv", to_bytes(csv(4, false, true)));
  expect_same(load_dataset(folder / "digits.csv", Part::test), expected(4));
  EXPECT_FALSE(is_split(folder / "digits.csv"));
  put(folder / "digits.csv.gz", testing::gzipped(to_bytes(csv(4, true, true))));
  expect_same(load_dataset(folder / "digits.csv.gz", Part::train), expected(4));
  std::string text = "\xEF\xBB\xBF" + csv(2, true, true);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\r\n");
  put(folder / "windows.csv", to_bytes(text));
  expect_same(load_dataset(folder / "windows.csv", Part::train), expected(2));
}

TEST(Tables, MayHaveTheLabelLastAndNamesFirst) {
  const ScratchFolder folder;
  std::string last = csv_header("");
  last.insert(last.size() - 1, ",class");
  std::string line = csv_line("", 0);
  line.insert(line.size() - 1, ",7.0");
  put(folder / "openml.csv", to_bytes(last + line));
  EXPECT_EQ(load_dataset(folder / "openml.csv", Part::train).labels, std::vector<std::uint8_t>{7});

  put(folder / "kannada.csv", to_bytes(csv_header("id") + csv_line("a17", 0) + csv_line("b", 1)));
  const Images images = load_images(folder / "kannada.csv", Part::test);
  EXPECT_EQ(images.ids, (std::vector<std::string>{"a17", "b"}));
  EXPECT_EQ(images.id_name, "id");
  EXPECT_TRUE(images.pixels == expected(2).images);
}

TEST(Tables, WithoutAHeaderMayHaveTheLabelLast) {
  const ScratchFolder folder;
  std::string text;
  for (std::size_t i = 0; i < 10; ++i) {
    for (std::size_t p = 0; p < 784; ++p)
      text += std::to_string(p == 0 || p == 783 ? 0 : (p + i) % 256) + ',';
    text += std::to_string(9 - i) + '\n';
  }
  put(folder / "digits.csv", to_bytes(text));
  const Dataset dataset = load_dataset(folder / "digits.csv", Part::train);
  EXPECT_EQ(dataset.labels, (std::vector<std::uint8_t>{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(dataset.image(3)[0], 0);
  EXPECT_EQ(dataset.image(3)[1], 4);
  EXPECT_EQ(dataset.image(3)[782], (782 + 3) % 256);
  EXPECT_EQ(dataset.image(3)[783], 0);
}

TEST(Tables, OfZerosAndOnesAreBlackAndWhite) {
  const ScratchFolder folder;
  std::string text = "7";
  for (std::size_t p = 0; p < 784; ++p) text += p % 3 == 1 ? ",1" : ",0";
  put(folder / "bits.csv", to_bytes(text + '\n'));
  const Dataset dataset = load_dataset(folder / "bits.csv", Part::train);
  EXPECT_EQ(dataset.labels, std::vector<std::uint8_t>{7});
  EXPECT_EQ(dataset.image(0)[0], 0);
  EXPECT_EQ(dataset.image(0)[1], 255);
}

TEST(Tables, SayWhereTheyAreWrong) {
  const ScratchFolder folder;
  const auto error = [&](const std::string& text) {
    put(folder / "wrong.csv", to_bytes(text));
    return error_of([&] { load_images(folder / "wrong.csv", Part::train); });
  };
  std::string text = csv(3, true, true);
  expect_mentions(error(text + "5,1,2\n"), {"wrong.csv: line 5", "3 values", "785"});
  expect_mentions(error("10" + csv(1, false, true).substr(1)),
                  {"line 1", "column 1", "'10'", "0 to 9"});
  text.replace(text.rfind(','), 2, ",x");
  expect_mentions(error(text), {"line 4", "column 785", "'x", "0 to 255"});
  text = csv(1, false, true);
  text.replace(text.rfind(','), std::string::npos, ",256\n");
  expect_mentions(error(text), {"column 785", "'256'"});
  text.replace(text.rfind(','), std::string::npos, ",0.25\n");
  expect_mentions(error(text), {"'0.25'", "by 255"});
  expect_mentions(error("a,b,c\n1,2,3\n"), {"line 1", "3 values", "784"});
  expect_mentions(error(csv_header("label")), {"no line behind the header"});
  expect_mentions(error(csv_header("writer")), {"'writer'", "label or id"});
  expect_mentions(error(std::string(1 << 20, 'x')), {"line 1 is longer than"});
  expect_mentions(error("PAR1" + std::string(100, '\0')), {"Parquet", "savez"});
}

// ---- Arrays

Bytes npy(std::string_view type, std::string_view shape, const Bytes& data, bool fortran = false) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", type,
                                   fortran ? "True" : "False", shape);
  header.resize((header.size() + 11 + 63) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  const auto size = static_cast<std::uint16_t>(header.size());
  Bytes bytes = to_bytes(std::string_view("\x93NUMPY\x01\x00", 8));
  bytes.push_back(static_cast<std::byte>(size & 0xFF));
  bytes.push_back(static_cast<std::byte>(size >> 8));
  return bytes + to_bytes(header) + data;
}

Bytes bytes_of(const std::vector<std::uint8_t>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

template <typename Number>
Bytes numbers(const std::vector<std::uint8_t>& values, double scale) {
  std::vector<Number> scaled;
  for (const std::uint8_t value : values) scaled.push_back(static_cast<Number>(value * scale));
  const auto bytes = std::as_bytes(std::span(scaled));
  return {bytes.begin(), bytes.end()};
}

TEST(Arrays, AreReadInAllTypesAndShapes) {
  const ScratchFolder folder;
  const Dataset wanted = expected(6);
  const auto read = [&](const Bytes& images, const Bytes& labels) {
    put(folder / "x_train.npy", images);
    put(folder / "y_train.npy", labels);
    return load_dataset(folder.path(), Part::train);
  };
  const auto& pixels = wanted.images;
  const auto& labels = wanted.labels;
  expect_same(
      read(npy("|u1", "(6, 28, 28)", bytes_of(pixels)), npy("|u1", "(6,)", bytes_of(labels))),
      wanted);
  expect_same(read(npy("<f4", "(6, 784)", numbers<float>(pixels, 1 / 255.0)),
                   npy("<i8", "(6,)", numbers<std::int64_t>(labels, 1))),
              wanted);
  expect_same(read(npy("<f8", "(6, 28, 28, 1)", numbers<double>(pixels, 1)),
                   npy("<i4", "(6, 1)", numbers<std::int32_t>(labels, 1))),
              wanted);
  expect_same(read(npy("<i4", "(6, 1, 28, 28)", numbers<std::int32_t>(pixels, 1)),
                   npy("<f4", "(6,)", numbers<float>(labels, 1))),
              wanted);
}

TEST(Arrays, AreReadInFortransOrder) {
  const ScratchFolder folder;
  const Dataset wanted = expected(3);
  std::vector<std::uint8_t> turned;
  for (std::size_t x = 0; x < 28; ++x)
    for (std::size_t y = 0; y < 28; ++y)
      for (std::size_t i = 0; i < 3; ++i) turned.push_back(wanted.images[i * 784 + y * 28 + x]);
  put(folder / "x_train.npy", npy("|u1", "(3, 28, 28)", bytes_of(turned), true));
  put(folder / "y_train.npy", npy("|u1", "(3,)", bytes_of(wanted.labels), true));
  expect_same(load_dataset(folder.path(), Part::train), wanted);
}

TEST(Arrays, SayWhatIsWrongWithThem) {
  const ScratchFolder folder;
  const auto error = [&](const Bytes& array) {
    put(folder / "x.npy", array);
    return error_of([&] { load_images(folder / "x.npy", Part::train); });
  };
  const Bytes two = bytes_of(expected(2).images);
  expect_mentions(error(npy("|u1", "(2, 32, 32)", two)), {"x.npy", "(2, 32, 32)", "(n, 28, 28)"});
  expect_mentions(error(npy("|u1", "(3, 28, 28)", two)), {"1568 bytes", "2352"});
  expect_mentions(error(npy("|O", "(2, 28, 28)", two)), {"|O", "uint8"});
  expect_mentions(error(npy(">f4", "(2, 28, 28)", two)), {">f4"});
  expect_mentions(error(npy("|i1", "(2, 28, 28)", numbers<std::int8_t>(expected(2).images, -0.1))),
                  {"value -", "0 to 255"});
  expect_mentions(error(npy("|u1", "(18446744073709551615, 28, 28)", two)), {"as a size"});
  expect_mentions(error(npy("|u1", "()", two)), {"expected images"});
  const Bytes whole = npy("|u1", "(2, 28, 28)", two);
  for (const std::size_t size : {6, 9, 11, 40, 100})
    expect_mentions(error(testing::first(whole, size)), {"x.npy"});
}

/// A zip archive of files that are deflated, as numpy.savez_compressed makes it.
Bytes deflated_zip(const std::vector<std::pair<std::string, Bytes>>& files) {
  Bytes out;
  const auto u16 = [&](unsigned value) {
    out.push_back(static_cast<std::byte>(value & 0xFF));
    out.push_back(static_cast<std::byte>(value >> 8 & 0xFF));
  };
  const auto u32 = [&](std::uint32_t value) {
    u16(value & 0xFFFF);
    u16(value >> 16);
  };
  Bytes directory;
  for (const auto& [name, content] : files) {
    z_stream zlib{};
    deflateInit2(&zlib, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    Bytes packed(deflateBound(&zlib, content.size()));
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(content.data()));
    zlib.avail_in = static_cast<uInt>(content.size());
    zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
    zlib.avail_out = static_cast<uInt>(packed.size());
    deflate(&zlib, Z_FINISH);
    packed.resize(zlib.total_out);
    deflateEnd(&zlib);
    const auto crc = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
    const auto local = static_cast<std::uint32_t>(out.size());
    // clang 14 captures no parts of a binding but by a name of their own.
    const auto common = [&, size = content.size(), name_size = name.size()] {
      for (const unsigned field : {20U, 0U, 8U, 0U, 33U}) u16(field);
      u32(crc);
      u32(static_cast<std::uint32_t>(packed.size()));
      u32(static_cast<std::uint32_t>(size));
      u16(static_cast<unsigned>(name_size));
    };
    u32(0x04034b50);
    common();
    u16(0);
    out = out + to_bytes(name) + packed;
    std::swap(out, directory);
    u32(0x02014b50);
    u16(20);
    common();
    for (int field = 0; field < 4; ++field) u16(0);
    u32(0);
    u32(local);
    out = out + to_bytes(name);
    std::swap(out, directory);
  }
  const auto begin = static_cast<std::uint32_t>(out.size());
  out = out + directory;
  u32(0x06054b50);
  u32(0);
  u16(static_cast<unsigned>(files.size()));
  u16(static_cast<unsigned>(files.size()));
  u32(static_cast<std::uint32_t>(directory.size()));
  u32(begin);
  u16(0);
  return out;
}

std::vector<std::pair<std::string, Bytes>> keras_arrays() {
  return {{"x_test.npy", npy("|u1", "(2, 28, 28)", bytes_of(expected(2).images))},
          {"x_train.npy", npy("|u1", "(5, 28, 28)", bytes_of(expected(5).images))},
          {"y_test.npy", npy("|u1", "(2,)", bytes_of(expected(2).labels))},
          {"y_train.npy", npy("|u1", "(5,)", bytes_of(expected(5).labels))}};
}

TEST(Archives, AreKerasMnist) {
  const ScratchFolder folder;
  put(folder / "mnist.npz", deflated_zip(keras_arrays()));
  for (const auto& path : {folder / "mnist.npz", folder.path()}) {
    expect_same(load_dataset(path, Part::train), expected(5));
    expect_same(load_dataset(path, Part::test), expected(2));
    EXPECT_TRUE(is_split(path));
  }
}

TEST(Archives, MayBeStoredOrHaveNoParts) {
  const ScratchFolder folder;
  const Bytes images = npy("|u1", "(3, 28, 28)", bytes_of(expected(3).images));
  const Bytes labels = npy("|u1", "(3,)", bytes_of(expected(3).labels));
  const std::vector<ZipEntry> entries{{"images.npy", images}, {"labels.npy", labels}};
  put(folder / "mine.npz", format_zip(entries));
  expect_same(load_dataset(folder / "mine.npz", Part::test), expected(3));
  EXPECT_FALSE(is_split(folder / "mine.npz"));
  put(folder / "kmnist-test-imgs.npz", deflated_zip({{"arr_0.npy", images}}));
  put(folder / "kmnist-test-labels.npz", deflated_zip({{"arr_0.npy", labels}}));
  expect_same(load_dataset(folder.path(), Part::test), expected(3));
  expect_same(load_dataset(folder / "kmnist-test-imgs.npz", Part::train), expected(3));
}

TEST(Archives, SayWhatIsWrongWithThem) {
  const ScratchFolder folder;
  const auto error = [&](const Bytes& archive) {
    put(folder / "x.npz", archive);
    return error_of([&] { load_dataset(folder / "x.npz", Part::train); });
  };
  expect_mentions(error(deflated_zip({{"weights.npy", {}}})), {"x.npz", "x_train", "weights.npy"});
  Bytes damaged = deflated_zip(keras_arrays());
  for (std::size_t i = 50; i < 60; ++i) damaged[i] ^= std::byte{0xFF};
  expect_mentions(error_of([&] {
                    put(folder / "x.npz", damaged);
                    load_dataset(folder / "x.npz", Part::test);
                  }),
                  {"x_test.npy is damaged"});
  // A directory that claims a gigabyte of a few bytes.
  Bytes bomb = deflated_zip({{"x.npy", to_bytes("x")}});
  for (std::size_t i = 0; i + 30 < bomb.size(); ++i) {
    if (std::memcmp(bomb.data() + i, "PK\x01\x02", 4) == 0) bomb[i + 27] = std::byte{0x3F};
  }
  expect_mentions(error(bomb), {"x.npy", "claims to be more"});
  const Bytes whole = deflated_zip(keras_arrays());
  expect_mentions(error(testing::first(whole, whole.size() / 2)), {"x.npz"});
}

// ---- EMNIST, QMNIST, torchvision

TEST(PublicFiles, AreFoundByTheirOwnNames) {
  const Bytes images = testing::gzipped(testing::idx_images(4));
  const Bytes labels = testing::gzipped(testing::idx_labels(4));
  for (const std::string of : {"emnist-digits", "emnist-mnist"}) {
    for (const std::string place : {"gzip", "EMNIST/raw", "raw", ""}) {
      const ScratchFolder folder;
      put(folder.path() / place / (of + "-test-images-idx3-ubyte.gz"), images);
      put(folder.path() / place / (of + "-test-labels-idx1-ubyte.gz"), labels);
      expect_same(load_dataset(folder.path(), Part::test), expected(4));
      const auto file = folder.path() / place / (of + "-test-images-idx3-ubyte.gz");
      expect_same(load_dataset(file, Part::train), expected(4));
    }
  }
}

TEST(PublicFiles, AreQmnistsWithEightNumbersForALabel) {
  const ScratchFolder folder;
  Bytes labels = testing::words({0xc02, 4, 8});
  for (std::uint32_t i = 0; i < 4; ++i)
    labels = labels + testing::words({i, 4, 2600 + i, 7, 8, 9, 10, 11});
  const auto raw = folder / "QMNIST" / "raw";
  put(raw / "qmnist-train-images-idx3-ubyte", testing::idx_images(4));
  put(raw / "qmnist-train-labels-idx2-int", labels);
  expect_same(load_dataset(folder.path(), Part::train), expected(4));
  expect_same(load_dataset(raw / "qmnist-train-images-idx3-ubyte", Part::test), expected(4));
  labels[12 + 3] = std::byte{10};
  put(raw / "qmnist-train-labels-idx2-int", labels);
  expect_mentions(error_of([&] { load_dataset(folder.path(), Part::train); }),
                  {"qmnist-train-labels-idx2-int", "label 10 at index 0", "0 to 9"});
}

TEST(PublicFiles, AreSaidToBeMissingWithWhatIsThere) {
  const ScratchFolder folder;
  put(folder / "train.csv", to_bytes(csv(1, true, true)));
  expect_mentions(error_of([&] { load_dataset(folder.path(), Part::test); }),
                  {"train.csv is there", "test images"});
}

TEST(Transforms, SwapRowsAndColumnsAndInkAndPaper) {
  std::vector<std::uint8_t> pixels = expected(2).images;
  const std::vector<std::uint8_t> before = pixels;
  transpose_images(pixels);
  EXPECT_EQ(pixels[28 * 3 + 5], before[28 * 5 + 3]);
  EXPECT_EQ(pixels[784 + 28 * 20 + 1], before[784 + 28 * 1 + 20]);
  transpose_images(pixels);
  EXPECT_TRUE(pixels == before);
  invert_images(pixels);
  EXPECT_EQ(pixels[7], 255 - before[7]);
}

}  // namespace
}  // namespace scrawl
