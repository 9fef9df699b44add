#!/usr/bin/env python3
"""The one command: sets Saoma up on a fresh machine, then hands over to the room that owns the sub-command.

Only the standard library is imported until the environment stands (shared/launcher/environment.py). This file must stay
readable for old Pythons, which should say one sentence instead of a traceback.
"""

import importlib
import json
import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))

COMMANDS = {
    "serve": ("shared.launcher.cli", "start the wallet, the till and the launcher (run.py alone does this)"),
    "migrate": ("shared.payments.migrate_cli", "bring the database to this version's schema"),
    "seed": ("", "put the demo people and the demo shop into the database"),
    "settle": ("shared.settlement.cli", "close the day: settle what the shops have taken"),
    "dispute": ("shared.disputes.cli", "what payers complain about, and the operator's word on it"),
    "operator": ("merchant.operating.cli", "where the operator's console is, and a new password for it"),
    "backup": ("shared.backup.cli", "write the whole database into one file, while payments go on"),
    "restore": ("shared.backup.restore_cli", "put a backup into an empty database, on either engine"),
    "audit": ("shared.payments.cli", "re-check every transfer, balance, signed order and checkpoint"),
    "phone": ("shared.phone.cli", "a phone on the command line: scan, pay, send"),
    "till": ("shared.till.cli", "a till on the command line: charge, look, cancel"),
    "code": ("shared.codes.cli", "take a code apart: what it says, who sealed it, whether it holds"),
    "wechatpay": ("merchant.wechatpay.cli", "answer as WeChat Pay's own host, for SDKs that know no other"),
    "bench": ("shared.testing.bench_cli", "measure it on this machine, against references in the same run"),
    "screenshots": ("shared.testing.screens_cli", "picture every screen into docs/screens"),
    "scenario": ("shared.testing.scenario_cli", "play stories of people and shops from YAML files, and judge them"),
    "test": ("shared.testing.cli", "set up what the tests need, browser included, and run them all"),
}
"""Sub-command → the module whose `main(argv)` carries it out (none: this one), and its line of help."""

EXTRAS = dict.fromkeys(("bench", "screenshots", "test"), ("browser", "dev"))
"""What a sub-command needs beyond the core."""

WITHOUT_DATA = ("bench", "scenario", "screenshots", "test")
"""The sub-commands that never touch the data folder."""


def sentence(key, **params):
    # type: (str, object) -> str
    """A sentence of the launcher's catalogue, read in a way that the oldest Python 3 knows."""
    with open(os.path.join(ROOT, "shared", "launcher", "locales", "en.json"), encoding="utf-8") as file:
        return str(json.load(file)[key]).format(**params)


if sys.version_info < (3, 11):  # noqa: UP036 (older Pythons do come by)
    sys.exit(sentence("run.old_python", has=".".join(map(str, sys.version_info[:3]))))


def main(argv: list[str]) -> int:
    """Carry out a command line; the exit code."""
    if argv[:1] in (["-h"], ["--help"], ["help"]):
        rows = "\n".join(f"  {name:13}{about}" for name, (_module, about) in COMMANDS.items())
        print(sentence("run.usage", commands=rows))
        return 0
    is_named = bool(argv) and not argv[0].startswith("-")
    name, rest = (argv[0], argv[1:]) if is_named else ("serve", argv)
    if name not in COMMANDS:
        print(sentence("run.unknown_command", name=name), file=sys.stderr)
        return 2
    why = prepare(name, rest, argv)
    if why:
        print(why, file=sys.stderr)
        return 1
    module = COMMANDS[name][0]
    return int((importlib.import_module(module).main if module else seed)(rest) or 0)


def prepare(name: str, rest: list[str], argv: list[str]) -> str:
    """Everything that a sub-command may rely on; the sentence that says why not, or an empty one."""
    why = own_packages()
    if why:
        return why
    from shared.launcher import environment

    try:
        command = [os.path.join(ROOT, "run.py"), *argv]
        environment.enter(command, environment.requirements(extras(name)))
    except environment.Refused as refusal:
        return str(refusal)
    needs_data = name not in WITHOUT_DATA and not {"-h", "--help"} & set(rest)
    return place_data(may_write=needs_data)


def extras(name: str) -> tuple[str, ...]:
    """The groups of setup.cfg that this sub-command needs: its own, and the driver where the database is a server."""
    is_server = os.environ.get("SAOMA_DATABASE_URL", "").startswith("postgres")
    return (*EXTRAS.get(name, ()), *(("postgres",) if is_server else ()))


def own_packages() -> str:
    """Make sure that `shared` is this checkout's: packages of that name exist elsewhere and would win silently."""
    sys.path[:] = [ROOT, *(entry for entry in sys.path if entry != ROOT)]
    others = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != ROOT]
    os.environ["PYTHONPATH"] = os.pathsep.join([ROOT, *others])
    import shared

    place = os.path.realpath(shared.__file__ or "")
    if place == os.path.realpath(os.path.join(ROOT, "shared", "__init__.py")):
        return ""
    return sentence("run.foreign_package", place=place, root=ROOT)


def place_data(*, may_write: bool) -> str:
    """Settle where the data lies, for this process and its children; a sentence when it cannot be written there."""
    folder = os.path.abspath(os.environ.get("SAOMA_DATA_DIR") or os.path.join(ROOT, "var"))
    os.environ["SAOMA_DATA_DIR"] = folder
    if not may_write:
        return ""
    probe = os.path.join(folder, f".writable-{os.getpid()}")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(probe, "w", encoding="ascii") as file:
            file.write("yes")
        os.unlink(probe)
    except OSError as error:
        return sentence("run.data_unwritable", folder=folder, why=error.strerror)
    return ""


def seed(argv: list[str]) -> int:
    """Bring the database up to date and put the demo people and the demo shop into it; again, it changes nothing."""
    import argparse

    from sqlalchemy.exc import OperationalError

    from merchant import seed as shops
    from merchant.operating import access as console
    from merchant.past import MOST_DAYS
    from shared import config as settings
    from shared.db.engine import UnfitDatabase
    from shared.db.migrate import migrate
    from shared.db.store import Store
    from shared.errors import DomainError
    from shared.payments import sealing
    from shared.web.catalog import shell_catalog
    from shared.web.secrets import load_secret
    from wallet import seed as people

    parser = argparse.ArgumentParser(prog="run.py seed", description=COMMANDS["seed"][1].capitalize() + ".")
    about = f"let the shop have sold for so many days already (1 to {MOST_DAYS}); into a new database only"
    parser.add_argument("--history", type=int, default=0, metavar="DAYS", help=about)
    options = parser.parse_args(argv)
    if not 0 <= options.history <= MOST_DAYS:
        parser.error(f"--history takes 1 to {MOST_DAYS} days")
    config = settings.from_environment()
    try:
        migrate(config.database_url, realm=config.realm)
        store = Store(config.database_url)
        sealing.guard(store, config=config)
        shops.seed_shop(store, config=config, secret=load_secret(config), history_days=options.history)
        people.seed_people(store, config=config, secret=load_secret(config))
        console.ensure(store, config=config)
    except DomainError as refusal:
        print(shell_catalog().refusal("en", refusal), file=sys.stderr)
        return 1
    except (UnfitDatabase, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except OperationalError as error:
        print(sentence("run.no_database", why=str(error.orig).splitlines()[0]), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        try:
            sys.exit(main(sys.argv[1:]))
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # whoever reads us has enough, as `head` does: what was asked for is done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
