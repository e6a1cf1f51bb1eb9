#include "server/server.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <sys/resource.h>
#include <utility>

#include <scrawl/error.hpp>

#include "network/workers.hpp"
#include "server/access.hpp"
#include "server/session.hpp"

namespace scrawl {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

constexpr std::size_t other_files = 64;  // that the process has open beside connections

/// As many connections as are asked for and this process may have.
std::size_t allowed_connections(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < wanted + other_files) {
    limit.rlim_cur = std::min<rlim_t>(wanted + other_files, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return std::max<std::size_t>(
      1, std::min<std::size_t>(wanted,
                               limit.rlim_cur - std::min<rlim_t>(limit.rlim_cur, other_files)));
}

tcp::endpoint endpoint_of(const ServerOptions& options) {
  error_code error;
  auto address = net::ip::make_address(options.host, error);
  if (error && is_loopback(options.host)) {  // localhost
    address = net::ip::address_v4::loopback();
    error = {};
  }
  if (error)
    throw Error(fmt::format(
        "--host: found '{}', expected an address of this machine, such as 127.0.0.1 or 0.0.0.0",
        options.host));
  return {address, options.port};
}

/// Its threads take no signals: oneDNN's kernels for some CPUs point the stack pointer into a
/// buffer on the heap, where a handler would write over what lies before the buffer.
std::unique_ptr<net::thread_pool> start_pool(std::size_t threads) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  auto pool = std::make_unique<net::thread_pool>(threads);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pool;
}

}  // namespace

struct Server::Network {
  Network(Api& api_of_all, const ServerOptions& given)
      : api(api_of_all),
        options(given),
        threads(given.threads > 0 ? given.threads : static_cast<std::size_t>(available_cores())),
        small(start_pool(2 * threads)),
        large(start_pool(threads)),
        context{api_of_all, options, *small, *large, 0, 0, {}, false} {
    options.max_connections = allowed_connections(options.max_connections);
  }

  void listen();
  void accept();
  void make_room();
  std::size_t stop();
  void await_reload(std::function<void(const std::string&)> on_reload);

  Api& api;
  ServerOptions options;
  std::size_t threads;
  net::io_context io{1};
  tcp::acceptor acceptor{io};
  net::signal_set ending{io};
  net::signal_set reloading{io};
  std::unique_ptr<net::thread_pool> small;
  std::unique_ptr<net::thread_pool> large;
  SessionContext context;
};

void Server::Network::listen() {
  const tcp::endpoint endpoint = endpoint_of(options);
  try {
    acceptor.open(endpoint.protocol());
    acceptor.set_option(net::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(net::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& error) {
    throw Error(fmt::format("cannot listen on {} port {}: {}; --port 0 takes one that is free",
                            options.host, options.port, error.code().message()));
  }
}

void Server::Network::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (error == net::error::operation_aborted || context.stopping) return;
    if (!error) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      make_room();
      if (context.connections < options.max_connections)
        std::make_shared<Session>(std::move(socket), context)->start();
    }
    accept();
  });
}

/// For one more connection. Those that are being worked for are never closed.
void Server::Network::make_room() {
  if (context.connections < options.max_connections || context.waiting.empty()) return;
  context.waiting.front()->close();
}

/// Returns how many requests are still to be finished.
std::size_t Server::Network::stop() {
  if (context.stopping) {
    io.stop();
    return 0;
  }
  context.stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  ending.cancel(ignored);
  reloading.cancel(ignored);
  std::size_t open = context.connections - context.waiting.size();  // they are worked for
  for (Session* session : std::list(context.waiting)) open += session->stop() ? 1 : 0;
  return open;
}

void Server::Network::await_reload(std::function<void(const std::string&)> on_reload) {
  reloading.async_wait([this, on_reload = std::move(on_reload)](error_code error, int) {
    if (error) return;
    net::post(*large, [this, on_reload] {
      std::string problem;
      try {
        api.reload();
      } catch (const std::exception& failure) {
        problem = failure.what();
      }
      on_reload(problem);
    });
    await_reload(on_reload);
  });
}

Server::Server(Api& api, const ServerOptions& options)
    : network_(std::make_unique<Network>(api, options)) {
  network_->listen();
}

Server::~Server() {
  network_->small->join();
  network_->large->join();
}

std::string Server::url() const {
  const tcp::endpoint endpoint = network_->acceptor.local_endpoint();
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("http://[{}]:{}", address, endpoint.port())
                                    : fmt::format("http://{}:{}", address, endpoint.port());
}

void Server::run() {
  network_->accept();
  network_->io.run();
}

void Server::stop() {
  net::post(network_->io, [this] { network_->stop(); });
}

void Server::handle_signals(std::function<void(std::size_t)> on_stop,
                            std::function<void(const std::string&)> on_reload) {
  Network& network = *network_;
  network.ending.add(SIGTERM);
  network.ending.add(SIGINT);
  network.ending.async_wait([&network, on_stop = std::move(on_stop)](error_code error, int) {
    if (error) return;
    // A second one does what it does by default, so it ends the process, whatever that is at.
    error_code ignored;
    network.ending.clear(ignored);
    on_stop(network.stop());
  });
  network.reloading.add(SIGHUP);
  network.await_reload(std::move(on_reload));
}

}  // namespace scrawl
