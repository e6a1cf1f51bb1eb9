// Random numbers that are the same on every machine and depend on nothing but their keys, so that a
// training can be taken up anywhere: (seed, purpose, epoch) is all the state there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>

namespace scrawl {

/// SplitMix64 (Steele, Lea and Flood 2014), started from a hash of its keys.
class Random {
 public:
  explicit Random(std::initializer_list<std::uint64_t> keys) {
    for (const std::uint64_t key : keys) state_ = mix(state_ ^ key) + golden;
  }

  std::uint64_t next() { return mix(state_ += golden); }

  /// Uniform in [0, 1), in steps of 2^-24.
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24F; }

  /// Uniform in [0, limit), limit > 0 (Lemire 2019, without its last bit of fairness: a bias below
  /// limit / 2^64).
  std::uint64_t below(std::uint64_t limit) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(next()) * limit) >> 64);
  }

  /// Fisher and Yates's shuffle.
  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;

  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
  }

  std::uint64_t state_ = 0;
};

/// What a stream of random numbers is for; the second key of every Random.
enum RandomPurpose : std::uint64_t {
  random_weights = 1,
  random_split = 2,
  random_order = 3,
  random_dropout = 4,
  random_augmentation = 5,
  random_extra = 6,
  random_extra_change = 7,
  random_page = 8,
  random_validation_page = 9,
  random_pages = 10
};

}  // namespace scrawl
