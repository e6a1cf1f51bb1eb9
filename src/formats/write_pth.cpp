#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/pth.hpp"
#include "formats/zip.hpp"

namespace scrawl {

namespace {

/// Writes the pickle of a state dict, with the opcodes that Python itself would use.
class PickleWriter {
 public:
  std::string state_dict(const std::vector<Tensor>& tensors) {
    text_ = "\x80\x02";
    global("collections", "OrderedDict");
    text_ += ")R(";
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      text(tensors[i].name);
      tensor(tensors[i], i);
    }
    text_ += "u.";
    return std::move(text_);
  }

 private:
  void tensor(const Tensor& tensor, std::size_t storage) {
    global("torch._utils", "_rebuild_tensor_v2");
    text_ += "((";
    text("storage");
    global("torch", "FloatStorage");
    text(std::to_string(storage));
    text("cpu");
    number(tensor.values.size());
    text_ += "tQ";
    number(0);  // offset
    text_ += '(';
    for (const std::size_t extent : tensor.shape) number(extent);
    text_ += "t(";
    std::size_t stride = tensor.values.size();
    for (const std::size_t extent : tensor.shape) {
      stride /= extent;
      number(stride);
    }
    text_ += "t\x89";  // requires no gradient
    global("collections", "OrderedDict");
    text_ += ")RtR";
  }

  void global(std::string_view module, std::string_view name) {
    text_ += fmt::format("c{}\n{}\n", module, name);
  }
  void text(std::string_view value) {
    text_ += 'X';
    raw(static_cast<std::uint32_t>(value.size()));
    text_ += value;
  }
  void number(std::size_t value) {
    text_ += 'J';
    raw(static_cast<std::int32_t>(value));
  }
  template <typename Number>
  void raw(Number value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  std::string text_;
};

}  // namespace

std::vector<std::byte> format_pth(const std::vector<Tensor>& tensors) {
  const std::string pickle = PickleWriter().state_dict(tensors);
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  std::vector<ZipEntry> entries{{"archive/data.pkl", bytes(pickle)},
                                {"archive/byteorder", bytes("little")}};
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    entries.push_back(
        {fmt::format("archive/data/{}", i), std::as_bytes(std::span(tensors[i].values))});
  }
  entries.push_back({"archive/version", bytes("3\n")});
  return format_zip(entries);
}

}  // namespace scrawl
