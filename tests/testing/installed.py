"""What pip makes of this checkout: the wheel, unpacked in a folder, as `pip install` puts it into an environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BUILD = "from setuptools import build_meta; build_meta.build_wheel({folder!r})"
_PACKAGES = ("shared", "wallet", "merchant")


def installed(folder: Path) -> Path:
    """The folder that the wheel was unpacked in."""
    tree, wheels, site = (folder / name for name in ("tree", "wheels", "site"))
    wheels.mkdir()
    for name in _PACKAGES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, tree / name)
    command = [sys.executable, "-c", _BUILD.format(folder=str(wheels))]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True, timeout=300)
    [wheel] = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    return site


def files(folder: Path) -> set[str]:
    """The files of our packages in a folder."""
    found = (path for name in _PACKAGES for path in (folder / name).rglob("*"))
    return {path.relative_to(folder).as_posix() for path in found if path.is_file() and "__pycache__" not in path.parts}


def run_pytest(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in a folder of somebody's own, where Saoma is installed in `site`."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SAOMA_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environ["PYTHONPATH"] = str(site)
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=300)
