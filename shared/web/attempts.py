"""Guessing made slow: five tries, then a wait that doubles, per account and per address, kept over restarts.

A try is committed as counted *before* the secret is checked, so that neither a crash nor many tries at once get one
for free. A success clears the account's count, not the address's.
"""

from __future__ import annotations

from shared.db.unit import UnitOfWork
from shared.errors import DomainError

FREE_TRIES = 5
ADDRESS_TRIES = 50
FIRST_WAIT_MS = 30_000
LONGEST_WAIT_MS = 24 * 3600 * 1000
_FORGET_MS = 24 * 3600 * 1000


class TooManyAttempts(DomainError):
    """The wait after too many wrong tries is not over."""

    code = "too_many_attempts"
    status = 429


def account_scope(service: str, who: str) -> str:
    """Where the tries against one account are counted."""
    return f"{service}:account:{who}"


def address_scope(service: str, address: str) -> str:
    """Where the tries from one network address are counted."""
    return f"{service}:address:{address}"


def count(uow: UnitOfWork, *, account: str, address: str) -> int:
    """Count a try before it is checked; how many are left for the account. `too_many_attempts` during a wait."""
    waits = [_blocked_ms(uow, scope) for scope in (account, address)]
    if max(waits) > 0:
        raise TooManyAttempts(retry_after_s=-(-max(waits) // 1000))
    _add(uow, address, ADDRESS_TRIES)
    return max(0, FREE_TRIES - _add(uow, account, FREE_TRIES))


def clear(uow: UnitOfWork, *, account: str, address: str) -> None:
    """Forget an account's wrong tries after a right one, and take back the address's last count."""
    uow.sql.run("DELETE FROM web_attempt WHERE scope = :scope", scope=account)
    uow.sql.run(
        "UPDATE web_attempt SET failures = failures - 1, blocked_until = 0 WHERE scope = :scope AND failures > 0",
        scope=address,
    )


def _blocked_ms(uow: UnitOfWork, scope: str) -> int:
    rows = uow.sql.rows("SELECT blocked_until FROM web_attempt WHERE scope = :scope", scope=scope)
    return int(rows[0][0]) - uow.now if rows else 0


def _add(uow: UnitOfWork, scope: str, free: int) -> int:
    rows = uow.sql.rows("SELECT failures, last_at FROM web_attempt WHERE scope = :scope", scope=scope)
    fresh = not rows or uow.now - rows[0][1] > _FORGET_MS
    failures = 1 if fresh else rows[0][0] + 1
    wait = min(FIRST_WAIT_MS * 2 ** min(failures - free, 20), LONGEST_WAIT_MS) if failures >= free else 0
    uow.sql.run(
        "INSERT INTO web_attempt (scope, failures, blocked_until, last_at) VALUES (:scope, :failures, :until, :now)"
        " ON CONFLICT (scope) DO UPDATE SET failures = :failures, blocked_until = :until, last_at = :now",
        scope=scope,
        failures=failures,
        until=uow.now + wait if wait else 0,
        now=uow.now,
    )
    return failures
