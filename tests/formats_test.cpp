// Model files: safetensors out and in, and what is refused.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/model.hpp>

#include "files/files.hpp"
#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

std::vector<std::byte> file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::vector<std::byte> bytes(8 + header.size() + data_bytes);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

std::string refusal(const std::vector<std::byte>& bytes) {
  try {
    parse_safetensors(bytes, "x.safetensors");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Safetensors, RoundTripsValuesShapesAndMetadata) {
  const Safetensors content{
      {{"b", {2, 3}, {1, 2, 3, -4, 5.5F, 6}}, {"a", {}, {7}}, {"empty", {0, 4}, {}}},
      {{"key", "a \"quoted\" välue\n"}}};
  const auto bytes = format_safetensors(content);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ((8 + header) % 64, 0U) << "the data must be aligned";
  const Safetensors back = parse_safetensors(bytes, "x");
  EXPECT_EQ(back.metadata, content.metadata);
  ASSERT_EQ(back.tensors.size(), 3U);
  for (const Tensor& tensor : content.tensors) {
    const auto found = std::ranges::find(back.tensors, tensor.name, &Tensor::name);
    ASSERT_NE(found, back.tensors.end()) << tensor.name;
    EXPECT_EQ(found->shape, tensor.shape);
    EXPECT_EQ(found->values, tensor.values);
  }
}

TEST(Safetensors, HalvesRoundToTheNearest) {
  EXPECT_EQ(float_to_half(1), 0x3c00);
  EXPECT_EQ(float_to_half(-2), 0xc000);
  EXPECT_EQ(float_to_half(65504), 0x7bff);
  EXPECT_EQ(float_to_half(65519), 0x7bff);
  EXPECT_EQ(float_to_half(65520), 0x7c00);
  EXPECT_EQ(float_to_half(1 + 0x1p-11F), 0x3c00) << "a tie goes to the even one";
  EXPECT_EQ(float_to_half(1 + 0x3p-11F), 0x3c02);
  EXPECT_EQ(float_to_half(0x1p-24F), 1);
  EXPECT_EQ(float_to_half(0x1p-26F), 0);
  for (std::uint32_t half = 0; half < 0x10000U; ++half) {
    const auto bits = static_cast<std::uint16_t>(half);
    if ((bits & 0x7fffU) > 0x7c00U) continue;  // NaN
    EXPECT_EQ(float_to_half(half_to_float(bits)), bits);
  }
}

TEST(Safetensors, WritesHalvesAndRefusesWhatIsTooLargeForThem) {
  const Safetensors content{{{"a", {3}, {1, -0.1F, 65504}}}, {{"k", "v"}}};
  const auto bytes = format_safetensors(content, NumberType::f16);
  const Safetensors back = parse_safetensors(bytes, "x");
  ASSERT_EQ(back.tensors.size(), 1U);
  EXPECT_EQ(back.metadata, content.metadata);
  EXPECT_EQ(back.tensors[0].values[2], 65504);
  EXPECT_NEAR(back.tensors[0].values[1], -0.1F, 0.1F / 2048);
  EXPECT_EQ(format_safetensors(content).size() - bytes.size(), 6U);
  EXPECT_THROW(format_safetensors({{{"a", {1}, {1e5F}}}, {}}, NumberType::f16), Error);
}

TEST(Safetensors, RefusesHostileHeadersAndNamesTheFile) {
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  EXPECT_EQ(refusal(file_of(good, 8)), "");
  struct Case {
    const char* header;
    std::size_t data;
    const char* message;
  };
  const Case cases[] = {
      {good.c_str(), 4, "not inside the file"},
      {good.c_str(), 12, "12 bytes of data"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8, "do not fit its shape"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}})", 8, "shape"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})", 8,
       "too large"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8,
       "something else than sizes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, "data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", 8, "two numbers"},
      {R"({"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}})", 8, "dtype"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})", 8, "do not fit its shape"},
      {R"({"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8]}})", 8,
       "something else than sizes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}})", 8,
       "not inside the file"},
      {R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8, "dtype"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       8, "begin at 4"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "begin at 4"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       8, "twice"},
      {R"({"__metadata__":{"k":5}})", 0, "not a string"},
      {R"([1,2])", 0, "not a JSON object"},
      {R"({"a":)", 0, "not JSON"},
      {R"({"a":{"more":[[[[[[[[]]]]]]]]}})", 0, "nested"},
      {R"(5)", 0, "not a JSON object"},
      {R"({"a":5})", 0, "tensor a: not described by an object"},
      {R"({"a":[5]})", 0, "tensor a: not described by an object"},
      {R"({"__metadata__":5})", 0, "__metadata__ is not an object"},
      {R"({"__metadata__":{"k":["v"]}})", 0, "__metadata__.k is not a string"},
      {R"({"__metadata__":{"k":"v","k":"w"}})", 0, "names k twice"},
      {R"({"a":{"dtype":"F32","dtype":"F16"}})", 0, "names dtype twice"},
      {R"({"a":{"dtype":["F32"],"shape":[],"data_offsets":[0,4]}})", 4, "dtype"},
      {R"({"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}})", 8, "shape is not a list"},
      {R"({"a":{"dtype":"F32","shape":{"0":2},"data_offsets":[0,8]}})", 8, "shape is not a list"},
      {R"({"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}})", 8, "something else than"},
      {R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8, "something else than"},
      {R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4,
       "more than 8 numbers in its shape"},
  };
  for (const Case& bad : cases) {
    const std::string message = refusal(file_of(bad.header, bad.data));
    EXPECT_NE(message.find(bad.message), std::string::npos) << bad.header << ": " << message;
    EXPECT_EQ(message.find("x.safetensors: "), 0U) << message;
  }
}

