"""The default command: bring the data up to date, start wallet, till and launcher, say where they are, stop them."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from shared import config as settings
from shared.config import Config
from shared.launcher import network, terminal
from shared.launcher.environment import ROOT, Refused, sentence
from shared.launcher.supervisor import Died, Service, Supervisor

SERVICES = ("wallet", "merchant")
_LOOK_EVERY_S = 5.0


def main(argv: list[str]) -> int:
    """`run.py` and `run.py serve`; the exit code."""
    options = _parser().parse_args(argv)
    if options.service:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", options.service])
    _listen_to_signals()
    try:
        config = _configured(options)
        if options.reset:
            _set_aside(config, is_sure=options.yes)
        _check_ports(config)
        with Supervisor(ROOT, os.environ) as supervisor:
            try:
                _serve(supervisor, config, may_open=not options.no_browser)
            except KeyboardInterrupt:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)  # stopping takes seconds at most
                print(f"\n{sentence('start.stopping')}", file=sys.stderr, flush=True)
    except Refused as why:
        print(why, file=sys.stderr)
        return 1
    except Died as end:
        print(_told(end), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _listen_to_signals() -> None:
    """Ctrl-C, SIGTERM and a closed terminal all stop it in order; under nohup it outlives the terminal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background job starts with it ignored
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py serve", description="Start the wallet, the till and the launcher.")
    parser.add_argument("service", nargs="?", choices=SERVICES, help="run this one service alone, in the foreground")
    parser.add_argument("--lan", action="store_true", help="also serve phones on this network, over https")
    parser.add_argument("--no-browser", action="store_true", help="do not open the launcher in a browser")
    parser.add_argument("--reset", action="store_true", help="begin anew: move the data folder aside first")
    parser.add_argument("--yes", action="store_true", help="with --reset: do not ask")
    return parser


def _configured(options: argparse.Namespace) -> Config:
    """Settle the environment that all children share, and read it."""
    os.environ.setdefault("SAOMA_DEMO", "1")
    if options.lan:
        address = os.environ.get("SAOMA_PUBLIC_HOST") or network.lan_address()
        if not address:
            raise Refused(sentence("start.no_lan"))
        os.environ.update(SAOMA_LAN="1", SAOMA_PUBLIC_HOST=address)
    try:
        return settings.from_environment()
    except Exception as error:
        raise Refused(str(error)) from error


def _ports(config: Config) -> list[tuple[str, int]]:
    """Every port that a start listens on, with the variable that sets it."""
    ports = [
        ("SAOMA_LAUNCHER_PORT", config.launcher_port),
        ("SAOMA_WALLET_PORT", config.wallet_port),
        ("SAOMA_MERCHANT_PORT", config.merchant_port),
    ]
    if config.is_lan:
        ports += [("SAOMA_WALLET_TLS_PORT", config.wallet_tls_port)]
        ports += [("SAOMA_MERCHANT_TLS_PORT", config.merchant_tls_port)]
    return ports


def _check_ports(config: Config) -> None:
    seen: dict[int, str] = {}
    for name, port in _ports(config):
        if port in seen:
            raise Refused(sentence("start.port_twice", port=port, first=seen[port], second=name))
        seen[port] = name
        if not network.is_free(port):
            raise Refused(sentence("start.port_in_use", port=port, name=name))


def _serve(supervisor: Supervisor, config: Config, *, may_open: bool) -> None:
    """Run everything until a signal or a death."""
    print(sentence("start.starting"), flush=True)
    supervisor.run("data", "run.py", "seed" if config.is_demo else "migrate")
    if config.is_lan:
        _make_certificate(config)
    wallet_tls, merchant_tls = (config.wallet_tls_port,), (config.merchant_tls_port,)
    supervisor.start(
        [
            Service("wallet", "wallet", (config.wallet_port,), wallet_tls if config.is_lan else ()),
            Service("merchant", "merchant", (config.merchant_port,), merchant_tls if config.is_lan else ()),
            Service("launcher", "shared.launcher", (config.launcher_port,)),
        ]
    )
    print(_summary(config), flush=True)
    if config.is_lan and network.is_private(config.public_host):
        threading.Thread(target=_watch_address, args=(config.public_host,), daemon=True).start()
    if may_open and _has_desktop():
        threading.Thread(target=webbrowser.open, args=(config.launcher_url,), daemon=True).start()
    supervisor.watch()


