// Models as C: what gcc makes of them gives our answers, on this machine and on an emulated
// Cortex-M4. What is not installed is skipped.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>

#include "c_export/int8_reference.hpp"
#include "formats/c_source/memory_plan.hpp"
#include "formats/c_source/quantize.hpp"
#include "formats/c_source/steps.hpp"
#include "network/inference_plan.hpp"
#include "network/random.hpp"
#include "network/softmax.hpp"
#include "network_helpers.hpp"
#include "process.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using Strings = std::vector<std::string>;
using Bytes = std::vector<std::uint8_t>;
using Answers = std::vector<Answer>;

const std::filesystem::path harness = std::filesystem::path(SCRAWL_SOURCE) / "tests/c_export";

// ---- Compiling and running

/// Runs a line of a shell in a folder.
void run_line(const std::string& line, const ScratchFolder& scratch) {
  const std::string errors = (scratch / "errors").string();
  const int status = std::system(
      ("cd '" + scratch.path().string() + "' && " + line + " 2>'" + errors + "'").c_str());
  ASSERT_EQ(status, 0) << line << '\n' << slurp(errors);
}

constexpr const char* warnings =
    " -std=c99 -pedantic -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow"
    " -Wmissing-prototypes -Werror";

void write_bytes(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Answers read_answers(const std::filesystem::path& file) {
  const std::string bytes = slurp(file);
  Answers answers(bytes.size() / sizeof(Answer));
  std::memcpy(answers.data(), bytes.data(), answers.size() * sizeof(Answer));
  return answers;
}

/// What digit.c of the folder makes of glyphs, on this machine.
Answers answers_here(const ScratchFolder& scratch, std::span<const std::uint8_t> glyphs,
                     const std::string& options = "") {
  write_bytes(scratch / "glyphs", glyphs);
  run_line(std::string("gcc -O2") + warnings + options + " -o digit digit.c '" +
               (harness / "host.c").string() + "' && ./digit glyphs answers",
           scratch);
  return read_answers(scratch / "answers");
}

/// The same on a Cortex-M4 with so much memory.
Answers answers_on_cortex_m4(const ScratchFolder& scratch, std::span<const std::uint8_t> glyphs,
                             const std::string& flash, const std::string& ram) {
  write_bytes(scratch / "glyphs", glyphs);
  std::filesystem::remove(scratch / "answers");
  run_line("arm-none-eabi-gcc -O2 -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard -mthumb" +
               std::string(warnings) + " -ffreestanding -nostartfiles -T '" +
               (harness / "memory.ld").string() + "' -Wl,--defsym=flash_size=" + flash +
               " -Wl,--defsym=ram_size=" + ram + " -o digit.elf digit.c '" +
               (harness / "cortex_m4.c").string() + "'",
           scratch);
  run_line(
      "timeout 120 qemu-system-arm -M mps2-an386 -display none -serial none -monitor none"
      " -semihosting-config enable=on,target=native -kernel digit.elf </dev/null",
      scratch);
  return read_answers(scratch / "answers");
}

bool has_cortex_m4() {
  return std::system(
             "command -v arm-none-eabi-gcc qemu-system-arm >/dev/null && test -e "
             "\"$(arm-none-eabi-gcc -print-file-name=libc.a)\"") == 0;
}

constexpr const char* no_cortex_m4 =
    "no arm-none-eabi-gcc, its newlib or qemu-system-arm here: scripts/install-packages test";
constexpr const char* no_mnist = "no MNIST here; get it with: scrawl data fetch";

// ---- Models and answers

/// A preset, and what presets lack: normalizations that nothing can take over, dense layers before
/// convolutions, strides, dilations, borders of what is not 0, what pooling drops, residual sums.
const Strings& architectures() {
  static const Strings texts{
      "lenet",
      "norm, conv 4 3 stride 2, average-pool 3, norm, tanh, dropout 0.5, dense 10",
      "conv 5 4 valid, max-pool 3, max-pool 2, norm, relu, conv 6 1, relu, norm, dense 10",
      "conv 4 3, tanh, max-pool 2, conv 4 3 dilation 2, relu, average-pool 3, dense 10",
      "conv 12 5 stride 3, relu, conv 12 3, norm, residual 2, relu, dense 10",
      "conv 3 3, conv 3 3, relu, conv 3 3, tanh, residual 4, tanh, dense 10",
      "conv 3 3, relu, conv 3 3, residual 2, dense 10",
      "dense 30, norm, relu, conv 7 1, max-pool 1, norm, dense 10, norm, dense 10",
      "relu, dense 10",
      "dense 10"};
  return texts;
}

/// Numbers that a training would have left in the normalizations, some scales below zero.
Model with_statistics(const std::string& text) {
  Model model = initialize(parse_architecture(text), 3);
  model.temperature = 1.7F;
  Random random({11});
  for (Tensor& tensor : model.weights) {
    if (!tensor.name.starts_with("norm")) continue;
    const bool positive = tensor.name.ends_with("var");
    for (float& value : tensor.values) {
      value = static_cast<float>(random.uniform()) + (positive ? 0.02F : -0.5F);
    }
  }
  return model;
}

Answers ours_in_f32(const Model& model, std::span<const std::uint8_t> glyphs) {
  const std::size_t count = glyphs.size() / glyph_pixels;
  const InferencePlan plan(model, 1, DataType::f32);
  Answers answers(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto ten = std::span(answers[i]).first(digit_count);
    plan.run(glyphs.subspan(i * glyph_pixels, glyph_pixels), ten);
    softmax(ten, ten);
    answers[i].back() = static_cast<float>(std::ranges::max_element(ten) - ten.begin());
  }
  return answers;
}

Answers ours_in_int8(const Model& model, std::span<const std::uint8_t> calibration,
                     std::span<const std::uint8_t> glyphs) {
  const auto steps = c_source::steps_of(model);
  const auto int8 = c_source::quantize(model, steps, calibration);
  const Int8Reference reference(steps, int8);
  Answers answers;
  for (std::size_t at = 0; at < glyphs.size(); at += glyph_pixels) {
    answers.push_back(reference.classify(glyphs.subspan(at, glyph_pixels)));
  }
  return answers;
}

/// The largest difference of a probability.
double largest_difference(const Answers& a, const Answers& b) {
  double largest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    for (std::size_t digit = 0; digit < digit_count; ++digit) {
      const double difference = std::abs(static_cast<double>(a[i][digit]) - b[i][digit]);
      if (!(difference <= largest)) largest = difference;
    }
  }
  return largest;
}

