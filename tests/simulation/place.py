"""Both services on one SQLite file, with the people and the shops that every seed begins with; dying and coming back.

The apps are built once, by their factories. Each seed begins with the same content of the file. After a death the store
is thrown away, and another is opened on the same file and checked as a service is before it is served.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
from flask import Flask

from merchant.app import create_app as create_merchant
from merchant.keys import actions as api_keys
from merchant.shops import actions as shops
from shared import faults
from shared.codes import frame as frames
from shared.config import Config, from_environment
from shared.db.engine import sqlite_driver
from shared.db.migrate import migrate
from shared.db.store import Store
from shared.db.unit import UnitOfWork
from shared.identity.signing import PrivateKey, lock
from shared.payments import actions as payments
from shared.payments import orders, sealing
from shared.phone.client import Phone
from shared.settlement import actions as settlement
from shared.settlement import files
from shared.settlement.fees import Rate
from shared.till.client import Till
from shared.web.secrets import load_secret
from tests.simulation.clockwork import Clockwork
from wallet.app import create_app as create_wallet

POINTS = ("store.before_commit", "store.committed")
PEOPLE, SHOPS = ("ana", "ben", "cia"), ("tea", "bun")
RICHES = {"ana": 60_000, "ben": 20_000}
"""What they have left to spend; cia has the rest, and spends nothing."""
WELCOME = 100_000
LARGEST = 20_000
"""What needs no PIN."""


class Died(BaseException):
    """The process is gone: nothing in it gets a last word."""


class Socket:
    """Where a service's store is plugged in, so that another can take its place."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: Store | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def plug(self) -> None:
        """Open a store on the file as it is."""
        self._store = Store(self._url)

    def unplug(self) -> None:
        """Throw the store away."""
        if self._store:
            self._store.close()
            self._store = None


@dataclass
class Service:
    """One of the two, as the network reaches it."""

    name: str
    app: Flask
    socket: Socket
    config: Config

    def __post_init__(self) -> None:
        self._transport = httpx.WSGITransport(app=self.app)

    @property
    def store(self) -> Store:
        return cast(Store, self.socket)

    def handle(self, request: httpx.Request, fate: tuple[str, int] | None) -> httpx.Response:
        """Answer a request; with a `fate`, die when that point is reached for the nth time."""
        with self._under(fate):
            response = self._transport.handle_request(request)
            response.read()
            return response

    def chore(self, work: Callable[[Store], object], fate: tuple[str, int] | None) -> None:
        """Do something that nobody asked for over the network."""
        with self._under(fate):
            work(self.store)

    @contextmanager
    def _under(self, fate: tuple[str, int] | None) -> Iterator[None]:
        left = fate[1] if fate else 0

        def strike() -> None:
            nonlocal left
            left -= 1
            if fate and left == 0:
                raise Died(fate[0])

        if fate:
            faults.set_fault(fate[0], strike)
        try:
            yield
        except Died:
            self.socket.unplug()
            self.socket.plug()
            sealing.guard(self.store, config=self.config)
            raise
        finally:
            if fate:
                faults.set_fault(fate[0], None)


@dataclass(frozen=True)
class Passport:
    """What a person's phone keeps."""

    key: PrivateKey
    handle: str
    user: str
    session: str
    realm: str


