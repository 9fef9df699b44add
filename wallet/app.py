"""The wallet, put together: the shell, the doors of every room, the pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from shared import events
from shared.config import Config, from_environment
from shared.db.store import Store
from shared.payments import installation, sealing
from shared.web import app as shell
from shared.web import problems, serve, sessions, wire
from shared.web.sessions import NotSignedIn
from wallet.asking import pages as asking_pages
from wallet.asking import views as asking
from wallet.bank import pages as bank_pages
from wallet.bank import views as bank
from wallet.contacts import pages as contacts_pages
from wallet.contacts import views as contacts
from wallet.demo import views as demo
from wallet.disputes import pages as disputes_pages
from wallet.disputes import views as disputes
from wallet.history import pages as history_pages
from wallet.history import views as history
from wallet.logins import pages as logins_pages
from wallet.logins import views as logins
from wallet.offline import pages as offline_pages
from wallet.pay import views as pay
from wallet.phones import pages as phones_pages
from wallet.phones import views as phones
from wallet.presented import pages as presented_pages
from wallet.presented import views as presented
from wallet.scan import pages as scan_pages
from wallet.scan import views as scan
from wallet.security import pages as security_pages
from wallet.security import views as security
from wallet.transfers import pages as transfers_pages
from wallet.transfers import views as transfers
from wallet.users import pages as users_pages
from wallet.users import returning
from wallet.users import views as users

DOORS = (
    users, contacts, scan, pay, presented, transfers, history, phones, security, logins, asking, bank, disputes, demo,
)  # fmt: skip
PAGES = (
    users_pages, contacts_pages, scan_pages, transfers_pages, history_pages, phones_pages, security_pages, logins_pages,
    presented_pages, offline_pages, asking_pages, bank_pages, disputes_pages,
)  # fmt: skip
TILLS_TURN_S = 10.0
"""The till seals checkpoints each second; only where none runs does the wallet seal what has waited so long."""


def create_app(config: Config | None = None, store: Store | None = None) -> Flask:
    """The wallet's service, on the settings and the store of the environment unless others are given."""
    config = config or from_environment()
    is_served = store is None
    store = store or Store(config.database_url)
    app = shell.create_shell("wallet", Path(__file__).parent, config, store, _topics)
    installation.ensure(store, currency=config.currency, secret=app.config["SAOMA_SECRET_BYTES"])
    for room in DOORS:
        app.register_blueprint(room.doors)
    for room in PAGES:
        app.register_blueprint(room.pages)
    _welcome_strangers(app, store)
    if is_served:
        wire.start(app)
    if is_served and serve.does_background_work():
        secret = app.config["SAOMA_SECRET_BYTES"]
        sealing.start(store, config=config, secret=secret, patience_s=TILLS_TURN_S)
    return app


def _welcome_strangers(app: Flask, store: Store) -> None:
    """Whoever opens a page without being signed in is taken to the welcome page; the fragment goes along.

    A phone that was given up elsewhere is told so, wherever it turns.
    """

    @app.errorhandler(NotSignedIn)
    def stranger(error: NotSignedIn) -> Response:
        if request.method == "GET" and not problems.wants_json() and request.path != "/events":
            return redirect(url_for("users_pages.welcome"))
        left = store.read(returning.left, token_hash=sessions.presented())
        return problems.refused(returning.DeviceRevoked() if left and left.is_revoked else error)


def _topics() -> Iterable[str]:
    """A person hears of their own affairs."""
    return [events.party_topic(sessions.required().party_id)]
