// Finding and reading data sets in IDX format, whole ones and broken ones.
#include "dataset/idx.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <scrawl/dataset.hpp>

#include "dataset/open_dataset.hpp"
#include "dataset_files.hpp"
#include "files/descriptor.hpp"
#include "files/mapped_file.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using namespace testing;

constexpr const char* images_name = "train-images-idx3-ubyte";
constexpr const char* labels_name = "train-labels-idx1-ubyte";

/// What load_dataset says about these two files; the message has to name `culprit`.
std::string refusal(const Bytes& images, const Bytes& labels, const char* culprit) {
  const ScratchFolder folder;
  put(folder.path() / images_name, images);
  put(folder.path() / labels_name, labels);
  std::string message = error_of([&] { load_dataset(folder.path(), Part::train); });
  expect_mentions(message, {(folder.path() / culprit).string()});
  return message;
}

std::string images_refusal(const Bytes& images) {
  return refusal(images, idx_labels(3), images_name);
}

std::string labels_refusal(const Bytes& labels) {
  return refusal(idx_images(3), labels, labels_name);
}

/// The same without files, for tests that try many.
std::string images_refusal_in_memory(const Bytes& images) {
  const Bytes labels = idx_labels(3);
  return error_of([&] { read_idx(open_stream(images, "images"), open_stream(labels, "labels")); });
}

void expect_three_images(const Dataset& dataset) {
  ASSERT_EQ(dataset.size(), 3U);
  ASSERT_EQ(dataset.images.size(), 3 * glyph_pixels);
  EXPECT_EQ(dataset.image(1)[0], 784 % 251);
  EXPECT_EQ(dataset.image(2)[783], 2351 % 251);
  EXPECT_EQ(dataset.labels, (std::vector<std::uint8_t>{0, 1, 2}));
}

// Whole files.

TEST(Idx, ReadsPlainFiles) {
  const ScratchFolder folder;
  put(folder.path() / images_name, idx_images(3));
  put(folder.path() / labels_name, idx_labels(3));
  expect_three_images(load_dataset(folder.path(), Part::train));
}

TEST(Idx, ReadsGzipFilesWhateverTheyAreCalled) {
  const ScratchFolder folder;
  put(folder.path() / images_name, gzipped(idx_images(3)));
  put(folder.path() / "train-labels-idx1-ubyte.gz", idx_labels(3));  // unpacked by a browser
  expect_three_images(load_dataset(folder.path(), Part::train));
}

TEST(Idx, ReadsGzipFilesOfSeveralMembers) {
  const ScratchFolder folder;
  const Bytes images = idx_images(3);
  put(folder.path() / images_name,
      gzipped(std::span(images).first(1000)) + gzipped(std::span(images).subspan(1000)));
  put(folder.path() / labels_name, idx_labels(3));
  expect_three_images(load_dataset(folder.path(), Part::train));
}

TEST(Idx, FindsEveryPlaceAndSpelling) {
  for (const char* place : {".", "raw", "MNIST/raw"}) {
    for (const char* name : {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte",
                             "t10k-images-idx3-ubyte.gz", "t10k-images.idx3-ubyte.gz"}) {
      SCOPED_TRACE(std::string(place) + "/" + name);
      const ScratchFolder folder;
      put(folder.path() / place / name, idx_images(3));
      put(folder.path() / place / "t10k-labels.idx1-ubyte", idx_labels(3));
      expect_three_images(load_dataset(folder.path(), Part::test));
    }
  }
}

TEST(Idx, ReadsMemoryAsItReadsFiles) {
  const Bytes images = gzipped(idx_images(3));
  const Bytes labels = idx_labels(3);
  expect_three_images(read_idx(open_stream(images, "images"), open_stream(labels, "labels")));
}

TEST(Idx, ReadsFilesLongerThanItsBuffers) {
  const ScratchFolder folder;
  put(folder.path() / "train-images-idx3-ubyte.gz", gzipped(idx_images(1001)));
  put(folder.path() / labels_name, idx_labels(1001));
  const Dataset dataset = load_dataset(folder.path(), Part::train);
  for (std::size_t i = 0; i < dataset.images.size(); ++i) {
    ASSERT_EQ(dataset.images[i], i % 251) << "pixel " << i;
  }
}

TEST(Idx, DigestIsOfImagesThenLabels) {
  Dataset dataset;
  dataset.images.assign(glyph_pixels, 'a');
  dataset.labels = {3};  // (printf 'a%.0s' {1..784}; printf '\3') | sha256sum
  EXPECT_EQ(digest(dataset), "2897a30d0602b9b73e1a002895006b1b4bbd5ab6d4a601d660ca436458ef1cf3");
}