void expect_identical(const Answers& found, const Answers& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  EXPECT_EQ(found, expected) << what << ": probabilities within "
                             << largest_difference(found, expected);
}

/// Answers of the same digits, where they are not as good as equal.
void expect_close(const Answers& found, const Answers& expected, const std::string& what) {
  const double difference = largest_difference(found, expected);
  std::cout << what << ", f32: " << found.size() << " glyphs, probabilities within " << difference
            << '\n';
  EXPECT_LE(difference, 1e-5) << what;
}

double accuracy(const Answers& answers, std::span<const std::uint8_t> labels) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    right += answers[i].back() == static_cast<float>(labels[i]) ? 1 : 0;
  }
  return 100.0 * static_cast<double>(right) / static_cast<double>(answers.size());
}

// ---- Where values lie

TEST(MemoryPlan, KeepsApartWhatIsNeededAtTheSameTime) {
  Random random({5});
  for (int round = 0; round < 200; ++round) {
    std::vector<c_source::Lifetime> values(1 + random.below(12));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = {random.below(100), i, i + 1 + random.below(4)};
    }
    const c_source::MemoryPlan plan = c_source::plan_memory(values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_LE(plan.offsets[i] + values[i].size, plan.size);
      for (std::size_t j = 0; j < i; ++j) {
        if (values[j].last < values[i].first) continue;
        const bool apart = plan.offsets[i] + values[i].size <= plan.offsets[j] ||
                           plan.offsets[j] + values[j].size <= plan.offsets[i];
        EXPECT_TRUE(apart || values[i].size == 0 || values[j].size == 0);
      }
    }
  }
}

