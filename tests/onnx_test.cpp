// Models as ONNX files: sound by ONNX's own checker, and with our answers in onnxruntime, in Node
// and in a browser. What is not installed is skipped.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/glyph.hpp>

#include "formats/protobuf.hpp"
#include "network/inference_plan.hpp"
#include "network/random.hpp"
#include "network_helpers.hpp"
#include "process.hpp"
#include "recognition/recognizer.hpp"
#include "scratch.hpp"
#include "training/evaluate.hpp"

namespace scrawl {
namespace {

using Json = nlohmann::json;
using Strings = std::vector<std::string>;

const std::filesystem::path source = SCRAWL_SOURCE;

// ---- Other programs

/// Runs a command of a shell; its words must not hold single quotes.
ProcessResult run_command(const Strings& words, const ScratchFolder& scratch) {
  std::string line = R"(NODE_PATH="${XDG_CACHE_HOME:-$HOME/.cache}/scrawl/node/node_modules" )"
                     "timeout 200";
  for (const std::string& word : words) line += " '" + word + "'";
  line += " >'" + (scratch / "out").string() + "' 2>'" + (scratch / "err").string() + "'";
  const int status = std::system(line.c_str());
  return {WEXITSTATUS(status), slurp(scratch / "out"), slurp(scratch / "err")};
}

bool has_python_onnx() {
  return run_command({"/usr/bin/python3", "-c", "import onnx"}, ScratchFolder()).code == 0;
}

bool has_node_package(const std::string& name) {
  const std::string script = "require.resolve(\"" + name + "\")";
  return run_command({"node", "-e", script}, ScratchFolder()).code == 0;
}

constexpr const char* no_python = "no python3-onnx here: scripts/install-packages test";
constexpr const char* no_node = "no onnxruntime for Node here: scripts/install-node-packages";

// ---- Models and answers

/// Numbers that a training would have left in the normalizations, some scales below zero.
Model with_statistics(const std::string& text) {
  Model model = initialize(parse_architecture(text), 3);
  model.temperature = 1.7F;
  model.metadata["seed"] = "3";
  Random random({11});
  for (Tensor& tensor : model.weights) {
    if (tensor.name.compare(0, 4, "norm") != 0) continue;
    const bool positive = tensor.name.ends_with("var");
    for (float& value : tensor.values) {
      value = static_cast<float>(random.uniform()) + (positive ? 0.02F : -0.5F);
    }
  }
  return model;
}

/// Presets, and what they lack: normalizations that nothing can take over, dense layers before
/// convolutions, strides, what pooling drops.
const Strings& architectures() {
  static const Strings texts{
      "mlp",
      "lenet",
      "fast",
      "good",
      "best",
      "norm, conv 4 3 stride 2, average-pool 3, norm, tanh, dropout 0.5, dense 10",
      "conv 5 4 valid, max-pool 3, max-pool 2, norm, relu, conv 6 1, relu, norm, dense 10",
      "dense 30, norm, relu, conv 7 1, max-pool 1, norm, dense 10, norm, dense 10",
      "dense 10"};
  return texts;
}

/// Logits and probabilities of each glyph, one behind the other.
struct Answers {
  std::vector<float> logits;
  std::vector<float> probabilities;
};

Answers ours(const Model& model, std::span<const std::uint8_t> glyphs) {
  const std::size_t count = glyphs.size() / glyph_pixels;
  const InferencePlan plan(model, 250, DataType::f32);
  Answers answers;
  answers.logits.resize(count * digit_count);
  answers.probabilities.resize(count * digit_count);
  for (std::size_t at = 0; at < count; at += plan.rows()) {
    const std::size_t rows = std::min(plan.rows(), count - at);
    plan.run(glyphs.subspan(at * glyph_pixels, rows * glyph_pixels),
             std::span(answers.logits).subspan(at * digit_count, rows * digit_count));
  }
  for (std::size_t at = 0; at < answers.logits.size(); at += digit_count) {
    add_softmax(std::span(answers.logits).subspan(at, digit_count), 1,
                std::span(answers.probabilities).subspan(at, digit_count));
  }
  return answers;
}

/// Those of another program, which `command` starts; MODEL, GLYPHS and ANSWERS come behind it.
Answers theirs(Strings command, const Model& model, std::span<const std::uint8_t> glyphs) {
  const ScratchFolder scratch;
  export_onnx(model, scratch / "model.onnx");
  std::ofstream(scratch / "glyphs", std::ios::binary)
      .write(reinterpret_cast<const char*>(glyphs.data()),
             static_cast<std::streamsize>(glyphs.size()));
  for (const char* file : {"model.onnx", "glyphs", "answers"}) {
    command.push_back((scratch / file).string());
  }
  const ProcessResult result = run_command(command, scratch);
  EXPECT_EQ(result.code, 0) << result.err;
  const std::string bytes = slurp(scratch / "answers");
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  Answers answers;
  for (std::size_t at = 0; at < values.size(); at += 2 * digit_count) {
    const auto row = values.begin() + static_cast<std::ptrdiff_t>(at);
    answers.logits.insert(answers.logits.end(), row, row + digit_count);
    answers.probabilities.insert(answers.probabilities.end(), row + digit_count,
                                 row + 2 * digit_count);
  }
  return answers;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

std::vector<std::size_t> digits(const std::vector<float>& logits) {
  std::vector<std::size_t> digits;
  for (std::size_t at = 0; at < logits.size(); at += digit_count) {
    const auto ten = std::span(logits).subspan(at, digit_count);
    digits.push_back(static_cast<std::size_t>(std::ranges::max_element(ten) - ten.begin()));
  }
  return digits;
}

void expect_same(const Answers& found, const Answers& expected, const std::string& what) {
  const double logits = largest_difference(found.logits, expected.logits);
  const double probabilities = largest_difference(found.probabilities, expected.probabilities);
  std::cout << what << ": " << found.logits.size() / digit_count << " glyphs, logits within "
            << logits << ", probabilities within " << probabilities << '\n';
  EXPECT_LE(logits, 1e-4) << what;
  EXPECT_LE(probabilities, 1e-5) << what;
  EXPECT_EQ(digits(found.logits), digits(expected.logits)) << what;
}

const Strings in_node{"node", (source / "tests/node/onnx_node.cjs").string()};

// ---- The format

TEST(Protobuf, WritesWhatItsDocumentationShows) {
  ProtobufMessage inner;
  inner.integer(1, 150);
  EXPECT_EQ(inner.content(), "\x08\x96\x01");
  ProtobufMessage outer;
  outer.bytes(2, "testing");
  outer.message(3, inner);
  outer.real(5, 1.0F);
  using namespace std::string_literals;
  EXPECT_EQ(outer.content(), "\x12\x07testing\x1A\x03\x08\x96\x01\x2D\x00\x00\x80\x3F"s);
  ProtobufMessage negative;
  negative.integer(1, -2);
  EXPECT_EQ(negative.content(), "\x08\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
}

/// What ONNX's checker tells of a sound file.
Json checked(const Model& model) {
  const ScratchFolder scratch;
  const std::string file = (scratch / "model.onnx").string();
  export_onnx(model, file);
  const ProcessResult result =
      run_command({"/usr/bin/python3", (source / "tests/check_onnx.py").string(), file}, scratch);
  EXPECT_EQ(result.code, 0) << result.err;
  return result.code == 0 ? Json::parse(result.out) : Json();
}

TEST(OnnxExport, OfEveryArchitectureIsSoundByOnnxsOwnChecker) {
  if (!has_python_onnx()) GTEST_SKIP() << no_python;
  std::vector<Model> models{default_model()};
  for (const std::string& text : architectures()) models.push_back(with_statistics(text));
  for (const Model& model : models) {
    const Json found = checked(model);
    EXPECT_EQ(found["producer"], "scrawl");
    EXPECT_EQ(found["opset"], 13);
    EXPECT_EQ(found["ir"], 7);
    EXPECT_EQ(found["described"], true);
    EXPECT_EQ(found["shapes"], Json::parse(R"({"glyphs": ["batch", 28, 28],
        "probabilities": ["batch", 10], "logits": ["batch", 10]})"));
    const Json& metadata = found["metadata"];
    EXPECT_EQ(metadata["scrawl.architecture"], to_string(model.architecture));
    EXPECT_EQ(metadata["scrawl.normalization"], "0.1307 0.3081");
    EXPECT_TRUE(metadata.contains("scrawl.temperature"));
    for (const auto& [key, value] : model.metadata) EXPECT_EQ(metadata[key], value) << key;
  }
}

TEST(OnnxExport, FoldsNormalizationsAndNamesConstantsAsOurTensors) {
  if (!has_python_onnx()) GTEST_SKIP() << no_python;
  const Json builtin = checked(default_model());
  EXPECT_EQ(std::ranges::count(builtin["nodes"], Json("BatchNormalization")), 0);
  for (const char* name : {"conv1.weight", "conv1.bias", "fc1.weight", "fc1.bias"}) {
    EXPECT_EQ(std::ranges::count(builtin["constants"], Json(name)), 1) << name;
  }
  // Behind a max-pooling, scales below zero cannot be folded.
  const Json other = checked(with_statistics("conv 8 4 valid, max-pool 3, norm, relu, dense 10"));
  EXPECT_EQ(std::ranges::count(other["nodes"], Json("BatchNormalization")), 1);
  EXPECT_EQ(std::ranges::count(other["constants"], Json("norm1.running_var")), 1);
}

TEST(OnnxExport, RefusesModelsThatCannotBe) {
  const ScratchFolder scratch;
  Model model = initialize(parse_architecture("dense 10"), 1);
  model.weights[0].values.pop_back();
  EXPECT_THROW(export_onnx(model, scratch / "x.onnx"), Error);
  model = initialize(parse_architecture("dense 10"), 1);
  model.temperature = 0;
  EXPECT_THROW(export_onnx(model, scratch / "x.onnx"), Error);
  EXPECT_THROW(export_onnx({}, scratch / "x.onnx"), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch / "x.onnx"));
}

// ---- In onnxruntime

TEST(OnnxInNode, GivesOurAnswersForEveryKindOfLayer) {
  if (!has_node_package("onnxruntime-node")) GTEST_SKIP() << no_node;
  const Glyphs glyphs = random_glyphs(7, 9);
  for (const std::string& text : architectures()) {
    const Model model = with_statistics(text);
    expect_same(theirs(in_node, model, glyphs.pixels), ours(model, glyphs.pixels), text);
  }
}

/// The test images; none where there is no MNIST.
std::vector<std::uint8_t> mnist_images() {
  try {
    return load_dataset(default_data_folder(), Part::test).images;
  } catch (const Error&) {
    return {};
  }
}

constexpr const char* no_mnist = "no MNIST here; get it with: scrawl data fetch";

Model trained_mlp() {
  const ScratchFolder scratch;
  const std::string file = (scratch / "mlp.safetensors").string();
  const ProcessResult result = run_scrawl({"train", "--epochs", "2", "--quiet", "--out", file});
  EXPECT_EQ(result.code, 0) << result.err;
  return load_model(file);
}

TEST(OnnxInNode, GivesOurAnswersForAllTestImagesOfMnist) {
  if (!has_node_package("onnxruntime-node")) GTEST_SKIP() << no_node;
  const std::vector<std::uint8_t> images = mnist_images();
  if (images.empty()) GTEST_SKIP() << no_mnist;
  const Model builtin = default_model();
  expect_same(theirs(in_node, builtin, images), ours(builtin, images), "the built-in model");
  const Model mlp = trained_mlp();
  expect_same(theirs(in_node, mlp, images), ours(mlp, images), "mlp");
}

TEST(OnnxInABrowser, GivesOurAnswers) {
  if (!has_node_package("onnxruntime-web") || !has_node_package("playwright-core")) {
    GTEST_SKIP() << no_node;
  }
  const std::string browser = "/usr/bin/chromium";
  if (!std::filesystem::exists(browser)) {
    GTEST_SKIP() << "no chromium here: scripts/install-packages test";
  }
  std::vector<std::uint8_t> images = mnist_images();
  images.resize(std::min(images.size(), 500 * glyph_pixels));
  if (images.empty()) images = random_glyphs(500, 5).pixels;
  const Model builtin = default_model();
  expect_same(
      theirs({"node", (source / "tests/node/onnx_web.cjs").string(), browser}, builtin, images),
      ours(builtin, images), "the built-in model");
}

// ---- The example and the command

TEST(OnnxExample, ReadsAPgmAndAnIdxFile) {
  if (!has_node_package("onnxruntime-node")) GTEST_SKIP() << no_node;
  const std::vector<std::uint8_t> images = mnist_images();
  if (images.empty()) GTEST_SKIP() << no_mnist;
  const ScratchFolder scratch;
  const std::string model = (scratch / "builtin.onnx").string();
  export_onnx(default_model(), model);
  const std::string pixels(images.begin(), images.begin() + 3 * glyph_pixels);
  std::ofstream(scratch / "7.pgm", std::ios::binary) << "P5\n# a comment\n28 28\n255\n"
                                                     << pixels.substr(0, glyph_pixels);
  std::ofstream(scratch / "idx", std::ios::binary)
      << std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\x1C\0\0\0\x1C", 16) << pixels;
  std::ofstream(scratch / "other", std::ios::binary) << "no glyph";
  const auto read = [&](const char* file) {
    return run_command({"node", (source / "examples/onnx/read_glyph.cjs").string(), model,
                        (scratch / file).string()},
                       scratch);
  };
  EXPECT_EQ(read("7.pgm").out.substr(0, 3), "7 (");
  const ProcessResult three = read("idx");  // MNIST's test images begin with 7 2 1
  std::string first_letters;
  std::istringstream lines(three.out);
  for (std::string line; std::getline(lines, line);) first_letters += line[0];
  EXPECT_EQ(first_letters, "721") << three.err;
  const ProcessResult bad = read("other");
  EXPECT_EQ(bad.code, 1);
  EXPECT_NE(bad.err.find("neither"), std::string::npos) << bad.err;
}

TEST(ExportCommand, WritesBesideTheModelUnderItsNameTheSameEachTime) {
  const ScratchFolder scratch;
  const Model model = with_statistics("lenet");
  save_model(model, scratch / "my.model.safetensors");
  const ProcessResult result =
      run_scrawl({"export", (scratch / "my.model.safetensors").string(), "--onnx", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  const std::string file = (scratch / "my.model.onnx").string();
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["file"], file);
  EXPECT_EQ(json["format"], "onnx");
  EXPECT_EQ(json["bytes"], std::filesystem::file_size(file));
  export_onnx(model, scratch / "again.onnx");
  EXPECT_EQ(slurp(file), slurp(scratch / "again.onnx"));
}

TEST(ExportCommand, WritesTheBuiltinModelAndOneFromStandardInput) {
  const ScratchFolder scratch;
  const std::string builtin = (scratch / "builtin.onnx").string();
  const ProcessResult result = run_scrawl({"export", "--onnx", "-o", builtin});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out.rfind(builtin + ": 1.8 MB", 0), 0U) << result.out;
  save_model(default_model(), scratch / "m.safetensors");
  const std::string piped = (scratch / "piped.onnx").string();
  EXPECT_EQ(run_scrawl({"export", "-", "--onnx", "-o", piped}, scratch / "m.safetensors").code, 0);
  EXPECT_EQ(slurp(piped), slurp(builtin));
}

TEST(ExportCommand, MakesTheFolderThatTheLibraryWantsToBeThere) {
  const ScratchFolder scratch;
  const std::filesystem::path file = scratch / "new" / "folder" / "m.onnx";
  EXPECT_THROW(export_onnx(with_statistics("dense 10"), file), Error);
  EXPECT_EQ(run_scrawl({"export", "--onnx", "-o", file.string()}).code, 0);
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(ExportCommand, RefusesWhatIsNoUse) {
  const ScratchFolder scratch;
  const std::string model = (scratch / "m.safetensors").string();
  save_model(with_statistics("dense 10"), model);
  const std::string before = slurp(model);
  EXPECT_EQ(run_scrawl({"export", model}).code, 2);
  EXPECT_EQ(run_scrawl({"export", "-", "--onnx"}, model).code, 2);
  EXPECT_EQ(run_scrawl({"export", model, "--onnx", "--out", model}).code, 2);
  EXPECT_EQ(slurp(model), before);
  const ProcessResult missing =
      run_scrawl({"export", (scratch / "no.safetensors").string(), "--onnx"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.err.find("no.safetensors"), std::string::npos) << missing.err;
}

}  // namespace
}  // namespace scrawl
