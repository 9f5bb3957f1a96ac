"""Obligations by order alone, and those that differ in names alone, as texts."""

from callproof.certificate.alike import distinct, nameless
from callproof.certificate.order import by_order

WORDS = "(declare-const |a| (_ BitVec 64))\n(declare-const |b| (_ BitVec 64))\n"


def test_words_become_as_wide_as_their_ranks() -> None:
    logic, text = by_order(f"{WORDS}(assert (bvult |a| |b|))")
    assert logic == "QF_BV"
    assert text == "(declare-const |a| (_ BitVec 2))\n(declare-const |b| (_ BitVec 2))\n(assert (bvult |a| |b|))"


def test_operators_become_functions_and_literals_keep_their_order() -> None:
    logic, text = by_order(f"{WORDS}(assert (= (bvadd |a| #x0000000000000020)(bvsub(bvadd |b| |b|) #x{1:016x})))")
    assert logic == "QF_UFBV"
    assert "(declare-fun $add ((_ BitVec 3) (_ BitVec 3)) (_ BitVec 3))" in text
    assert "(assert (bvult #b000 $x1))\n(declare-const $x20 (_ BitVec 3))\n(assert (bvult $x1 $x20))" in text
    assert "(assert (= ($add |a| $x20)($sub($add |b| |b|) $x1)))" in text
    assert "bvadd" not in text
    assert "64" not in text


def test_no_operator_on_words_is_left() -> None:
    _, text = by_order(f"{WORDS}(assert (= (bvand |a| |b|) (bvsub(bvadd |a| |b|)|b|)))")
    assert "(assert (= ($and |a| |b|) ($sub($add |a| |b|)|b|)))" in text


def test_a_width_that_something_else_has_is_not_taken() -> None:
    _, text = by_order(f"{WORDS}(declare-const |few| (_ BitVec 2))\n(assert (= |few| #b01))\n(assert (= #b101 #b101))")
    assert "(declare-const |a| (_ BitVec 4))" in text
    assert "(declare-const |few| (_ BitVec 2))" in text
    assert "(assert (= #b101 #b101))" in text


def test_a_word_in_binary_and_a_zero_are_literals_too() -> None:
    _, text = by_order(f"{WORDS}(assert (= |a| #b{5:064b}))(assert (= |b| #b{0:064b}))")
    assert "(assert (= |a| $x5))" in text
    assert "(assert (= |b| #b000))" in text


def test_names_are_left_alone() -> None:
    strange = "|(bvadd #x0000000000000001 (_ BitVec 64)|"
    _, text = by_order(f"(declare-const {strange} (_ BitVec 64))\n(assert (= {strange} #x0000000000000000))")
    assert strange in text


def test_scripts_that_differ_in_names_are_one() -> None:
    one, two = "; one\n(and |a| |b| |a| $3)", "; two\n(and |x| |a| |x| $7n)"
    other = "; one\n(and |a| |b| |b| $3)"
    assert nameless(one) == nameless(two) != nameless(other)
    assert distinct([one, other, two]) == [[0, 2], [1]]
