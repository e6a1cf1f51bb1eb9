#include "server/picture_json.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "files/base64.hpp"
#include "files/excerpt.hpp"

namespace scrawl {

namespace {

constexpr auto wanted = R"({"image": "data:image/png;base64,..."})";
constexpr std::size_t shown = 40;  // characters of what a message quotes

std::string_view trim(std::string_view text) {
  constexpr auto spaces = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

bool begins(std::string_view text, std::string_view with) {
  return same_word(text.substr(0, with.size()), with);
}

/// Goes through an object and keeps the text of "image" alone: an array of numbers in its place
/// would take many times its bytes.
class ImageField : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::string take() {
    if (!text_) throw HttpError(400, fmt::format("body: no \"image\"; expected {}", wanted));
    return *std::move(text_);
  }

  bool null() override { return other("null"); }
  bool boolean(bool) override { return other("true or false"); }
  bool number_integer(number_integer_t) override { return other("a number"); }
  bool number_unsigned(number_unsigned_t) override { return other("a number"); }
  bool number_float(number_float_t, const string_t&) override { return other("a number"); }
  bool binary(binary_t&) override { return other("binary data"); }
  bool start_array(std::size_t) override { return other("an array"); }
  bool end_array() override { return true; }
  bool end_object() override { return true; }

  bool start_object(std::size_t) override {
    if (is_inside_) {
      return other(
          "an object, as JSON.stringify makes of a File, a Blob or an ArrayBuffer: make a "
          "data URL of it by FileReader.readAsDataURL(), or send it as the body itself");
    }
    is_inside_ = true;
    return true;
  }
  bool key(string_t& name) override {
    if (name == "image") return true;
    throw HttpError(400, fmt::format("body: \"{}\" is not known here; expected {}; options are in "
                                     "the query, as ?digits=4",
                                     excerpt(name, shown), wanted));
  }
  bool string(string_t& text) override {
    if (!is_inside_) return other("a string");
    if (text_) throw HttpError(400, "body: \"image\" is there twice");
    text_ = std::move(text);
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::json::exception&) override {
    throw HttpError(400, fmt::format("body: no valid JSON, at byte {}; expected {}", at, wanted));
  }

 private:
  bool other(std::string_view found) const {
    if (!is_inside_)
      throw HttpError(400, fmt::format("body: found {}, expected {}", found, wanted));
    throw HttpError(400, fmt::format("body: \"image\": found {}; expected {}", found, wanted));
  }

  bool is_inside_ = false;
  std::optional<std::string> text_;
};

/// Base64 as it is met on the web: of both alphabets (RFC 4648, 4 and 5), with line ends in it, and
/// without padding.
std::string plain_base64(std::string_view text) {
  std::string plain;
  plain.reserve(text.size() + 3);
  for (const char letter : text) {
    if (std::isspace(static_cast<unsigned char>(letter)) != 0) continue;
    plain += letter == '-' ? '+' : letter == '_' ? '/' : letter;
  }
  while (plain.size() % 4 != 0) plain += '=';
  return plain;
}

std::string decode(std::string_view text) {
  const std::string plain = plain_base64(text);
  const auto bytes = from_base64(plain);
  if (!bytes) {
    const auto is_known = [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '=';
    };
    const auto strange = std::ranges::find_if_not(plain, is_known);
    if (strange == plain.end())
      throw HttpError(400, "body: \"image\": base64 that is damaged or cut short");
    const std::string_view rest(plain.data() + (strange - plain.begin()),
                                static_cast<std::size_t>(plain.end() - strange));
    throw HttpError(400, fmt::format("body: \"image\": no base64: found '{}' at character {}",
                                     excerpt(rest, shown), strange - plain.begin()));
  }
  if (bytes->empty()) throw HttpError(400, "body: \"image\": empty; was the picture loaded yet?");
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

/// What is in a data URL (RFC 2397), or base64 alone.
std::string decode_image(std::string_view text) {
  text = trim(text);
  if (begins(text, "http:") || begins(text, "https:") || begins(text, "blob:"))
    throw HttpError(400, fmt::format("body: \"image\": found the address '{}'; the server fetches "
                                     "nothing: send the picture itself, as {}",
                                     excerpt(text, shown), wanted));
  if (!begins(text, "data:")) return decode(text);
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos)
    throw HttpError(400, fmt::format("body: \"image\": a data URL without a comma: '{}'",
                                     excerpt(text, shown)));
  const std::string_view type = text.substr(5, comma - 5);
  constexpr std::string_view base64 = ";base64";
  const bool is_base64 =
      type.size() >= base64.size() && begins(type.substr(type.size() - base64.size()), base64);
  const bool may_be_picture =
      type.starts_with(';') || begins(type, "image/") || begins(type, "application/octet-stream");
  if (!may_be_picture)
    throw HttpError(415, fmt::format("body: \"image\": a data URL of type '{}', expected "
                                     "image/png, image/jpeg or another picture",
                                     excerpt(type, shown)));
  if (!is_base64)
    throw HttpError(400,
                    "body: \"image\": a data URL that is not base64; expected "
                    "data:image/png;base64,...");
  return decode(text.substr(comma + 1));
}

}  // namespace

bool is_picture_json(const Request& request) {
  return begins(request.content_type, "application/json") || trim(request.body).starts_with('{');
}

std::string picture_of_json(const std::string& body) {
  if (trim(body).empty()) throw HttpError(400, fmt::format("body: empty; expected {}", wanted));
  ImageField field;
  nlohmann::json::sax_parse(body, &field);
  return decode_image(field.take());
}

void refuse_web_text(const Request& request) {
  const std::string_view body = trim(std::string_view(request.body).substr(0, 1000));
  // curl sends pictures too as application/x-www-form-urlencoded.
  if (!std::ranges::all_of(body, [](unsigned char c) { return c < 0x80 && std::isprint(c) != 0; }))
    return;
  const auto refuse = [](std::string_view found, std::string_view instead) {
    throw HttpError(415,
                    fmt::format("body: found {}, expected a picture file; {}", found, instead));
  };
  if (begins(body, "data:"))
    refuse("a data URL as text", fmt::format("send it as JSON: {}", wanted));
  if (begins(body, "http://") || begins(body, "https://") || begins(body, "blob:"))
    refuse("an address", "the server fetches nothing: send the picture itself");
  if (body.starts_with("[object "))
    refuse(fmt::format("the text '{}'", excerpt(body, shown)),
           "pass the File or Blob itself as the body, not a text made of it");
  if (begins(request.content_type, "application/x-www-form-urlencoded") && body.find('=') < 100)
    refuse("a form that was sent as a query",
           "give the form enctype=\"multipart/form-data\", or send FormData");
  if (body.starts_with("iVBORw0KGgo") || body.starts_with("/9j/"))
    refuse("base64 as text", fmt::format("send it as JSON: {}", wanted));
}

}  // namespace scrawl
