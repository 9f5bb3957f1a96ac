// Seeded defects, for measuring what a test suite finds. `mutants.toml` lists them.
//
// Without -DMUTANT=n the library has none. With -DMUTANT=ge_reference::ChosenMutant() one build holds them all, and the
// environment variable GE_REFERENCE_MUTANT picks one when the process starts.
#ifndef GE_REFERENCE_MUTATE_H_
#define GE_REFERENCE_MUTATE_H_

#include <cstdlib>

namespace ge_reference {

inline int ChosenMutant() {
  static const int chosen = [] {
    const char *text = std::getenv("GE_REFERENCE_MUTANT");
    return text == nullptr ? 0 : std::atoi(text);
  }();
  return chosen;
}

}  // namespace ge_reference

#ifndef MUTANT
#define MUTANT 0
#endif

// The value `wrong` in the library's mutant `number`, `correct` in all others.
#define MUTATE(number, correct, wrong) ((MUTANT) == (number) ? (wrong) : (correct))

#endif  // GE_REFERENCE_MUTATE_H_
