// Models to and from PyTorch: what is read, what is recognized, and what is refused.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>

#include "dataset_files.hpp"
#include "files/files.hpp"
#include "formats/infer_architecture.hpp"
#include "formats/model_file.hpp"
#include "formats/pickle.hpp"
#include "formats/pth.hpp"
#include "formats/zip.hpp"
#include "network/inference_plan.hpp"
#include "network/weights.hpp"
#include "process.hpp"
#include "recognition/recognizer.hpp"
#include "scratch.hpp"

namespace scrawl {
namespace {

using testing::Bytes;
using testing::error_of;
using testing::expect_mentions;
using testing::to_bytes;
using namespace std::string_literals;

const std::filesystem::path fixtures = std::filesystem::path(SCRAWL_SOURCE) / "tests/fixtures";

Bytes fixture(const std::string& name) {
  return testing::content_of(fixtures / (name + ".pth"));
}

// ---- Fixtures that PyTorch wrote ----

/// As make_fixtures.py has it.
void expect_numbered(const Tensor& tensor, const std::string& name,
                     const std::vector<std::size_t>& shape) {
  EXPECT_EQ(tensor.name, name);
  EXPECT_EQ(tensor.shape, shape);
  ASSERT_EQ(tensor.values.size(), element_count(tensor));
  const std::string own = name.substr(name.starts_with("net.") ? 4 : 0);
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    EXPECT_EQ(tensor.values[i], static_cast<float>(own.size()) + static_cast<float>(i) / 8) << i;
  }
}

std::string parameter(const ::testing::TestParamInfo<const char*>& test) {
  return test.param;
}

class Fixture : public ::testing::TestWithParam<const char*> {};

TEST_P(Fixture, GivesTheValuesThatPyTorchSaved) {
  const std::vector<Tensor> tensors = parse_pth(fixture(GetParam()), "", GetParam());
  ASSERT_EQ(tensors.size(), 7U) << "num_batches_tracked is left out";
  expect_numbered(tensors[0], "conv.weight", {2, 1, 3, 3});
  expect_numbered(tensors[1], "norm.weight", {2});
  expect_numbered(tensors[2], "norm.bias", {2});
  expect_numbered(tensors[3], "norm.running_mean", {2});
  expect_numbered(tensors[4], "norm.running_var", {2});
  expect_numbered(tensors[5], "fc.weight", {10, 3});
  expect_numbered(tensors[6], "fc.bias", {10});
}

TEST_P(Fixture, IsRefusedWhereverItIsCutOff) {
  const Bytes whole = fixture(GetParam());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // In a vector of its own, so that a sanitizer sees reads beyond it.
    EXPECT_THROW(parse_pth(testing::first(whole, length), "", "cut.pth"), Error) << length;
  }
}

