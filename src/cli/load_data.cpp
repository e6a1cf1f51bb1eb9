// The data set that a command line names.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/personalization.hpp>

#include "cli/cli.hpp"
#include "cli/named_dataset.hpp"
#include "cli/terminal.hpp"
#include "dataset/images.hpp"
#include "dataset/transform.hpp"
#include "training/stored_like.hpp"

namespace scrawl::cli {

std::filesystem::path Common::data_folder() const {
  return data.empty() ? default_data_folder() : data;
}

void add_data_option(CLI::App& command, Common& common) {
  command.add_option(
      "--data", common.data,
      "The data set: a folder of IDX files, of CSV or NumPy files, or of pictures in "
      "folders 0 to 9; or a file [$SCRAWL_DATA, else the user's cache folder]");
}

void add_data_options(CLI::App& command, Common& common) {
  add_data_option(command, common);
  command.add_flag("--transpose", common.transpose,
                   "Swap rows and columns of its images, as EMNIST needs it");
  command.add_flag("--invert", common.invert, "Its images are dark on light");
}

void print_unread(const std::vector<UnreadFile>& unread) {
  for (const UnreadFile& one : unread) print_error("{}: {}", one.file.string(), one.problem);
}

namespace {

void change_images(const Common& common, std::vector<std::uint8_t>& pixels) {
  if (common.transpose) transpose_images(pixels);
  if (common.invert) invert_images(pixels);
}

/// "--transpose --invert", or what else has to be said to have images as MNIST's.
std::string advice(const Common& common, Change change) {
  const bool transpose = common.transpose != change.transpose;
  const bool invert = common.invert != change.invert;
  std::string add;
  std::string leave;
  if (change.transpose) (transpose ? add : leave) += " --transpose";
  if (change.invert) (invert ? add : leave) += " --invert";
  return (add.empty() ? "" : " add" + add) + (leave.empty() ? "" : " leave out" + leave);
}

const char* name_of(Change change) {
  if (change.transpose) return change.invert ? "transposed and inverted" : "transposed";
  return "inverted";
}

/// Says it where images are not stored as MNIST's are.
void look_at(const Common& common, std::span<const std::uint8_t> pixels,
             std::span<const std::uint8_t> labels, int threads) {
  if (common.quiet) return;
  const StoredLike look = look_how_stored(default_model(), pixels, labels, threads);
  const std::string data = common.data_folder().string();
  const char* const how = labels.empty() ? "with confidence" : "right";
  using Verdict = StoredLike::Verdict;
  if (look.verdict == Verdict::changed) {
    print_error(
        "{}: the images are {}: of {} the built-in model reads {:.0f} % {} as they are, and {:.0f} "
        "% "
        "when that is mended;{}",
        data, name_of(look.change), look.images, 100 * look.as_is, how, 100 * look.changed,
        Own{advice(common, look.change)});
  } else if (look.verdict != Verdict::mnist) {
    const char* const likely =
        look.verdict == Verdict::permuted ? "their pixels seem to be in another order (permuted)"
        : look.verdict == Verdict::mislabeled
            ? "they look like digits, so the labels seem to be others' (shuffled or renumbered)"
            : "they may be no digits, or drawn otherwise than MNIST's";
    print_error(
        "{}: of {} images the built-in model reads {:.0f} % {}, transposed or inverted {:.0f} %: "
        "{}; "
        "look at them: scrawl data info --data {} -o samples.png",
        data, look.images, 100 * look.as_is, how, 100 * look.changed, likely, data);
  }
}

bool names_pictures(const Common& common, Part part) {
  const std::filesystem::path folder = common.data_folder();
  return has_pictures_by_digit(folder) ||
         has_pictures_by_digit(folder / (part == Part::train ? "train" : "test"));
}

}  // namespace

PicturesByDigit load_named_data(const Common& common, Part part, int threads) {
  PicturesByDigit data = load_data(common.data_folder(), part, threads);
  print_unread(data.unread);
  if (!data.unread.empty() && !common.quiet) {
    print_error(
        "{} left out, {} pictures are there",
        data.unread.size() == 1 ? "1 file is" : fmt::format("{} files are", data.unread.size()),
        data.files.size());
  }
  change_images(common, data.dataset.images);
  // Glyphs that were made here of pictures are as MNIST's.
  if (data.files.empty()) look_at(common, data.dataset.images, data.dataset.labels, threads);
  return data;
}

NamedDataset open_named_data(const Common& common, Part part, int threads) {
  if (names_pictures(common, part) || common.transpose || common.invert) {
    PicturesByDigit data = load_named_data(common, part, threads);
    return {OpenDataset(std::move(data.dataset)), !data.files.empty()};
  }
  NamedDataset data{open_dataset(common.data_folder(), part), false};
  const DatasetView view = data.dataset.view();
  look_at(common, view.images, view.labels, threads);
  return data;
}

Images load_named_images(const Common& common, Part part, int threads) {
  Images images;
  if (names_pictures(common, part)) {
    Dataset dataset = load_named_data(common, part, threads).dataset;
    images.pixels = std::move(dataset.images);
    images.labels = std::move(dataset.labels);
    return images;
  }
  images = load_images(common.data_folder(), part);
  change_images(common, images.pixels);
  look_at(common, images.pixels, images.labels, threads);
  return images;
}

bool has_test_part(const Common& common) {
  const std::filesystem::path folder = common.data_folder();
  if (has_pictures_by_digit(folder / "train") || has_pictures_by_digit(folder))
    return has_pictures_by_digit(folder / "test");
  return is_split(folder);
}

}  // namespace scrawl::cli
