#include "server/session.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <cmath>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <utility>

#include <scrawl/error.hpp>

namespace scrawl {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

namespace {

constexpr std::uint32_t longest_head = 16384;    // bytes
constexpr std::size_t large_body = 64 * 1024;    // bytes: above, it is no small picture
constexpr std::size_t large_pixels = 1'000'000;  // nor with more of these, however few bytes
constexpr std::chrono::seconds draining_time{2};
constexpr std::chrono::seconds stopping_time{5};     // for the rest of a request to come
constexpr std::chrono::seconds memory_patience{10};  // of who needs much, for others to be done
constexpr std::uint64_t min_rate =
    1024;  // bytes a second: slower, it would hold its place for ever

std::string text(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

/// Of headers that decide who may ask and where a body ends, a second one could be meant for
/// somebody else.
void check_head(const http::request_header<>& head) {
  const auto times = [&](http::field field) { return head.count(field); };
  if (times(http::field::host) > 1 || times(http::field::origin) > 1)
    throw HttpError(400, "Host or Origin: found two, expected one");
  if (times(http::field::host) == 0 && head.version() >= 11)
    throw HttpError(400, "Host: found none, expected one");
  if (times(http::field::transfer_encoding) == 0) return;
  if (head.version() < 11) throw HttpError(400, "Transfer-Encoding: HTTP/1.0 has none");
  if (times(http::field::transfer_encoding) > 1 ||
      !same_word(text(head[http::field::transfer_encoding]), "chunked"))
    throw HttpError(501, "Transfer-Encoding: expected chunked, or none");
}

/// All but the body. Throws HttpError.
Request read_request(const http::request_header<>& head) {
  check_head(head);
  Request request;
  request.method = text(head.method_string());
  request.host = text(head[http::field::host]);
  request.origin = text(head[http::field::origin]);
  request.authorization = text(head[http::field::authorization]);
  request.content_type = text(head[http::field::content_type]);
  request.content_encoding = text(head[http::field::content_encoding]);
  parse_target(std::string_view(head.target().data(), head.target().size()), request);
  return request;
}

/// The answer to what is not even tried.
Response refusal(unsigned status, const std::string& message, SessionContext& context) {
  context.api.metrics().count_request("other", status, 0);
  Response response = error_response(status, message);
  if (status == 503) response.headers.emplace_back("Retry-After", come_again);
  return response;
}

}  // namespace

Session::Session(tcp::socket socket, SessionContext& context, Kind kind)
    : socket_(std::move(socket)),
      context_(context),
      kind_(kind),
      timer_(socket_.get_executor()),
      buffer_(longest_head + sizeof(chunk_)) {
  ++context_.connections;
  context_.reserved += kind_ == Kind::reserved ? 1 : 0;
  context_.api.metrics().set_connections(context_.connections);
}

Session::~Session() {
  close();
}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  ending_ = true;
  stop_waiting();
  end_work();
  free_body();
  ErrorCode ignored;
  socket_.close(ignored);
  timer_.cancel();
  --context_.connections;
  context_.reserved -= kind_ == Kind::reserved ? 1 : 0;
  context_.api.metrics().set_connections(context_.connections);
}

bool Session::stop() {
  if (draining_) return false;
  ErrorCode ignored;
  if (!begun_ && buffer_.size() == 0 && socket_.available(ignored) == 0) {
    close();
    return false;
  }
  if (!answer_) limit_time(stopping_time, Patience::whole);
  return true;
}

void Session::abandon() {
  const auto self = weak_from_this().lock();  // what is dropped may be all that holds it
  if (work_) {
    work_->stop.request_stop();
    queue_->drop(ticket_);
    context_.api.metrics().count_abandoned();
  }
  close();
}

void Session::wait() {
  if (!waiting_) waiting_ = context_.waiting.insert(context_.waiting.end(), this);
}

void Session::stop_waiting() {
  if (waiting_) context_.waiting.erase(*waiting_);
  waiting_.reset();
}

/// From now on. Whoever waits for ever would hold a place for ever.
void Session::limit_time(std::chrono::seconds most, Patience patience, std::uint64_t moved_before) {
  most = std::min(most, context_.options.timeout);
  last_moved_ = moved_before;
  timer_.expires_after(most);
  timer_.async_wait([weak = weak_from_this(), most, patience](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    self->on_time(most, patience);
  });
}

void Session::on_time(std::chrono::seconds most, Patience patience) {
  const auto seconds = static_cast<std::uint64_t>(most.count());
  const std::uint64_t now = patience == Patience::moving ? moved() : 0;
  if (now >= last_moved_ + seconds * min_rate) return limit_time(most, patience, now);
  late_ = true;
  ErrorCode ignored;
  socket_.cancel(ignored);
}

/// Bytes of the body that have come, or of the answer that the other side has taken: what the
/// system has of it for sending may be all the rest.
std::uint64_t Session::moved() {
  if (!answer_) return received_;
  int unsent = 0;
  if (::ioctl(socket_.native_handle(), SIOCOUTQ, &unsent) != 0 || unsent < 0) unsent = 0;
  return written_ - std::min(written_, static_cast<std::uint64_t>(unsent));
}

void Session::read_head() {
  begun_ = buffer_.size() > 0;
  parser_.emplace();
  parser_->header_limit(longest_head);
  parser_->body_limit(context_.options.max_body);
  wait();
  limit_time(context_.options.timeout, Patience::whole);
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_head(error); });
}