TEST_P(Fixture, WithAnyByteChangedIsReadOrRefusedButNeverWorse) {
  const Bytes whole = fixture(GetParam());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes changed = whole;
    for (const int mask : {1, 0x80, 0xff}) {
      changed[at] = whole[at] ^ static_cast<std::byte>(mask);
      try {
        for (const Tensor& tensor : parse_pth(changed, "", "changed.pth"))
          ASSERT_EQ(tensor.values.size(), element_count(tensor)) << tensor.name << ", byte " << at;
      } catch (const Error& error) {  // the only way to refuse
        ASSERT_TRUE(std::string_view(error.what()).starts_with("changed.pth")) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, whole.size() / 10);
}

INSTANTIATE_TEST_SUITE_P(Pth, Fixture,
                         ::testing::Values("zip", "legacy", "protocol4", "half", "bfloat16",
                                           "double", "strided", "shared", "shared_legacy"),
                         parameter);

TEST(Pth, FindsTheStateDictInACheckpoint) {
  for (const char* key : {"", "net"}) {
    const std::vector<Tensor> tensors = parse_pth(fixture("checkpoint"), key, "checkpoint.pth");
    ASSERT_EQ(tensors.size(), 2U);
    expect_numbered(tensors[0], "fc.weight", {10, 3});
    expect_numbered(tensors[1], "fc.bias", {10});
  }
}

TEST(Pth, AsksForTheKeyWhereThereAreSeveral) {
  const Bytes file = fixture("two");
  for (const char* key : {"", "student"}) {
    expect_mentions(error_of([&] { parse_pth(file, key, "two.pth"); }),
                    {"two.pth: 2 state dicts in it: 'nets.student', 'nets.teacher'", "its key"});
  }
  expect_numbered(parse_pth(file, "nets.teacher", "two.pth")[0], "fc.weight", {10, 3});
}

TEST(Pth, ReadsAWholeModuleAsItsStateDict) {
  const std::vector<Tensor> tensors = parse_pth(fixture("module"), "", "module.pth");
  ASSERT_EQ(tensors.size(), 2U);
  expect_numbered(tensors[0], "fc.weight", {10, 3});
  expect_numbered(tensors[1], "fc.bias", {10});
}

// ---- Hostile pickles, written by hand ----

std::string little(std::uint64_t value, std::size_t size) {
  return {reinterpret_cast<const char*>(&value), size};
}

void parse_pickle(const std::string& pickle) {
  pickle::parse(to_bytes(pickle), "x.pth");
}

TEST(Pickle, RefusesWhatIsHostileAndSaysWhatAndWhere) {
  struct Case {
    const char* name;
    std::string pickle;
    const char* message;
  };
  const Case cases[] = {
      {"system", "\x80\x02"s + "cos\nsystem\nX\4\0\0\0trueQ\x85R."s, "names os.system"},
      {"system, new", "\x80\4\x8c\2os\x8c\6system\x93)R."s, "names os.system"},
      {"eval", "\x80\2c__builtin__\neval\n."s, "names __builtin__.eval"},
      {"no module", "\x80\2c\n\n."s, "names ."},
      {"object", "\x80\2(cos\nsystem\no."s, "names os.system"},
      {"instance", "\x80\2(ios\nsystem\n."s, "INST"},
      {"new object", "\x80\2))\x81."s, "NEWOBJ"},
      {"extension", "\x80\2\x82\1."s, "EXT1"},
      {"text protocol", "I1\n."s, "INT"},
      {"unknown", "\x80\2\xff."s, "0xff (unknown)"},
      {"protocol", "\x80\6N."s, "protocol 6"},
      {"underflow", "\x80\2."s, "stack is empty"},
      {"underflow of a tuple", "\x80\2N\x86."s, "stack is empty"},
      {"underflow of a call", "\x80\2)R."s, "stack is empty"},
      {"under a mark", "\x80\2N(0."s, "stack is empty"},
      {"no mark", "\x80\2Nt."s, "no mark"},
      {"append to a tuple", "\x80\2)Na."s, "tuple"},
      {"append to a dict", "\x80\2}Na."s, "expected a list"},
      {"item of a list", "\x80\2]NNs."s, "expected a dict"},
      {"odd items", "\x80\2}(Nu."s, "key without a value"},
      {"call of a dict", "\x80\2})R."s, "call of something else"},
      {"call without a tuple", "\x80\2ccollections\nOrderedDict\n]R."s, "call of something else"},
      {"state of a list", "\x80\2]}b."s, "expected a dict"},
      {"empty memo", "\x80\2h\0."s, "memo place 0 is empty"},
      {"far memo", "\x80\2j\xff\xff\xff\xff."s, "memo place 4294967295 is empty"},
      {"large memo", "\x80\2Nr\xff\xff\xff\xff."s, "memo place 4294967295 is too large"},
      {"memo of nothing", "\x80\2q\0."s, "stack is empty"},
      {"global of numbers", "\x80\4K\1K\2\x93."s, "expected a text"},
      {"long text", "\x80\2X\xff\xff\xff\xff."s, "truncated"},
      {"very long text", "\x80\4\x8d\xff\xff\xff\xff\xff\xff\xff\xff."s, "truncated"},
      {"long integer", "\x80\2\x8a\x09" + std::string(9, '\1') + ".", "64 bits"},
      {"no end", "\x80\2N"s, "truncated"},
      {"no line", "\x80\2ccollections"s, "truncated"},
      {"marks", "\x80\2" + std::string(5000, '('), "nested too deeply"},
      {"values", "\x80\2" + std::string(2'000'000, ']'), "more than 1048576 values"},
      {"length", "\x80\2N" + std::string(pickle::max_bytes, '2'), "longer than"},
  };
  for (const Case& bad : cases) {
    expect_mentions(error_of([&] { parse_pickle(bad.pickle); }), {bad.message, "x.pth: pickle"});
  }
}

TEST(Pickle, KeepsCirclesAndDeepNestingAsTheyAre) {
  EXPECT_NO_THROW(parse_pickle("\x80\2]q\0h\0a."s));
  EXPECT_NO_THROW(parse_pickle("\x80\2)" + std::string(1'000'000, '\x85') + "."));
}

/// A file of before 1.6 with this pickle, and storages as they stand in it.
Bytes legacy(const std::string& pickle, const std::string& storages, bool little_endian = true) {
  return to_bytes(
      "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03."
      "\x80\x02}X\x0d\0\0\0little_endian"s +
      (little_endian ? "\x88" : "\x89") + "s." + pickle + storages);
}

std::string text(const std::string& value) {
  return "X" + little(value.size(), 4) + value;
}

std::string number(std::uint64_t value) {
  return "\x8a\x08" + little(value, 8);
}

std::string numbers(const std::vector<std::uint64_t>& values) {
  std::string tuple = "(";
  for (const std::uint64_t value : values) tuple += number(value);
  return tuple + "t";
}

std::string tensor(std::uint64_t count, std::uint64_t offset,
                   const std::vector<std::uint64_t>& shape,
                   const std::vector<std::uint64_t>& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" +
         text("0") + text("cpu") + number(count) + "tQ" + number(offset) + numbers(shape) +
         numbers(strides) + "\x89}tR";
}

std::string one_tensor(const std::string& call) {
  return "\x80\2}" + text("a.weight") + call + "s.";
}

/// The keys and one storage of two floats.
const std::string two_floats = "\x80\2]X\1\0\0\0000a."s + little(2, 8) + std::string(8, '\0');

TEST(Pth, RefusesTensorsThatAreNotInsideTheirStorages) {
  constexpr std::uint64_t huge = std::uint64_t{1} << 62;
  EXPECT_EQ(parse_pth(legacy(one_tensor(tensor(2, 0, {2}, {1})), two_floats), "", "x").size(), 1U);
  struct Case {
    std::string call;
    const char* message;
  };
  const Case cases[] = {
      {tensor(2, 0, {3}, {1}), "beyond its storage"},
      {tensor(2, 1, {2}, {1}), "beyond its storage"},
      {tensor(2, 0, {2}, {2}), "beyond its storage"},
      {tensor(2, huge, {2}, {1}), "beyond its storage"},
      {tensor(2, 0, {1024, 1024}, {0, 0}), "more values than its storage"},
      {tensor(2, 0, {huge, huge}, {0, 0}), "too large"},
      {tensor(2, 0, {huge}, {huge}), "too large"},
      {tensor(2, ~0ULL, {2}, {1}), "not sizes"},
      {tensor(2, 0, {~0ULL}, {1}), "not sizes"},
      {tensor(2, 0, {2}, {~0ULL}), "not sizes"},
      {tensor(2, 0, {2}, {1, 1}), "not sizes"},
      {tensor(2, 0, std::vector<std::uint64_t>(9, 1), std::vector<std::uint64_t>(9, 1)),
       "not sizes"},
      {tensor(huge, 0, {2}, {1}), "storage 0: 2 numbers, expected 4611686018427387904"},
      {tensor(~0ULL, 0, {2}, {1}), "something else than a storage"},
      {"ctorch._utils\n_rebuild_tensor_v2\n)R", "too few arguments"},
      {"ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR", "no storage"},
      {"ctorch._utils\n_rebuild_parameter\n)R", "no dict of tensors"},
      {"N", "no dict of tensors"},
      {"K\1Q", "something else than a storage"},
  };
  for (const Case& bad : cases) {
    const Bytes file = legacy(one_tensor(bad.call), two_floats);
    const std::string message = error_of([&] { parse_pth(file, "", "x.pth"); });
    // Without a storage in the pickle, the one in the file is the first thing that is wrong.
    if (message.find("a storage that no tensor uses") != std::string::npos) {
      const Bytes none = legacy(one_tensor(bad.call), "\x80\2].");
      expect_mentions(error_of([&] { parse_pth(none, "", "x.pth"); }), {bad.message});
    } else {
      expect_mentions(message, {bad.message, "x.pth: "});
    }
  }
  const std::string two = tensor(2, 0, {2}, {1});
  const auto refusal = [](const std::string& pickle, const std::string& storages) {
    return error_of([&] { parse_pth(legacy(pickle, storages), "", "x.pth"); });
  };
  expect_mentions(
      refusal("\x80\2}(" + text("weight") + two + text("weight") + two + "u.", two_floats),
      {"tensor weight is there twice"});
  expect_mentions(refusal(one_tensor(two), two_floats + "x"), {"1 bytes too many"});
  expect_mentions(
      refusal("\x80\2}(" + text("weight") + two + text("b") + tensor(3, 0, {2}, {1}) + "u.",
              two_floats),
      {"described in two ways"});
  std::string deep = "\x80\2}";
  for (int i = 0; i < 40; ++i) deep += text("k") + "}";
  deep += std::string(40, 's') + ".";
  expect_mentions(refusal(deep, "\x80\2]."), {"nested too deeply"});
  std::string many = "\x80\2}(";
  for (int i = 0; i < 2000; ++i) many += text(std::to_string(i)) + two;
  EXPECT_THROW(parse_pth(legacy("\x80\2}" + text("self") + "h\0s."s, "\x80\2]."), "", "x"), Error);
}

TEST(Pth, RefusesObjectsThatShareSoMuchThatTheyTakeForever) {
  // A thousand objects of the same hundred thousand attributes.
  std::string pickle = "\x80\2}q\1("s;
  for (int i = 0; i < 100'000; ++i) pickle += "X\3\0\0\0"s + little(i, 3) + "N";
  pickle += "u0}(";
  for (int i = 0; i < 1000; ++i) pickle += "X\3\0\0\0"s + little(i, 3) + "cnet\nLayer\n)\x81h\1b"s;
  const Bytes file = legacy(pickle + "u.", "\x80\2].");
  expect_mentions(error_of([&] { parse_pth(file, "", "x.pth"); }), {"too many objects"});
}

TEST(Pth, RefusesSharingThatWouldFillMemory) {
  // 1000 floats, 3000 times.
  const std::string call = tensor(1000, 0, {1000}, {1});
  std::string pickle = "\x80\2}(" + text("weight") + call + "q\0"s;
  for (int i = 0; i < 3000; ++i) pickle += text(std::to_string(i)) + "h\0"s;
  const std::string storage = "\x80\2]X\1\0\0\0000a."s + little(1000, 8) + std::string(4000, '\0');
  expect_mentions(error_of([&] { parse_pth(legacy(pickle + "u.", storage), "", "x.pth"); }),
                  {"more values than the file has bytes"});
}

TEST(Pth, RefusesBigEndianFiles) {
  const std::string pickle = one_tensor(tensor(2, 0, {2}, {1}));
  expect_mentions(error_of([&] { parse_pth(legacy(pickle, two_floats, false), "", "x.pth"); }),
                  {"big-endian"});
  const Bytes data = to_bytes(pickle);
  const Bytes storage(8);
  const Bytes order = to_bytes("big");
  const std::vector<ZipEntry> entries{
      {"a/data.pkl", data}, {"a/byteorder", order}, {"a/data/0", storage}};
  expect_mentions(error_of([&] { parse_pth(format_zip(entries), "", "x.pth"); }), {"big-endian"});
  EXPECT_EQ(parse_pth(format_zip(std::vector{entries[0], entries[2]}), "", "x.pth").size(), 1U);
  expect_mentions(error_of([&] { parse_pth(format_zip(std::vector{entries[0]}), "", "x.pth"); }),
                  {"storage 0 is missing"});
  expect_mentions(error_of([&] { parse_pth(format_zip(std::vector{entries[2]}), "", "x.pth"); }),
                  {"without data.pkl"});
}

TEST(Zip, GivesBackWhatItWasGivenAligned) {
  const Bytes a = to_bytes("some text");
  const Bytes b(1000, std::byte{7});
  const Bytes archive =
      format_zip(std::vector<ZipEntry>{{"f/a", a}, {"longer name", b}, {"e", {}}});
  const std::vector<ZipEntry> entries = parse_zip(archive, "x.zip");
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].name, "f/a");
  EXPECT_EQ(Bytes(entries[0].content.begin(), entries[0].content.end()), a);
  EXPECT_EQ(Bytes(entries[1].content.begin(), entries[1].content.end()), b);
  for (const ZipEntry& entry : entries) {
    EXPECT_EQ((entry.content.data() - archive.data()) % 64, 0) << entry.name;
  }
}

