// Names of before the first release that are still read: on the command line, in files, and where
// the user's things are.
#include "files/old_names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/model.hpp>
#include <scrawl/personalization.hpp>
#include <scrawl/training.hpp>

#include "cli/renamed_options.hpp"
#include "files/files.hpp"
#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "process.hpp"
#include "recognition/recognizer.hpp"
#include "scratch.hpp"

namespace {

namespace fs = std::filesystem;
using namespace scrawl;

/// What a program of before the first release wrote: `renamed` as an array of Renamed.
template <typename Names>
void give_old_names(const Names& renamed, std::map<std::string, std::string>& metadata) {
  for (const Renamed& key : renamed) {
    auto entry = metadata.extract(std::string(key.name));
    ASSERT_FALSE(entry.empty()) << key.name;
    entry.key() = key.old_name;
    metadata.insert(std::move(entry));
  }
}

TEST(OldNames, DoTheSameOnTheCommandLine) {
  const std::string seven = SCRAWL_SOURCE "/examples/pictures/7-mnist.png";
  const std::string state_dict = SCRAWL_SOURCE "/tests/fixtures/zip.pth";
  struct Row {
    std::vector<std::string> old_names;
    std::vector<std::string> names;
    int code;
  };
  const std::vector<Row> rows{
      {{"train", "--average", "2"}, {"train", "--weight-ema", "2"}, 2},
      {{"train", "--average=2"}, {"train", "--weight-ema=2"}, 2},
      {{"import", state_dict, "--deviation", "0"}, {"import", state_dict, "--std", "0"}, 2},
      {{"read", "--model", "box", seven}, {"read", "--model", "builtin", seven}, 0},
      {{"report", "box", "--data", "nowhere"}, {"report", "builtin", "--data", "nowhere"}, 1},
      {{"train", "--from", "box", "--data", "nowhere"},
       {"train", "--from", "builtin", "--data", "nowhere"},
       1}};
  for (const Row& row : rows) {
    const ProcessResult expected = run_scrawl(row.names);
    const ProcessResult result = run_scrawl(row.old_names);
    EXPECT_EQ(result.code, row.code) << result.err;
    EXPECT_EQ(expected.code, row.code) << expected.err;
    EXPECT_EQ(result.out, expected.out);
    EXPECT_EQ(result.err, expected.err);
  }
}

TEST(OldNames, AreFilesBehindTwoDashes) {
  const ProcessResult result = run_scrawl({"read", "--", "--average"});
  EXPECT_NE(result.err.find("--average: "), std::string::npos) << result.err;
}

TEST(OldNames, AreNotShown) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"train", "--help"}, {"import", "--help"}, {"generate", "bash"}, {"generate", "man"}}) {
    const ProcessResult result = run_scrawl(command);
    EXPECT_EQ(result.code, 0) << result.err;
    for (const Renamed& option : cli::renamed_options)
      EXPECT_EQ(result.out.find(option.old_name), std::string::npos) << option.old_name;
  }
}

TEST(OldNames, AreReadInModels) {
  const Model model = default_model();
  ASSERT_FALSE(model.activation_ranges.empty());
  Safetensors content = to_safetensors(model);
  give_old_names(renamed_model_keys, content.metadata);
  const Model back = to_model(content, "old.safetensors");
  EXPECT_EQ(back.activation_ranges, model.activation_ranges);
  EXPECT_EQ(back.normalization.std, model.normalization.std);
  EXPECT_EQ(back.metadata, model.metadata) << "nothing of the old names stays";
}

/// Weights that a training of two epochs ends with, gone on from the checkpoint.
std::vector<Tensor> resumed(const fs::path& checkpoint, const Dataset& dataset,
                            const Architecture& architecture, const TrainingOptions& options) {
  return resume_training(*load_checkpoint(checkpoint), dataset, architecture, options)
      .best->weights;
}

TEST(OldNames, AreReadInCheckpoints) {
  Dataset dataset;
  for (std::size_t i = 0; i < 64; ++i) {
    dataset.labels.push_back(static_cast<std::uint8_t>(i % 10));
    for (std::size_t p = 0; p < glyph_pixels; ++p)
      dataset.images.push_back(static_cast<std::uint8_t>((i % 10) * p));
  }
  const Architecture architecture = parse_architecture("dense 12, relu, dense 10");
  TrainingOptions options;
  options.epochs = 2;
  options.batch = 16;
  options.validation = 0;
  options.weight_ema = 0.9F;
  options.threads = 1;
  const ScratchFolder scratch;
  const fs::path file = scratch / "new.safetensors";
  TrainingCallbacks callbacks;
  callbacks.on_batch = [](const BatchReport& report) { return report.batch < 3; };
  callbacks.on_checkpoint = [&](const Checkpoint& now) { save_checkpoint(now, file); };
  ASSERT_FALSE(train(dataset, architecture, options, callbacks).finished);

  Safetensors content = parse_safetensors(read_file(file, max_model_bytes), file);
  give_old_names(renamed_checkpoint_keys, content.metadata);
  std::size_t renamed = 0;
  for (Tensor& tensor : content.tensors) {
    const auto [old_prefix, prefix] = renamed_checkpoint_prefix;
    if (!tensor.name.starts_with(prefix)) continue;
    tensor.name.replace(0, prefix.size(), old_prefix);
    ++renamed;
  }
  ASSERT_EQ(renamed, 4U);
  const fs::path old_file = scratch / "old.safetensors";
  write_file(old_file, format_safetensors(content));

  const auto expected = resumed(file, dataset, architecture, options);
  const auto found = resumed(old_file, dataset, architecture, options);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t t = 0; t < found.size(); ++t) EXPECT_EQ(found[t].values, expected[t].values);
}

TEST(OldNames, OfTheUsersThingsAreUsedOn) {
  const ScratchFolder home;
  const auto [old_variable, variable] = renamed_corrections_variable;
  setenv("XDG_DATA_HOME", home.path().c_str(), 1);
  unsetenv(variable.data());
  unsetenv(old_variable.data());
  fs::create_directories(home / "scrawl/hand");
  std::ofstream(home / "scrawl/hand.safetensors") << "a model";
  EXPECT_EQ(corrections_folder(), home / "scrawl/hand");
  EXPECT_EQ(personal_model_path(), home / "scrawl/hand.safetensors");
  fs::create_directory(home / "scrawl/corrections");
  std::ofstream(home / "scrawl/personal.safetensors") << "a model";
  EXPECT_EQ(corrections_folder(), home / "scrawl/corrections") << "the new one where both are";
  EXPECT_EQ(personal_model_path(), home / "scrawl/personal.safetensors");
  setenv(old_variable.data(), "/old", 1);
  EXPECT_EQ(corrections_folder(), "/old");
  setenv(variable.data(), "/new", 1);
  EXPECT_EQ(corrections_folder(), "/new");
  unsetenv(variable.data());
  unsetenv(old_variable.data());
  unsetenv("XDG_DATA_HOME");
}

}  // namespace
