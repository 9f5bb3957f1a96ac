"""`callproof driver build`: what it makes, and what it says where it cannot."""

import importlib.util
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from callproof.model import Runner, Specification
from callproof.model.loading import load_specification
from tests.drivers import building

pytestmark = pytest.mark.xdist_group("native")

INCLUDE = building.REFERENCE / "include"


def driver(*args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key != "CXX"}
    return subprocess.run(
        [sys.executable, "-m", "callproof", "driver", "build", *map(str, args)],
        capture_output=True,
        encoding="utf-8",
        env=kept | {"PYTHONUTF8": "1"} | environment,
        check=False,
    )


@pytest.fixture(scope="module")
def library() -> Path:
    return building.library()


def fake_compiler(folder: Path, script: str) -> Path:
    path = folder / "compiler"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def refused(done: subprocess.CompletedProcess[str], out: Path) -> str:
    """What was said; nothing was written."""
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert not out.exists()
    assert not list(out.parent.glob(f"{out.name}.*"))
    return done.stderr


def test_it_builds_a_runner_that_finds_its_library(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "runner"
    done = driver("--include", INCLUDE, "--lib", library, "--out", out)
    assert (done.returncode, done.stderr) == (0, "")
    command, built = done.stdout.splitlines()
    assert built == f"built {out}"
    assert str(library) in command
    environment = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    said = subprocess.run([out], input='{"id": 1, "op": "bye"}\n', capture_output=True, text=True, env=environment)
    assert (said.returncode, said.stdout) == (0, '{"id": 1, "ok": true}\n')


def test_a_missing_header_is_named(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "runner"
    said = refused(driver("--include", tmp_path, "--lib", library, "--out", out), out)
    assert said == f"callproof: the runner of ge-memory needs the header ge/ge_api_v2.h, which is not in {tmp_path}\n"


def test_a_missing_directory_or_library_is_named(library: Path, tmp_path: Path) -> None:
    out, no = tmp_path / "runner", tmp_path / "no"
    said = refused(driver("--include", no, "--lib", library, "--out", out), out)
    assert said == f"callproof: --include {no}: there is no such directory\n"
    said = refused(driver("--include", INCLUDE, "--lib", no, "--out", out), out)
    assert said == f"callproof: --lib {no}: there is no such file\n"


def test_what_the_compiler_says_is_shown_but_not_all_of_it(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "runner"
    failing = fake_compiler(
        tmp_path, 'for n in $(seq 50); do echo error $n >&2; done; for last; do :; done; touch "$last"; exit 1'
    )
    said = refused(driver("--include", INCLUDE, "--lib", library, "--out", out, "--cxx", str(failing)), out)
    lines = said.splitlines()
    assert lines[0].startswith(f"callproof: the compiler fails ({failing} -std=c++17")
    assert lines[1:] == [*(f"callproof:   error {n}" for n in range(1, 21)), "callproof:   ... and 30 more lines"]


def test_a_library_that_is_none_is_the_compilers_to_refuse(tmp_path: Path) -> None:
    building.need_compiler()
    out, text = tmp_path / "runner", tmp_path / "lib.so"
    text.write_text("no library\n", encoding="utf-8")
    assert "the compiler fails" in refused(driver("--include", INCLUDE, "--lib", text, "--out", out), out)


def test_a_compiler_that_is_not_there_is_named(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "runner"
    arguments = ("--include", INCLUDE, "--lib", library, "--out", out)
    said = refused(driver(*arguments, "--cxx", "no-such-compiler"), out)
    assert said == "callproof: --cxx names 'no-such-compiler', but there is no such command\n"
    said = refused(driver(*arguments, CXX="no-such-compiler -O2"), out)
    assert said.startswith("callproof: the environment variable CXX names 'no-such-compiler'")


@pytest.mark.skipif(importlib.util.find_spec("ziglang") is not None, reason="ziglang is installed")
def test_without_any_compiler_it_says_what_to_install(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "runner"
    said = refused(driver("--include", INCLUDE, "--lib", library, "--out", out, PATH=str(tmp_path)), out)
    assert said.startswith("callproof: there is no C++ compiler: looked for c++, g++, clang++")
    assert "pip install 'callproof[zig]'" in said


def test_an_output_that_cannot_be_written_is_refused_first(library: Path, tmp_path: Path) -> None:
    slow = fake_compiler(tmp_path, f"touch {tmp_path}/ran; exit 0")
    arguments = ("--include", INCLUDE, "--lib", library, "--cxx", str(slow))
    for out, why in ((tmp_path, "it is a directory"), (tmp_path / "no" / "runner", "there is no directory")):
        done = driver(*arguments, "--out", out)
        assert done.returncode == 2
        assert why in done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_compiler_that_writes_nothing_is_an_error(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "runner"
    lazy = fake_compiler(tmp_path, "exit 0")
    assert "cannot be written" in refused(
        driver("--include", INCLUDE, "--lib", library, "--out", out, "--cxx", str(lazy)), out
    )


def test_a_specification_without_a_runner_is_refused(library: Path, tmp_path: Path) -> None:
    out = tmp_path / "runner"
    dma = f"{building.ROOT / 'examples' / 'dma.py'}:SPEC"
    said = refused(driver(dma, "--include", INCLUDE, "--lib", library, "--out", out), out)
    assert said == "callproof: the specification dma has no native runner to build\n"


def test_a_runner_is_part_of_what_is_installed() -> None:
    runner = load_specification("ge-memory").runner
    assert isinstance(runner, Runner)
    folder = Path(runner.source).parent
    assert {"runner.cpp", *(p.name for p in building.NATIVE.iterdir())} <= {p.name for p in folder.iterdir()}


def test_a_runner_whose_source_is_gone_is_named(tmp_path: Path) -> None:
    from callproof.drivers.native import build
    from callproof.errors import UsageError

    ge = load_specification("ge-memory")
    spec = Specification("lost", "Lost", ge.state, (), runner=Runner(str(tmp_path / "gone.cpp"), ()))
    with pytest.raises(UsageError, match="the runner of lost is missing: there is no file"):
        build(spec, [INCLUDE], [], tmp_path / "runner", None)


def test_the_wheel_has_the_runner(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling is not installed here")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=building.ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = {f"ge_memory/native/{path.name}" for path in building.NATIVE.iterdir()}
    names |= {"callproof/drivers/include/callproof/record.hpp", "callproof/reproduce/templates/course.hpp.jinja"}
    assert names <= set(zipfile.ZipFile(wheel).namelist())


def test_a_zig_that_cannot_link_says_why(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from callproof.drivers import native
    from callproof.errors import UsageError

    failing = fake_compiler(tmp_path, "echo 'ld.lld: error: undefined symbol: ge::GEFinalizeV2()' >&2; exit 1")
    monkeypatch.setattr(native, "find_compiler", lambda _: (str(failing), "ziglang"))
    with pytest.raises(UsageError, match=r"undefined symbol.*\n.*built with GCC, install g\+\+ or clang\+\+"):
        native.build(load_specification("ge-memory"), [INCLUDE], [library], tmp_path / "runner", None)
