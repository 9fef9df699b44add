"""The virtual environment `.venv` in the checkout: made at the first start, completed when setup.cfg asks for more.

Runs before anything is installed, so it imports the standard library alone. The project itself is never installed: what
runs is the checkout. A stamp in the environment lists what it holds, so a second start asks pip nothing.
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)

_STAMP = VENV / "saoma-stamp"
"""Lies in a finished environment: what it is bound to in the first line, then what was installed."""
_UNFINISHED = VENV / "saoma-unfinished"
"""Lies in an environment of ours while it is being made; found later, it means that the making was interrupted."""
_LOG = VENV / "install.log"
_MADE = "SAOMA_ENVIRONMENT_MADE"
"""Set for the Python that is started in an environment just made: if that one is of no use, the next will not be."""


class Refused(Exception):
    """Why Saoma cannot start: one sentence that says what to do."""


def sentence(key: str, **params: object) -> str:
    """A sentence of the launcher's catalogue, read by the standard library alone."""
    text = (Path(__file__).parent / "locales" / "en.json").read_text(encoding="utf-8")
    return str(json.loads(text)[key]).format_map(params)


def requirements(extras: Sequence[str] = ()) -> list[str]:
    """What setup.cfg asks for: the core and these extras, one requirement each."""
    parser = _setup()
    lists = [parser["options"]["install_requires"]]
    lists += [parser["options.extras_require"][extra] for extra in extras]
    lines = (line.strip() for text in lists for line in text.splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def _extras() -> list[str]:
    """The names of all the extras."""
    return list(_setup()["options.extras_require"])


def _setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def enter(command: Sequence[str], wanted: Sequence[str]) -> None:
    """Go on in a Python that has what is wanted: this one, or `.venv`'s, which is made first where it is missing.

    Returns in the first case; in the second the process becomes `<.venv's Python> <command>`. `Refused` when neither
    is to be had.
    """
    is_inside = Path(sys.prefix).resolve() == VENV.resolve()
    was_made = os.environ.pop(_MADE, "")
    if has_all(wanted) and (not is_inside or is_finished(wanted)):
        return
    if is_inside and was_made:
        raise Refused(sentence("run.useless_environment", folder=VENV))
    if is_inside or not is_finished(wanted):
        try:
            _make(wanted, anew=is_inside and is_finished(wanted))
        except OSError as error:
            raise Refused(sentence("run.checkout_unwritable", folder=ROOT, why=error.strerror or error)) from None
        os.environ[_MADE] = "1"
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), *command])


def has_all(wanted: Sequence[str]) -> bool:
    """Whether this very Python has everything that is wanted, as a developer's or a container's own may."""
    for requirement in wanted:
        name, _, least = requirement.partition(">=")
        try:
            version = metadata.version(name.partition("[")[0])
        except metadata.PackageNotFoundError:
            return False
        if _numbers(version) < _numbers(least):
            return False
    return True


def is_finished(wanted: Sequence[str]) -> bool:
    """Whether `.venv` was made here, to the end, and holds what is wanted."""
    bound_to, installed = _stamp()
    return PYTHON.exists() and not _UNFINISHED.exists() and bound_to == _binding() and set(wanted) <= set(installed)


def _numbers(version: str) -> list[int]:
    """`"3.1.post2"` is [3, 1]: enough to hold a lower bound against."""
    parts: list[int] = []
    for part in version.split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    return parts


def _stamp() -> tuple[str, list[str]]:
    try:
        bound_to, *installed = _STAMP.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return "", []
    return bound_to, installed


def _binding() -> str:
    """The environment's place and Python: a copied or rebuilt one is not the one that was stamped."""
    try:
        made = (VENV / "pyvenv.cfg").read_bytes()
    except OSError:
        made = b""
    return hashlib.sha256(bytes(VENV) + b"\n" + made).hexdigest()


def _make(wanted: Sequence[str], *, anew: bool) -> None:
    """Make or complete `.venv`. Two first starts at once take turns, and one that was killed is begun anew."""
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        raise Refused(sentence("run.no_venv", version=f"{sys.version_info[0]}.{sys.version_info[1]}"))
    turn = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(sentence("run.waiting"), flush=True)
            fcntl.flock(turn, fcntl.LOCK_EX)
        if is_finished(wanted) and not anew:
            return  # the other start has made it meanwhile
        if anew or _UNFINISHED.exists() or not _is_sound():
            _begin()
        elif _STAMP.exists():
            _UNFINISHED.touch()
        known = requirements(_extras())
        kept = [line for line in _stamp()[1] if line in known and line not in wanted]
        _install(wanted)
        _write(_STAMP, "\n".join([_binding(), *wanted, *kept]))
        _UNFINISHED.unlink(missing_ok=True)
    finally:
        os.close(turn)


def _begin() -> None:
    """An empty environment, marked as unfinished from its first moment on."""
    print(sentence("run.making", folder=VENV), flush=True)
    if VENV.is_dir() and not VENV.is_symlink():
        shutil.rmtree(VENV)
    else:
        VENV.unlink(missing_ok=True)
    VENV.mkdir()
    _UNFINISHED.touch()
    base = str(getattr(sys, "_base_executable", sys.executable))
    made = subprocess.run([base, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        last = (made.stderr.strip() or made.stdout.strip()).splitlines()[-1:]
        raise Refused(sentence("run.venv_failed", why="".join(last)))


def _is_sound() -> bool:
    """Whether `.venv` holds a Python of the right age with pip, whoever made it."""
    check = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _install(wanted: Sequence[str]) -> None:
    """Let pip install and say in plain text what it is at; all of its own words stand in `.venv/install.log`."""
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    environ = {**os.environ, "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    with (
        _LOG.open("w", encoding="utf-8") as record,
        subprocess.Popen(
            [PYTHON, "-m", "pip", "install", *options, *wanted],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as pip,
    ):
        for line in pip.stdout or ():
            record.write(line)
            verb, _, what = line.strip().partition(" ")
            if verb == "Collecting":
                print(sentence("run.fetching", what=what.partition(" (from")[0]), flush=True)
            elif line.startswith("Installing collected packages"):
                print(sentence("run.installing"), flush=True)
    if pip.returncode:
        _UNFINISHED.unlink(missing_ok=True)  # pip fetches everything before it changes anything
        raise Refused(sentence("run.install_failed", log=_LOG))


def _write(path: Path, text: str) -> None:
    """Replace a file in one step."""
    waiting = path.with_suffix(".new")
    waiting.write_text(text, encoding="utf-8")
    waiting.replace(path)