TEST(MemoryPlan, TakesTurnsAtTwoEnds) {
  const std::vector<c_source::Lifetime> chain{{784, 0, 1}, {1024, 1, 2}, {576, 2, 3}, {128, 3, 4}};
  EXPECT_EQ(c_source::plan_memory(chain).size, 784U + 1024U);
}

// ---- Compiled here

TEST(CExport, InF32GivesOurAnswersForEveryKindOfLayer) {
  const Glyphs glyphs = random_glyphs(20, 9);
  for (const std::string& text : architectures()) {
    const ScratchFolder scratch;
    const Model model = with_statistics(text);
    export_c(model, scratch / "digit.c", {.precision = Precision::f32});
    expect_close(answers_here(scratch, glyphs.pixels), ours_in_f32(model, glyphs.pixels), text);
  }
}

TEST(CExport, InInt8GivesTheAnswersOfItsReferenceForEveryKindOfLayer) {
  const Glyphs glyphs = random_glyphs(20, 9);
  for (const std::string& text : architectures()) {
    const ScratchFolder scratch;
    const Model model = with_statistics(text);
    export_c(model, scratch / "digit.c", {.glyphs = glyphs.pixels});
    const Answers found = answers_here(scratch, glyphs.pixels);
    expect_identical(found, ours_in_int8(model, glyphs.pixels, glyphs.pixels), text);
    // And it is the network's answer, if a coarser one.
    const double difference = largest_difference(found, ours_in_f32(model, glyphs.pixels));
    std::cout << text << ", int8: within " << difference << " of f32\n";
    EXPECT_LE(difference, 0.05) << text;
  }
}

TEST(CExport, DoesNothingUndefined) {
  const Glyphs glyphs = random_glyphs(5, 9);
  for (const std::string& text : architectures()) {
    for (const Precision precision : {Precision::int8, Precision::f32}) {
      const ScratchFolder scratch;
      export_c(with_statistics(text), scratch / "digit.c", {precision, glyphs.pixels});
      EXPECT_EQ(answers_here(scratch, glyphs.pixels,
                             " -fsanitize=address,undefined"
                             " -fno-sanitize-recover=all")
                    .size(),
                5U)
          << text;
    }
  }
}

TEST(CExport, NeedsNothingButMemcpy) {
  const ScratchFolder scratch;
  const Glyphs glyphs = random_glyphs(1, 9);
  for (const std::string& text : architectures()) {
    for (const Precision precision : {Precision::int8, Precision::f32}) {
      export_c(with_statistics(text), scratch / "digit.c", {precision, glyphs.pixels});
      run_line(
          "gcc -O1 -std=c99 -ffreestanding -fno-stack-protector -fno-pic -c digit.c && "
          "nm -u digit.o > undefined",
          scratch);
      std::string undefined = slurp(scratch / "undefined");
      const auto name = undefined.find("memcpy");
      if (name != std::string::npos) undefined.erase(name, 6);
      EXPECT_EQ(undefined.find_first_not_of(" U\n"), std::string::npos) << text << undefined;
    }
  }
}

TEST(CExport, InInt8KeepsTheBiasOfAnOutputWithoutWeights) {
  Model model = with_statistics("dense 4, relu, dense 10");
  for (float& weight : model.weights[0].values) weight = 0;
  model.weights[1].values = {3, 1, 0.5F, 2};
  const Glyphs glyphs = random_glyphs(3, 9);
  const ScratchFolder scratch;
  export_c(model, scratch / "digit.c", {.glyphs = glyphs.pixels});
  const Answers found = answers_here(scratch, glyphs.pixels);
  EXPECT_LE(largest_difference(found, ours_in_f32(model, glyphs.pixels)), 0.01);
}

