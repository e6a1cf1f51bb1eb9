#include "training/check_team.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/version.hpp>

#include "dataset/digest.hpp"
#include "files/excerpt.hpp"
#include "files/files.hpp"
#include "network/data_type.hpp"
#include "network/products_version.hpp"

namespace scrawl {

namespace {

constexpr std::string_view host_fact = "host";  // which may differ

struct Remedy {
  std::string_view fact;
  std::string_view what_to_do;
};
constexpr std::array remedies{
    Remedy{"version", "install the same scrawl-mpi on all machines"},
    Remedy{"program", "install the same scrawl-mpi on all machines"},
    Remedy{"products", "install the same version of oneDNN on all machines"},
    Remedy{"instructions", "take machines with the same kind of CPU"},
    Remedy{"precision", "train in f32, or take machines with the same kind of CPU"},
    Remedy{"fonts", "install the same fonts on all machines (scripts/install-packages train)"},
    Remedy{"dataset", "copy one data set to all machines, or name one that all can read"},
};

std::string remedy_for(std::string_view fact) {
  const auto found = std::ranges::find(remedies, fact, &Remedy::fact);
  return std::string(found == remedies.end() ? "give all ranks the same options and files"
                                             : found->what_to_do);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

/// The instruction sets that our own loops and oneDNN choose by.
std::string instructions() {
  std::string sets;
  const auto add = [&sets](bool has, std::string_view name) {
    if (has) sets += fmt::format("{}{}", sets.empty() ? "" : " ", name);
  };
#if defined(__x86_64__)
  add(__builtin_cpu_supports("avx2") != 0, "avx2");
  add(__builtin_cpu_supports("fma") != 0, "fma");
  add(__builtin_cpu_supports("avx512f") != 0, "avx512f");
  add(__builtin_cpu_supports("avx512bw") != 0, "avx512bw");
  add(__builtin_cpu_supports("avx512vl") != 0, "avx512vl");
#endif
  add(has_native_int8(), "int8");
  add(has_native_bf16(), "bf16");
  return sets.empty() ? "none" : sets;
}

/// SHA-256 of the program that runs: another compiler may have made other sums.
std::string program_digest() {
  constexpr std::size_t most = std::size_t{1} << 30;  // bytes
  Sha256 sum;
  sum.update(read_file("/proc/self/exe", most));
  return sum.hex();
}

/// A line "name<tab>value" for each.
std::string format(const std::map<std::string, std::string>& facts) {
  std::string text;
  for (const auto& [name, value] : facts) text += fmt::format("{}\t{}\n", name, value);
  return text;
}

std::map<std::string, std::string> parse(std::string_view text) {
  std::map<std::string, std::string> facts;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    facts[line.substr(0, tab)] = line.substr(std::min(tab + 1, line.size()));
  }
  return facts;
}

/// An excerpt from the place on where a text differs from another.
std::string excerpt_of_difference(std::string_view text, std::string_view other) {
  if (std::max(text.size(), other.size()) <= longest_excerpt) return std::string(text);
  constexpr std::size_t before = 40;  // bytes that tell where it is
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(text, other).in1 - text.begin());
  if (at <= before) return excerpt(text);
  return "…" + excerpt(text.substr(std::min(at - before, text.size())));
}

/// One text of each process.
std::vector<std::string> gather_texts(Team& team, const std::string& own) {
  std::vector<std::uint64_t> lengths(team.size());
  lengths[team.rank()] = own.size();
  team.gather(std::as_writable_bytes(std::span(lengths)));
  const std::size_t longest = *std::ranges::max_element(lengths);
  std::vector<std::byte> blocks(longest * team.size());
  if (!own.empty()) std::memcpy(blocks.data() + team.rank() * longest, own.data(), own.size());
  team.gather(blocks);
  std::vector<std::string> texts;
  for (std::size_t rank = 0; rank < team.size(); ++rank) {
    texts.emplace_back(reinterpret_cast<const char*>(blocks.data() + rank * longest),
                       lengths[rank]);
  }
  return texts;
}

}  // namespace

std::map<std::string, std::string> facts_of_this_process() {
  return {{"version", fmt::format("{}.{}.{}", SCRAWL_VERSION_MAJOR, SCRAWL_VERSION_MINOR,
                                  SCRAWL_VERSION_PATCH)},
          {"program", program_digest()},
          {"products", products_version()},
          {"instructions", instructions()}};
}

void check_team(Team& team, const std::map<std::string, std::string>& facts) {
  auto own = facts;
  own[std::string(host_fact)] = host_name();
  const std::vector<std::string> texts = gather_texts(team, format(own));
  const auto expected = parse(texts[0]);
  for (std::size_t rank = 1; rank < texts.size(); ++rank) {
    auto found = parse(texts[rank]);
    for (const auto& [name, value] : expected) {
      if (name == host_fact || found[name] == value) continue;
      throw Error(fmt::format("rank {} ({}): {} is '{}', but '{}' on rank 0 ({}); {}", rank,
                              found[std::string(host_fact)], name,
                              excerpt_of_difference(found[name], value),
                              excerpt_of_difference(value, found[name]),
                              expected.at(std::string(host_fact)), remedy_for(name)));
    }
  }
}

}  // namespace scrawl
