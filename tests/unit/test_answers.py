"""Answers kept between runs: believed while the file is whole, reported once and left alone otherwise."""

import sqlite3
from pathlib import Path

import pytest

from callproof.answers import Answers
from callproof.expr import ADDRESS, SIZE
from callproof.residue import Pool
from callproof.residue.pool import ADD
from callproof.symbolic import Answer, Solver


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "answers.sqlite"


def test_what_one_run_puts_in_the_next_gets(path: Path) -> None:
    with Answers(path) as first:
        first.put(b"question", b"answer")
    with Answers(path) as second:
        assert second.get(b"question") == b"answer"
        assert second.get(b"another") is None


def test_without_a_file_nothing_is_kept() -> None:
    with Answers(None) as answers:
        answers.put(b"question", b"answer")
        assert answers.get(b"question") is None


def _damage_a_row(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE answers SET answer = ?", (b"other",))
    file.close()


def _flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"the answer")] ^= 0xFF
    path.write_bytes(bytes(content))


def _flip_a_byte_of_the_definition(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"question BLOB")] ^= 0xFF
    path.write_bytes(bytes(content))


def _make_foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE answers (question BLOB, answer BLOB, seal BLOB)")
    file.close()


def _make_text(path: Path) -> None:
    path.write_text("no database at all, but long enough to be looked at" * 20)


def _make_later(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 2")
    file.close()


@pytest.mark.parametrize(
    "damage",
    [_damage_a_row, _flip_a_byte, _flip_a_byte_of_the_definition, _make_foreign, _make_text, _make_later],
)
def test_a_damaged_or_foreign_file_is_not_believed(path: Path, damage: object) -> None:
    with Answers(path) as first:
        first.put(b"question", b"the answer")
    assert callable(damage)
    damage(path)
    said: list[str] = []
    with Answers(path, said.append) as second:
        assert second.get(b"question") is None
        second.put(b"new", b"x")
    assert len(said) == 1
    assert "--no-cache" in said[0]


def test_a_directory_in_its_place_is_reported(path: Path) -> None:
    path.mkdir(parents=True)
    said: list[str] = []
    Answers(path, said.append).close()
    assert len(said) == 1


def _questions(prefix: str) -> tuple[Pool, list[list[int]]]:
    """A question that is refuted by order, one that is not, and one that needs bits."""
    pool = Pool()
    for number in range(len(prefix)):  # so that the numbers of formulas differ between pools
        pool.data(f"{prefix}{number}", SIZE)
    a, b, s = pool.data("a", ADDRESS), pool.data("b", ADDRESS), pool.data("s", SIZE)
    around = pool.word(ADD, ADDRESS, pool.word(ADD, ADDRESS, a, s), s)
    shifted = pool.word(ADD, ADDRESS, a, pool.word(ADD, SIZE, s, s))
    return pool, [
        [pool.ult(a, b), pool.ult(b, a)],
        [pool.ult(a, b), pool.not_(pool.eq(s, pool.const(SIZE, 7)))],
        [pool.not_(pool.eq(around, shifted))],
    ]


def test_a_second_solver_asks_nothing_and_says_the_same(path: Path) -> None:
    said = []
    for prefix in ("", "xyz"):
        pool, questions = _questions(prefix)
        with Answers(path) as answers:
            solver = Solver(pool, answers=answers)
            said.append([solver.check(question) for question in questions])
    assert said[0] == said[1] == [Answer.UNSAT, Answer.SAT, Answer.UNSAT]
    assert solver.statistics.calls == 0
    assert solver.statistics.kept > 0


def test_another_budget_is_another_question(path: Path) -> None:
    pool, questions = _questions("")
    with Answers(path) as answers:
        Solver(pool, answers=answers).check(questions[0])
    with Answers(path) as answers:
        other = Solver(pool, budget=1_000_000, answers=answers)
        other.check(questions[0])
    assert other.statistics.calls == 1
