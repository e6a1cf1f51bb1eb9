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
/// and emit(result) on this one, in the order of the items. No more than 4 items for each thread
/// are under way or waiting to be emitted. next() is called by one thread at a time. An exception
/// of next() or work() is thrown again, after the results before it.
template <typename Item, typename Result>
void run_in_order(std::size_t threads, const std::function<std::optional<Item>()>& next,
                  const std::function<Result(const Item&)>& work,
                  const std::function<void(Result)>& emit) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t taken = 0;
  std::size_t emitted = 0;
  bool finished = false;
  std::map<std::size_t, Result> done;
  std::exception_ptr failure;

  const auto serve = [&] {
    std::unique_lock lock(mutex);
    while (!finished) {
      if (taken >= emitted + 4 * threads) {
        changed.wait(lock);
        continue;
      }
      try {
        const std::optional<Item> item = next();
        finished = finished || !item;
        if (!item) break;
        const std::size_t number = taken++;
        lock.unlock();
        Result result = work(*item);
        lock.lock();
        done.emplace(number, std::move(result));
      } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        failure = std::current_exception();
        finished = true;
      }
      changed.notify_all();
    }
    changed.notify_all();
  };

  std::vector<std::thread> team;
  for (std::size_t i = 0; i < threads; ++i) team.emplace_back(serve);
  const auto join = [&] {
    {
      const std::lock_guard lock(mutex);
      finished = true;
    }
    changed.notify_all();
    for (std::thread& thread : team) thread.join();
  };
  try {
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
