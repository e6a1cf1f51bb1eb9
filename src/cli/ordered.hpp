// Work on several threads whose results come out in the order of what went in.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace scrawl::cli {

/// Calls work(item) for each item that next() gives, until it gives nothing, on `threads` threads,
/// and emit(result) on this one, in the order of the items, as soon as it can be. About 4 items for
/// each thread are under way or waiting to be emitted. next() is called by one thread at a time,
/// and may wait for its item. The first exception of next(), work() or emit() ends all, and is
/// thrown again.
template <typename Item, typename Result>
void run_in_order(std::size_t threads, const std::function<std::optional<Item>()>& next,
                  const std::function<Result(const Item&)>& work,
                  const std::function<void(Result)>& emit) {
  std::mutex source;  // held while next() is asked, and taken before `mutex`
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t taken = 0;
  std::size_t emitted = 0;
  bool finished = false;
  std::map<std::size_t, Result> done;
  std::exception_ptr failure;

  // The next item and its number.
  const auto take = [&]() -> std::optional<std::pair<std::size_t, Item>> {
    const std::lock_guard asking(source);
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return finished || taken < emitted + 4 * threads; });
      if (finished) return std::nullopt;
    }
    std::optional<Item> item = next();
    const std::lock_guard lock(mutex);
    if (!item) finished = true;
    if (finished) return std::nullopt;
    return std::pair(taken++, std::move(*item));
  };
  const auto serve = [&] {
    try {
      while (const auto item = take()) {
        Result result = work(item->second);
        const std::lock_guard lock(mutex);
        done.emplace(item->first, std::move(result));
        changed.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      finished = true;
    }
    changed.notify_all();
  };

  std::vector<std::thread> team;
  const auto join = [&] {
    {
      const std::lock_guard lock(mutex);
      finished = true;
    }
    changed.notify_all();
    for (std::thread& thread : team) thread.join();
  };
  try {
    for (std::size_t i = 0; i < threads; ++i) team.emplace_back(serve);
    std::unique_lock lock(mutex);
    while (!failure && !(finished && emitted == taken)) {
      const auto first = done.find(emitted);
      if (first == done.end()) {
        changed.wait(lock);
        continue;
      }
      Result result = std::move(first->second);
      done.erase(first);
      lock.unlock();
      emit(std::move(result));
      lock.lock();
      ++emitted;
      changed.notify_all();
    }
  } catch (...) {
    join();
    throw;
  }
  join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace scrawl::cli
