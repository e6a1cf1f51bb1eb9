#include "decoding/pdf.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/error.hpp>

#include "decoding/limited_program.hpp"
#include "decoding/pdf_reports.hpp"
#include "decoding/tiff_pages.hpp"

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

std::string report_of(const std::string& name, std::vector<std::string> options, Bytes pdf) {
  constexpr std::size_t longest = std::size_t{4} << 20;
  const std::vector<std::byte> bytes = run(name, std::move(options), pdf, longest);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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
  try {
    count = page_count_in(report_of("pdfinfo", {"-"}, pdf));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: it is damaged, or no PDF", error.what()));
  }
  if (!count || *count == 0) throw Error("pdfinfo: it has no pages");
  if (*count > max_pages) throw Error(fmt::format("more than {} pages; split the file", max_pages));
  return *count;
}

Picture decode_pdf(Bytes pdf, std::size_t page, std::size_t max_pixels) {
  check_page(page, count_pdf_pages(pdf));
  const auto size = page_size_in(report_of("pdfinfo", of_page(page, "-"), pdf));
  if (!size) throw Error(fmt::format("page {} has no size", page));
  const auto scanned =
      resolution_in(report_of("pdfimages", of_page(page, "-list", "-"), pdf), *size);
  const std::optional<int> resolution = drawn_resolution(scanned, *size, max_pixels);
  if (!resolution)
    throw TooLargeError(fmt::format("page {} is {:.0f} x {:.0f} inches, which is too large", page,
                                    size->width, size->height));
  constexpr std::size_t header = 100;
  const std::vector<std::byte> picture =
      run("pdftoppm", of_page(page, "-r", fmt::to_string(*resolution), "-"), pdf,
          3 * max_pixels + header);
  return decode_picture(picture, "", max_pixels);
}

}  // namespace scrawl