TEST(CExport, OfTheSameModelIsTheSame) {
  const ScratchFolder scratch;
  const Glyphs glyphs = random_glyphs(3, 9);
  const Model model = with_statistics("lenet");
  for (const Precision precision : {Precision::int8, Precision::f32}) {
    export_c(model, scratch / "a.c", {precision, glyphs.pixels});
    export_c(model, scratch / "b.c", {precision, glyphs.pixels});
    EXPECT_EQ(slurp(scratch / "a.c"), slurp(scratch / "b.c"));
  }
}

TEST(CExport, SaysWhatItTakes) {
  const ScratchFolder scratch;
  Model model = with_statistics("mlp");
  model.metadata["trained by"] = "somebody */ #error";
  export_c(model, scratch / "digit.c", {.precision = Precision::f32});
  const std::string text = slurp(scratch / "digit.c");
  EXPECT_NE(text.find("dense 256, relu, dense 128, relu, dense 10"), std::string::npos);
  // The normalized glyph, then 256 values beside 784.
  EXPECT_NE(text.find("RAM         4,160 bytes"), std::string::npos) << text.substr(0, 1500);
  EXPECT_NE(text.find("Flash       940,584 bytes"), std::string::npos) << text.substr(0, 1500);
  EXPECT_NE(text.find("Operations  469,504 "), std::string::npos) << text.substr(0, 1500);
  EXPECT_EQ(text.find("somebody"), std::string::npos);
}

TEST(CExport, RefusesWhatCannotBe) {
  const ScratchFolder scratch;
  const std::filesystem::path file = scratch / "x.c";
  const Glyphs glyphs = random_glyphs(1, 9);
  const Model model = with_statistics("mlp");
  EXPECT_THROW(export_c(model, file), Error);  // neither ranges nor glyphs
  EXPECT_THROW(export_c(model, file, {.precision = Precision::bf16}), OptionError);
  EXPECT_THROW(export_c({}, file, {.precision = Precision::f32}), Error);
  Model large = initialize(parse_architecture("dense 30000, relu, dense 10"), 1);
  EXPECT_THROW(export_c(large, file, {.precision = Precision::f32}), Error);
  Model maps = initialize(parse_architecture("conv 4 3, relu, conv 12 1"), 1);
  EXPECT_THROW(export_c(maps, file, {.precision = Precision::f32}), Error);
  Model steep = with_statistics("dense 20, norm, relu, dense 10");
  for (float& value : steep.weights[1].values) value = 3e38F;
  for (float& value : steep.weights[0].values) value = 1e5F;
  EXPECT_THROW(export_c(steep, file, {.precision = Precision::f32}), Error);
  Model scaled = with_statistics("norm, dense 10");
  for (std::size_t i = 0; i < 4; ++i) scaled.weights[i].values = {i == 3 ? 0.0F : 3e38F};
  EXPECT_THROW(export_c(scaled, file, {Precision::int8, glyphs.pixels}), Error);
  // Ranges that cannot be do no harm.
  Model ranges = initialize(parse_architecture("good"), 1);
  ranges.activation_ranges = {1e-30F, 1e30F, 0};
  export_c(ranges, file);
  EXPECT_TRUE(std::filesystem::exists(file));
}

// ---- On MNIST

Dataset mnist(Part part) {
  try {
    return load_dataset(default_data_folder(), part);
  } catch (const Error&) {
    return {};
  }
}

/// As a preset trains it, for one epoch.
Model trained(const std::string& preset) {
  const ScratchFolder scratch;
  const std::string file = (scratch / "m.safetensors").string();
  const ProcessResult result = run_scrawl(
      {"train", "--model", preset, "--epochs", "1", "--quiet", "--seed", "1", "--out", file});
  EXPECT_EQ(result.code, 0) << result.err;
  return load_model(file);
}

class CExportOnMnist : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Presets, CExportOnMnist, testing::Values("mlp", "lenet", "fast", "good"),
                         [](const auto& preset) { return std::string(preset.param); });

