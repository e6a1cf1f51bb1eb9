#include "decoding/pdf.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/limited_program.hpp"
#include "decoding/tiff_pages.hpp"
#include "files/number_of_text.hpp"

namespace scrawl {

namespace {

/// Throws Error with the program's name.
std::vector<std::byte> run(const std::string& name, std::vector<std::string> options, Bytes pdf,
                           std::size_t output) {
  const std::optional<std::string> program = find_program(name);
  if (!program)
    throw Error(
        fmt::format("a PDF; its pages are made into pictures by {}, which is not "
                    "installed: apt install poppler-utils, or save the pages as PNG",
                    name));
  std::vector<std::string> arguments{*program};
  arguments.insert(arguments.end(), options.begin(), options.end());
  ProgramLimits limits;
  limits.output = output;
  try {
    return run_program(arguments, pdf, limits);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", name, error.what()));
  }
}

/// The lines of a report.
std::vector<std::string> lines_of(const std::string& name, std::vector<std::string> options,
                                  Bytes pdf) {
  constexpr std::size_t longest = std::size_t{4} << 20;
  const std::vector<std::byte> bytes = run(name, std::move(options), pdf, longest);
  std::istringstream text(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream text(line);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> of_page(std::size_t page) {
  return {"-f", fmt::to_string(page), "-l", fmt::to_string(page)};
}

template <typename... More>
std::vector<std::string> of_page(std::size_t page, const More&... more) {
  std::vector<std::string> options = of_page(page);
  (options.emplace_back(more), ...);
  return options;
}

/// In inches: "Page    2 size:  134.4 x 134.4 pts". The last such line, since titles come before.
struct PageSize {
  double width = 0;
  double height = 0;
};

PageSize size_of(Bytes pdf, std::size_t page) {
  constexpr double points = 72;  // of an inch
  std::optional<PageSize> size;
  for (const std::string& line : lines_of("pdfinfo", of_page(page, "-"), pdf)) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 6 || words[0] != "Page" || words[2] != "size:") continue;
    const auto width = number_of_text<double>(words[3]);
    const auto height = number_of_text<double>(words[5]);
    if (width && height) size = PageSize{*width / points, *height / points};
  }
  if (!size) throw Error(fmt::format("page {} has no size", page));
  return *size;
}

/// Of the finest picture that covers half of the page or more: a row of the table has its size in
/// columns 4 and 5, its dots per inch in the last but 3 and 2.
std::optional<double> resolution_of(Bytes pdf, std::size_t page, const PageSize& size) {
  std::optional<double> resolution;
  for (const std::string& line : lines_of("pdfimages", of_page(page, "-list", "-"), pdf)) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 13 || words[2] != "image") continue;
    const auto width = number_of_text<double>(words[3]);
    const auto height = number_of_text<double>(words[4]);
    const auto across = number_of_text<double>(words[words.size() - 4]);
    const auto down = number_of_text<double>(words[words.size() - 3]);
    if (!width || !height || !across || !down || *across <= 0 || *down <= 0) continue;
    const double area = *width / *across * (*height / *down);
    if (area < 0.5 * size.width * size.height) continue;
    resolution = std::max({resolution.value_or(0), *across, *down});
  }
  return resolution;
}

}  // namespace

bool is_pdf(Bytes bytes) {
  constexpr std::string_view begin = "%PDF-";
  return bytes.size() >= begin.size() &&
         std::equal(begin.begin(), begin.end(), bytes.begin(),
                    [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

bool can_read_pdf() {
  return find_program("pdfinfo") && find_program("pdfimages") && find_program("pdftoppm");
}

std::size_t count_pdf_pages(Bytes pdf) {
  std::optional<std::size_t> count;
  for (const std::string& line : lines_of("pdfinfo", {"-"}, pdf)) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() == 2 && words[0] == "Pages:") count = number_of_text<std::size_t>(words[1]);
  }
  if (!count || *count == 0) throw Error("pdfinfo: it has no pages");
  if (*count > max_pages) throw Error(fmt::format("more than {} pages; split the file", max_pages));
  return *count;
}

Picture decode_pdf(Bytes pdf, std::size_t page, std::size_t max_pixels) {
  constexpr double usual = 300;
  constexpr double least = 50;
  constexpr double most = 600;
  check_page(page, count_pdf_pages(pdf));
  const PageSize size = size_of(pdf, page);
  const double wanted =
      std::clamp(std::ceil(resolution_of(pdf, page, size).value_or(usual)), least, most);
  constexpr double rounded = 0.98;  // its sides are rounded up
  const double fitting =
      rounded * std::sqrt(static_cast<double>(max_pixels) / (size.width * size.height));
  if (!(std::isfinite(fitting) && fitting >= 1))
    throw TooLargeError(fmt::format("page {} is {:.0f} x {:.0f} inches, which is too large", page,
                                    size.width, size.height));
  const std::string resolution = fmt::format("{:.0f}", std::floor(std::min(wanted, fitting)));
  constexpr std::size_t header = 100;
  const std::vector<std::byte> picture =
      run("pdftoppm", of_page(page, "-r", resolution, "-"), pdf, 3 * max_pixels + header);
  return decode_picture(picture, "", max_pixels);
}

}  // namespace scrawl
