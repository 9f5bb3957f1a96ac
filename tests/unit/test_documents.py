"""How what documents show is brought to what is printed."""

import pytest

from tests.support.documents import Command, File, matches, promoted, settled, steps

PAGE = """Text.

```toml title="a.toml"
x = 1
```

```console
$ first
one
two
$ second \\
    --with more
```
"""


def test_steps_are_commands_and_files_in_their_order() -> None:
    file, first, second = steps(PAGE)
    assert file == File("a.toml", "x = 1\n")
    assert isinstance(first, Command)
    assert isinstance(second, Command)
    assert (first.text, first.shown, PAGE[first.begin : first.end]) == ("first", "one\ntwo\n", "one\ntwo\n")
    assert (second.text, second.shown) == ("second \\\n    --with more", "")


def test_a_block_that_begins_with_output_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with"):
        steps("```console\nno command\n```\n")


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("...\nd\n", "a\nd\ne\n", False),
        ("at ... now\n", "at 5 o'clock now\n", True),
        ("at ... now\n", "at 5\nnow\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_what_is_shown_stands_for_what_is_printed(shown: str, printed: str, fits: bool) -> None:
    assert matches(shown, printed) is fits


@pytest.mark.parametrize(
    ("shown", "printed", "made"),
    [
        ("a\nb\n", "a\nB\n", "a\nB\n"),
        ("", "a\n", "a\n"),
        ("a\n...\nd\n", "a\nb\nc\nD\n", "a\n...\nD\n"),
        ("head\n...\nlast\n", "Head\nx\ny\nz\nLast\n", "Head\n...\nLast\n"),
        ("...\nkept 1 of ...\nend\n", "new\nkept 1 of 3\nmore\nend\n", "...\nkept 1 of ...\nmore\nend\n"),
        ("a\n...\n", "b\n", "b\n...\n"),
        ("a\n...\nb\n", "c\n", "c\n"),
        ("a\n...\nb\n", "", ""),
        ("same ...\n", "same 5\n", "same ...\n"),
    ],
)
def test_promoting_keeps_what_fits_and_what_was_left_out(shown: str, printed: str, made: str) -> None:
    found = promoted(shown, printed)
    assert found == made
    assert matches(found, printed)


@pytest.mark.parametrize(
    ("printed", "made"),
    [
        ("in 0.41s", "in ... s\n"),
        ("3 distinct, 5 solver calls, 1.1 s\n", "3 distinct, ... solver calls, ... s\n"),
        ("3 solver calls, 1,392 answers kept, 12 s", "... solver calls, ... s\n"),
        ("memory=0x55d1f5c4f200 0xfffffffffffff800 0x100000", "memory=0x... 0xfffffffffffff800 0x100000\n"),
        ("cvc5 1.4.2: 12 unsat; 3.5 s", "cvc5 ...: 12 unsat; ... s\n"),
        ("64 of 64 sizes, 4 states", "64 of 64 sizes, 4 states\n"),
        ("", ""),
    ],
)
def test_what_differs_from_run_to_run_is_settled(printed: str, made: str) -> None:
    assert settled(printed) == made
