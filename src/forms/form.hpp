// A form: where on a page something is to be written, and what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forms/check_digit.hpp"
#include "forms/date.hpp"
#include "network/rectangle.hpp"

namespace scrawl {

/// More digits than this cannot be expected of a field.
inline constexpr std::size_t max_field_digits = 40;
inline constexpr std::size_t max_fields = 1000;

struct NumberRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// What can stand in a field.
struct Expected {
  std::size_t least_digits = 1;
  std::size_t most_digits = max_field_digits;
  std::optional<NumberRange> range;
  std::optional<DateExpected> date;
  CheckDigit check = CheckDigit::none;
};

/// The table's columns: the scan's file, then of each field its name, and its name with these.
inline constexpr const char* file_column = "file";
inline constexpr const char* state_suffix = " state";
inline constexpr const char* confidence_suffix = " confidence";

struct Field {
  std::string name;
  Rectangle box;  ///< in the form's unit, from the page's top left corner
  Expected expected;
};

enum class FormUnit { pixels, millimeters, share };

struct PageSize {
  float width = 0;
  float height = 0;
};

struct Form {
  FormUnit unit = FormUnit::share;
  std::optional<PageSize> page;  ///< in that unit; nothing: the reference's or the scan's pixels
  std::string reference;         ///< a scan to which others are registered; empty: none
  std::vector<Field> fields;
};

/// Reads the JSON of docs/FORMS.md; `name` is what messages call it. Throws Error.
Form parse_form(std::string_view json, const std::string& name);

/// The fields' boxes as shares of the page, which is so large in pixels. Throws Error where one is
/// not within it.
std::vector<Rectangle> boxes_on_page(const Form& form, int width, int height);

}  // namespace scrawl
