"""A small checkout: run.py and the launcher as they are, one requirement that no index has, one room that answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = str(getattr(sys, "_base_executable", sys.executable))
"""The Python below any virtual environment, as a person has it."""

_SETUP = "[options]\ninstall_requires =\n    saoma-probe>=1\n[options.extras_require]\nbrowser =\ndev =\n"
_ROOM = (
    '"""Answers."""\nimport sys\nimport saoma_probe\n\n\n'
    "def main(argv):\n    print('inside', sys.prefix, saoma_probe.WORD, *argv)\n    return 0\n"
)


class Checkout:
    """A copy of the roof in `folder`, and beside it the only wheel that pip may find."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "saoma"
        self.wheels = folder / "wheels"
        launcher = self.root / "shared" / "launcher"
        (self.root / "shared" / "codes").mkdir(parents=True)
        (launcher / "locales").mkdir(parents=True)
        for name in ("run.py", "shared/__init__.py", "shared/launcher/__init__.py", "shared/launcher/environment.py"):
            shutil.copyfile(ROOT / name, self.root / name)
        shutil.copyfile(ROOT / "shared/launcher/locales/en.json", launcher / "locales" / "en.json")
        (self.root / "setup.cfg").write_text(_SETUP)
        (self.root / "shared/codes/__init__.py").touch()
        (self.root / "shared/codes/cli.py").write_text(_ROOM)
        self.wheels.mkdir()
        self.put_wheel()

    @property
    def venv(self) -> Path:
        """Where the environment is made."""
        return self.root / ".venv"

    def put_wheel(self) -> None:
        """Let pip find what is required."""
        info = "saoma_probe-1.0.dist-info"
        with zipfile.ZipFile(self.wheels / "saoma_probe-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("saoma_probe.py", "WORD = 'found'\n")
            wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: saoma-probe\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", f"saoma_probe.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")

    def take_wheel_away(self) -> None:
        """Let pip find nothing, as without a network."""
        for wheel in self.wheels.glob("*.whl"):
            wheel.unlink()

    def start(self, *argv: str, before: str = "") -> subprocess.Popen[str]:
        """`python run.py code …` from another folder, in a Python that the statements `before` have changed."""
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SAOMA_", "PYTHON"))},
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
        }
        run_py = str(self.root / "run.py")
        command = [run_py, "code", *argv]
        if before:
            call = f"import runpy, sys; sys.argv = {command!r}; runpy.run_path({run_py!r}, run_name='__main__')"
            command = ["-c", f"{before}\n{call}"]
        return subprocess.Popen(
            [PYTHON, *command],
            cwd=self.wheels,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *argv: str, before: str = "") -> tuple[int, str, str]:
        """The same to its end: exit code, standard output, standard error."""
        process = self.start(*argv, before=before)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err
