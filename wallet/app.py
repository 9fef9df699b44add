"""The wallet, put together: the shell, the doors of every room, the pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flask import Flask

from shared import events
from shared.config import Config, from_environment
from shared.db.store import Store
from shared.payments import installation
from shared.web import app as shell
from shared.web import sessions
from wallet.contacts import views as contacts
from wallet.history import views as history
from wallet.pay import views as pay
from wallet.scan import views as scan
from wallet.transfers import views as transfers
from wallet.users import views as users

ROOMS = (users, contacts, scan, pay, transfers, history)


def create_app(config: Config | None = None, store: Store | None = None) -> Flask:
    """The wallet's service, on the settings and the store of the environment unless others are given."""
    config = config or from_environment()
    store = store or Store(config.database_url)
    app = shell.create_shell("wallet", Path(__file__).parent, config, store, _topics)
    installation.ensure(store, currency=config.currency, secret=app.config["SAOMA_SECRET_BYTES"])
    for room in ROOMS:
        app.register_blueprint(room.doors)
    return app


def _topics() -> Iterable[str]:
    """A person hears of their own affairs."""
    return [events.party_topic(sessions.required().party_id)]