class Place:
    """A folder in memory with a file to copy for each seed, and the two services."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(prefix="saoma-", dir=memory if os.access(memory, os.W_OK) else None))
        self._path = self._folder / "saoma.db"
        url = f"sqlite:///{self._path}"
        self.config = from_environment({"SAOMA_DATA_DIR": str(self._folder / "data"), "SAOMA_DATABASE_URL": url})
        self.config.data_dir.mkdir()
        self.settlements = self.config.data_dir / files.FOLDER
        migrate(url, realm="saoma-simulation")
        self._sockets = Socket(url), Socket(url)
        for socket in self._sockets:
            socket.plug()
        wallet, merchant = (cast(Store, socket) for socket in self._sockets)
        self.wallet = Service("wallet", create_wallet(self.config, wallet), self._sockets[0], self.config)
        self.merchant = Service("merchant", create_merchant(self.config, merchant), self._sockets[1], self.config)
        self.secret = load_secret(self.config)
        self.people: dict[str, Passport] = {}
        self.shops: dict[str, str] = {}
        self.counters: dict[str, str] = {}
        self.api_keys = {name: f"sk_test_{name}" for name in SHOPS}
        yesterday = Clockwork(0)
        yesterday.now_ms -= 86_400_000
        with yesterday.ruling():
            self._settle_in(yesterday)
        self._file = sqlite_driver().connect(self._path)
        self._original = self.picture()

    def fresh(self) -> None:
        """Put everything back to how each seed begins. The stores stay: what they have prepared is dear."""
        shutil.rmtree(self.settlements, ignore_errors=True)
        self._path.with_name(self._path.name + ".head").unlink(missing_ok=True)
        self.put_back(self._original)

    def picture(self) -> Any:
        """The content of the file as it is, in memory."""
        taken = sqlite_driver().connect(":memory:")
        self._file.backup(taken)
        return taken

    def put_back(self, picture: Any) -> None:
        """Make the content of the file what it was."""
        picture.backup(self._file)

    def remove(self) -> None:
        """Leave nothing behind."""
        for socket in self._sockets:
            socket.unplug()
        for connection in (self._original, self._file):
            connection.close()
        shutil.rmtree(self._folder)

    def _settle_in(self, yesterday: Clockwork) -> None:
        """People join, shops open: one after the other, so that their ids sort the same in every run."""
        for name in PEOPLE:
            yesterday.now_ms += 1000
            self.people[name] = self._join(name)
        for name in SHOPS:
            yesterday.now_ms += 1000
            self.shops[name] = self.merchant.store.run(self._open, handle=name)
            self.counters[name] = self.till(name, httpx.WSGITransport(app=self.merchant.app)).static_code()
        for name, left in RICHES.items():
            self._give_away(name, WELCOME - left)

    def _join(self, name: str) -> Passport:
        transport = httpx.WSGITransport(app=self.wallet.app)
        phone = Phone.join(self.config.wallet_url, name.title(), transport=transport)
        return Passport(phone.key, phone.handle, phone.user, phone.session, phone.realm)

    def _open(self, uow: UnitOfWork, *, handle: str) -> str:
        key = PrivateKey.generate()
        shop = shops.create_shop(
            uow, handle=handle, display_name=handle.title(), unit=self.config.currency, public_key=key.public_key,
            locked=lock(key, self.secret),
        )  # fmt: skip
        api_keys.issue(uow, shop_id=shop.id, key=self.api_keys[handle], name="simulation")
        settlement.set_rate(uow, shop_id=shop.id, rate=Rate(60, 7 if handle == "tea" else 0))
        return shop.id

    def _give_away(self, name: str, amount_minor: int) -> None:
        """One order past the wallet's door, which would ask for a PIN."""
        phone = self.phone(name, httpx.WSGITransport(app=self.wallet.app))
        text = phone.order("send", self.people["cia"].handle, amount_minor, "CNY")
        order = self.wallet.store.read(orders.prepare, frame=frames.frame_of_text(text))
        self.wallet.store.run(payments.execute, order=order)

    def phone(self, name: str, transport: httpx.BaseTransport) -> Phone:
        """A person's phone, on this way to the wallet."""
        passport = self.people[name]
        return Phone(
            self.config.wallet_url, key=passport.key, handle=passport.handle, realm=passport.realm,
            session=passport.session, user=passport.user, transport=transport,
        )  # fmt: skip

    def till(self, name: str, transport: httpx.BaseTransport) -> Till:
        """A shop's till, on this way to the merchant's service."""
        return Till(self.config.merchant_url, self.api_keys[name], transport=transport)