TEST(Zip, RefusesBombsAndDamage) {
  const Bytes content(100, std::byte{7});
  const Bytes good = format_zip(std::vector<ZipEntry>{{"a", content}, {"b", content}});
  const auto refusal = [&](std::size_t from_end, std::uint32_t value, std::size_t size) {
    Bytes bad = good;
    std::memcpy(bad.data() + bad.size() - from_end, &value, size);
    return error_of([&] { parse_zip(bad, "x.zip"); });
  };
  // The record of b begins 47 + 22 bytes before the end, that of a 47 before it.
  constexpr std::size_t b = 69;
  expect_mentions(refusal(b - 10, 8, 2), {"x.zip: zip archive: b is compressed"});
  expect_mentions(refusal(b - 24, 101, 4), {"b is compressed"});
  expect_mentions(refusal(b - 8, 1, 2), {"b is encrypted"});
  expect_mentions(refusal(b - 16, 1, 4), {"b is damaged"});
  expect_mentions(refusal(b - 42, 1, 4), {"b is not where it should be"});
  expect_mentions(refusal(b - 42, ~0U, 4), {"truncated"});
  expect_mentions(refusal(b - 46, 'a', 1), {"a is there twice"});
  expect_mentions(refusal(6, ~0U, 4), {"truncated"});
  expect_mentions(refusal(6, 0, 4), {"directory is damaged"});
  Bytes changed = good;
  changed[128] = std::byte{8};
  EXPECT_THROW(parse_zip(changed, "x.zip"), Error);
  // Fifty entries that all are the same kilobyte.
  const Bytes kilobyte(1000, std::byte{1});
  std::vector<ZipEntry> many{{"00", kilobyte}};
  for (int i = 1; i < 50; ++i) many.push_back({std::to_string(i + 10), {}});
  Bytes overlapping = format_zip(many);
  std::uint32_t directory = 0;
  std::memcpy(&directory, overlapping.data() + overlapping.size() - 6, 4);
  for (std::size_t at = directory + 48; at + 48 < overlapping.size(); at += 48) {
    std::memcpy(overlapping.data() + at + 16, overlapping.data() + directory + 16, 12);
    std::memset(overlapping.data() + at + 42, 0, 4);
  }
  expect_mentions(error_of([&] { parse_zip(overlapping, "x.zip"); }), {"overlap"});
}