def _watch_address(known: str) -> None:
    """Say for ever when this computer has got another address, as in another Wi-Fi: phones look for the old one."""
    while True:
        time.sleep(_LOOK_EVERY_S)
        address = network.moved_to(known)
        if address:
            known = address
            print(sentence("start.moved", address=address), file=sys.stderr, flush=True)


def _make_certificate(config: Config) -> None:
    """Made once here, so that two services that start together find it finished."""
    from shared.web import certificates

    try:
        certificates.ensure(config.data_dir / "tls", config.public_host)
    except certificates.NotPrivate as error:
        raise Refused(str(error)) from error


def _summary(config: Config) -> str:
    """The box of addresses; with the LAN also the code that phones scan."""
    wallet, till = f"http://localhost:{config.wallet_port}", f"http://localhost:{config.merchant_port}"
    rows = [
        (sentence("start.launcher"), config.launcher_url),
        (sentence("start.wallet"), wallet),
        (sentence("start.till"), till),
        *_sign_in(config),
        (sentence("start.data"), str(config.data_dir)),
    ]
    if not config.is_lan:
        return terminal.boxed(rows, [sentence("start.phones"), sentence("start.stop")])
    rows[-1:-1] = [
        (sentence("start.begin"), config.start_url),
        (sentence("start.phone_wallet"), config.wallet_url),
        (sentence("start.phone_till"), config.merchant_url),
        *_certificate(config),
    ]
    words = [sentence("start.warning_1"), sentence("start.warning_2", trust=config.ca_url), sentence("start.stop")]
    return f"{terminal.boxed(rows, words)}\n{terminal.code(config.start_url)}"


def _certificate(config: Config) -> list[tuple[str, str]]:
    """The certificate's fingerprint, to be compared with what a phone shows before it trusts it."""
    from shared.web import certificates

    authority = certificates.authority(config.data_dir / "tls")
    lines = authority.fingerprint() if authority else []
    pairs = ["  ".join(lines[start : start + 2]) for start in range(0, len(lines), 2)]
    return [(sentence("start.certificate") if number == 0 else "", pair) for number, pair in enumerate(pairs)]


def _sign_in(config: Config) -> list[tuple[str, str]]:
    """How a cashier opens the demo shop's till, as the seed has written it; nothing without a demo shop."""
    try:
        till = json.loads((config.data_dir / "till.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [(sentence("start.till_sign_in"), sentence("start.till_sign_in_how", **till))]


def _has_desktop() -> bool:
    if os.environ.get("CI"):
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _set_aside(config: Config, *, is_sure: bool) -> None:
    """Move the data folder aside; the authority that phones may trust already stays in the new one."""
    folder = config.data_dir
    if not config.database_url.startswith(f"sqlite:///{folder}"):
        raise Refused(sentence("start.reset_elsewhere"))
    aside = folder.with_name(f"{folder.name}-{time.strftime('%Y%m%d-%H%M%S')}")
    if not is_sure and not _agrees(sentence("start.reset_ask", folder=folder, aside=aside)):
        raise Refused(sentence("start.reset_declined"))
    try:
        folder.rename(aside)
        folder.mkdir(mode=0o700)
        _keep(aside / "tls", folder / "tls")
    except OSError as error:
        raise Refused(sentence("start.reset_failed", folder=folder, why=error.strerror)) from error
    print(sentence("start.reset_done", aside=aside), flush=True)


def _keep(old: Path, new: Path) -> None:
    if old.exists():
        old.rename(new)


def _agrees(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"{question} ").strip().lower() in ("y", "yes")


def _told(end: Died) -> str:
    """What happened to a service, with its last words."""
    key = "start.not_ready" if end.code is None else "start.died"
    words: Sequence[str] = [f"    {line}" for line in end.last_lines]
    return "\n".join([sentence(key, name=end.name, code=end.code), *words])
