#include "dataset/csv.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "files/number_of_text.hpp"

namespace scrawl {

namespace {

constexpr std::size_t longest_line = 1 << 17;  // bytes

/// The lines of a stream, without what ends them: \n or \r\n.
class Lines {
 public:
  explicit Lines(const Stream& stream) : stream_(stream), buffer_(2 * longest_line) {}

  /// False at the end. The line is there until the next one is asked for.
  bool next(std::string_view& line) {
    for (std::size_t looked = 0;;) {
      const char* const start = buffer_.data() + begin_;
      const std::size_t there = end_ - begin_;
      const void* found = std::memchr(start + looked, '\n', there - looked);
      if (found != nullptr || (ended_ && there > 0)) {
        const std::size_t size =
            found == nullptr ? there
                             : static_cast<std::size_t>(static_cast<const char*>(found) - start);
        line = {start, size};
        begin_ += size + (found == nullptr ? 0 : 1);
        ++number_;
        if (line.ends_with('\r')) line.remove_suffix(1);
        return true;
      }
      if (ended_) return false;
      if (there > longest_line)
        throw Error(fmt::format("{}: line {} is longer than {} bytes: not a table of 28x28 images",
                                stream_.name, number_ + 1, longest_line));
      looked = there;
      refill();
    }
  }

  std::size_t number() const { return number_; }  ///< of the last line, from 1

 private:
  void refill() {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= std::exchange(begin_, 0);
    const std::size_t got = stream_.next(std::as_writable_bytes(std::span(buffer_)).subspan(end_));
    end_ += got;
    ended_ = got == 0;
  }

