"""The shops' terminal keys in memory: unlocking one is dear, so each is unlocked once a process.

Whether a key is still good is never remembered: the database says it at each use, and again inside the action that
stores what was sealed.
"""

from __future__ import annotations

from sqlalchemy import select

from shared.db.store import Store
from shared.db.unit import Reader
from shared.identity import keys
from shared.identity.models import Key
from shared.identity.signing import PrivateKey


class Signers:
    """Signers by shop, with `secret` to unlock their keys."""

    def __init__(self, store: Store, secret: bytes) -> None:
        self._store = store
        self._secret = secret
        self._unlocked: dict[str, PrivateKey] = {}

    def of_shop(self, shop_id: str) -> PrivateKey:
        """The shop's newest good key; `no_server_key` when it has none."""
        kid = self._store.read(newest_good_kid, shop_id=shop_id)
        known = self._unlocked.get(kid)
        if known is None:
            known = self._store.read(keys.server_signer, party_id=shop_id, secret=self._secret)
            self._unlocked[known.public_key.kid_hex] = known
        return known


def newest_good_kid(reader: Reader, *, shop_id: str) -> str:
    """The name of the shop's newest server-held key that nobody has revoked; `no_server_key` otherwise."""
    row = reader.first(
        select(Key.kid)
        .where(Key.party_id == shop_id, Key.locked_private.is_not(None), Key.revoked_at.is_(None))
        .order_by(Key.created_at.desc())
    )
    if row is None:
        raise keys.NoServerKey()
    return str(row.kid)
