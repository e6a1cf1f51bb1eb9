// The HTTP server: connections, limits, threads. What it answers is in api.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/api.hpp"

namespace scrawl {

/// Bytes that all requests together may take unless another limit is asked for: room for a picture
/// of 50 megapixels, and for one of 12 on each of `threads`.
std::size_t default_max_memory(std::size_t threads);

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< an address of this machine; localhost is 127.0.0.1
  std::uint16_t port = 8042;       ///< 0: any that is free
  std::size_t threads = 0;         ///< that read pictures; 0: one for each core
  std::size_t max_body = std::size_t{32} << 20;  ///< bytes of a request
  std::size_t max_memory = 0;          ///< bytes of all requests together; 0: default_max_memory()
  std::size_t max_connections = 1024;  ///< the one that waits longest makes room
  /// Requests that wait for a thread, of small ones and of large ones. The last of so many waits a
  /// second for glyphs, and for photos about as long as clients commonly do.
  std::size_t max_waiting = 256;
  /// For a request's head to come whole, between two of them, and for something to come or go of a
  /// body or an answer.
  std::chrono::seconds timeout{30};
  /// From SIGTERM on, for who looks at /readyz to send its requests elsewhere.
  std::chrono::seconds drain{0};
};

/// One thread does all input and output; others work on requests that have come whole, large ones
/// apart from small ones, so that a photo of 12 megapixels does not hold up a glyph.
class Server {
 public:
  /// Listens, but does not answer yet. Throws Error when the address is not to be had. `api`
  /// outlives the server.
  Server(Api& api, const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// http://127.0.0.1:8042
  std::string url() const;

  /// Answers until stop() or, after handle_signals(), SIGTERM or SIGINT.
  void run();

  /// Nothing new is taken. What has begun is finished, if it comes whole within 5 s and takes no
  /// more than 8 in all: those who end programs commonly wait for 10. A second call leaves what has
  /// not come. From any thread.
  void stop();

  /// SIGTERM and SIGINT stop it, a second one ends the process; `on_stop` is told how many requests
  /// are being finished. SIGTERM calls `on_drain` first and lets options.drain pass, in which
  /// /readyz says 503, all is answered, and connections end with their answers. SIGHUP loads the
  /// model anew; `on_reload` is told "" or what was wrong.
  void handle_signals(std::function<void()> on_drain, std::function<void(std::size_t)> on_stop,
                      std::function<void(const std::string&)> on_reload);

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace scrawl
