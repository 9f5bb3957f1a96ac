"""The reference library may be called from many threads at once, and ends runs by itself where nobody holds them."""

import subprocess
from pathlib import Path

import pytest

from callproof.drivers.native import find_compiler
from tests.drivers import building

pytestmark = pytest.mark.xdist_group("native")


def test_many_threads_on_one_session(tmp_path: Path) -> None:
    building.need_compiler()
    out = tmp_path / "threads"
    sources = [Path(__file__).with_name("threads.cpp"), building.REFERENCE / "src" / "library.cpp"]
    command = [*find_compiler(None), "-std=c++17", "-g", "-pthread", f"-I{building.REFERENCE / 'include'}", *sources]
    for sanitiser in (["-fsanitize=thread"], []):
        made = subprocess.run([*command, *sanitiser, "-o", out], capture_output=True, check=False)
        if made.returncode == 0:
            break
    assert made.returncode == 0, made.stderr
    done = subprocess.run([out], capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout) == (0, "400 callbacks, 0 failures\n"), done.stderr[-3000:]