void Session::on_head(ErrorCode error) {
  if (error) return on_failure(error);
  begun_ = true;
  const auto& head = parser_->get();
  try {
    request_ = read_request(head);
  } catch (const HttpError& refusal) {
    return refuse(refusal.status(), refusal.what());
  }
  if (auto refusal = context_.api.refusal(request_))
    return send(std::move(*refusal), parser_->is_done() && parser_->keep_alive());
  if (!Api::is_quick(request_) && !find_place())
    return refuse(503, fmt::format("all {} connections are taken (--max-connections); try again "
                                   "later",
                                   context_.options.max_connections));
  received_ = 0;
  if (!parser_->is_done()) limit_time(context_.options.timeout, Patience::moving);
  if (!same_word(text(head[http::field::expect]), "100-continue") || head.version() < 11 ||
      buffer_.size() > 0)
    return read_body();
  // The sender waits to be told that the body is welcome.
  const auto go_on =
      std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
  http::async_write(socket_, *go_on,
                    [self = shared_from_this(), go_on](ErrorCode failed, std::size_t) {
                      if (!failed) self->read_body();
                    });
}

/// For a request of the reserve that is none of the quick ones: the connection that has waited
/// longest makes room.
bool Session::find_place() {
  if (kind_ == Kind::usual) return true;
  const auto is_usual = [](const Session* session) { return session->kind_ == Kind::usual; };
  if (!context_.has_room()) {
    const auto longest = std::ranges::find_if(context_.waiting, is_usual);
    if (longest == context_.waiting.end()) return false;
    (*longest)->close();
  }
  kind_ = Kind::usual;
  --context_.reserved;
  return true;
}

void Session::read_body() {
  if (parser_->is_done()) return work();
  parser_->get().body() = {chunk_.data(), chunk_.size(), true};
  http::async_read_some(
      socket_, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, std::size_t) {
        const std::size_t came = self->chunk_.size() - self->parser_->get().body().size;
        if (error == http::error::need_buffer) error = {};
        self->on_body(error, came);
      });
}

void Session::on_body(ErrorCode error, std::size_t came) {
  if (error) return on_failure(error);
  if (!keep(came)) return refuse(503, "too many large requests at once; try again later");
  read_body();
}

/// Adds what has come to the body, if there is room: bodies on their way leave half of it to those
/// that have come, which would else wait for each other.
bool Session::keep(std::size_t bytes) {
  if (context_.bodies + bytes > context_.memory.limit() / 2) return false;
  if (!context_.memory.try_grow(held_, bytes)) return false;
  context_.bodies += bytes;
  received_ += bytes;
  body_.append(chunk_.data(), bytes);
  return true;
}

void Session::free_body() {
  context_.bodies -= body_.size();
  held_.give_back();
  body_ = {};
}

/// Says what was wrong, where there is still somebody to be told.
void Session::on_failure(ErrorCode error) {
  if (ending_ || error == http::error::end_of_stream) return;
  if (late_) {
    if (begun_ || buffer_.size() > 0) refuse(408, "the request did not come whole in time");
    return;
  }
  if (error == http::error::body_limit)
    return refuse(413, fmt::format("the body is larger than {} bytes, the most that is taken",
                                   context_.options.max_body));
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refuse(
        431, fmt::format("the head is larger than {} bytes, the most that is taken", longest_head));
  if (error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::partial_message)
    refuse(400, fmt::format("not an HTTP request: {}", error.message()));
}

/// Hands the request to a thread that has the time.
void Session::work() {
  timer_.cancel();
  stop_waiting();
  if (Api::is_quick(request_)) {
    request_.body = std::move(body_);
    return send(context_.api.handle(std::move(request_)), parser_->keep_alive());
  }
  WorkQueue& queue = body_.size() > large_body ? context_.large : context_.small;
  context_.bodies -= body_.size();
  request_.body = std::exchange(body_, {});
  work_ = std::make_shared<Work>();
  work_->request = std::move(request_);
  work_->request.stop = [token = work_->stop.get_token()] { return token.stop_requested(); };
  work_->body = std::move(held_);
  worked_for_ = context_.worked_for.insert(context_.worked_for.end(), this);
  enqueue(queue);
}

