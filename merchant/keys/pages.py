"""The page of a shop's API keys: the good ones with what they may and when they were used, and the old ones."""

from __future__ import annotations

from flask import current_app, render_template

from merchant import service, signed_in
from merchant.api import entry
from merchant.keys import actions, queries, scopes
from merchant.keys.queries import ShopKey
from merchant.staff.roles import Role, needs
from shared import clock
from shared.db.unit import Reader

doors = signed_in.pages("keys", "/developer/keys")
_MOST_OLD = 20
_DAY_S = 24 * 3600
LIVES_S = (None, 7 * _DAY_S, 30 * _DAY_S, 90 * _DAY_S, 365 * _DAY_S)
OVERLAPS_S = (0, 3600, _DAY_S, 7 * _DAY_S)


@doors.get("")
@needs(Role.OWNER)
def keys() -> str:
    """Every key that the shop has, and the last of those that it had."""
    found = service.read(_shown, shop_id=service.at().shop.id)
    return render_template(
        "till/keys.html",
        things=scopes.of_doors(current_app),
        lives=LIVES_S,
        overlaps=OVERLAPS_S,
        longest_name=actions.LONGEST_NAME,
        address=service.config().merchant_url,
        **found,
    )


def _shown(reader: Reader, *, shop_id: str) -> dict[str, object]:
    found, now = queries.of_shop(reader, shop_id=shop_id), reader.now
    return {
        "good": [key for key in found if key.is_good(now)],
        "old": [key for key in found if not key.is_good(now)][:_MOST_OLD],
        "used_at": {key.id: _used_at(key, now) for key in found},
    }


def _used_at(key: ShopKey, now: int) -> int | None:
    """When it was used last: what is written down, or what this process has seen since."""
    seen = entry.uses_of(current_app).seen_at(key.id)
    times = [key.last_used_at, None if seen is None else seen + now - clock.system_now()]
    return max((moment for moment in times if moment is not None), default=None)
