// Counts what the server does, in Prometheus' text format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace scrawl {

/// Safe to call from any thread.
class Metrics {
 public:
  /// `route` is one of the server's paths, never what a request made up.
  void count_request(const std::string& route, unsigned status, double seconds);
  void count_batch(std::size_t glyphs);
  void count_digits(std::size_t digits);
  void set_connections(std::size_t connections);
  void count_abandoned();

  /// `waiting` requests, `memory` in bytes.
  /// https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4
  std::string text(std::size_t waiting, std::size_t memory) const;

 private:
  /// How many values were at most each bound, and above all of them.
  template <std::size_t bounds>
  struct Histogram {
    std::array<std::uint64_t, bounds + 1> counts{};
    double sum = 0;

    void add(double value, const std::array<double, bounds>& limits);
  };
  static constexpr std::array latency_bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                             0.05,   0.1,   0.25,   0.5,   1.0,  2.5};
  static constexpr std::array batch_bounds{1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0};

  mutable std::mutex lock_;
  std::map<std::pair<std::string, unsigned>, std::uint64_t> requests_;
  std::map<std::string, Histogram<latency_bounds.size()>> latencies_;
  Histogram<batch_bounds.size()> batches_;
  std::uint64_t digits_ = 0;
  std::size_t connections_ = 0;
  std::uint64_t abandoned_ = 0;
};

}  // namespace scrawl
