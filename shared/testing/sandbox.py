"""A whole installation for tests: wallet and till on free ports over an empty database, with people, shops, a clock."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.testing.handset import PIN, Handset
from shared.testing.moving import TestClock
from shared.testing.places import Apart, Inside, NotStarted, Place, free_ports
from shared.testing.shop import Shop

_TRIES = 3
_PORTS = ("WALLET", "MERCHANT", "LAUNCHER", "WALLET_TLS", "MERCHANT_TLS")


class Sandbox:
    """Running services. `folder` is empty or new; `environ` holds further settings, such as `SAOMA_CURRENCY`."""

    def __init__(self, folder: Path, *, inside: bool = False, environ: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.environ: dict[str, str] = {}
        self._place = self._started(Inside if inside else Apart, dict(environ or {}))
        self.wallet_url = f"http://localhost:{self.environ['SAOMA_WALLET_PORT']}"
        self.merchant_url = f"http://localhost:{self.environ['SAOMA_MERCHANT_PORT']}"
        self._handsets: list[Handset] = []
        self._shops: list[Shop] = []
        self._numbers = itertools.count(1)
        self.demo_shop = self._shop(self._place.clerk.ask("demo"))
        self.clock = TestClock(self.demo_shop.ask, self._forget_times)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def phone(self, name: str = "Customer", *, pin: str | None = PIN) -> Handset:
        """Somebody new, with a phone and 1,000.00 of play money."""
        made = Handset.join(self._local("WALLET"), name, pin=pin)
        assert isinstance(made, Handset)
        self._handsets.append(made)
        return made

    def shop(self, name: str = "") -> Shop:
        """A new shop: nobody has sold anything in it."""
        told = self._place.clerk.ask("open_shop", name=name or f"Test Shop {next(self._numbers)}")
        return self._shop(told)

    def settle(self) -> list[dict[str, Any]]:
        """Close the day of every shop now; the batches."""
        return list(self._place.clerk.ask("settle"))

    def decide(self, dispute: str, *, is_won: bool) -> str:
        """The operator's word on a dispute that the shop has answered: the shop has won or lost. How it then stands."""
        return str(self._place.clerk.ask("decide", dispute=dispute, is_won=is_won))

    def audit(self) -> list[str]:
        """What is wrong with the books: nothing, as long as nobody broke them."""
        return list(self._place.clerk.ask("audit"))

    def stop(self) -> None:
        """End everything; the folder stays."""
        for caller in [*(phone.wallet for phone in self._handsets), *(shop.merchant for shop in self._shops)]:
            caller.close()
        self._place.stop()

    def _started(self, place: type[Apart] | type[Inside], environ: dict[str, str]) -> Place:
        """Start on free ports; on others when somebody else was faster to take one."""
        for tried in itertools.count(1):
            free = free_ports(len(_PORTS))
            ports = {f"SAOMA_{name}_PORT": str(port) for name, port in zip(_PORTS, free, strict=True)}
            self.environ = {"SAOMA_DATA_DIR": str(self.folder), **ports, **environ}
            try:
                return place(self.folder, self.environ)
            except NotStarted as error:
                if tried == _TRIES or "in use" not in str(error):
                    raise
        raise AssertionError("never reached")

    def _shop(self, told: dict[str, Any]) -> Shop:
        self._shops.append(Shop(self._local("MERCHANT"), told=told))
        return self._shops[-1]

    def _local(self, service: str) -> str:
        """An address that needs no look-up of `localhost`, which some systems try over IPv6 first."""
        return f"http://127.0.0.1:{self.environ[f'SAOMA_{service}_PORT']}"

    def _forget_times(self) -> None:
        for phone in self._handsets:
            phone.offset_ms = None
