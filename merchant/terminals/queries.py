"""Which terminals a shop has, and at which one of them a browser stands."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.errors import Conflict, NotFound

_COLUMNS = "id, shop_id, name, kid, token_hash, created_at, revoked_at"


class UnknownTerminal(NotFound):
    """The shop has no such terminal."""

    code = "unknown_terminal"


class TerminalRevoked(Conflict):
    """This terminal was revoked: it charges nothing any more."""

    code = "terminal_revoked"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A till of a shop. Without a `kid` it seals with the shop's own key; times in ms."""

    id: str
    shop_id: str
    name: str
    kid: str | None
    token_hash: str | None
    created_at: int
    revoked_at: int | None

    @property
    def is_shared(self) -> bool:
        """Whether every browser that is no terminal of its own stands here."""
        return self.token_hash is None

    def check(self) -> Terminal:
        """The terminal itself; `terminal_revoked` when it was."""
        if self.revoked_at is not None:
            raise TerminalRevoked(terminal=self.name)
        return self


def hash_of(token: str) -> str:
    """What is stored of a browser's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def of_shop(reader: Reader, *, shop_id: str) -> list[Terminal]:
    """A shop's terminals, revoked ones included, the first one first."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM terminals_terminal WHERE shop_id = :shop ORDER BY created_at, id", shop=shop_id
    )
    return [Terminal(*row) for row in rows]


def at_shop(reader: Reader, *, id: str, shop_id: str) -> Terminal:
    """One of this shop's terminals; another shop's do not exist for it (`unknown_terminal`)."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM terminals_terminal WHERE id = :id AND shop_id = :shop", id=id, shop=shop_id
    )
    if not rows:
        raise UnknownTerminal()
    return Terminal(*rows[0])


def of_browser(reader: Reader, *, shop_id: str, token: str) -> Terminal:
    """Where a browser with this token (empty: none) stands: at its own terminal, else at the shop's first one.

    A browser whose terminal was revoked stays there, and can charge nothing, until it is made another one.
    """
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM terminals_terminal WHERE shop_id = :shop"
        " AND (token_hash = :hash OR token_hash IS NULL) ORDER BY"
        " token_hash IS NULL, revoked_at IS NOT NULL, created_at, id LIMIT 1",
        shop=shop_id,
        hash=hash_of(token),
    )
    if not rows:
        raise UnknownTerminal()
    return Terminal(*rows[0])