// Broken files: the message names the file, what was found and what was expected.

TEST(Idx, RefusesAMissingFileAndNamesIt) {
  const ScratchFolder folder;
  put(folder.path() / labels_name, idx_labels(3));
  expect_mentions(error_of([&] { load_dataset(folder.path(), Part::train); }),
                  {images_name, folder.path().string()});
}

TEST(Idx, RefusesAFolderInPlaceOfAFile) {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.path() / images_name);
  put(folder.path() / labels_name, idx_labels(3));
  expect_mentions(error_of([&] { load_dataset(folder.path(), Part::train); }),
                  {(folder.path() / images_name).string(), "directory"});
}

TEST(Idx, RefusesAnEmptyFile) {
  expect_mentions(images_refusal({}), {"empty", "16 bytes"});
}

TEST(Idx, RefusesAFileThatEndsInItsHeader) {
  expect_mentions(images_refusal(first(idx_images(3), 15)), {"15 bytes", "16 bytes"});
  expect_mentions(labels_refusal(first(idx_labels(3), 7)), {"7 bytes", "8 bytes"});
}

TEST(Idx, RefusesLabelsInPlaceOfImagesAndTheOtherWayRound) {
  expect_mentions(images_refusal(idx_labels(30)), {"0x00000801", "0x00000803"});
  expect_mentions(labels_refusal(idx_images(3)), {"0x00000803", "0x00000801"});
}

TEST(Idx, RefusesLittleEndianFiles) {
  expect_mentions(images_refusal(words({0x03080000, 0x03000000}) + idx_images(3)), {"0x03080000"});
}

TEST(Idx, RefusesOtherSizesThan28x28) {
  const Bytes content(3 * 784);
  expect_mentions(images_refusal(words({0x803, 3, 32, 32}) + content), {"32x32", "28x28"});
  expect_mentions(images_refusal(words({0x803, 3, 27, 28}) + content), {"27x28", "28x28"});
  expect_mentions(images_refusal(words({0x803, 3, 28, 27}) + content), {"28x27", "28x28"});
  expect_mentions(images_refusal(words({0x803, 3, 14, 56}) + content), {"14x56", "28x28"});
}

TEST(Idx, RefusesAnEmptyDataset) {
  expect_mentions(refusal(idx_images(0), idx_labels(0), images_name), {"count 0"});
}

TEST(Idx, RefusesTruncatedFiles) {
  const Bytes images = idx_images(3);
  expect_mentions(images_refusal(first(images, images.size() - 1)), {"2368", "2367"});
  expect_mentions(images_refusal(gzipped(first(images, 2000))), {"2000", "2368", "3 images"});
  expect_mentions(labels_refusal(first(idx_labels(3), 10)), {"10", "11", "3 labels"});
}

TEST(Idx, RefusesTrailingBytes) {
  expect_mentions(images_refusal(idx_images(3) + to_bytes("!")), {"goes on after 2368 bytes"});
  expect_mentions(images_refusal(gzipped(idx_images(3) + to_bytes("!"))), {"2368"});
  expect_mentions(labels_refusal(idx_labels(3) + to_bytes("\n")), {"goes on after 11 bytes"});
}

TEST(Idx, RefusesLabelsOverNine) {
  Bytes labels = idx_labels(3);
  labels.back() = std::byte{10};
  expect_mentions(labels_refusal(labels), {"label 10", "index 2", "0 to 9"});
}

TEST(Idx, RefusesImagesAndLabelsOfDifferentCounts) {
  expect_mentions(images_refusal(idx_images(4)), {"4 images", "3 labels"});
}

TEST(Idx, RefusesCountsThatTheFileCannotHold) {
  const Bytes images = words({0x803, 0xffffffff, 28, 28}) + Bytes(784);
  const Bytes labels = words({0x801, 0xffffffff}) + Bytes(3);
  expect_mentions(refusal(images, labels, images_name), {"4294967295 images", "800"});
  expect_mentions(refusal(gzipped(images), labels, images_name), {"4294967295 images"});
  expect_mentions(labels_refusal(labels), {"4294967295 labels"});
}

TEST(Idx, RefusesGzipFilesCutAnywhere) {
  const Bytes images = gzipped(idx_images(3));
  for (std::size_t size = 2; size < images.size(); ++size) {
    SCOPED_TRACE(size);
    expect_mentions(images_refusal_in_memory(first(images, size)), {"images: ", "cut off"});
  }
}

