// Loads a part of a data set from whatever files it is in; what they are is told by their content.
#include <array>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>

#include "dataset/csv.hpp"
#include "dataset/idx.hpp"
#include "dataset/images.hpp"
#include "dataset/locate.hpp"
#include "dataset/npy.hpp"
#include "dataset/npz.hpp"
#include "dataset/open_dataset.hpp"
#include "dataset/source.hpp"
#include "dataset/stream.hpp"
#include "formats/zip.hpp"

namespace scrawl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_array_file = std::size_t{1} << 30;  // bytes

enum class Format { idx, npy, npz, text };

Format format_of(const fs::path& file) {
  std::array<std::byte, 6> start{};
  const Stream stream = open_stream(file);
  const auto there = std::span(start).first(read_fully(stream, start));
  if (is_zip(there)) return Format::npz;
  if (is_npy(there)) return Format::npy;
  const std::string_view text(reinterpret_cast<const char*>(there.data()), there.size());
  if (text.starts_with("PAR1")) {
    throw Error(
        fmt::format("{}: Parquet, which is not read; with Python: datasets.load_dataset(...), then "
                    "numpy.savez('data.npz', x=images, y=labels)",
                    file.string()));
  }
  // Text begins with a character; IDX, and what is cut off of it, with zeros.
  const bool is_text = !text.empty() && (text[0] >= ' ' || text.starts_with("\xEF\xBB\xBF"));
  return is_text ? Format::text : Format::idx;
}

Images of_dataset(Dataset&& dataset) {
  Images images;
  images.pixels = std::move(dataset.images);
  images.labels = std::move(dataset.labels);
  return images;
}

IdxLabels labels_format(const Source& source) {
  const bool qmnist = source.labels.filename().string().find("idx2-int") != std::string::npos;
  return qmnist ? IdxLabels::qmnist : IdxLabels::mnist;
}

Images read_idx_files(const Source& source) {
  const Stream images = open_stream(source.images);
  if (source.labels.empty()) {
    Images result;
    result.pixels = read_idx_images(images);
    return result;
  }
  return of_dataset(read_idx(images, open_stream(source.labels), labels_format(source)));
}

std::vector<std::byte> content_of(const fs::path& file) {
  return read_rest(open_stream(file), max_array_file);
}

std::vector<std::uint8_t> read_labels(const fs::path& file, Part part) {
  const Format format = format_of(file);
  if (format == Format::npy) return labels_of_npy(content_of(file), file.string());
  if (format == Format::npz) return labels_of_npz(content_of(file), file.string(), part);
  throw Error(fmt::format("{}: expected labels as a NumPy array", file.string()));
}

Images read_array_files(const Source& source, Format format, Part part) {
  const std::string name = source.images.string();
  const std::vector<std::byte> content = content_of(source.images);
  Images images;
  if (format == Format::npz) {
    images = images_of_npz(content, name, part);
  } else {
    images.pixels = images_of_npy(content, name);
  }
  std::string labels_name = name;
  if (images.labels.empty() && !source.labels.empty()) {
    images.labels = read_labels(source.labels, part);
    labels_name = source.labels.string();
  }
  if (!images.labels.empty() && images.labels.size() != images.size()) {
    throw Error(
        fmt::format("{} has {} images, but {} has {} labels: the two are not of one data set", name,
                    images.size(), labels_name, images.labels.size()));
  }
  return images;
}

Images load(const Source& source, Part part) {
  const Format format = format_of(source.images);
  if (format == Format::idx) return read_idx_files(source);
  if (format == Format::text) return read_csv(open_stream(source.images));
  return read_array_files(source, format, part);
}

/// Names the file of labels that is missing.
[[noreturn]] void fail_without_labels(const fs::path& path, const Source& source, Part part) {
  if (locate(path, idx_name(part, Content::images)) == source.images) {
    throw MissingDatasetError(
        fmt::format("{0}: no {1} or {1}.gz in this folder, its raw/ or its MNIST/raw/",
                    path.string(), idx_name(part, Content::labels)),
        path);
  }
  throw Error(
      fmt::format("{}: images without labels, which can be read (scrawl predict) but neither "
                  "learned nor tested",
                  source.images.string()));
}

}  // namespace

Images load_images(const fs::path& path, Part part) {
  return load(find_source(path, part), part);
}

Dataset load_dataset(const fs::path& path, Part part) {
  const Source source = find_source(path, part);
  Images images = load(source, part);
  if (images.labels.empty()) fail_without_labels(path, source, part);
  return {std::move(images.pixels), std::move(images.labels)};
}

OpenDataset open_dataset(const fs::path& path, Part part) {
  const Source source = find_source(path, part);
  MappedFile file(source.images);
  if (!is_idx_images(file.bytes()) || source.labels.empty())
    return OpenDataset(load_dataset(path, part));
  const std::string name = source.images.string();
  const auto images = find_idx_images(file.bytes(), name);
  std::vector<std::uint8_t> labels = read_idx_labels(
      open_stream(source.labels), labels_format(source), images.size() / glyph_pixels, name);
  return {std::move(file), images, std::move(labels)};
}

bool is_split(const fs::path& path) {
  const fs::path train = look_for_source(path, Part::train).images;
  const fs::path test = look_for_source(path, Part::test).images;
  if (train.empty() || test.empty()) return false;
  if (train != test) return true;
  return format_of(train) == Format::npz && npz_is_split(content_of(train), train.string());
}

}  // namespace scrawl
