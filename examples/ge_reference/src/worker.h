// The thread on which runs of RunGraphAsync end and call back.
#ifndef GE_REFERENCE_WORKER_H_
#define GE_REFERENCE_WORKER_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace ge_reference {

class Worker {
 public:
  // The oldest run in flight of a graph is to end.
  void End(uint64_t session_id, uint32_t graph_id);

  static Worker &Get();

 private:
  struct Job {
    uint64_t session_id;
    uint32_t graph_id;
  };

  void Work();

  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool started_ = false;
};

}  // namespace ge_reference

#endif  // GE_REFERENCE_WORKER_H_
