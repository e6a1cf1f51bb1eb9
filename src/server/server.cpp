#include "server/server.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <poll.h>
#include <sys/resource.h>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "network_training/workers.hpp"
#include "server/access.hpp"
#include "server/session.hpp"

namespace scrawl {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

namespace {

constexpr std::size_t other_files = 64;  // that the process has open beside connections

/// Connections beyond the limit, for who asks whether the server is well.
constexpr std::size_t reserved_connections = 16;

/// Between two looks at who has hung up. A look is one system call.
constexpr std::chrono::milliseconds watch_interval{20};

/// When nobody new is let in any more, for the first request of those who have just come.
constexpr std::chrono::milliseconds last_call{250};

constexpr std::chrono::seconds ending_time{8};  // for all that has begun when it is told to stop

/// As many connections as are asked for and this process may have.
std::size_t allowed_connections(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  constexpr std::size_t others = other_files + reserved_connections;
  if (limit.rlim_cur < wanted + others) {
    limit.rlim_cur = std::min<rlim_t>(wanted + others, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return std::max<std::size_t>(
      1, std::min<std::size_t>(wanted, limit.rlim_cur - std::min<rlim_t>(limit.rlim_cur, others)));
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

}  // namespace

struct Server::Network {
  Network(Api& api_of_all, const ServerOptions& given);
  ~Network();

  void listen();
  void accept();
  void start_session(tcp::socket socket);
  void make_room();
  void watch();
  void abandon_those_who_have_gone();
  void abandon_all();
  void drain(std::function<void()> then);
  void close_door();
  std::size_t stop();
  void await_reload(std::function<void(const std::string&)> on_reload);

  // Last to first: threads end before what they work for, connections before what they share.
  Api& api;
  ServerOptions options;
  MemoryBudget memory;
  SessionContext context;
  net::io_context io{1};
  tcp::acceptor acceptor{io};
  net::signal_set ending{io};
  net::signal_set reloading{io};
  net::steady_timer next_watch{io};
  net::steady_timer drained{io};
  bool is_watching = false;
  std::chrono::steady_clock::time_point end;  // when it is stopping
  WorkQueue small;
  WorkQueue large;
  WorkQueue reloads{1, 1};
};

namespace {

ServerOptions completed(ServerOptions options) {
  if (options.threads == 0) options.threads = static_cast<std::size_t>(available_cores());
  if (options.max_memory == 0) options.max_memory = default_max_memory(options.threads);
  options.max_connections = allowed_connections(options.max_connections);
  return options;
}

}  // namespace

Server::Network::Network(Api& api_of_all, const ServerOptions& given)
    : api(api_of_all),
      options(completed(given)),
      memory(options.max_memory),
      context{api, options, memory, small, large, [this] { watch(); }},
      small(2 * options.threads, options.max_waiting),
      large(options.threads, options.max_waiting) {
  api.set_load([this] {
    return Load{small.waiting() + large.waiting(), memory.taken(),
                small.is_full() || large.is_full(), context.draining};
  });
}

Server::Network::~Network() {
  api.set_load({});
  abandon_all();
}

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
    if (!error) start_session(std::move(socket));
    accept();
  });
}

void Server::Network::start_session(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  make_room();
  if (context.has_room())
    std::make_shared<Session>(std::move(socket), context, Session::Kind::usual)->start();
  else if (context.reserved < reserved_connections)
    std::make_shared<Session>(std::move(socket), context, Session::Kind::reserved)->start();
}

/// For one more connection, where there is none in the reserve either. Those that are being worked
/// for are never closed.
void Server::Network::make_room() {
  if (context.has_room() || context.reserved < reserved_connections) return;
  if (!context.waiting.empty()) context.waiting.front()->close();
}

/// Looks again and again, as long as there is somebody to look at.
void Server::Network::watch() {
  if (is_watching) return;
  is_watching = true;
  next_watch.expires_after(watch_interval);
  next_watch.async_wait([this](error_code error) {
    is_watching = false;
    if (error) return;
    abandon_those_who_have_gone();
    if (context.stopping && std::chrono::steady_clock::now() >= end) abandon_all();
    if (!context.worked_for.empty() || (context.stopping && context.connections > 0)) watch();
  });
}

/// Of those that are worked for: nothing is read from them meanwhile, so that nobody else would
/// notice. The end of what they send counts as gone, whatever they have sent before that.
void Server::Network::abandon_those_who_have_gone() {
  const std::vector<Session*> sessions(context.worked_for.begin(), context.worked_for.end());
  std::vector<pollfd> sockets;
  for (Session* session : sessions) sockets.push_back({session->native_handle(), POLLRDHUP, 0});
  if (::poll(sockets.data(), sockets.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < sessions.size(); ++i)
    if (sockets[i].revents != 0) sessions[i]->abandon();
}

void Server::Network::abandon_all() {
  for (const auto* list : {&context.worked_for, &context.waiting})
    for (Session* session : std::list(*list)) session->abandon();
}

/// Goes on as before, but for what it says of itself; then lets nobody new in; then calls `then`.
void Server::Network::drain(std::function<void()> then) {
  context.draining = true;
  drained.expires_after(options.drain);
  drained.async_wait([this, then = std::move(then)](error_code error) {
    if (error) return;
    close_door();
    drained.expires_after(last_call);
    drained.async_wait([then](error_code ended) {
      if (!ended) then();
    });
  });
}

/// Connections that the system has made already would be reset: they come in first.
void Server::Network::close_door() {
  error_code error;
  acceptor.non_blocking(true, error);
  while (!error) {
    tcp::socket socket(io);
    acceptor.accept(socket, error);
    if (!error) start_session(std::move(socket));
  }
  acceptor.close(error);
}

/// Returns how many requests are still to be finished.
std::size_t Server::Network::stop() {
  if (context.stopping) {
    io.stop();
    return 0;
  }
  context.stopping = true;
  end = std::chrono::steady_clock::now() + ending_time;
  error_code ignored;
  drained.cancel();
  acceptor.close(ignored);
  ending.cancel(ignored);
  reloading.cancel(ignored);
  abandon_those_who_have_gone();
  std::size_t open = context.worked_for.size();
  for (Session* session : std::list(context.waiting)) open += session->stop() ? 1 : 0;
  if (context.connections > 0) watch();
  return open;
}

void Server::Network::await_reload(std::function<void(const std::string&)> on_reload) {
  reloading.async_wait([this, on_reload = std::move(on_reload)](error_code error, int) {
    if (error) return;
    // When one waits already, that will find what there is by then.
    reloads.push([this, on_reload] {
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

std::size_t default_max_memory(std::size_t threads) {
  return std::size_t{1'600'000'000} + threads * std::size_t{400'000'000};
}

Server::Server(Api& api, const ServerOptions& options)
    : network_(std::make_unique<Network>(api, options)) {
  network_->listen();
}

Server::~Server() = default;

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

void Server::handle_signals(std::function<void()> on_drain,
                            std::function<void(std::size_t)> on_stop,
                            std::function<void(const std::string&)> on_reload) {
  Network& network = *network_;
  network.ending.add(SIGTERM);
  network.ending.add(SIGINT);
  network.ending.async_wait([&network, on_drain = std::move(on_drain),
                             on_stop = std::move(on_stop)](error_code error, int signal) {
    if (error) return;
    // A second one does what it does by default, so it ends the process, whatever that is at.
    error_code ignored;
    network.ending.clear(ignored);
    const auto stop = [&network, on_stop] { on_stop(network.stop()); };
    if (signal != SIGTERM || network.options.drain.count() == 0) return stop();
    on_drain();
    network.drain(stop);
  });
  network.reloading.add(SIGHUP);
  network.await_reload(std::move(on_reload));
}

}  // namespace scrawl
