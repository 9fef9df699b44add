"""The keys of shops and of their terminals in memory: unlocking one is dear, so each is unlocked once a process.

Whether a key is still good is never remembered: the database says it at each use, and again inside the action that
stores what was sealed.
"""

from __future__ import annotations

from merchant.terminals.queries import Terminal, TerminalRevoked
from shared.db.store import Store
from shared.db.unit import Reader
from shared.identity import keys
from shared.identity.signing import PrivateKey


class Signers:
    """Signers by shop and by terminal, with `secret` to unlock their keys."""

    def __init__(self, store: Store, secret: bytes) -> None:
        self._store = store
        self._secret = secret
        self._unlocked: dict[str, PrivateKey] = {}

    def of_shop(self, shop_id: str) -> PrivateKey:
        """The shop's own key, which is no terminal's: for its programs, its printed code, and what it orders later."""
        return self.named(shop_id, self.own_kid(shop_id))

    def named(self, shop_id: str, kid: str | None) -> PrivateKey:
        """The shop's key of this name, that the database was just asked for; `no_server_key` for None."""
        if kid is None:
            raise keys.NoServerKey()
        return self._unlock(shop_id, kid)

    def own_kid(self, shop_id: str) -> str | None:
        """The name of the shop's own key, or None when it has none."""
        return self._store.read(own_kid, shop_id=shop_id)

    def of_terminal(self, terminal: Terminal) -> PrivateKey:
        """The terminal's key, for what is charged there; `terminal_revoked` when it was."""
        if terminal.check().kid is None:
            return self.of_shop(terminal.shop_id)
        record = self._store.read(keys.find, kid=terminal.kid)
        if record is None or record.revoked_at is not None:
            raise TerminalRevoked(terminal=terminal.name)
        return self._unlock(terminal.shop_id, record.kid_hex)

    def _unlock(self, shop_id: str, kid: str) -> PrivateKey:
        known = self._unlocked.get(kid)
        if known is None:
            known = self._store.read(keys.server_signer, party_id=shop_id, secret=self._secret, kid=kid)
            self._unlocked[kid] = known
        return known


def own_kid(reader: Reader, *, shop_id: str) -> str | None:
    """The name of the shop's newest good server-held key that is no terminal's, or None."""
    rows = reader.sql.rows(
        "SELECT k.kid FROM identity_key AS k WHERE k.party_id = :shop AND k.locked_private IS NOT NULL"
        " AND k.revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM terminals_terminal AS t WHERE t.kid = k.kid)"
        " ORDER BY k.created_at DESC LIMIT 1",
        shop=shop_id,
    )
    return str(rows[0][0]) if rows else None
