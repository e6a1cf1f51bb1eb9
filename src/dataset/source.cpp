#include "dataset/source.hpp"

#include <array>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <scrawl/error.hpp>

#include "dataset/locate.hpp"

namespace scrawl {

namespace fs = std::filesystem;

namespace {

/// The names of a part's files. No name of labels: they are in the same file.
struct Names {
  std::string_view images;
  std::string_view labels;
};

// After MNIST's own: QMNIST's, the parts of EMNIST that are digits, Keras', KMNIST's, arrays that
// people save, Kaggle's competition, tables of MNIST and its like.
constexpr std::array train_names{
    Names{"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
    Names{"qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int"},
    Names{"emnist-digits-train-images-idx3-ubyte", "emnist-digits-train-labels-idx1-ubyte"},
    Names{"emnist-mnist-train-images-idx3-ubyte", "emnist-mnist-train-labels-idx1-ubyte"},
    Names{"mnist.npz", ""},
    Names{"kmnist-train-imgs.npz", "kmnist-train-labels.npz"},
    Names{"x_train.npy", "y_train.npy"},
    Names{"X_train.npy", "y_train.npy"},
    Names{"train_images.npy", "train_labels.npy"},
    Names{"train.csv", ""},
    Names{"mnist_train.csv", ""},
    Names{"emnist-digits-train.csv", ""},
    Names{"emnist-mnist-train.csv", ""},
    Names{"fashion-mnist_train.csv", ""},
};
constexpr std::array test_names{
    Names{"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
    Names{"qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int"},
    Names{"emnist-digits-test-images-idx3-ubyte", "emnist-digits-test-labels-idx1-ubyte"},
    Names{"emnist-mnist-test-images-idx3-ubyte", "emnist-mnist-test-labels-idx1-ubyte"},
    Names{"mnist.npz", ""},
    Names{"kmnist-test-imgs.npz", "kmnist-test-labels.npz"},
    Names{"x_test.npy", "y_test.npy"},
    Names{"X_test.npy", "y_test.npy"},
    Names{"test_images.npy", "test_labels.npy"},
    Names{"test.csv", ""},
    Names{"mnist_test.csv", ""},
    Names{"emnist-digits-test.csv", ""},
    Names{"emnist-mnist-test.csv", ""},
    Names{"fashion-mnist_test.csv", ""},
};

/// Where a data set's files may be in its folder, or in torchvision's; EMNIST's archive has gzip/.
constexpr std::array<std::string_view, 8> places{
    "", "raw", "MNIST/raw", "QMNIST/raw", "EMNIST/raw", "KMNIST/raw", "FashionMNIST/raw", "gzip"};

std::span<const Names> names_of(Part part) {
  return part == Part::train ? std::span<const Names>(train_names) : test_names;
}

/// What stands for images in a file's name, and what for the labels that belong to them.
constexpr std::array counterparts{
    std::pair<std::string_view, std::string_view>{"images-idx3-ubyte", "labels-idx1-ubyte"},
    std::pair<std::string_view, std::string_view>{"images-idx3-ubyte", "labels-idx2-int"},
    std::pair<std::string_view, std::string_view>{"images.idx3-ubyte", "labels.idx1-ubyte"},
    std::pair<std::string_view, std::string_view>{"images", "labels"},
    std::pair<std::string_view, std::string_view>{"imgs", "labels"},
    std::pair<std::string_view, std::string_view>{"x_", "y_"},
    std::pair<std::string_view, std::string_view>{"X_", "y_"},
};

/// The file of labels that stands beside a file of images; empty: none does.
fs::path labels_beside(const fs::path& images) {
  const std::string name = images.filename().string();
  for (const auto& [of_images, of_labels] : counterparts) {
    const std::size_t at = name.find(of_images);
    if (at == std::string::npos) continue;
    std::string labels = name;
    labels.replace(at, of_images.size(), of_labels);
    std::string plain = labels;
    if (plain.ends_with(".gz")) plain.resize(plain.size() - 3);
    for (const std::string& spelling : {labels, plain, plain + ".gz"})
      if (is_there(images.parent_path() / spelling)) return images.parent_path() / spelling;
  }
  return {};
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return is_there(path) && !fs::is_directory(path, ignored);
}

/// Says what is there, where a name was not found.
[[noreturn]] void fail(const fs::path& path, Part part, const std::string& name) {
  const Source other = look_for_source(path, part == Part::train ? Part::test : Part::train);
  if (!other.images.empty() && other.images.extension() != "" &&
      other.images.filename().string().find("idx3") == std::string::npos) {
    throw Error(fmt::format("{}: {} is there, but no file with the {} images; name a file itself",
                            path.string(), other.images.filename().string(),
                            part == Part::train ? "training" : "test"));
  }
  throw MissingDatasetError(
      fmt::format("{0}: no {1} or {1}.gz in this folder, its raw/ or its MNIST/raw/, nor another "
                  "data set by a name that is known; a CSV, .npz or .npy file can be named itself",
                  path.string(), name),
      path);
}

}  // namespace

Source look_for_source(const fs::path& path, Part part) {
  if (is_file(path)) return {path, labels_beside(path)};
  for (const Names& names : names_of(part)) {
    Source source;
    source.images = locate(path, names.images, places);
    if (source.images.empty()) continue;
    if (!names.labels.empty()) source.labels = locate(path, names.labels, places);
    return source;
  }
  return {};
}

Source find_source(const fs::path& path, Part part) {
  Source source = look_for_source(path, part);
  if (source.images.empty()) fail(path, part, idx_name(part, Content::images));
  return source;
}

}  // namespace scrawl
