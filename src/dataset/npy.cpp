#include "dataset/npy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <string_view>

#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>

#include "files/excerpt.hpp"
#include "files/number_of_text.hpp"

namespace scrawl {

static_assert(std::endian::native == std::endian::little, "arrays are taken as they lie");

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::string_view magic = "\x93NUMPY";

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Array {
  std::string type;  ///< such as |u1 or <f4
  std::vector<std::size_t> shape;
  Bytes data;
  /// Values from one index to the next, of each dimension, where the first runs fastest (Fortran's
  /// order, which is what NumPy makes of x[:, columns]); empty: where the last does.
  std::vector<std::size_t> steps;

  /// Where the value lies that would be at `index` if the last dimension ran fastest.
  std::size_t place(std::size_t index) const {
    if (steps.empty()) return index;
    std::size_t place = 0;
    for (std::size_t i = shape.size(); i-- > 0; index /= shape[i])
      place += index % shape[i] * steps[i];
    return place;
  }
};

class NpyParser {
 public:
  NpyParser(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  Array parse() {
    if (!is_npy(bytes_) || bytes_.size() < 12) fail("not a NumPy array, or cut off");
    // Version 1 has 2 bytes for the length of the header, later ones 4.
    const bool first_version = bytes_[6] == std::byte{1};
    const std::size_t start = first_version ? 10 : 12;
    std::uint32_t length = 0;
    std::memcpy(&length, bytes_.data() + 8, first_version ? 2 : 4);
    if (length > bytes_.size() - start) fail("cut off in its header");
    header_ = text_of(bytes_.subspan(start, length));
    Array array{type(), shape(), bytes_.subspan(start + length), {}};
    if (value_of("fortran_order").starts_with("True")) {
      std::size_t step = 1;
      for (const std::size_t size : array.shape) {
        array.steps.push_back(step);
        step *= size;
      }
    }
    return array;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: {}", name_, what));
  }

  /// What follows the key, without spaces.
  std::string_view value_of(std::string_view key) const {
    const std::string quoted = fmt::format("'{}':", key);
    const std::size_t at = header_.find(quoted);
    if (at == std::string_view::npos) fail(fmt::format("its header names no {}", key));
    const std::size_t value = header_.find_first_not_of(' ', at + quoted.size());
    if (value == std::string_view::npos) fail(fmt::format("its header names no {}", key));
    return header_.substr(value);
  }

  std::string type() const {
    const std::string_view text = value_of("descr");
    const std::size_t end = text.find('\'', 1);
    if (text.front() != '\'' || end == std::string_view::npos)
      fail("its values are records, expected numbers");
    return std::string(text.substr(1, end - 1));
  }

  std::vector<std::size_t> shape() const {
    std::string_view text = value_of("shape");
    const std::size_t end = text.find(')');
    if (text.front() != '(' || end == std::string_view::npos) fail("its header has no shape");
    text = text.substr(1, end - 1);
    std::vector<std::size_t> sizes;
    while (!text.empty()) {
      std::string_view one = text.substr(0, text.find(','));
      text.remove_prefix(std::min(text.size(), one.size() + 1));
      one.remove_prefix(std::min(one.size(), one.find_first_not_of(' ')));
      if (one.empty()) continue;  // (3,)
      const auto size = number_of_text<std::size_t>(one, 0, std::size_t{1} << 32);
      if (!size) fail(fmt::format("its header has '{}' as a size", excerpt(one)));
      sizes.push_back(*size);
    }
    return sizes;
  }

  Bytes bytes_;
  const std::string& name_;
  std::string_view header_;
};

std::string shape_text(const Array& array) {
  return fmt::format("({})", fmt::join(array.shape, ", "));
}

/// Calls `visit` with a value of the array's type, which tells it.
template <typename Visit>
void with_type(const Array& array, const std::string& name, const Visit& visit) {
  const std::string_view type = array.type;
  if (type == "|u1" || type == "|b1") return visit(std::uint8_t{});
  if (type == "|i1") return visit(std::int8_t{});
  if (type == "<u2") return visit(std::uint16_t{});
  if (type == "<i2") return visit(std::int16_t{});
  if (type == "<u4") return visit(std::uint32_t{});
  if (type == "<i4") return visit(std::int32_t{});
  if (type == "<u8") return visit(std::uint64_t{});
  if (type == "<i8") return visit(std::int64_t{});
  if (type == "<f4") return visit(float{});
  if (type == "<f8") return visit(double{});
  // From 0 to 1, as floats often are, bytes would leave nothing of them.
  const char* known = type.find('f') != std::string_view::npos ? "float32" : "uint8";
  throw Error(
      fmt::format("{}: values of the type {}, expected whole numbers, float32 or float64; save "
                  "array.astype('{}')",
                  name, excerpt(type), known));
}

template <typename Value>
Value value_at(const Array& array, std::size_t index) {
  Value value{};
  std::memcpy(&value, array.data.data() + array.place(index) * sizeof value, sizeof value);
  return value;
}

/// Throws Error when the array's data are not `count` values.
template <typename Value>
void check_size(const Array& array, std::size_t count, const std::string& name) {
  if (array.data.size() / sizeof(Value) == count && array.data.size() % sizeof(Value) == 0) return;
  throw Error(fmt::format("{}: {} bytes of data, expected {} for the shape {}; get it again", name,
                          array.data.size(), count * sizeof(Value), shape_text(array)));
}

/// Throws Error unless all values lie from 0 to 255; the largest.
template <typename Value>
double largest_level(const Array& array, std::size_t count, const std::string& name) {
  double largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(value_at<Value>(array, i));
    if (!(value >= 0 && value <= 255)) {
      throw Error(
          fmt::format("{}: value {} at index {}, expected pixels from 0 to 255, or from 0 to "
                      "1: save them before they are normalized",
                      name, value, i));
    }
    largest = std::max(largest, value);
  }
  return largest;
}

template <typename Value>
std::vector<std::uint8_t> levels(const Array& array, std::size_t count, const std::string& name) {
  check_size<Value>(array, count, name);
  const double largest = largest_level<Value>(array, count, name);
  const double scale = largest > 1 ? 1 : 255;
  std::vector<std::uint8_t> pixels(count);
  if (sizeof(Value) == 1 && largest > 1 && array.steps.empty()) {
    std::memcpy(pixels.data(), array.data.data(), count);
    return pixels;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(value_at<Value>(array, i));
    pixels[i] = static_cast<std::uint8_t>(std::lround(value * scale));
  }
  return pixels;
}

template <typename Value>
std::vector<std::uint8_t> digits(const Array& array, std::size_t count, const std::string& name) {
  check_size<Value>(array, count, name);
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(value_at<Value>(array, i));
    const bool whole = value >= 0 && value < digit_count && value == std::floor(value);
    if (!whole)
      throw Error(fmt::format("{}: label {} at index {}, expected 0 to 9", name, value, i));
    labels[i] = static_cast<std::uint8_t>(value);
  }
  return labels;
}

