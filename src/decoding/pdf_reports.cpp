#include "decoding/pdf_reports.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "files/number_of_text.hpp"

namespace scrawl {

namespace {

/// Calls visit(words) for each line.
template <typename Visit>
void for_each_line(const std::string& report, const Visit& visit) {
  std::istringstream text(report);
  for (std::string line; std::getline(text, line);) {
    std::istringstream rest(line);
    std::vector<std::string> words;
    for (std::string word; rest >> word;) words.push_back(std::move(word));
    visit(words);
  }
}

}  // namespace

/// "Pages:   2". The last such line, here and below, since titles come before.
std::optional<std::size_t> page_count_in(const std::string& info) {
  std::optional<std::size_t> count;
  for_each_line(info, [&](const std::vector<std::string>& words) {
    if (words.size() == 2 && words[0] == "Pages:") count = number_of_text<std::size_t>(words[1]);
  });
  return count;
}

/// "Page    2 size:  134.4 x 134.4 pts"
std::optional<PageSize> page_size_in(const std::string& info) {
  constexpr double points = 72;  // of an inch
  std::optional<PageSize> size;
  for_each_line(info, [&](const std::vector<std::string>& words) {
    if (words.size() < 6 || words[0] != "Page" || words[2] != "size:") return;
    const auto width = number_of_text<double>(words[3]);
    const auto height = number_of_text<double>(words[5]);
    if (width && height) size = PageSize{*width / points, *height / points};
  });
  return size;
}

/// A row of the table has a picture's size in columns 4 and 5, its dots per inch in the last but 3
/// and 2.
std::optional<double> resolution_in(const std::string& images, const PageSize& size) {
  std::optional<double> resolution;
  for_each_line(images, [&](const std::vector<std::string>& words) {
    if (words.size() < 13 || words[2] != "image") return;
    const auto width = number_of_text<double>(words[3]);
    const auto height = number_of_text<double>(words[4]);
    const auto across = number_of_text<double>(words[words.size() - 4]);
    const auto down = number_of_text<double>(words[words.size() - 3]);
    if (!width || !height || !across || !down || *across <= 0 || *down <= 0) return;
    const double area = *width / *across * (*height / *down);
    if (area < 0.5 * size.width * size.height) return;
    resolution = std::max({resolution.value_or(0), *across, *down});
  });
  return resolution;
}

std::optional<int> drawn_resolution(const std::optional<double>& scanned, const PageSize& size,
                                    std::size_t max_pixels) {
  constexpr double usual = 300;
  constexpr double least = 50;
  constexpr double most = 600;
  constexpr double rounded = 0.98;  // its sides are rounded up
  const double wanted = std::clamp(std::ceil(scanned.value_or(usual)), least, most);
  if (!(size.width > 0 && size.height > 0)) return std::nullopt;
  const double fitting =
      rounded * std::sqrt(static_cast<double>(max_pixels) / (size.width * size.height));
  if (!(fitting >= 1)) return std::nullopt;
  return static_cast<int>(std::min(wanted, fitting));
}

}  // namespace scrawl
