#include "dataset/npz.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>

#include "dataset/npy.hpp"
#include "files/excerpt.hpp"
#include "formats/zip.hpp"

namespace scrawl {

namespace {

using Names = std::array<std::string_view, 5>;

// Keras', MedMNIST's and what else people call them.
constexpr Names train_images{"x_train", "X_train", "train_images", "train_x", "trainX"};
constexpr Names train_labels{"y_train", "Y_train", "train_labels", "train_y", "trainY"};
constexpr Names test_images{"x_test", "X_test", "test_images", "test_x", "testX"};
constexpr Names test_labels{"y_test", "Y_test", "test_labels", "test_y", "testY"};
constexpr Names all_images{"x", "X", "images", "data", "arr_0"};
constexpr Names all_labels{"y", "Y", "labels", "target", "arr_1"};
constexpr Names only_labels{"arr_0"};

class Archive {
 public:
  Archive(std::span<const std::byte> bytes, const std::string& name)
      : name_(name), entries_(parse_deflated_zip(bytes, name)) {}

  /// Null where none of the names is there.
  const ZipEntry* find(const Names& names) const {
    for (const std::string_view name : names) {
      if (name.empty()) break;
      const auto found = std::ranges::find(entries_, std::string(name) + ".npy", &ZipEntry::name);
      if (found != entries_.end()) return &*found;
    }
    return nullptr;
  }

  std::vector<std::byte> content(const ZipEntry& entry) const {
    constexpr std::uint32_t most = 1 << 30;
    if (entry.size > most) {
      throw Error(fmt::format("{}: {} has {} bytes, expected at most {}", name_,
                              excerpt(entry.name), entry.size, most));
    }
    return unpack(entry, name_);
  }

  /// For messages.
  std::string path_of(const ZipEntry& entry) const {
    return fmt::format("{}: {}", name_, excerpt(entry.name));
  }

  [[noreturn]] void fail(std::string_view wanted) const {
    std::vector<std::string> names;
    for (const ZipEntry& entry : entries_) names.push_back(entry.name);
    throw Error(fmt::format("{}: no {}; there are: {}", name_, wanted,
                            excerpt(fmt::format("{}", fmt::join(names, ", ")))));
  }

 private:
  const std::string& name_;
  std::vector<ZipEntry> entries_;
};

}  // namespace

Images images_of_npz(std::span<const std::byte> bytes, const std::string& name, Part part) {
  const Archive archive(bytes, name);
  const bool train = part == Part::train;
  const ZipEntry* images = archive.find(train ? train_images : test_images);
  const ZipEntry* labels = archive.find(train ? train_labels : test_labels);
  if (images == nullptr) {
    images = archive.find(all_images);
    labels = archive.find(all_labels);
  }
  if (images == nullptr)
    archive.fail(train ? "images: an array x_train, train_images or x"
                       : "images: an array x_test, test_images or x");
  Images result;
  result.pixels = images_of_npy(archive.content(*images), archive.path_of(*images));
  if (labels != nullptr)
    result.labels = labels_of_npy(archive.content(*labels), archive.path_of(*labels));
  return result;
}

std::vector<std::uint8_t> labels_of_npz(std::span<const std::byte> bytes, const std::string& name,
                                        Part part) {
  const Archive archive(bytes, name);
  const ZipEntry* labels = archive.find(part == Part::train ? train_labels : test_labels);
  if (labels == nullptr) labels = archive.find(all_labels);
  if (labels == nullptr) labels = archive.find(only_labels);
  if (labels == nullptr) archive.fail("labels: an array y or labels");
  return labels_of_npy(archive.content(*labels), archive.path_of(*labels));
}

bool npz_is_split(std::span<const std::byte> bytes, const std::string& name) {
  const Archive archive(bytes, name);
  return archive.find(train_images) != nullptr && archive.find(test_images) != nullptr;
}

}  // namespace scrawl
