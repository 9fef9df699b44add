"""What somebody does to the shop's endpoints at the till, each with its entry in the log, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from merchant.activity import log
from merchant.standing import At
from merchant.webhooks import actions
from merchant.webhooks.endpoints import Endpoint
from shared.db.unit import UnitOfWork


def add(uow: UnitOfWork, *, at: At, url: str, description: str, names: Sequence[str]) -> Endpoint:
    """Tell a shop's server of events from now on; `at` is who stands at the till."""
    made = actions.create(uow, shop_id=at.shop.id, url=url, description=description, names=names)
    return _noted(uow, at, "webhook.added", made)


def change(uow: UnitOfWork, *, at: At, id: str, url: str, description: str, names: Sequence[str]) -> Endpoint:
    """Change where and of what an endpoint is told."""
    done = actions.update(uow, id=id, shop_id=at.shop.id, url=url, description=description, names=names)
    return _noted(uow, at, "webhook.changed", done)


def rotate(uow: UnitOfWork, *, at: At, id: str, overlap_s: int) -> Endpoint:
    """Give an endpoint another secret."""
    return _noted(uow, at, "webhook.rotated", actions.rotate(uow, id=id, shop_id=at.shop.id, overlap_s=overlap_s))


def switch(uow: UnitOfWork, *, at: At, id: str, is_off: bool) -> Endpoint:
    """Switch an endpoint off or on."""
    done = actions.update(uow, id=id, shop_id=at.shop.id, is_disabled=is_off)
    return _noted(uow, at, "webhook.switched_off" if is_off else "webhook.switched_on", done)


def remove(uow: UnitOfWork, *, at: At, id: str) -> Endpoint:
    """Tell an endpoint nothing any more."""
    return _noted(uow, at, "webhook.removed", actions.remove(uow, id=id, shop_id=at.shop.id))


def _noted(uow: UnitOfWork, at: At, what: str, endpoint: Endpoint) -> Endpoint:
    log.note(
        uow,
        shop_id=at.shop.id,
        member_id=at.member.id,
        terminal_id=at.terminal.id,
        what=what,
        subject=endpoint.id,
        details={"place": urlsplit(endpoint.url).netloc},
    )
    return endpoint