/// Whether the sizes behind the first are those of an image, and there is one at least.
bool is_of_images(const std::vector<std::size_t>& shape) {
  const std::vector<std::size_t> sizes(shape.begin() + (shape.empty() ? 0 : 1), shape.end());
  using Sizes = std::vector<std::size_t>;
  constexpr std::size_t side = glyph_side;
  return !shape.empty() && shape[0] > 0 &&
         (sizes == Sizes{side, side} || sizes == Sizes{side * side} ||
          sizes == Sizes{side, side, 1} || sizes == Sizes{1, side, side});
}

}  // namespace

bool is_npy(Bytes bytes) {
  return text_of(bytes).starts_with(magic);
}

std::vector<std::uint8_t> images_of_npy(Bytes bytes, const std::string& name) {
  const Array array = NpyParser(bytes, name).parse();
  if (!is_of_images(array.shape)) {
    throw Error(fmt::format("{}: an array of {}, expected images of 28x28: (n, 28, 28) or (n, 784)",
                            name, shape_text(array)));
  }
  std::vector<std::uint8_t> pixels;
  with_type(array, name, [&](auto value) {
    pixels = levels<decltype(value)>(array, array.shape[0] * glyph_pixels, name);
  });
  return pixels;
}

std::vector<std::uint8_t> labels_of_npy(Bytes bytes, const std::string& name) {
  const Array array = NpyParser(bytes, name).parse();
  const auto& shape = array.shape;
  if (shape.size() == 2 && shape[1] == digit_count) {
    throw Error(fmt::format("{}: an array of {}, expected labels: (n); save array.argmax(axis=1)",
                            name, shape_text(array)));
  }
  if (shape.empty() || shape.size() > 2 || (shape.size() == 2 && shape[1] != 1)) {
    throw Error(fmt::format("{}: an array of {}, expected labels: (n)", name, shape_text(array)));
  }
  std::vector<std::uint8_t> labels;
  with_type(array, name,
            [&](auto value) { labels = digits<decltype(value)>(array, shape[0], name); });
  return labels;
}

}  // namespace scrawl