TEST(Safetensors, TakesAllFloatsAndLeavesIntegersOut) {
  std::vector<std::byte> bytes =
      file_of(R"({"i":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
              R"("d":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},)"
              R"("h":{"dtype":"F16","shape":[6],"data_offsets":[16,28]},)"
              R"("b":{"dtype":"BF16","shape":[2],"data_offsets":[28,32]}})",
              32);
  std::byte* data = bytes.data() + bytes.size() - 32;
  const double pi = 3.14159265358979;
  std::memcpy(data + 8, &pi, 8);
  // 1, -2, the largest, the smallest normal and subnormal numbers, infinity.
  const std::uint16_t halves[] = {0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00};
  std::memcpy(data + 16, halves, sizeof halves);
  const std::uint16_t brains[] = {0x3f80, 0xc049};
  std::memcpy(data + 28, brains, sizeof brains);
  const Safetensors content = parse_safetensors(bytes, "x");
  ASSERT_EQ(content.tensors.size(), 3U);
  EXPECT_EQ(content.tensors[0].values, std::vector<float>{3.14159265F});
  EXPECT_EQ(content.tensors[1].values,
            (std::vector<float>{1, -2, 65504, 0x1p-14F, 0x1p-24F, HUGE_VALF}));
  EXPECT_EQ(content.tensors[2].values, (std::vector<float>{1, -3.140625F}));
}