TEST_P(CExportOnMnist, GivesOurAnswersForAllTestImages) {
  const Dataset test = mnist(Part::test);
  if (test.size() == 0) GTEST_SKIP() << no_mnist;
  const Bytes train = mnist(Part::train).images;
  const std::string preset = GetParam();
  const Model model = trained(preset);
  const auto calibration = std::span(train).first(256 * glyph_pixels);
  const ScratchFolder scratch;
  export_c(model, scratch / "digit.c", {.glyphs = calibration});
  const Answers int8 = answers_here(scratch, test.images);
  expect_identical(int8, ours_in_int8(model, calibration, test.images), preset);
  export_c(model, scratch / "digit.c", {.precision = Precision::f32});
  const Answers f32 = answers_here(scratch, test.images);
  expect_close(f32, ours_in_f32(model, test.images), preset);
  const double loss = accuracy(f32, test.labels) - accuracy(int8, test.labels);
  EXPECT_LE(std::abs(loss), 0.15) << preset;
}

// ---- On a Cortex-M4

/// The first test images, or some that are none.
Bytes hundred_glyphs() {
  Bytes images = mnist(Part::test).images;
  images.resize(std::min(images.size(), 100 * glyph_pixels));
  return images.empty() ? random_glyphs(100, 5).pixels : images;
}

TEST(CExportOnCortexM4, GoodFits128KBOfFlashAnd64KBOfRamAndAnswersAsHere) {
  if (!has_cortex_m4()) GTEST_SKIP() << no_cortex_m4;
  const Bytes glyphs = hundred_glyphs();
  const ScratchFolder scratch;
  export_c(initialize(parse_architecture("good"), 3), scratch / "digit.c", {.glyphs = glyphs});
  const Answers here = answers_here(scratch, glyphs);
  const Answers there = answers_on_cortex_m4(scratch, glyphs, "128K", "64K");
  expect_identical(there, here, "good");
}

TEST(CExportOnCortexM4, EveryKindOfLayerAnswersAsHere) {
  if (!has_cortex_m4()) GTEST_SKIP() << no_cortex_m4;
  const Bytes glyphs = random_glyphs(5, 9).pixels;
  for (const std::string& text : architectures()) {
    for (const Precision precision : {Precision::int8, Precision::f32}) {
      const ScratchFolder scratch;
      export_c(with_statistics(text), scratch / "digit.c", {precision, glyphs});
      const Answers here = answers_here(scratch, glyphs);
      expect_identical(answers_on_cortex_m4(scratch, glyphs, "1M", "64K"), here, text);
    }
  }
}

// ---- The command

TEST(CExportCommand, WritesBesideTheModelUnderItsName) {
  const ScratchFolder scratch;
  save_model(with_statistics("good"), scratch / "my.model.safetensors");
  const ProcessResult result = run_scrawl({"export", (scratch / "my.model.safetensors").string(),
                                           "--c", "--precision", "f32", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  const std::string file = (scratch / "my.model.c").string();
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["file"], file);
  EXPECT_EQ(json["format"], "c");
  EXPECT_EQ(json["bytes"], std::filesystem::file_size(file));
}

TEST(CExportCommand, WritesTheBuiltinModelWithoutADataSet) {
  const ScratchFolder scratch;
  const ProcessResult result =
      run_scrawl({"export", "--c", "--data", "/none", "-o", (scratch / "digit.c").string()});
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST(CExportCommand, SaysHowAModelBecomesInt8) {
  const ScratchFolder scratch;
  const std::string model = (scratch / "m.safetensors").string();
  save_model(with_statistics("mlp"), model);
  const ProcessResult result = run_scrawl({"export", model, "--c", "--data", "/none"});
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("--precision f32"), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::exists(scratch / "m.c"));
  EXPECT_EQ(run_scrawl({"export", model, "--onnx", "--precision", "f32"}).code, 2);
  EXPECT_EQ(run_scrawl({"export", model, "--onnx", "--data", "/none"}).code, 2);
  EXPECT_EQ(run_scrawl({"export", model, "--c", "--onnx"}).code, 2);
  EXPECT_EQ(run_scrawl({"export", model, "--c", "--precision", "bf16"}).code, 2);
}

}  // namespace
}  // namespace scrawl
