"""The till as a Flask app: the shell of both services, the shops' signers, the doors, and what it does in the
background: sweeping deadlines and sealing checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flask import Flask

from merchant import sweeper
from merchant.activity import pages as activity
from merchant.api import doors as api
from merchant.api import entry
from merchant.callbacks import sender
from merchant.callbacks import views as callbacks
from merchant.callbacks import views_lab as callback_faults
from merchant.catalog import pages as catalog_pages
from merchant.catalog import views as catalog
from merchant.checkout import pages as checkout_pages
from merchant.checkout import views as checkout
from merchant.developer import pages as developer
from merchant.display import pages as display
from merchant.disputes import pages as dispute_pages
from merchant.disputes import views as disputes
from merchant.groups import pages as groups
from merchant.hosted import pages as hosted
from merchant.insight import pages as insight
from merchant.inspector import pages as inspector
from merchant.keys import pages as key_pages
from merchant.keys import views as key_scripts
from merchant.lab import pages as lab
from merchant.lab import views as lab_api
from merchant.lab import views_payers as lab_payers
from merchant.money import pages as money
from merchant.openings import pages as openings
from merchant.operating import desk
from merchant.receipts import pages as receipts
from merchant.register import pages as register_pages
from merchant.register import views as register
from merchant.sales import pages as sales_pages
from merchant.sales import views as sales
from merchant.shifts import pages as shift_pages
from merchant.shifts import views as shifts
from merchant.shops import pages as shop_pages
from merchant.shops import views as shops
from merchant.shops.signers import Signers
from merchant.staff import pages as staff_pages
from merchant.staff import views as staff
from merchant.terminals import pages as terminal_pages
from merchant.terminals import views as terminals
from merchant.webhooks import pages as webhook_pages
from merchant.webhooks import telling as webhooks
from merchant.webhooks import views as endpoints
from merchant.webhooks import views_log as webhook_log
from merchant.webhooks import views_pages as webhook_scripts
from merchant.wechatpay import api as wechatpay_api
from merchant.wechatpay import bill_views as bills
from merchant.wechatpay import codepay_views as codepay
from merchant.wechatpay import entry as wechatpay_entry
from merchant.wechatpay import pages as wechatpay_pages
from merchant.wechatpay import views as wechatpay
from shared import config as settings
from shared import events
from shared.config import Config
from shared.db.store import Store
from shared.payments import sealing
from shared.web import app as shell
from shared.web import serve, sessions, wire

_HERE = Path(__file__).parent
_DOORS = (
    shops.doors,
    checkout_pages.doors,
    checkout.doors,
    display.doors,
    dispute_pages.doors,
    disputes.doors,
    register_pages.doors,
    register.doors,
    register.parked,
    insight.doors,
    money.doors,
    catalog_pages.doors,
    catalog.doors,
    sales_pages.doors,
    sales.doors,
    receipts.doors,
    shop_pages.doors,
    staff_pages.doors,
    staff.doors,
    activity.doors,
    terminal_pages.doors,
    terminals.doors,
    shift_pages.doors,
    shifts.doors,
    *api.DOORS,
    developer.doors,
    wechatpay_pages.doors,
    wechatpay_pages.scripts,
    inspector.doors,
    endpoints.doors,
    webhook_log.doors,
    webhook_pages.doors,
    webhook_scripts.doors,
    callbacks.doors,
    callback_faults.doors,
    key_pages.doors,
    key_scripts.doors,
    lab.doors,
    lab_api.doors,
    lab_payers.doors,
    hosted.doors,
    wechatpay_api.doors,
    openings.doors,
    groups.doors,
    *desk.DOORS,
)


def create_app(config: Config | None = None, store: Store | None = None) -> Flask:
    """The till on a store; on one of its own, with its background work running, when none is given."""
    config = config or settings.from_environment()
    is_served = store is None
    store = store or Store(config.database_url)
    app = shell.create_shell("merchant", _HERE, config, store, _topics)
    app.extensions["saoma_signers"] = Signers(store, app.config["SAOMA_SECRET_BYTES"])
    entry.install(app, config=config, store=store)
    for doors in _DOORS:
        app.register_blueprint(doors)
    wechatpay_entry.install(app, wechatpay.doors, bills.doors, codepay.doors)
    if is_served:
        wire.start(app)
        entry.uses_of(app).start()
    webhooks.install()
    if is_served and serve.does_background_work():
        sweeper.start(store, secret=app.config["SAOMA_SECRET_BYTES"])
        sealing.start(store, config=config, secret=app.config["SAOMA_SECRET_BYTES"])
        sender.start(store, config=config, secret=app.config["SAOMA_SECRET_BYTES"])
    return app


def _topics() -> Iterable[str]:
    """A till hears of everything that concerns its shop, and of nothing else."""
    return [events.party_topic(sessions.required().party_id)]