TEST(Safetensors, RefusesLengthsBeyondTheFile) {
  for (const std::uint64_t length : {3ULL, 10'000'001ULL, ~0ULL, 1ULL << 63}) {
    std::vector<std::byte> bytes(8 + 2);
    std::memcpy(bytes.data(), &length, 8);
    EXPECT_NE(refusal(bytes).find("header length"), std::string::npos) << length;
  }
  const std::string deep = R"({"a":{"dtype":)" + std::string(1'000'000, '[');
  EXPECT_NE(refusal(file_of(deep, 0)).find("nested too deeply"), std::string::npos);
}

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(Safetensors, SaysWhatAnotherKindOfFileIs) {
  using namespace std::string_literals;
  struct Case {
    std::string bytes;
    std::string expected;
  };
  const std::string zip = "PK\3\4\x14\0\0\0\0\0 "s;
  const Case cases[] = {
      {"", "empty file"},
      {zip + "config.json model.weights.h5", "Keras; make a model of it first: scrawl import"},
      {zip + "archive/data.pkl", "PyTorch; make a model of it first: scrawl import"},
      {zip + "x_train.npy", "NumPy arrays, as data sets are"},
      {zip + "letter.xml", "a zip archive; if PyTorch or Keras wrote it"},
      {"\x80\2\x8a\nl\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\2M\xe9\3."s,
       "PyTorch; make a model of it first: scrawl import"},
      {"\x89HDF\r\n\x1a\n\0\0\0\0\0\b\b\0"s, "HDF5 file; if Keras wrote it, make a model"},
      {"\x80\4\x95\n\0\0\0\0\0\0\0}\x94\x8c\1a\x94K\1s."s, "pickle of Python"},
      {"\0\0\b\3\0\0\x27\x10\0\0\0\x1c\0\0\0\x1c"s, "IDX file, as data sets are"},
      {"\x93NUMPY\1\0v\0{'descr': '|u1'}"s, "NumPy array, as data sets are"},
      {"\x1f\x8b\b\0\0\0\0\0\0\3"s + std::string(600'000, '\0'), "packed by gzip"},
      {"label,pixel0,pixel1\n5,0,255\n", "CSV file, as data sets are"},
      {"\xEF\xBB\xBF"
       "5;0;255\r\n",
       "CSV file, as data sets are"},
      {"5,0,1", "CSV file, as data sets are"},
      {"[\n{\"epoch\": 1, \"loss\": 0.5}]", "JSON"},
      {"<!DOCTYPE html>\n<title>a, b</title>", "web page"},
      {"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
      {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "a picture; expected a model"},
      {"P5\n28 28\n255\n\0\1\2\3"s, "a picture; expected a model"},
      {"something else altogether", "header length"}};
  for (const auto& [bytes, expected] : cases) {
    const std::string message = refusal(bytes_of(bytes));
    EXPECT_NE(message.find(expected), std::string::npos) << message;
    EXPECT_EQ(message.find("x.safetensors: "), 0U) << message;
  }
  // A model that is cut off is one, whatever its length looks like.
  const std::string cut = "\x80\2\0\0\0\0\0\0{\"a\":."s;
  EXPECT_NE(refusal(bytes_of(cut)).find("header length 640"), std::string::npos);
}

TEST(Safetensors, RefusesEveryTruncation) {
  const auto whole = format_safetensors({{{"a", {3}, {1, 2, 3}}}, {{"k", "v"}}});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::vector<std::byte> part(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_NE(refusal(part), "") << length;
  }
}

TEST(ModelFile, GivesTheModelBack) {
  const ScratchFolder scratch;
  Model model = initialize(parse_architecture("dense 12, relu, dense 10"), 3);
  model.normalization = {0.1F, 0.3F};
  model.temperature = 1.25F;
  model.activation_ranges = {4.3125F};
  model.metadata["seed"] = "3";
  save_model(model, scratch / "m.safetensors");
  const Model back = load_model(scratch / "m.safetensors");
  EXPECT_EQ(back.architecture, model.architecture);
  EXPECT_EQ(back.metadata, model.metadata);
  EXPECT_EQ(back.temperature, 1.25F);
  EXPECT_EQ(back.activation_ranges, model.activation_ranges);
  EXPECT_EQ(back.normalization.mean, 0.1F);
  EXPECT_EQ(back.normalization.std, 0.3F);
  for (std::size_t i = 0; i < model.weights.size(); ++i) {
    EXPECT_EQ(back.weights[i].name, model.weights[i].name);
    EXPECT_EQ(back.weights[i].values, model.weights[i].values);
  }
}

TEST(ModelFile, OfBeforeTemperaturesHasOne) {
  const Model model = initialize(parse_architecture("dense 12, relu, dense 10"), 3);
  Safetensors content = to_safetensors(model);
  content.metadata.erase("scrawl.temperature");
  EXPECT_EQ(to_model(content, "m.safetensors").temperature, 1);
  for (const char* bad : {"", "0", "-1", "nan", "inf", "1 2"}) {
    content.metadata["scrawl.temperature"] = bad;
    EXPECT_THROW(to_model(content, "m.safetensors"), Error) << bad;
  }
}

TEST(ModelFile, MayHaveNoRangesButNoneThatDoNotFit) {
  Safetensors content =
      to_safetensors(initialize(parse_architecture("dense 12, relu, dense 10"), 3));
  EXPECT_TRUE(to_model(content, "m.safetensors").activation_ranges.empty());
  for (const char* bad : {"-1", "nan", "inf", "x", "1 2", "1,2", "1 "}) {
    content.metadata["scrawl.activation_ranges"] = bad;
    EXPECT_THROW(to_model(content, "m.safetensors"), Error) << bad;
  }
}

TEST(ModelFile, RefusesANegativeVariance) {
  Model model = initialize(parse_architecture("conv 8 3, norm, relu, dense 10"), 3);
  EXPECT_NO_THROW(to_model(to_safetensors(model), "m.safetensors"));
  model.weights[4].values[2] = -0.1F;
  EXPECT_THROW(to_model(to_safetensors(model), "m.safetensors"), Error);
}

TEST(ModelFile, IsNotWrittenOfWhatCouldNotBeRead) {
  const ScratchFolder scratch;
  const auto refused = [&](auto change) {
    Model model = initialize(parse_architecture("dense 12, relu, dense 10"), 3);
    change(model);
    EXPECT_THROW(save_model(model, scratch / "m.safetensors"), Error);
    return !std::filesystem::exists(scratch / "m.safetensors");
  };
  EXPECT_TRUE(refused([](Model& model) { model = {}; }));
  EXPECT_TRUE(refused([](Model& model) { model.architecture.layers.emplace_back(Relu{}); }));
  EXPECT_TRUE(refused([](Model& model) { model.normalization.mean = NAN; }));
  for (const float bad : {0.0F, -1.0F, 1e-45F, NAN, HUGE_VALF}) {
    EXPECT_TRUE(refused([bad](Model& model) { model.normalization.std = bad; })) << bad;
    EXPECT_TRUE(refused([bad](Model& model) { model.temperature = bad; })) << bad;
  }
  for (const float bad : {-1.0F, NAN, HUGE_VALF}) {
    EXPECT_TRUE(refused([bad](Model& model) { model.activation_ranges = {bad}; })) << bad;
  }
  EXPECT_TRUE(refused([](Model& model) { model.activation_ranges = {1, 1}; }));
}

TEST(ForPyTorch, NoModelThatCannotBeIsWritten) {
  const ScratchFolder scratch;
  Model model = initialize(parse_architecture("dense 10"), 3);
  model.temperature = 0;
  EXPECT_THROW(export_pytorch(model, scratch / "m.pth"), Error);
  EXPECT_THROW(export_pytorch({}, scratch / "m.pth"), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch / "m.pth"));
}

TEST(FromPyTorch, NoModelIsMadeWithANormalizationThatCannotBe) {
  const ScratchFolder scratch;
  export_pytorch(initialize(parse_architecture("dense 10"), 3), scratch / "m.pth");
  ImportOptions options;
  options.normalization = Normalization{0, 0};
  EXPECT_THROW(import_pytorch(scratch / "m.pth", options), Error);
  options.normalization = Normalization{NAN, 1};
  EXPECT_THROW(import_pytorch(scratch / "m.pth", options), Error);
}

TEST(ModelFile, NamesFileAndFieldOfWhatDoesNotFit) {
  const Model model = initialize(parse_architecture("dense 12, relu, dense 10"), 3);
  const auto message = [](const Safetensors& content) {
    try {
      to_model(content, "m.safetensors");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(to_safetensors(model)), "");

  Safetensors content = to_safetensors(model);
  content.metadata.erase("scrawl.architecture");
  EXPECT_NE(message(content).find("m.safetensors: metadata scrawl.architecture is missing"),
            std::string::npos);
  for (const char* bad : {"", "0.1", "0.1 ", "0.1 x", "0.1 0", "nan 0.3", "0.1 0.3 4"}) {
    content = to_safetensors(model);
    content.metadata["scrawl.normalization"] = bad;
    EXPECT_EQ(message(content).find("m.safetensors: "), 0U) << bad;
    EXPECT_NE(message(content).find("normalization"), std::string::npos) << bad;
  }
  content = to_safetensors(model);
  content.metadata["scrawl.architecture"] = "dense 13, relu, dense 10";
  EXPECT_NE(message(content).find("fc1.weight (12, 784)"), std::string::npos) << message(content);
  content = to_safetensors(model);
  content.tensors.push_back({"extra", {1}, {0}});
  EXPECT_NE(message(content).find("5 tensors"), std::string::npos) << message(content);
}

}  // namespace
}  // namespace scrawl