TEST(Idx, RefusesGzipFilesWithAnyByteOfTheirDataChanged) {
  const Bytes whole = gzipped(idx_images(3));
  for (std::size_t i = 10; i < whole.size(); ++i) {  // 10: gzip's header holds the time and such
    SCOPED_TRACE(i);
    Bytes images = whole;
    images[i] ^= std::byte{0x10};
    expect_mentions(images_refusal_in_memory(images), {"images: "});
  }
}

TEST(Idx, RefusesGarbageAfterGzipData) {
  for (const char* garbage : {"\n", "<html>", "\x1f", "\x1f\x8b\x08garbage"}) {
    images_refusal(gzipped(idx_images(3)) + to_bytes(garbage));
  }
  expect_mentions(images_refusal(gzipped(idx_images(3)) + Bytes(512)), {"follows the end"});
}

TEST(Idx, StopsAGzipBombBeforeItFillsTheMemory) {
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;  // kB
  };
  const Bytes bomb = [] {
    const Bytes zeros = words({0x803, 3, 28, 28}) + Bytes(1 << 24);
    Bytes packed = gzipped(zeros);
    for (int i = 0; i < 5; ++i) packed = packed + packed;  // members in a row: 512 MB
    return packed;
  }();
  const auto before = peak();
  expect_mentions(images_refusal(bomb), {"goes on after 2368 bytes"});
  EXPECT_LT(peak() - before, 64 << 10);
}

TEST(Idx, RefusesAFileThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const ScratchFolder folder;
  put(folder.path() / images_name, idx_images(3));
  put(folder.path() / labels_name, idx_labels(3));
  std::filesystem::permissions(folder.path() / images_name, std::filesystem::perms::none);
  expect_mentions(error_of([&] { load_dataset(folder.path(), Part::train); }),
                  {images_name, "Permission denied"});
}

// The default folder.

