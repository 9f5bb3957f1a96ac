"""Certificates: what `check` proved, written so that other solvers can check it without any of the proving code.

**What a certificate says.** Each of its parts holds a transition system as SMT-LIB terms (`system.json`: variables,
actions with their clauses, outcomes and effects, invariants), a list of control states (`graph.json`), and invariants
that are claimed. The claim of a part is that the listed control states together with the claimed invariants are an
*inductive invariant* of the system:

1. the state in which every variable is zero is listed, and each claimed invariant holds in it;
2. each move (an action with its enumerated parameters and its outcome chosen), from a listed control state, is refused,
   or leads to the listed control state that `graph.json` names (`closure-*.smt2`, one obligation a move);
3. each move that is accepted in a listed control state in which the claimed invariants hold keeps each conjunct of each
   of them (`keeps-*.smt2`, one obligation for some conjuncts and a move that touches them, or all such moves that
   differ in their choices alone).

So every state of every sequence of accepted calls, of whatever length, has the claimed invariants.

**What is checked.** The checker builds the text of every obligation itself, from the system, the control states and
the hints of `cover.json` (which conditions of the move and which invariants to assume, among those claimed; whether for
every choice of the move at once, and whether by order alone, see `order`), and compares it with the file. Hints can
make an obligation unprovable, never wrong. The solvers answer the text that the checker built; where several differ in
names alone, one of them. It uses nothing of the prover: no residues, no folding, no choice of hypotheses, no sequence
graph, no specification.

**What is trusted.** (a) That `system.json` is what the specification means: the running of its Python bodies on
symbolic state, and the translation of formulas to terms (`callproof.run.translation`). (b) The solvers that answer, and
this package. (c) For a claim on any number of resources: the argument of `callproof.prove.parametric`. A part of kind
`joined` proves invariants between two resources, over any two states of one resource that agree on what they share;
that these are all states of two, that invariants proved of one hold of each, and that two speak for any number, is that
argument. So is, for a part that `assumes` invariants of another part, that they hold in this one as well.
"""

from callproof.certificate.checking import Checked, check_certificate
from callproof.certificate.records import Refused

__all__ = ["Checked", "Refused", "check_certificate"]
