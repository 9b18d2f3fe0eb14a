"""The rooms and the directions of imports between them (pyproject.toml, [tool.importlinter])."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_imports_point_inward():
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_sql_is_only_in_the_vault():
    statement = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b")
    found = [
        path
        for path in (ROOT / "phr_desktop").rglob("*.py")
        if "vault" not in path.relative_to(ROOT).parts and statement.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_room_of_the_wheel_is_listed():
    """A package that pyproject.toml forgets is missing from the built wheel only."""
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "phr_desktop").rglob("__init__.py")}
    assert {".".join(folder.parts) for folder in folders} == listed - {"phr_desktop._resources"}


def test_lock_files_name_no_index_host():
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text()
        assert "--index" not in path.read_text()
    assert "--hash=sha256:" in (ROOT / "requirements" / "dev.lock").read_text()


def test_the_wheel_has_everything_and_runs(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel], check=True
    )
    script = (
        "import sys; sys.argv = ['phr', '--version']; from phr_desktop import cli, paths;"
        "from phr_desktop.vault import migrate; assert migrate.latest() >= 1;"
        "assert list(paths.resources().glob('demo/*')), paths.resources(); cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("phr, version"), done.stderr


@pytest.mark.parametrize("module", ["QtCharts", "QtGraphs", "QtDataVisualization", "QtNetworkAuth"])
def test_no_gpl_only_qt_module_is_imported(module):
    sources = [path for path in (ROOT / "phr_desktop").rglob("*.py") if f"PySide6.{module}" in path.read_text()]
    assert sources == []