// ---- Which network it is ----

struct Named {
  std::string name;
  std::vector<std::size_t> shape;
};

/// Value i is i / 1000, so that one tensor can be told from another's part.
std::vector<Tensor> tensors_of(const std::vector<Named>& named) {
  std::vector<Tensor> tensors;
  for (const Named& one : named) {
    Tensor tensor{one.name, one.shape, {}};
    for (std::size_t i = 0; i < element_count(tensor); ++i) {
      tensor.values.push_back(static_cast<float>(i % 1000) / 1000);
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::string recognized(const std::vector<Named>& named) {
  return to_string(infer_model(tensors_of(named), {}, "x.pth").architecture);
}

std::string unrecognized(const std::vector<Named>& named) {
  return error_of([&] { infer_model(tensors_of(named), {}, "x.pth"); });
}

void add(std::vector<Named>& named, const std::string& name, std::vector<std::size_t> shape) {
  named.push_back({name + ".weight", shape});
  named.push_back({name + ".bias", {shape[0]}});
}

void add_norm(std::vector<Named>& named, const std::string& name, std::size_t channels) {
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
    named.push_back({name + part, {channels}});
  }
}

std::vector<Named> dense(const std::vector<std::string>& names,
                         const std::vector<std::size_t>& sizes) {
  std::vector<Named> named;
  for (std::size_t i = 0; i < names.size(); ++i) add(named, names[i], {sizes[i + 1], sizes[i]});
  return named;
}

TEST(Recognize, TheTutorialsNetworkWhateverItsNames) {
  const std::string mlp = "dense 256, relu, dense 128, relu, dense 10";
  const std::vector<std::size_t> sizes{784, 256, 128, 10};
  EXPECT_EQ(recognized(dense({"fc1", "fc2", "fc3"}, sizes)), mlp);
  EXPECT_EQ(recognized(dense({"0", "2", "4"}, sizes)), mlp);
  EXPECT_EQ(recognized(dense({"module.net.1", "module.net.3", "module.net.5"}, sizes)), mlp);
  EXPECT_EQ(recognized(dense({"hidden", "more", "out"}, sizes)), mlp);
  EXPECT_EQ(recognized(dense({"linear"}, {784, 10})), "dense 10");
  EXPECT_EQ(recognized({{"a.weight", {12, 784}}, {"b.weight", {10, 12}}, {"b.bias", {10}}}),
            "dense 12, relu, dense 10");
}

TEST(Recognize, TheNetworkOfPyTorchsExamples) {
  std::vector<Named> named;
  add(named, "conv1", {32, 1, 3, 3});
  add(named, "conv2", {64, 32, 3, 3});
  add(named, "fc1", {128, 9216});
  add(named, "fc2", {10, 128});
  EXPECT_EQ(recognized(named),
            "conv 32 3 valid, relu, conv 64 3 valid, relu, max-pool 2, dropout 0.25, dense 128, "
            "relu, dropout 0.5, dense 10");
  // By other names it may be one with padding and the pooling before.
  for (Named& one : named) one.name = "my_" + one.name;
  expect_mentions(unrecognized(named), {"x.pth: several networks",
                                        "\"conv 32 3 valid, relu, conv 64 3 valid, relu, "
                                        "max-pool 2, dense 128, relu, dense 10\"",
                                        "my_conv1.weight (32, 1, 3, 3)", "Give the architecture"});
}

TEST(Recognize, LeNetsByTheSizeOfWhatIsFlattened) {
  const auto lenet = [](std::size_t flattened) {
    std::vector<Named> named;
    add(named, "conv1", {6, 1, 5, 5});
    add(named, "conv2", {16, 6, 5, 5});
    add(named, "fc1", {120, flattened});
    add(named, "fc2", {84, 120});
    add(named, "fc3", {10, 84});
    return named;
  };
  EXPECT_EQ(recognized(lenet(256)),
            "conv 6 5 valid, relu, max-pool 2, conv 16 5 valid, relu, max-pool 2, dense 120, relu, "
            "dense 84, relu, dense 10");
  EXPECT_EQ(recognized(lenet(400)),
            "conv 6 5, relu, max-pool 2, conv 16 5 valid, relu, max-pool 2, dense 120, relu, "
            "dense 84, relu, dense 10");
  expect_mentions(unrecognized(lenet(401)), {"has these shapes", "fc1.weight (120, 401)"});
}

TEST(Recognize, WhereASequentialHasNoRoomForAPooling) {
  std::vector<Named> named;
  add(named, "0", {8, 1, 3, 3});
  add(named, "2", {8, 8, 3, 3});
  add(named, "6", {10, 1152});
  EXPECT_EQ(recognized(named), "conv 8 3 valid, relu, conv 8 3 valid, relu, max-pool 2, dense 10");
  expect_mentions(unrecognized(dense({"0", "1"}, {784, 32, 10})),
                  {"no ReLU stands between 0 and 1"});
}

TEST(Recognize, NormalizationsWhereverTheyAreInTheFile) {
  const std::string expected =
      "conv 8 3 valid, norm, relu, max-pool 2, conv 8 5 valid, norm, relu, dense 10";
  std::vector<Named> beside;
  add(beside, "conv1", {8, 1, 3, 3});
  add_norm(beside, "bn1", 8);
  add(beside, "conv2", {8, 8, 5, 5});
  add_norm(beside, "bn2", 8);
  add(beside, "fc", {10, 648});
  EXPECT_EQ(recognized(beside), expected);
  std::vector<Named> behind;
  add(behind, "conv1", {8, 1, 3, 3});
  add(behind, "conv2", {8, 8, 5, 5});
  add_norm(behind, "bn1", 8);
  add_norm(behind, "bn2", 8);
  add(behind, "fc", {10, 648});
  EXPECT_EQ(recognized(behind), expected);
}

TEST(Recognize, PutsABiasBeforeANormalizationIntoItsMean) {
  std::vector<Named> named;
  add(named, "fc1", {4, 784});
  add_norm(named, "bn1", 4);
  add(named, "fc2", {10, 4});
  std::vector<Tensor> tensors = tensors_of(named);
  tensors[1].values = {1, 2, 3, 4};      // fc1.bias
  tensors[4].values = {10, 20, 30, 40};  // bn1.running_mean
  const Model model = infer_model(tensors, {}, "x.pth");
  EXPECT_EQ(to_string(model.architecture), "dense 4, norm, relu, dense 10");
  const auto mean = std::ranges::find(model.weights, "norm1.running_mean", &Tensor::name);
  EXPECT_EQ(mean->values, (std::vector<float>{9, 18, 27, 36}));
}

TEST(Recognize, TakesTheArchitectureThatItIsTold) {
  std::vector<Named> named;
  add(named, "c", {8, 1, 5, 5});
  add(named, "d", {10, 8 * 8 * 8});
  ImportOptions options;
  options.architecture = parse_architecture("conv 8 5 valid, tanh, average-pool 3, dense 10");
  options.normalization = {0.5F, 0.25F};
  const Model model = infer_model(tensors_of(named), options, "x.pth");
  EXPECT_EQ(model.architecture, *options.architecture);
  EXPECT_EQ(model.normalization.mean, 0.5F);
  EXPECT_EQ(model.weights[0].name, "conv1.weight");
  options.architecture = parse_architecture("conv 8 5 valid, tanh, average-pool 2, dense 10");
  expect_mentions(error_of([&] { infer_model(tensors_of(named), options, "x.pth"); }),
                  {"x.pth: d.weight (10, 512) where the architecture has fc1.weight (10, 1152)"});
  options.architecture = parse_architecture("dense 10");
  expect_mentions(error_of([&] { infer_model(tensors_of(named), options, "x.pth"); }),
                  {"x.pth: ", "d.weight (10, 512)"});
  options.architecture = parse_architecture("conv 8 5 valid, conv 8 3, average-pool 3, dense 10");
  expect_mentions(error_of([&] { infer_model(tensors_of(named), options, "x.pth"); }), {"too few"});
}

TEST(Recognize, RefusesWhatIsNoNetworkOfOurs) {
  expect_mentions(unrecognized({}), {"no dense layer"});
  expect_mentions(unrecognized({{"lstm.weight_ih_l0", {40, 28}}}), {"lstm.weight_ih_l0 is of no"});
  expect_mentions(unrecognized({{"conv.weight", {8, 1, 5}}}), {"conv is no convolution"});
  expect_mentions(unrecognized({{"conv.weight", {8, 1, 5, 3}}}), {"not square"});
  expect_mentions(unrecognized({{"conv.weight", {8, 1, 3, 3}}}), {"no dense layer at the end"});
  expect_mentions(unrecognized({{"norm.weight", {8}}, {"norm.bias", {8}}}), {"norm is no"});
  expect_mentions(unrecognized({{"a.bias", {8}}}), {"a has no weight"});
  expect_mentions(unrecognized({{"a.weight", {10, 784}}, {"a.bias", {9}}}), {"different sizes"});
  expect_mentions(unrecognized({{"a.weight", {0, 784}}}), {"empty"});
  expect_mentions(unrecognized(dense({"fc1", "fc2"}, {784, 12, 11})), {"has these shapes"});
  expect_mentions(unrecognized(dense({"fc1", "fc2"}, {783, 12, 10})), {"fc1.weight (12, 783)"});
  std::vector<Tensor> infinite = tensors_of(dense({"fc"}, {784, 10}));
  infinite[0].values[3] = INFINITY;
  expect_mentions(error_of([&] { infer_model(infinite, {}, "x.pth"); }), {"x.pth: ", "inf"});
}

// ---- There and back ----

void expect_same_weights(const Model& back, const Model& model) {
  EXPECT_EQ(back.architecture, model.architecture);
  ASSERT_EQ(back.weights.size(), model.weights.size());
  for (std::size_t i = 0; i < model.weights.size(); ++i) {
    EXPECT_EQ(back.weights[i].name, model.weights[i].name);
    EXPECT_EQ(back.weights[i].values, model.weights[i].values);
  }
}

TEST(Export, IsImportedAsItWas) {
  const ScratchFolder scratch;
  const Model model = initialize(parse_architecture("conv 4 3 valid, norm, relu, dense 10"), 3);
  export_pytorch(model, scratch / "m.pth");
  expect_same_weights(import_pytorch(scratch / "m.pth"), model);
}

TEST(Import, OfSafetensorsWithoutAnArchitectureSortsByName) {
  const ScratchFolder scratch;
  const std::string layer = "dense 12, relu, ";
  std::string text;
  for (int i = 0; i < 10; ++i) text += layer;
  const Model model = initialize(parse_architecture(text + "dense 10"), 3);
  Safetensors content{model.weights, {}};
  std::ranges::sort(content.tensors, {}, &Tensor::name);
  write_file(scratch / "m.safetensors", format_safetensors(content));
  expect_mentions(error_of([&] { load_model(scratch / "m.safetensors"); }),
                  {"not a model that scrawl wrote", "import_pytorch"});
  const auto as_command = run_scrawl({"eval", scratch / "m.safetensors"});
  expect_mentions(as_command.err, {"not a model that scrawl wrote", "scrawl import"});
  expect_same_weights(import_pytorch(scratch / "m.safetensors"), model);
  save_model(model, scratch / "own.safetensors");
  expect_same_weights(import_pytorch(scratch / "own.safetensors"), model);
}

TEST(ImportCommand, SaysWhatItRecognizedAndWritesAModel) {
  const ScratchFolder scratch;
  const Model model = initialize(parse_architecture("dense 12, relu, dense 10"), 3);
  export_pytorch(model, scratch / "m.pth");
  const auto done = run_scrawl({"import", scratch / "m.pth", "--mean", "0.5", "--std", "0.25"});
  EXPECT_EQ(done.code, 0) << done.err;
  expect_mentions(done.err,
                  {"m.safetensors: 9550 weights, recognized as: dense 12, relu, dense 10"});
  const Model back = load_model(scratch / "m.safetensors");
  expect_same_weights(back, model);
  EXPECT_EQ(back.normalization.mean, 0.5F);
  EXPECT_EQ(back.normalization.std, 0.25F);

  const auto json = run_scrawl({"import", "-", "--json", "--model", "dense 12, tanh, dense 10",
                                "-o", scratch / "n.safetensors"},
                               scratch / "m.pth");
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(nlohmann::json::parse(json.out)["architecture"], "dense 12, tanh, dense 10");
}

TEST(ImportCommand, TellsWrongUsageFromBadFiles) {
  const ScratchFolder scratch;
  const std::string file = scratch / "x.pth";
  testing::put(file, to_bytes("PK\3\4 but nothing more"));
  EXPECT_EQ(run_scrawl({"import"}).code, 2);
  EXPECT_EQ(run_scrawl({"import", file, "--std", "0"}).code, 2);
  EXPECT_EQ(run_scrawl({"import", file, "--mean", "nan"}).code, 2);
  EXPECT_EQ(run_scrawl({"import", scratch / "same.safetensors"}).code, 2);
  const auto bad = run_scrawl({"import", file});
  EXPECT_EQ(bad.code, 1);
  expect_mentions(bad.err, {"x.pth: zip archive:"});
  EXPECT_FALSE(std::filesystem::exists(scratch / "x.safetensors"));
}

TEST(ImportCommand, ReadsOnnxByWhatIsInIt) {
  const ScratchFolder scratch;
  export_onnx(initialize(parse_architecture("dense 10"), 3), scratch / "m.onnx");
  std::filesystem::copy_file(scratch / "m.onnx", scratch / "m.model");
  // As others write it: without a name, or with the graph or the operators next.
  testing::put(scratch / "graph", to_bytes("\x08\x09\x3A\x80\x01 and the graph's nodes"));
  testing::put(scratch / "cut.onnx", to_bytes("not even ONNX, but it is called so"));
  for (const char* name : {"m.onnx", "m.model", "graph", "cut.onnx"}) {
    const auto result = run_scrawl({"import", scratch / name, "-o", scratch / "out.safetensors"});
    EXPECT_EQ(result.code, name[0] == 'm' ? 0 : 1) << result.err;
    if (name[0] != 'm') expect_mentions(result.err, {name, "ONNX"});
    expect_mentions(run_scrawl({"eval", scratch / name}).err, {"ONNX", "scrawl import"});
  }
  testing::put(scratch / "other", to_bytes("something else altogether"));
  expect_mentions(run_scrawl({"import", scratch / "other"}).err, {"header length"});
}

TEST(ExportCommand, WritesTheBuiltinModelAndAsksForAFormat) {
  const ScratchFolder scratch;
  EXPECT_EQ(run_scrawl({"export"}).code, 2);
  const auto done = run_scrawl({"export", "--pth", "-o", scratch / "builtin.pth"});
  EXPECT_EQ(done.code, 0) << done.err;
  const auto tensors = parse_pth(testing::content_of(scratch / "builtin.pth"), "", "builtin.pth");
  EXPECT_EQ(tensors.size(), default_model().weights.size());
}

// ---- Against PyTorch itself ----

int run_python(const std::string& arguments) {
  return std::system(
      ("OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 /usr/bin/python3 " + arguments).c_str());
}

bool has_torch() {
  return run_python("-c 'import torch' 2>/dev/null") == 0;
}

std::vector<float> read_floats(const std::filesystem::path& file) {
  const Bytes bytes = testing::content_of(file);
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

/// (count, 10)
std::vector<float> logits_of(const Model& model, const Dataset& dataset) {
  const InferencePlan plan(model, 100, DataType::f32);
  std::vector<float> logits(dataset.size() * digit_count);
  for (std::size_t i = 0; i < dataset.size(); i += plan.rows()) {
    const std::size_t rows = std::min(plan.rows(), dataset.size() - i);
    plan.run(std::span(dataset.images).subspan(i * glyph_pixels, rows * glyph_pixels),
             std::span(logits).subspan(i * digit_count, rows * digit_count));
  }
  return logits;
}

void expect_near(const std::vector<float>& found, const std::vector<float>& expected,
                 const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  float difference = 0;
  float largest = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    difference = std::max(difference, std::abs(found[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  std::printf("%s: largest difference of %zu logits %.2g, largest logit %.3g\n", what.c_str(),
              found.size(), static_cast<double>(difference), static_cast<double>(largest));
  EXPECT_LT(difference, 1e-5F * largest) << what;
  EXPECT_GT(largest, 1) << what;
}

std::size_t largest_of(std::span<const float> ten) {
  return static_cast<std::size_t>(std::ranges::max_element(ten) - ten.begin());
}

class AgainstPyTorch : public ::testing::TestWithParam<const char*> {};

TEST_P(AgainstPyTorch, AllTestImagesGetTheSameLogitsBothWays) {
  if (!has_torch()) GTEST_SKIP() << "/usr/bin/python3 has no torch";
  Dataset dataset;
  try {
    dataset = load_dataset(default_data_folder(), Part::test);
  } catch (const Error& error) {
    GTEST_SKIP() << error.what();
  }
  const ScratchFolder scratch;
  const std::string net = GetParam();
  const auto python = [&](const std::string& action) {
    return run_python(SCRAWL_SOURCE "/tests/pytorch_nets.py " + action + ' ' + net + ' ' +
                      scratch.path().string());
  };
  testing::put(scratch / "images", std::as_bytes(std::span(dataset.images)));
  testing::put(scratch / "labels", std::as_bytes(std::span(dataset.labels)));
  ASSERT_EQ(python("save"), 0);
  const std::vector<float> expected = read_floats(scratch / "logits");
  for (const char* file : {"net.pth", "legacy.pth"}) {
    expect_near(logits_of(import_pytorch(scratch / file), dataset), expected,
                net + " from " + file);
  }
  Model model = import_pytorch(scratch / "net.pth");
  // What the network itself gives: the tutorial's has a ReLU on its ten outputs.
  const std::vector<float> outputs = read_floats(scratch / "outputs");
  const std::vector<float> ours = logits_of(model, dataset);
  ASSERT_EQ(outputs.size(), ours.size());
  std::size_t compared = 0;
  for (std::size_t i = 0; i < outputs.size(); i += digit_count) {
    const auto ten = std::span(outputs).subspan(i, digit_count);
    if (!(std::ranges::max(ten) > 0)) continue;
    ++compared;
    EXPECT_EQ(largest_of(std::span(ours).subspan(i, digit_count)), largest_of(ten)) << i;
  }
  std::printf("%s: the same digit for %zu images with an output above 0\n", net.c_str(), compared);
  EXPECT_GT(compared, dataset.size() / 2);

  model.temperature = 1.25F;
  export_pytorch(model, scratch / "back.pth");
  ASSERT_EQ(python("load"), 0);
  expect_near(read_floats(scratch / "back"), logits_of(model, dataset), net + " and back");
}

INSTANTIATE_TEST_SUITE_P(Import, AgainstPyTorch, ::testing::Values("tutorial", "examples", "norms"),
                         parameter);

/// The Python in docs/LIBRARY.md between these marks.
std::string documented(const std::string& begin) {
  const std::string docs = slurp(SCRAWL_SOURCE "/docs/LIBRARY.md");
  const std::size_t at = docs.find("```python\n" + begin);
  if (at == std::string::npos) return "raise SystemExit('not in docs/LIBRARY.md')";
  return docs.substr(at + 10, docs.find("```", at + 10) - at - 10);
}

TEST(Documented, LinesOpenAModelInNumpyAndPyTorchWithoutAPackage) {
  if (!has_torch()) GTEST_SKIP() << "/usr/bin/python3 has no torch";
  const ScratchFolder scratch;
  save_model(initialize(parse_architecture("mlp"), 3), scratch / "model.safetensors");
  const std::string code = documented("import json, struct") + R"(
net = torch.nn.Sequential(collections.OrderedDict(
    fc1=torch.nn.Linear(784, 256), relu1=torch.nn.ReLU(), fc2=torch.nn.Linear(256, 128), relu2=torch.nn.ReLU(),
    fc3=torch.nn.Linear(128, 10)))
net.load_state_dict({name: torch.tensor(values) for name, values in tensors.items()})
numpy.concatenate([value.numpy().ravel() for value in net.state_dict().values()]).tofile("values")
)";
  testing::put(scratch / "open.py", to_bytes("import collections, torch\n" + code));
  ASSERT_EQ(std::system(("cd " + scratch.path().string() + " && /usr/bin/python3 open.py").c_str()),
            0);
  std::vector<float> expected;
  for (const Tensor& tensor : load_model(scratch / "model.safetensors").weights) {
    expected.insert(expected.end(), tensor.values.begin(), tensor.values.end());
  }
  EXPECT_EQ(read_floats(scratch / "values"), expected);
}

}  // namespace
}  // namespace scrawl
