// Models from other programs: what images show of them, ONNX, Keras, and averages of several.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include <scrawl/average.hpp>
#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/training.hpp>

#include "dataset_files.hpp"
#include "formats/infer_architecture.hpp"
#include "formats/onnx.hpp"
#include "formats/pth.hpp"
#include "formats/sigmoid.hpp"
#include "network/inference_plan.hpp"
#include "network/random.hpp"
#include "network_helpers.hpp"
#include "process.hpp"
#include "scratch.hpp"
#include "training/average_models.hpp"
#include "training/checkpoint.hpp"

namespace scrawl {
namespace {

using testing::Bytes;
using testing::error_of;
using testing::expect_mentions;

std::vector<float> logits_of(const Model& model, std::span<const std::uint8_t> glyphs) {
  const InferencePlan plan(model, 50, DataType::f32);
  std::vector<float> logits(glyphs.size() / glyph_pixels * digit_count);
  for (std::size_t at = 0; at < glyphs.size() / glyph_pixels; at += plan.rows()) {
    const std::size_t rows = std::min(plan.rows(), glyphs.size() / glyph_pixels - at);
    plan.run(glyphs.subspan(at * glyph_pixels, rows * glyph_pixels),
             std::span(logits).subspan(at * digit_count, rows * digit_count));
  }
  return logits;
}

void expect_near(std::span<const float> found, std::span<const float> expected,
                 const std::string& what) {
  EXPECT_LT(relative_error(found, expected), 1e-4) << what;
}

/// Weights that are larger than a new network's, so that each layer counts.
Model strong_model(const std::string& text, const Normalization& normalization) {
  Model model = initialize(parse_architecture(text), 5);
  model.normalization = normalization;
  Random random({17});
  for (Tensor& tensor : model.weights) {
    if (tensor.name.ends_with("bias")) {
      for (float& value : tensor.values) value = static_cast<float>(random.uniform()) - 0.5F;
    } else {
      for (float& value : tensor.values) value *= 3;
    }
  }
  return model;
}

/// What a model says itself of glyphs is what it has learned.
Dataset learned_by(const Model& model, std::size_t count) {
  Dataset images{random_glyphs(count, 3).pixels, {}};
  const std::vector<float> logits = logits_of(model, images.images);
  for (std::size_t i = 0; i < count; ++i) {
    const auto ten = std::span(logits).subspan(i * digit_count, digit_count);
    images.labels.push_back(static_cast<std::uint8_t>(std::ranges::max_element(ten) - ten.begin()));
  }
  return images;
}

std::filesystem::path exported(const Model& model, const ScratchFolder& scratch) {
  const std::filesystem::path file = scratch / "m.pth";
  export_pytorch(model, file);
  return file;
}

// ---- What images show

TEST(MeasuredImport, FindsTheNormalizationThatReadsBest) {
  const ScratchFolder scratch;
  for (const Normalization& normalization :
       {Normalization{}, Normalization{0, 1}, Normalization{0.5F, 0.5F},
        Normalization{0, 1.0F / 255}}) {
    const Model model = strong_model("dense 30, relu, dense 10", normalization);
    const MeasuredImport found =
        import_model(exported(model, scratch), {}, learned_by(model, 1000));
    EXPECT_EQ(found.model.normalization.mean, normalization.mean);
    EXPECT_EQ(found.model.normalization.std, normalization.std);
    EXPECT_EQ(found.model.architecture, model.architecture);
    ASSERT_GT(found.trials.size(), 4U);
    EXPECT_GT(found.trials[0].accuracy, 0.98);
    EXPECT_LT(found.trials[1].accuracy, found.trials[0].accuracy);
    EXPECT_TRUE(found.is_clear);
  }
}

TEST(MeasuredImport, FindsActivationsThatNamesAndShapesDoNotTell) {
  const ScratchFolder scratch;
  for (const char* text :
       {"dense 30, dense 20, relu, dense 10", "dense 30, relu, dense 20, dense 10",
        "dense 30, tanh, dense 20, tanh, dense 10",
        "conv 4 5 valid, tanh, average-pool 2, conv 8 5 valid, tanh, average-pool 2, dense 10",
        "conv 4 3 stride 2, relu, conv 8 3 stride 2, relu, dense 10"}) {
    const Model model = strong_model(text, {0, 1});
    const MeasuredImport found = import_model(exported(model, scratch), {}, learned_by(model, 600));
    EXPECT_EQ(to_string(found.model.architecture), to_string(model.architecture));
    EXPECT_EQ(found.model.normalization.std, 1);
    EXPECT_GT(found.trials[0].accuracy, 0.98) << text;
  }
}

/// As a network of little training is: it reads a third more of the images without its ReLU, but
/// not well.
TEST(MeasuredImport, KeepsReLUsOfNetworksThatHaveLearnedLittle) {
  const ScratchFolder scratch;
  const Model model = strong_model("dense 30, relu, dense 20, relu, dense 10", {0, 1});
  Model without = model;
  without.architecture = parse_architecture("dense 30, dense 20, relu, dense 10");
  Dataset images = learned_by(without, 3000);
  Random random({9});
  for (std::size_t i = 0; i < images.size(); ++i) {  // two of five labels are any
    if (i % 5 < 2) images.labels[i] = static_cast<std::uint8_t>(random.below(10));
  }
  const MeasuredImport found = import_model(exported(model, scratch), {}, images);
  EXPECT_NE(to_string(found.model.architecture), to_string(without.architecture));
  EXPECT_FALSE(found.is_clear);
  const auto better = std::ranges::max_element(found.trials, {}, &ImportTrial::accuracy);
  EXPECT_EQ(to_string(better->architecture), to_string(without.architecture));
}

/// Behind 0 and 2 of an nn.Sequential something has a number of its own.
TEST(MeasuredImport, TakesNoReLUToBeMissingWhereSomethingStands) {
  const Model model = strong_model("dense 30, dense 20, relu, dense 10", {0, 1});
  for (const bool sequential : {false, true}) {
    std::vector<Tensor> tensors = model.weights;
    const std::array<const char*, 3> names = {"0", "2", "4"};
    for (std::size_t i = 0; sequential && i < tensors.size(); ++i) {
      const std::string part = tensors[i].name.substr(tensors[i].name.rfind('.'));
      tensors[i].name = std::string("net.") + names[i / 2] + part;
    }
    const auto found = interpretations(tensors, "m.pth");
    const bool some = std::ranges::any_of(found, &Interpretation::lacks_relus);
    EXPECT_EQ(some, !sequential);
  }
}

TEST(MeasuredImport, SettlesWhichOfSeveralNetworksOfTheSameShapesItIs) {
  const ScratchFolder scratch;
  const Model model = strong_model("conv 4 3, relu, conv 4 3, relu, max-pool 2, dense 10", {0, 1});
  EXPECT_THROW(import_model(exported(model, scratch)), Error);
  const MeasuredImport found = import_model(exported(model, scratch), {}, learned_by(model, 600));
  EXPECT_EQ(to_string(found.model.architecture), to_string(model.architecture));
}

TEST(MeasuredImport, FindsNetworksThatLearnedBlackOnWhite) {
  const ScratchFolder scratch;
  Model model = strong_model("dense 30, relu, dense 10", {0, 1});
  for (float& value : model.weights[0].values) value = -value;
  model.normalization.mean = 1;  // -(p - 1) = 1 - p
  const Dataset images = learned_by(model, 1000);
  for (float& value : model.weights[0].values) value = -value;  // as its file has it
  const MeasuredImport found = import_model(exported(model, scratch), {}, images);
  EXPECT_TRUE(found.trials[0].is_inverted);
  EXPECT_EQ(found.model.normalization.mean, 1);
  EXPECT_GT(found.trials[0].accuracy, 0.98);
}

TEST(MeasuredImport, KeepsToWhatItIsTold) {
  const ScratchFolder scratch;
  const Model model = strong_model("dense 30, relu, dense 10", {0, 1});
  ImportOptions options;
  options.normalization = Normalization{0.25F, 0.5F};
  options.architecture = parse_architecture("dense 30, tanh, dense 10");
  const MeasuredImport found =
      import_model(exported(model, scratch), options, learned_by(model, 100));
  for (const ImportTrial& trial : found.trials) {
    EXPECT_EQ(trial.architecture, *options.architecture);
    EXPECT_EQ(trial.normalization.mean, 0.25F);
  }
  EXPECT_EQ(found.model.architecture, *options.architecture);
}

// ---- Sigmoids

TEST(Sigmoid, IsATanhWithOtherWeightsAroundIt) {
  Model model =
      strong_model("conv 2 5 valid, tanh, average-pool 2, dense 3, tanh, dense 10", {0, 1});
  const auto by_hand = [&](std::span<const std::uint8_t> glyph) {
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    std::vector<double> pooled;
    const auto& conv = model.weights[0].values;
    for (std::size_t c = 0; c < 2; ++c) {
      for (std::size_t y = 0; y < 24; y += 2) {
        for (std::size_t x = 0; x < 24; x += 2) {
          double sum = 0;
          for (const auto& [dy, dx] : {std::pair{0, 0}, {0, 1}, {1, 0}, {1, 1}}) {
            double value = model.weights[1].values[c];
            for (std::size_t i = 0; i < 25; ++i) {
              const std::size_t at = (y + dy + i / 5) * 28 + x + dx + i % 5;
              value += conv[c * 25 + i] * (glyph[at] / 255.0);
            }
            sum += sigmoid(value);
          }
          pooled.push_back(sum / 4);
        }
      }
    }
    const auto dense = [&](const std::vector<double>& in, std::size_t tensor) {
      std::vector<double> out;
      for (std::size_t i = 0; i < model.weights[tensor + 1].values.size(); ++i) {
        double value = model.weights[tensor + 1].values[i];
        for (std::size_t j = 0; j < in.size(); ++j)
          value += model.weights[tensor].values[i * in.size() + j] * in[j];
        out.push_back(value);
      }
      return out;
    };
    std::vector<double> hidden = dense(pooled, 2);
    for (double& value : hidden) value = sigmoid(value);
    const std::vector<double> out = dense(hidden, 4);
    return std::vector<float>(out.begin(), out.end());
  };
  const Glyphs glyph = random_glyphs(1, 8);
  const std::vector<float> expected = by_hand(glyph.pixels);
  ASSERT_TRUE(may_have_sigmoids(model.architecture));
  fold_sigmoids(model);
  expect_near(logits_of(model, glyph.pixels), expected, "sigmoids");
  EXPECT_FALSE(may_have_sigmoids(parse_architecture("conv 2 5, tanh, conv 2 3, relu, dense 10")));
}

// ---- ONNX

TEST(OnnxImport, OfWhatWeExportGivesTheSameAnswers) {
  const ScratchFolder scratch;
  const Glyphs glyphs = random_glyphs(20, 9);
  for (const char* text :
       {"mlp", "lenet",
        "norm, conv 4 3 stride 2, average-pool 3, norm, tanh, dropout 0.5, dense 10",
        "conv 5 4 valid, max-pool 3, max-pool 2, norm, relu, conv 6 1, relu, norm, dense 10",
        "dense 30, norm, relu, conv 7 1, max-pool 1, norm, dense 10, norm, dense 10",
        "conv 16 3, relu, conv 16 3, norm, relu, conv 16 3 dilation 2, norm, residual 5, relu, "
        "average-pool 4, dense 10"}) {
    Model model = strong_model(text, {0.25F, 0.5F});
    model.temperature = 1.5F;
    model.metadata["seed"] = "5";
    for (Tensor& tensor : model.weights) {
      if (!tensor.name.ends_with("running_var")) continue;
      for (float& value : tensor.values) value = 0.5F;
    }
    export_onnx(model, scratch / "m.onnx");
    const Model back = import_model(scratch / "m.onnx");
    EXPECT_NEAR(back.normalization.mean, 0.25, 1e-6);
    EXPECT_NEAR(back.normalization.std, 0.5, 1e-6);
    EXPECT_EQ(back.temperature, 1.5F);
    EXPECT_EQ(back.metadata.at("seed"), "5");
    EXPECT_FALSE(back.metadata.contains("scrawl.architecture"));
    expect_near(logits_of(back, glyphs.pixels), logits_of(model, glyphs.pixels), text);
  }
}

/// A file with these nodes behind its input, and a dense layer at the end.
Bytes onnx_file(std::vector<onnx::Node> nodes, std::vector<onnx::Constant> constants,
                std::vector<std::int64_t> input = {1, 28, 28}) {
  onnx::Graph graph;
  graph.inputs = {{"x", onnx::Type::float32, std::move(input), ""}};
  graph.nodes = std::move(nodes);
  graph.constants = std::move(constants);
  return testing::to_bytes(onnx::to_bytes(graph));
}

onnx::Constant dense_weight(std::int64_t rows, std::int64_t columns) {
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i % 13) / 13 - 0.5F;
  return {"w", {rows, columns}, std::move(values)};
}

TEST(OnnxImport, TakesMatMulAndAddAndItsOwnNormalization) {
  const Bytes file = onnx_file({{"flat", "Reshape", {"x", "shape"}, {}},
                                {"centered", "Sub", {"flat", "mean"}, {}},
                                {"normalized", "Div", {"centered", "std"}, {}},
                                {"product", "MatMul", {"normalized", "w"}, {}},
                                {"sum", "Add", {"b", "product"}, {}},
                                {"y", "LogSoftmax", {"sum"}, {{"axis", std::int64_t{1}}}}},
                               {dense_weight(784, 10),
                                {"b", {10}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
                                {"mean", {}, std::vector<float>{0.25F}},
                                {"std", {}, std::vector<float>{0.5F}},
                                {"shape", {2}, std::vector<std::int64_t>{-1, 784}}});
  const Model model = import_model(file, "x.onnx");
  EXPECT_EQ(to_string(model.architecture), "dense 10");
  EXPECT_EQ(model.normalization.mean, 0.25F);
  EXPECT_EQ(model.normalization.std, 0.5F);
  const auto weight = std::get<std::vector<float>>(dense_weight(784, 10).values);
  EXPECT_EQ(model.weights[0].values[1], weight[10]) << "of the second input to the first output";
  EXPECT_EQ(model.weights[1].values[9], 9);
}

TEST(OnnxImport, RefusesOtherNetworksByTheNodeThatTheyHave) {
  const onnx::Constant w = dense_weight(10, 784);
  const onnx::Node last{"y", "Gemm", {"flat", "w"}, {{"transB", std::int64_t{1}}}};
  const onnx::Node flat{"flat", "Flatten", {"x"}, {}};
  EXPECT_NO_THROW(import_model(onnx_file({flat, last}, {w}), "x.onnx"));
  const auto refusal = [&](std::vector<onnx::Node> nodes, std::vector<std::int64_t> input = {784}) {
    const Bytes file = onnx_file(std::move(nodes), {w}, std::move(input));
    return error_of([&] { import_model(file, "x.onnx"); });
  };
  expect_mentions(refusal({{"flat", "Gelu", {"x"}, {}}, last}),
                  {"x.onnx: ONNX: node flat (Gelu)", "onnxruntime"});
  expect_mentions(refusal({{"flat", "Flatten", {"x"}, {{"axis", std::int64_t{2}}}}, last}),
                  {"axis"});
  expect_mentions(refusal({flat, {"other", "Relu", {"x"}, {}}, last}), {"branches"});
  expect_mentions(refusal({flat, last}, {3, 32, 32}), {"(3, 32, 32)", "28x28"});
  expect_mentions(
      refusal(
          {{"flat", "MaxPool", {"x"}, {{"kernel_shape", std::vector<std::int64_t>{3, 3}}}}, last}),
      {"squares of 3 at every 1"});
  expect_mentions(refusal({{"flat", "Conv", {"x", "w"}, {}}, last}), {"w has 2 dimensions"});
  expect_mentions(refusal({{"flat", "Conv", {}, {}}}), {"x.onnx"});
  expect_mentions(refusal({flat}), {"x.onnx"});
}

TEST(OnnxImport, WithAnyByteChangedOrCutOffIsReadOrRefused) {
  const ScratchFolder scratch;
  export_onnx(strong_model("conv 2 5 valid stride 4, norm, relu, dense 10", {}),
              scratch / "m.onnx");
  const Bytes whole = testing::content_of(scratch / "m.onnx");
  std::size_t refused = 0;
  const auto read = [&](const Bytes& bytes) {
    try {
      import_model(bytes, "x.onnx");
    } catch (const Error&) {
      ++refused;
    }
  };
  for (std::size_t at = 0; at < whole.size(); at += at < 1500 ? 1 : 37) {
    read(testing::first(whole, at));
    for (const int mask : {1, 0x80, 0xff}) {
      Bytes changed = whole;
      changed[at] ^= static_cast<std::byte>(mask);
      read(changed);
    }
  }
  EXPECT_GT(refused, whole.size() / 100);
}

// ---- Against the programs themselves

int run_python(const std::string& arguments) {
  return std::system(
      ("OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 /usr/bin/python3 " + arguments).c_str());
}

std::vector<float> read_floats(const std::filesystem::path& file) {
  const Bytes bytes = testing::content_of(file);
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

TEST(FromPyTorch, ModulesAndExportsGiveItsLogits) {
  if (run_python("-c 'import torch' 2>/dev/null") != 0)
    GTEST_SKIP() << "/usr/bin/python3 has no torch";
  const ScratchFolder scratch;
  const Glyphs glyphs = random_glyphs(20, 9);
  testing::put(scratch / "images", std::as_bytes(std::span(glyphs.pixels)));
  ASSERT_EQ(run_python(SCRAWL_SOURCE "/tests/foreign_nets.py pytorch " + scratch.path().string()),
            0);
  ImportOptions options;
  options.normalization = Normalization{0, 1};
  const auto expect_logits = [&](const std::string& file, const std::string& logits) {
    ASSERT_TRUE(std::filesystem::exists(scratch / file)) << file;
    const Model model = import_model(scratch / file, options);
    expect_near(logits_of(model, glyphs.pixels), read_floats(scratch / logits), file);
  };
  for (const char* file : {"module.pt", "legacy_module.pt", "parallel.pt", "lightning.ckpt",
                           "script.pt", "mlp.onnx"}) {
    expect_logits(file, "mlp.logits");
  }
  expect_logits("norms.onnx", "norms.logits");
  expect_logits("sigmoids.onnx", "sigmoids.logits");
}

TEST(FromKeras, BothKindsOfFilesGiveItsLogits) {
  if (run_python("-c 'import h5py' 2>/dev/null") != 0)
    GTEST_SKIP() << "/usr/bin/python3 has no h5py: scripts/install-packages test";
  const ScratchFolder scratch;
  const Glyphs glyphs = random_glyphs(20, 9);
  testing::put(scratch / "images", std::as_bytes(std::span(glyphs.pixels)));
  ASSERT_EQ(run_python(SCRAWL_SOURCE "/tests/foreign_nets.py keras " + scratch.path().string()), 0);
  for (const char* file : {"net.h5", "net.keras"}) {
    Model model;
    try {
      model = import_model(scratch / file);
    } catch (const Error& error) {
      if (std::string(error.what()).find("without libhdf5") == std::string::npos) throw;
      GTEST_SKIP() << error.what();
    }
    EXPECT_NEAR(model.normalization.std, 1, 1e-6) << "a Rescaling of 1/255";
    EXPECT_EQ(to_string(model.architecture),
              "conv 4 3, relu, max-pool 2, norm, conv 6 3 valid, tanh, dense 12, tanh, dense 10");
    expect_near(logits_of(model, glyphs.pixels), read_floats(scratch / "logits"), file);
  }
  expect_mentions(error_of([&] { import_model(scratch / "weights.h5"); }),
                  {"weights.h5", "model.save"});
  expect_mentions(error_of([&] { import_model(scratch / "lstm.keras"); }),
                  {"lstm (LSTM)", "Dense"});
  const Bytes whole = testing::content_of(scratch / "net.h5");
  for (std::size_t size = 0; size < whole.size(); size += 997) {
    EXPECT_THROW(import_model(testing::first(whole, size), "cut.h5"), Error) << size;
  }
}

// ---- Averages

TEST(Average, HasTheAverageOfEachWeightAndRefusesOthers) {
  std::vector<Model> models;
  for (const std::uint64_t seed : {1, 2, 3})
    models.push_back(initialize(parse_architecture("dense 12, norm, relu, dense 10"), seed));
  const Model average = average_models(models);
  for (std::size_t t = 0; t < average.weights.size(); ++t) {
    for (std::size_t i = 0; i < average.weights[t].values.size(); ++i) {
      float sum = 0;
      for (const Model& model : models) sum += model.weights[t].values[i];
      EXPECT_NEAR(average.weights[t].values[i], sum / 3, 1e-6);
    }
  }
  models[2] = initialize(parse_architecture("dense 13, norm, relu, dense 10"), 1);
  expect_mentions(error_of([&] { average_models(models); }), {"model 3", "dense 13", "dense 12"});
  models[2] = models[1];
  models[2].normalization = {0, 1};
  expect_mentions(error_of([&] { average_models(models); }), {"model 3", "mean of 0"});
  EXPECT_THROW(average_models({}), Error);
}

TEST(Average, OfCheckpointsHasTheirNormalization) {
  const ScratchFolder scratch;
  const Model model = initialize(parse_architecture("dense 10"), 1);
  Checkpoint checkpoint;
  checkpoint.settings["architecture"] = to_string(model.architecture);
  checkpoint.normalization = Normalization{0.5F, 0.25F};
  checkpoint.state.weights = checkpoint.state.velocity = model.weights;
  const std::filesystem::path file = scratch / "digits.checkpoint.safetensors";
  save_checkpoint(checkpoint, file);
  const Model loaded = load_model_or_checkpoint(file);
  EXPECT_EQ(loaded.normalization.mean, 0.5F);
  EXPECT_EQ(loaded.normalization.std, 0.25F);
  checkpoint.normalization.reset();  // as it was before
  save_checkpoint(checkpoint, file);
  expect_mentions(error_of([&] { load_model_or_checkpoint(file); }),
                  {"normalized", "go on with the training"});
}

TEST(AverageCommand, WritesAModelAndAsksForTwo) {
  const ScratchFolder scratch;
  for (const int seed : {1, 2}) {
    save_model(initialize(parse_architecture("dense 10"), static_cast<std::uint64_t>(seed)),
               scratch / (std::to_string(seed) + ".safetensors"));
  }
  const std::string one = scratch / "1.safetensors";
  const std::string two = scratch / "2.safetensors";
  const std::string out = scratch / "out.safetensors";
  const auto done = run_scrawl({"average", one, two, "-o", out});
  EXPECT_EQ(done.code, 0) << done.err;
  expect_mentions(done.err, {"average of 2 models", "scrawl eval"});
  EXPECT_NEAR(load_model(out).weights[0].values[7],
              (load_model(one).weights[0].values[7] + load_model(two).weights[0].values[7]) / 2,
              1e-6);
  EXPECT_EQ(run_scrawl({"average", one, "-o", out}).code, 2);
  EXPECT_EQ(run_scrawl({"average", one, two}).code, 2);
}

}  // namespace
}  // namespace scrawl
