"""The wheel and the source archive: the same bytes from anywhere, nothing left out, and they run where they are put."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = (sys.executable, "-P")
IGNORED = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", ".hypothesis", ".venv", "build", "dist", "*.so")

pytestmark = pytest.mark.xdist_group("packages")


def build(tree: Path, kind: str, out: Path) -> Path:
    """A wheel or a source archive of a tree."""
    subprocess.run(
        [*PYTHON, "-m", "hatchling", "build", "-t", kind, "-d", out], cwd=tree, capture_output=True, check=True
    )
    (made,) = out.iterdir()
    return made


def copy(where: Path, *, old: bool) -> Path:
    """The tree somewhere else, with other times and, where `old`, other permissions of the folders."""
    tree = Path(shutil.copytree(ROOT, where, ignore=IGNORED))
    for path in tree.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000) if old else None)
        if path.is_dir() and old:
            path.chmod(0o700)
    return tree


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy(tmp_path_factory.mktemp("one") / "callproof", old=False)


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tree, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_two_builds_have_equal_bytes(kind: str, tree: Path, tmp_path: Path) -> None:
    other = copy(tmp_path / "elsewhere" / "of-another-name", old=True)
    one, two = build(tree, kind, tmp_path / "one"), build(other, kind, tmp_path / "two")
    assert one.name == two.name
    assert one.read_bytes() == two.read_bytes()


def test_the_source_archive_makes_the_same_wheel(tree: Path, wheel: Path, tmp_path: Path) -> None:
    archive = build(tree, "sdist", tmp_path / "sdist")
    shutil.unpack_archive(archive, tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert build(unpacked, "wheel", tmp_path / "wheel").read_bytes() == wheel.read_bytes()


def test_the_wheel_has_what_runs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"callproof", "ge_memory", "posix_memory"}
    sources = [path for top in ("checker", "spec") for path in (ROOT / top).rglob("*") if path.is_file()]
    kept = {
        str(p.relative_to(p.parents[len(p.relative_to(ROOT).parts) - 2]))
        for p in sources
        if "__pycache__" not in p.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == kept
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_it_runs_where_it_is_installed(kind: str, tree: Path, wheel: Path, tmp_path: Path) -> None:
    made = wheel if kind == "wheel" else build(tree, "sdist", tmp_path / "sdist")
    place = tmp_path / "place"
    options = ("--no-index", "--no-deps", "--no-build-isolation", "--target", place)
    subprocess.run(
        [*PYTHON, "-m", "pip", "install", "-q", *options, made], check=True, capture_output=True, cwd=tmp_path
    )
    environment = {**os.environ, "PYTHONPATH": str(place), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PYTHON, *args], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    assert run("-c", "import callproof; print(callproof.__file__)").stdout.startswith(str(place))
    found = run("-m", "callproof", "check", f"{ROOT / 'examples' / 'dma.py'}:SPEC", "--needs")
    assert (found.returncode, found.stderr) == (0, "")
    listed = run("-m", "callproof", "spec", "list").stdout
    assert all(name in listed for name in ("ge-memory", "ge-memory-v1", "posix-memory"))
    assert run("-m", "callproof", "new", "mine").returncode == 0
