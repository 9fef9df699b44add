"""The clerk: what a test needs from the operator and no service answers over HTTP. Opens shops, settles,
decides disputes, audits.

`Clerk` works in this process. `python -m shared.testing.clerk` is one in a process of its own, which the `DistantClerk`
asks by lines of JSON, so that a test's process never imports the wings.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

from shared import config as settings
from shared.config import Config
from shared.db.migrate import migrate
from shared.db.store import Store
from shared.disputes import actions as disputes
from shared.disputes import deadlines
from shared.payments import audit
from shared.settlement import actions as settlement
from shared.web.secrets import load_secret


class NoClerk(Exception):
    """The clerk refused, or is gone; the text says why."""


class AnyClerk(Protocol):
    """What both kinds of clerk do."""

    def ask(self, errand: str, **given: Any) -> Any:
        """Carry out an errand (`open_shop`, `settle`, `decide`, `audit`, `demo`); what it answers is plain JSON."""


class Clerk:
    """Works on the installation's own database: makes it at the start, with the demo people and the demo shop."""

    def __init__(self, config: Config) -> None:
        migrate(config.database_url, realm=config.realm)
        self._config = config
        self._secret = load_secret(config)
        self._store = Store(config.database_url)
        seeding = {"config": config, "secret": self._secret}
        self._demo = _wing("merchant.seed:seed_shop")(self._store, **seeding)
        _wing("wallet.seed:seed_people")(self._store, **seeding)

    def ask(self, errand: str, **given: Any) -> Any:
        """Carry out an errand."""
        deeds: dict[str, Callable[..., Any]] = {
            "demo": self._tell,
            "open_shop": self._open_shop,
            "settle": self._settle,
            "decide": self._decide,
            "audit": self._audit,
        }
        return deeds[errand](**given)

    def close(self) -> None:
        """Give the database back."""
        self._store.close()

    def _tell(self) -> Any:
        return self._demo

    def _open_shop(self, *, name: str) -> Any:
        opened = _wing("merchant.openings.quick:open_quickly")
        return opened(self._store, config=self._config, secret=self._secret, name=name)

    def _settle(self) -> list[dict[str, Any]]:
        made = settlement.settle(self._store, cutoff_at=None, secret=self._secret).batches
        names = ("id", "shop_id", "state", "sales", "gross_minor", "refunds_minor", "fee_minor", "net_minor")
        return [{name: getattr(batch, name) for name in names} for batch in made]

    def _decide(self, *, dispute: str, is_won: bool) -> str:
        deadlines.follow_due(self._store, secret=self._secret)
        word = {"dispute_id": dispute, "is_won": is_won, "note": "", "secret": self._secret}
        return str(self._store.run(disputes.decide, **word).state.value)

    def _audit(self) -> list[str]:
        faults = self._store.read(audit.run).faults
        return [f"{fault.code} at {fault.subject}: {fault.detail}" for fault in faults]


class DistantClerk:
    """A clerk in another process, asked by one line and answered by one line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._one_by_one = threading.Lock()
        self._answer()

    def ask(self, errand: str, **given: Any) -> Any:
        """Carry out an errand."""
        if self._process.stdin is None:
            raise NoClerk("the clerk cannot hear")
        with self._one_by_one:
            print(json.dumps([errand, given]), file=self._process.stdin, flush=True)
            return self._answer()

    def _answer(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise NoClerk("the clerk has ended; its log says why")
        told = json.loads(line)
        if "refused" in told:
            raise NoClerk(told["refused"])
        return told["answer"]


def main() -> int:
    """Be a clerk until nobody asks any more: the lines end when the asking process does."""
    clerk = Clerk(settings.from_environment())
    print(json.dumps({"answer": "ready"}), flush=True)
    for line in sys.stdin:
        errand, given = json.loads(line)
        try:
            told = {"answer": clerk.ask(errand, **given)}
        except Exception as error:  # whatever it is, the test that asked should read it
            told = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), flush=True)
    clerk.close()
    return 0


def _wing(target: str) -> Any:
    """The function that `module:function` names: wings stand above this room, so they are reached by name alone."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


if __name__ == "__main__":
    raise SystemExit(main())
