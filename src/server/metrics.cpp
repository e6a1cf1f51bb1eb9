#include "server/metrics.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace scrawl {

namespace {

void head(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

/// Prometheus' buckets hold all values up to their bound, those of smaller buckets too.
template <typename Histogram, typename Bounds>
void add_histogram(std::string& text, std::string_view name, const std::string& label,
                   const Histogram& histogram, const Bounds& bounds) {
  const std::string separator = label.empty() ? "" : ",";
  const std::string braces = label.empty() ? "" : fmt::format("{{{}}}", label);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    total += histogram.counts[i];
    text +=
        fmt::format("{}_bucket{{{}{}le=\"{}\"}} {}\n", name, label, separator, bounds[i], total);
  }
  total += histogram.counts.back();
  text += fmt::format("{0}_bucket{{{1}{2}le=\"+Inf\"}} {3}\n{0}_sum{4} {5}\n{0}_count{4} {3}\n",
                      name, label, separator, total, braces, histogram.sum);
}

}  // namespace

template <std::size_t bounds>
void Metrics::Histogram<bounds>::add(double value, const std::array<double, bounds>& limits) {
  ++counts[std::ranges::lower_bound(limits, value) - limits.begin()];
  sum += value;
}

void Metrics::count_request(const std::string& route, unsigned status, double seconds) {
  const std::lock_guard guard(lock_);
  ++requests_[{route, status}];
  latencies_[route].add(seconds, latency_bounds);
}

void Metrics::count_batch(std::size_t glyphs) {
  const std::lock_guard guard(lock_);
  batches_.add(static_cast<double>(glyphs), batch_bounds);
}

void Metrics::count_digits(std::size_t digits) {
  const std::lock_guard guard(lock_);
  digits_ += digits;
}

void Metrics::set_connections(std::size_t connections) {
  const std::lock_guard guard(lock_);
  connections_ = connections;
}

void Metrics::count_abandoned() {
  const std::lock_guard guard(lock_);
  ++abandoned_;
}

std::string Metrics::text(std::size_t waiting, std::size_t memory) const {
  const std::lock_guard guard(lock_);
  std::string text;
  head(text, "scrawl_requests_total", "counter", "Requests answered, by path and status.");
  for (const auto& [key, count] : requests_)
    text += fmt::format("scrawl_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", key.first,
                        key.second, count);
  head(text, "scrawl_errors_total", "counter", "Requests answered with a status of 400 or more.");
  std::uint64_t errors = 0;
  for (const auto& [key, count] : requests_) errors += key.second >= 400 ? count : 0;
  text += fmt::format("scrawl_errors_total {}\n", errors);
  head(text, "scrawl_request_seconds", "histogram",
       "From a request's last byte to its answer's first, by path.");
  for (const auto& [route, histogram] : latencies_)
    add_histogram(text, "scrawl_request_seconds", fmt::format("path=\"{}\"", route), histogram,
                  latency_bounds);
  head(text, "scrawl_batch_glyphs", "histogram", "Glyphs that were classified together.");
  add_histogram(text, "scrawl_batch_glyphs", "", batches_, batch_bounds);
  head(text, "scrawl_digits_total", "counter", "Digits found in pictures.");
  text += fmt::format("scrawl_digits_total {}\n", digits_);
  head(text, "scrawl_connections", "gauge", "Connections that are open.");
  text += fmt::format("scrawl_connections {}\n", connections_);
  head(text, "scrawl_abandoned_total", "counter",
       "Requests whose senders hung up before the answer.");
  text += fmt::format("scrawl_abandoned_total {}\n", abandoned_);
  head(text, "scrawl_waiting_requests", "gauge", "Requests that wait for a thread.");
  text += fmt::format("scrawl_waiting_requests {}\n", waiting);
  head(text, "scrawl_reserved_bytes", "gauge", "Memory that requests have or are about to take.");
  text += fmt::format("scrawl_reserved_bytes {}\n", memory);
  return text;
}

}  // namespace scrawl