/// Sets environment variables (nullptr: unsets) and puts them back in the end.
class Environment {
 public:
  Environment(const char* data, const char* cache, const char* home) {
    const std::array<const char*, 3> values{data, cache, home};
    for (std::size_t i = 0; i < names.size(); ++i) {
      const char* old = std::getenv(names[i]);
      old_[i] = old == nullptr ? std::string() : old;
      was_set_[i] = old != nullptr;
      set(names[i], values[i]);
    }
  }
  ~Environment() {
    for (std::size_t i = 0; i < names.size(); ++i) {
      set(names[i], was_set_[i] ? old_[i].c_str() : nullptr);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  static constexpr std::array<const char*, 3> names{"SCRAWL_DATA", "XDG_CACHE_HOME", "HOME"};
  static void set(const char* name, const char* value) {
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  std::array<std::string, 3> old_;
  std::array<bool, 3> was_set_{};
};

TEST(DefaultDataFolder, TakesTheFirstVariableThatIsSet) {
  {
    const Environment environment("/data", "/cache", "/home/me");
    EXPECT_EQ(default_data_folder(), "/data");
  }
  {
    const Environment environment("", "/cache", "/home/me");  // empty is as good as unset
    EXPECT_EQ(default_data_folder(), "/cache/scrawl/mnist");
  }
  const Environment environment(nullptr, nullptr, "/home/me");
  EXPECT_EQ(default_data_folder(), "/home/me/.cache/scrawl/mnist");
}

TEST(DefaultDataFolder, TellsWhichVariablesItLookedAt) {
  const Environment environment(nullptr, nullptr, nullptr);
  expect_mentions(error_of([] { default_data_folder(); }),
                  {"$SCRAWL_DATA", "$XDG_CACHE_HOME", "$HOME"});
}

// Images that stay in their file.

std::vector<std::uint8_t> copy_of(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(OpenDataset, IsWhatIsLoaded) {
  for (const bool packed : {false, true}) {
    const ScratchFolder folder;
    put(folder.path() / images_name, packed ? gzipped(idx_images(1001)) : idx_images(1001));
    put(folder.path() / labels_name, packed ? idx_labels(1001) : gzipped(idx_labels(1001)));
    const Dataset loaded = load_dataset(folder.path(), Part::train);
    const OpenDataset open = open_dataset(folder.path(), Part::train);
    EXPECT_EQ(copy_of(open.view().images), loaded.images);
    EXPECT_EQ(copy_of(open.view().labels), loaded.labels);
    EXPECT_EQ(digest_of(open.view()), digest(loaded));
    EXPECT_NO_THROW(open.check_unchanged());
  }
}

TEST(OpenDataset, RefusesWhatIsNotLoaded) {
  const Bytes images = idx_images(3);
  for (const Bytes& broken :
       {first(images, 0), first(images, 3), first(images, 15), first(images, 2000),
        images + to_bytes("more"), words({0x803, 3, 28, 29}), words({0x803, 0, 28, 28}),
        idx_images(4), words({0x803, 0xffffffff, 28, 28}) + idx_images(3)}) {
    const ScratchFolder folder;
    put(folder.path() / images_name, broken);
    put(folder.path() / labels_name, idx_labels(3));
    const std::string message = error_of([&] { load_dataset(folder.path(), Part::train); });
    EXPECT_FALSE(error_of([&] { open_dataset(folder.path(), Part::train); }).empty()) << message;
  }
  const ScratchFolder folder;
  put(folder.path() / images_name, images);
  put(folder.path() / labels_name, words({0x801, 3}) + to_bytes("\1\2\x0a"));
  expect_mentions(error_of([&] { open_dataset(folder.path(), Part::train); }), {"label 10"});
}

TEST(OpenDataset, SaysThatItsFileHasBeenCutOffAndReadsZerosThere) {
  const ScratchFolder folder;
  put(folder.path() / images_name, idx_images(1001));
  put(folder.path() / labels_name, idx_labels(1001));
  const OpenDataset open = open_dataset(folder.path(), Part::train);
  std::filesystem::resize_file(folder.path() / images_name, 5000);
  EXPECT_EQ(open.view().image(1)[0], 784 % 251);
  EXPECT_EQ(open.view().image(500)[0], 0);  // and not SIGBUS
  EXPECT_EQ(open.view().image(1000)[783], 0);
  expect_mentions(error_of([&] { open.check_unchanged(); }),
                  {(folder.path() / images_name).string(), "was 784800 bytes", "is 5000 now"});
}

TEST(OpenDataset, SaysThatItsFileHasBeenWrittenTo) {
  const ScratchFolder folder;
  put(folder.path() / images_name, idx_images(3));
  put(folder.path() / labels_name, idx_labels(3));
  const OpenDataset open = open_dataset(folder.path(), Part::train);
  std::filesystem::rename(folder.path() / images_name, folder.path() / "old");
  put(folder.path() / images_name, idx_images(3));
  EXPECT_NO_THROW(open.check_unchanged());  // it is another file that has the name now
  std::filesystem::last_write_time(
      folder.path() / "old", std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  expect_mentions(error_of([&] { open.check_unchanged(); }), {"has been written to"});
}

TEST(MappedFile, LeavesOtherFaultsAsTheyAre) {
  const ScratchFolder folder;
  put(folder.path() / "file", to_bytes("text"));
  put(folder.path() / "other", Bytes(10000));
  const MappedFile file(folder.path() / "file");
  // By SIGBUS, or by what a sanitizer makes of it.
  EXPECT_DEATH(
      {
        const Descriptor other(::open((folder.path() / "other").c_str(), O_RDONLY));
        void* const at = ::mmap(nullptr, 10000, PROT_READ, MAP_SHARED, other.get(), 0);
        std::filesystem::resize_file(folder.path() / "other", 0);
        std::exit(*static_cast<volatile char*>(at));
      },
      "");
}

// The real ones, where they are.

TEST(Mnist, LoadsWithTheCountsAndSumsThatTheWorldKnows) {
  const auto checks = verify_mnist(default_data_folder());
  for (const FileCheck& check : checks) {
    if (!check.problem.empty()) GTEST_SKIP() << check.name << ": " << check.problem;
  }
  const Dataset train = load_dataset(default_data_folder(), Part::train);
  const Dataset test = load_dataset(default_data_folder(), Part::test);
  EXPECT_EQ(train.size(), 60000U);
  EXPECT_EQ(test.size(), 10000U);
  EXPECT_EQ(std::ranges::count(train.labels, 5), 5421);
  EXPECT_EQ(std::ranges::count(test.labels, 7), 1028);
  EXPECT_EQ(digest(train), "edc0d1098aa497be14ace79ddd5171e5a3dcf9c4d196c015389203eb3ba1f59b");
}

TEST(FashionMnist, LoadsAsDebianPackagesIt) {
  const std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "apt install dataset-fashion-mnist";
  const Dataset train = load_dataset(folder, Part::train);
  EXPECT_EQ(train.size(), 60000U);
  EXPECT_EQ(std::ranges::count(train.labels, 9), 6000);
  EXPECT_EQ(load_dataset(folder, Part::test).size(), 10000U);
}

}  // namespace
}  // namespace scrawl
