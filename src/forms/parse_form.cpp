// A form from JSON.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include <scrawl/error.hpp>

#include "files/excerpt.hpp"
#include "files/number_of_json.hpp"
#include "forms/form.hpp"

namespace scrawl {

namespace {

using Json = nlohmann::json;

constexpr std::int64_t largest_number = 999'999'999'999'999'999;  // of 18 digits
constexpr float largest_place = 1e6F;
constexpr PageSize a4{210, 297};  // millimeters

std::string shown(const Json& json) {
  return excerpt(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

/// A part of the file, and what messages call it: "fields.json: fields[3].digits".
struct Part {
  const Json& json;
  std::string name;

  /// What a message about it begins with.
  std::string prefix() const { return name.ends_with(": ") ? name : name + ": "; }
  [[noreturn]] void refuse(const std::string& expected) const {
    throw Error(fmt::format("{}found {}, expected {}", prefix(), shown(json), expected));
  }
  Part at(const char* key) const {
    return {json[key], name + (name.ends_with(": ") ? "" : ".") + key};
  }
  Part at(std::size_t index) const { return {json[index], fmt::format("{}[{}]", name, index)}; }
  bool has(const char* key) const { return json.contains(key); }
  std::string text(const std::string& expected) const {
    if (!json.is_string() || json.get_ref<const std::string&>().empty()) refuse(expected);
    return json.get<std::string>();
  }
  /// Of an object: what it has is among these.
  void require_keys(std::initializer_list<const char*> known) const {
    if (!json.is_object()) refuse("an object");
    for (const auto& [key, value] : json.items()) {
      if (std::ranges::find(known, key) == known.end())
        throw Error(fmt::format("{}'{}' is not known; expected {}", prefix(), excerpt(key),
                                fmt::join(known, ", ")));
    }
  }
  std::vector<float> numbers(std::size_t count, const std::string& expected) const {
    if (!json.is_array() || json.size() != count) refuse(expected);
    std::vector<float> numbers;
    for (const Json& one : json) {
      const auto number = number_of_json<double>(one, 0, largest_place);
      if (!number) refuse(expected);
      numbers.push_back(static_cast<float>(*number));
    }
    return numbers;
  }
};

FormUnit parse_unit(const Part& part) {
  const std::string expected = "\"pixels\", \"millimeters\" or \"share\"";
  const std::string unit = part.text(expected);
  if (unit == "pixels") return FormUnit::pixels;
  if (unit == "millimeters") return FormUnit::millimeters;
  if (unit == "share") return FormUnit::share;
  part.refuse(expected);
}

std::optional<PageSize> parse_page(const Part& form, FormUnit unit) {
  if (unit == FormUnit::share) {
    if (form.has("page")) form.at("page").refuse("no page: it is 1 x 1 where the unit is share");
    return PageSize{1, 1};
  }
  if (!form.has("page")) return unit == FormUnit::millimeters ? std::optional(a4) : std::nullopt;
  const Part part = form.at("page");
  const std::string expected = "[width, height], both more than 0";
  const std::vector<float> size = part.numbers(2, expected);
  if (!(size[0] > 0 && size[1] > 0)) part.refuse(expected);
  return PageSize{size[0], size[1]};
}

Rectangle parse_box(const Part& field) {
  const std::string expected = "[x, y, width, height]";
  if (!field.has("box")) throw Error(fmt::format("{}: box is missing: {}", field.name, expected));
  const Part part = field.at("box");
  const std::vector<float> box = part.numbers(4, expected);
  if (!(box[2] > 0 && box[3] > 0)) part.refuse(expected + ", width and height more than 0");
  return {box[0], box[1], box[0] + box[2], box[1] + box[3]};
}

std::size_t number_of_digits(std::int64_t number) {
  return fmt::to_string(number).size();
}

NumberRange parse_number_range(const Part& part) {
  const std::string expected = "[least, most], whole numbers from 0 on";
  if (!part.json.is_array() || part.json.size() != 2) part.refuse(expected);
  const auto least = number_of_json<std::int64_t>(part.json[0], 0, largest_number);
  const auto most = number_of_json<std::int64_t>(part.json[1], 0, largest_number);
  if (!least || !most || *least > *most) part.refuse(expected);
  return {*least, *most};
}

void parse_days(const Part& part, DateExpected& date) {
  const std::string expected = "[first, last], days such as \"2026-01-31\"";
  if (!part.json.is_array() || part.json.size() != 2) part.refuse(expected);
  const auto day = [&](std::size_t index) {
    const auto found = parse_day(part.at(index).text(expected));
    if (!found) part.refuse(expected);
    return *found;
  };
  date.first = day(0);
  date.last = day(1);
  if (date.first > date.last) part.refuse(expected);
}

/// A number, or [least, most].
void parse_digits(const Part& part, Expected& expected) {
  const std::string wanted = fmt::format("1 to {}, or [least, most]", max_field_digits);
  const bool is_pair = part.json.is_array() && part.json.size() == 2;
  const auto least =
      number_of_json<std::size_t>(is_pair ? part.json[0] : part.json, 1, max_field_digits);
  const auto most =
      number_of_json<std::size_t>(is_pair ? part.json[1] : part.json, 1, max_field_digits);
  if (!least || !most || *least > *most) part.refuse(wanted);
  expected.least_digits = *least;
  expected.most_digits = *most;
}

/// How many digits follow from what else is expected, where nobody has said it.
void derive_digits(Expected& expected) {
  if (expected.date) {
    expected.least_digits = expected.most_digits = digits_of(*expected.date);
  } else if (expected.range) {
    expected.least_digits = number_of_digits(expected.range->least);
    expected.most_digits = number_of_digits(expected.range->most);
  } else if (expected.check == CheckDigit::isbn) {
    expected.least_digits = 10;
    expected.most_digits = 13;
  }
}

void check_together(const Part& field, const Expected& expected) {
  if (expected.date && (expected.least_digits != digits_of(*expected.date) ||
                        expected.most_digits != digits_of(*expected.date)))
    field.at("digits").refuse(fmt::format("{}, as date has", digits_of(*expected.date)));
  const auto may_have = [&](std::size_t digits) {
    return expected.least_digits <= digits && digits <= expected.most_digits;
  };
  if (expected.check == CheckDigit::isbn && !may_have(10) && !may_have(13))
    field.at("digits").refuse("10 or 13, which an ISBN has");
  if (expected.range && expected.most_digits > number_of_digits(largest_number))
    field.at("digits").refuse("no more than 18, where there is a range");
}

Expected parse_expected(const Part& field) {
  Expected expected;
  if (field.has("date")) {
    const Part part = field.at("date");
    const std::string wanted = "a pattern of DD, MM, YY or YYYY, such as \"DD.MM.YYYY\"";
    expected.date = DateExpected{part.text(wanted)};
    if (!is_date_pattern(expected.date->pattern)) part.refuse(wanted);
  }
  if (field.has("range")) {
    if (expected.date)
      parse_days(field.at("range"), *expected.date);
    else
      expected.range = parse_number_range(field.at("range"));
  }
  if (field.has("check")) {
    const Part part = field.at("check");
    const std::string wanted = "\"luhn\", \"isbn\" or \"mod97\"";
    const auto check = check_digit_named(part.text(wanted));
    if (!check) part.refuse(wanted);
    expected.check = *check;
  }
  derive_digits(expected);
  if (field.has("digits")) parse_digits(field.at("digits"), expected);
  check_together(field, expected);
  return expected;
}

Field parse_field(const Part& part) {
  part.require_keys({"name", "box", "digits", "range", "date", "check"});
  if (!part.has("name")) throw Error(part.name + ": name is missing");
  const std::string wanted = "a name in one line, of no more than 100 bytes";
  const std::string name = part.at("name").text(wanted);
  const bool is_line = std::ranges::all_of(
      name, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; });
  if (!is_line || name.size() > 100) part.at("name").refuse(wanted);
  return {name, parse_box(part), parse_expected(part)};
}

/// A field is three columns of the table; each has to be one column alone.
void take_columns(const Part& name, std::set<std::string>& taken) {
  const auto field = name.json.get<std::string>();
  if (taken.contains(field)) {
    const bool is_file = field == file_column;
    name.refuse(is_file ? "another name: the table's first column is called so"
                        : "a name that no other field has, nor one of its columns");
  }
  for (const char* suffix : {"", state_suffix, confidence_suffix})
    if (!taken.insert(field + suffix).second)
      name.refuse(fmt::format("a name whose column '{}' is no other field's", field + suffix));
}

std::vector<Field> parse_fields(const Part& form) {
  if (!form.has("fields")) throw Error(form.name + "fields is missing: a list of fields");
  const Part part = form.at("fields");
  if (!part.json.is_array() || part.json.empty() || part.json.size() > max_fields)
    part.refuse(fmt::format("a list of 1 to {} fields", max_fields));
  std::vector<Field> fields;
  std::set<std::string> columns{file_column};
  for (std::size_t i = 0; i < part.json.size(); ++i) {
    fields.push_back(parse_field(part.at(i)));
    take_columns(part.at(i).at("name"), columns);
  }
  return fields;
}

}  // namespace

Form parse_form(std::string_view json, const std::string& name) {
  Json parsed;
  try {
    parsed = Json::parse(json);
  } catch (const Json::exception& error) {
    throw Error(fmt::format("{}: no JSON: {}", name, excerpt(error.what())));
  }
  const Part part{parsed, name + ": "};
  part.require_keys({"unit", "page", "reference", "fields"});
  Form form;
  if (part.has("unit")) form.unit = parse_unit(part.at("unit"));
  form.page = parse_page(part, form.unit);
  if (part.has("reference")) form.reference = part.at("reference").text("the name of a picture");
  form.fields = parse_fields(part);
  return form;
}

}  // namespace scrawl