void Session::enqueue(WorkQueue& queue) {
  const auto ticket =
      queue.push([self = shared_from_this(), work = work_, is_large = &queue == &context_.large,
                  guard = net::make_work_guard(socket_.get_executor())]() mutable {
        run(std::move(self), std::move(work), is_large);
      });
  if (!ticket) {
    end_work();
    return send(refusal(503,
                        fmt::format("{} requests wait already (--max-waiting); try again later",
                                    context_.options.max_waiting),
                        context_),
                parser_->keep_alive());
  }
  queue_ = &queue;
  ticket_ = *ticket;
  context_.on_work();
}

/// On a worker's thread, which has the session only to give it back: its last owner is the thread
/// of input and output.
void Session::run(std::shared_ptr<Session> self, std::shared_ptr<Work> work, bool is_large) {
  SessionContext& context = self->context_;
  const auto executor = self->socket_.get_executor();
  if (!work->needs) work->needs = context.api.needs(work->request);
  if (!is_large && work->needs->pixels > large_pixels) {
    return net::post(executor, [self = std::move(self)] {
      if (self->work_) self->enqueue(self->context_.large);
    });
  }
  Response answer = answer_of(*work, is_large, context);
  work.reset();
  net::post(executor, [self = std::move(self), answer = std::move(answer)]() mutable {
    if (!self->work_) return;  // it was abandoned
    self->end_work();
    self->send(std::move(answer), self->parser_->keep_alive());
  });
}

/// Takes the memory that the request needs first, if it is to be had.
Response Session::answer_of(Work& work, bool is_large, SessionContext& context) {
  const std::size_t needed = work.needs->memory;
  MemoryBudget& memory = context.memory;
  constexpr double mega = 1e6;
  if (needed + work.request.body.size() > memory.limit())
    return refusal(413,
                   fmt::format("it takes up to {:.0f} MB of memory, all requests of this "
                               "server may have {:.0f} together (--max-memory)",
                               std::ceil(static_cast<double>(needed) / mega),
                               static_cast<double>(memory.limit()) / mega),
                   context);
  const auto turn = is_large ? MemoryBudget::Turn::in_order : MemoryBudget::Turn::now;
  const auto share = memory.take(needed, turn, work.stop.get_token(), memory_patience);
  if (!share)
    return refusal(503, "others take all memory (--max-memory); try again later", context);
  return context.api.handle(std::move(work.request));
}

void Session::end_work() {
  if (worked_for_) context_.worked_for.erase(*worked_for_);
  worked_for_.reset();
  work_.reset();
}

/// Answers a request that has not come whole, and takes no other.
void Session::refuse(unsigned status, const std::string& message) {
  ending_ = true;
  send(refusal(status, message, context_), false);
}

void Session::send(Response answer, bool keep_alive) {
  free_body();
  keep_alive =
      keep_alive && !ending_ && !context_.draining && !context_.stopping && kind_ == Kind::usual;
  answer_.emplace(static_cast<http::status>(answer.status), 11);
  answer_->set(http::field::server, "scrawl");
  if (!answer.content_type.empty()) answer_->set(http::field::content_type, answer.content_type);
  for (const auto& [name, value] : answer.headers) answer_->set(name, value);
  answer_->keep_alive(keep_alive);
  answer_->body() = std::move(answer.body);
  answer_->prepare_payload();
  if (parser_->get().method() == http::verb::head) answer_->body().clear();
  serializer_.emplace(*answer_);
  written_ = 0;
  wait();
  limit_time(context_.options.timeout, Patience::moving);
  write();
}

void Session::write() {
  http::async_write_some(socket_, *serializer_,
                         [self = shared_from_this()](ErrorCode error, std::size_t count) {
                           self->written_ += count;
                           if (error) return self->stop_waiting();
                           if (self->serializer_->is_done()) return self->on_sent();
                           self->write();
                         });
}

void Session::on_sent() {
  stop_waiting();
  const bool keep_alive = answer_->keep_alive() && !context_.stopping;
  serializer_.reset();
  answer_.reset();
  if (keep_alive) return read_head();
  draining_ = true;
  wait();  // whoever needs the place may have it
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  timer_.expires_after(draining_time);
  timer_.async_wait([weak = weak_from_this()](ErrorCode error) {
    if (const auto self = weak.lock(); self && !error) self->close();
  });
  drain();
}

/// Closing while the other side still sends would take the answer away from it.
void Session::drain() {
  socket_.async_read_some(net::buffer(chunk_),
                          [self = shared_from_this()](ErrorCode error, std::size_t) {
                            if (!error)
                              self->drain();
                            else
                              self->timer_.cancel();
                          });
}

}  // namespace scrawl
