"""What the environment says: one frozen value, read once at start and handed on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.money import Currency, UnknownCurrency, currency


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one installation. Every field has its environment variable `SAOMA_<NAME>`."""

    data_dir: Path
    database_url: str
    wallet_port: int
    merchant_port: int
    launcher_port: int
    wallet_tls_port: int
    merchant_tls_port: int
    currency: Currency
    realm: str
    """The installation's stable name in every signature; empty = made at first start and kept in the database."""
    public_host: str
    """The host that other devices reach this one by; `localhost` unless served on the LAN."""
    is_lan: bool
    is_demo: bool
    """Whether the launcher may sign visitors of this computer in as the seeded people."""
    is_sandbox: bool = True
    """Whether tests may move the clock and ask for outcomes, and callbacks may go to this computer and its network."""
    api_rate: int = 500
    """How many requests a second each API key may make for long, twice as many at once; 0 for no end."""
    keeps_wire: bool = True
    """Whether what programs and phones send is kept for the inspector, for a while and without its secrets."""
    stays_on_one_cpu: bool = True
    """Whether each process of a service stays on one processor, which makes its answers cheaper."""

    @property
    def wallet_url(self) -> str:
        """The wallet's public address, as it stands in every code."""
        return self._address(self.wallet_port, self.wallet_tls_port)

    @property
    def merchant_url(self) -> str:
        """The till's public address."""
        return self._address(self.merchant_port, self.merchant_tls_port)

    @property
    def start_url(self) -> str:
        """Where a phone of this network begins: a page over plain http, since it explains the secure one's warning."""
        return f"http://{self.public_host}:{self.wallet_port}/start"

    @property
    def ca_url(self) -> str:
        """Where a phone of this network gets the certificate; plain, since it is needed before the secure page is."""
        return f"http://{self.public_host}:{self.wallet_port}/ca"

    @property
    def launcher_url(self) -> str:
        """The launcher's address, on this computer only."""
        return f"http://localhost:{self.launcher_port}"

    def _address(self, port: int, tls_port: int) -> str:
        scheme, number = ("https", tls_port) if self.is_lan else ("http", port)
        return f"{scheme}://{self.public_host}:{number}"


def from_environment(environ: Mapping[str, str] | None = None) -> Config:
    """The settings of the environment, with the defaults that make `python3 run.py` need none."""
    env = os.environ if environ is None else environ
    data_dir = Path(env.get("SAOMA_DATA_DIR") or "var").absolute()
    return Config(
        data_dir=data_dir,
        database_url=env.get("SAOMA_DATABASE_URL") or f"sqlite:///{data_dir / 'saoma.db'}",
        wallet_port=_port(env, "SAOMA_WALLET_PORT", 5001),
        merchant_port=_port(env, "SAOMA_MERCHANT_PORT", 5002),
        launcher_port=_port(env, "SAOMA_LAUNCHER_PORT", 5000),
        wallet_tls_port=_port(env, "SAOMA_WALLET_TLS_PORT", 5443),
        merchant_tls_port=_port(env, "SAOMA_MERCHANT_TLS_PORT", 5444),
        currency=_currency(env),
        realm=env.get("SAOMA_REALM") or "",
        public_host=env.get("SAOMA_PUBLIC_HOST") or "localhost",
        is_lan=env.get("SAOMA_LAN") == "1",
        is_demo=env.get("SAOMA_DEMO") == "1",
        is_sandbox=env.get("SAOMA_SANDBOX", "1") != "0",
        api_rate=_rate(env),
        keeps_wire=(env.get("SAOMA_INSPECTOR") or env.get("SAOMA_SANDBOX", "1")) != "0",
        stays_on_one_cpu=env.get("SAOMA_ONE_CPU", "1") != "0",
    )


def _currency(env: Mapping[str, str]) -> Currency:
    code = env.get("SAOMA_CURRENCY") or "CNY"
    try:
        return currency(code)
    except UnknownCurrency:
        raise ValueError(f"SAOMA_CURRENCY must be an ISO 4217 code such as CNY or EUR, not {code!r}.") from None


def _rate(env: Mapping[str, str]) -> int:
    text = env.get("SAOMA_API_RATE") or "500"
    if not (text.isascii() and text.isdigit() and int(text) <= 1_000_000):
        raise ValueError(f"SAOMA_API_RATE must be a number of requests a second, or 0 for no limit, not {text!r}.")
    return int(text)


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError(f"{name} must be a port from 1 to 65535, not {text!r}.")
    return int(text)