  const Stream& stream_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
  std::size_t number_ = 0;
};

/// Of a value, what is between quotes.
std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

/// The part of `rest` up to the next comma, which is taken off it.
std::string_view take_value(std::string_view& rest) {
  const std::size_t size = std::min(rest.find(','), rest.size());
  const std::string_view value = rest.substr(0, size);
  rest.remove_prefix(std::min(rest.size(), size + 1));
  return without_quotes(value);
}

bool is_number(std::string_view text) {
  return number_of_text<double>(text).has_value();
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// What stands before or behind the pixels of a line.
enum class Extra { none, label, id };

struct Columns {
  Extra first = Extra::none;
  Extra last = Extra::none;
  std::string id_name;

  std::size_t count() const {
    return glyph_pixels + (first == Extra::none ? 0 : 1) + (last == Extra::none ? 0 : 1);
  }
};

bool is_label_name(std::string_view name) {
  constexpr std::array<std::string_view, 5> names{"label", "class", "digit", "target", "y"};
  return std::ranges::find(names, lower(name)) != names.end();
}

bool is_id_name(std::string_view name) {
  constexpr std::array<std::string_view, 5> names{"id", "imageid", "image_id", "index", ""};
  return std::ranges::find(names, lower(name)) != names.end();
}

class Table {
 public:
  explicit Table(const Stream& stream) : name_(stream.name), lines_(stream) {}

  Images read() {
    std::string_view line;
    if (!lines_.next(line)) throw Error(fmt::format("{}: empty", name_));
    if (constexpr std::string_view mark = "\xEF\xBB\xBF"; line.starts_with(mark))
      line.remove_prefix(mark.size());
    const bool has_header = take_header(line);
    if (!has_header) take_line(line);
    while (lines_.next(line))
      if (!line.empty()) take_line(line);
    if (images_.size() == 0) throw Error(fmt::format("{}: no line behind the header", name_));
    if (!has_header && are_labels_last()) take_labels_from_the_end();
    if (std::ranges::all_of(images_.pixels, [](std::uint8_t pixel) { return pixel <= 1; }))
      for (std::uint8_t& pixel : images_.pixels) pixel = static_cast<std::uint8_t>(255 * pixel);
    images_.id_name = columns_.id_name;
    return std::move(images_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: line {}: {}", name_, lines_.number(), what));
  }

  /// Learns what the columns are from the first line. False: it is not a header but an image.
  bool take_header(std::string_view line) {
    const auto count = static_cast<std::size_t>(std::ranges::count(line, ',')) + 1;
    if (count < glyph_pixels || count > glyph_pixels + 1) {
      fail(
          fmt::format("{} values with commas between them, expected {}, or {} with a label before "
                      "them: not a table of 28x28 images",
                      count, glyph_pixels, glyph_pixels + 1));
    }
    std::string_view rest = line;
    const std::string_view first = take_value(rest);
    const std::string_view last = without_quotes(line.substr(line.rfind(',') + 1));
    const bool header = !is_number(last) || !is_number(first);
    if (count == glyph_pixels) return header;
    if (!header || is_label_name(first)) {
      columns_.first = Extra::label;
    } else if (is_label_name(last)) {
      columns_.last = Extra::label;
    } else if (is_id_name(first)) {
      columns_.first = Extra::id;
      columns_.id_name = first.empty() ? "id" : std::string(first);
    } else {
      fail(
          fmt::format("{} columns, of which the first is '{}' and the last '{}', expected label or "
                      "id before {} pixels, or label behind them",
                      count, excerpt(first), excerpt(last), glyph_pixels));
    }
    return header;
  }

  std::uint8_t whole(std::string_view text, std::size_t column, double most) const {
    if (const auto value = number_of_text<std::uint8_t>(text); value && *value <= most)
      return *value;
    const auto value = number_of_text<double>(text);  // such as 12.0
    if (value && *value >= 0 && *value <= most && *value == std::floor(*value))
      return static_cast<std::uint8_t>(*value);
    const bool is_share = value && *value > 0 && *value < 1;
    fail(fmt::format("column {}: found '{}', expected a whole number from 0 to {}{}", column,
                     excerpt(text), most,
                     is_share ? "; multiply pixels from 0 to 1 by 255 and round them" : ""));
  }

  void take_extra(Extra extra, std::string_view value, std::size_t column) {
    if (extra == Extra::label) images_.labels.push_back(whole(value, column, digit_count - 1));
    if (extra == Extra::id) images_.ids.emplace_back(value);
  }

  /// Without a header, a label is taken to stand first. It does not where that column is always the
  /// same, and the last one has many different digits: an image's last pixel is paper.
  bool are_labels_last() const {
    constexpr std::size_t many = 5;
    if (columns_.first != Extra::label) return false;
    std::array<bool, digit_count> seen{};
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const std::uint8_t last = images_.pixels[(i + 1) * glyph_pixels - 1];
      if (images_.labels[i] != images_.labels[0] || last >= digit_count) return false;
      seen[last] = true;
    }
    return static_cast<std::size_t>(std::ranges::count(seen, true)) >= many;
  }

  void take_labels_from_the_end() {
    for (std::size_t i = 0; i < images_.size(); ++i) {
      const auto pixels = std::span(images_.pixels).subspan(i * glyph_pixels, glyph_pixels);
      std::swap(images_.labels[i], pixels.back());  // what was taken for a label is the first pixel
      std::rotate(pixels.begin(), pixels.end() - 1, pixels.end());
    }
  }

  void take_line(std::string_view line) {
    const auto count = static_cast<std::size_t>(std::ranges::count(line, ',')) + 1;
    if (count != columns_.count())
      fail(fmt::format("{} values, expected {}, as in the first line", count, columns_.count()));
    std::size_t column = 0;
    if (columns_.first != Extra::none) take_extra(columns_.first, take_value(line), ++column);
    for (std::size_t i = 0; i < glyph_pixels; ++i) {
      const std::string_view value = take_value(line);
      images_.pixels.push_back(whole(value, ++column, 255));
    }
    if (columns_.last != Extra::none) take_extra(columns_.last, take_value(line), ++column);
  }

  const std::string& name_;
  Lines lines_;
  Columns columns_;
  Images images_;
};

}  // namespace

Images read_csv(const Stream& stream) {
  return Table(stream).read();
}

}  // namespace scrawl
