"""What can be refused, and how a refusal travels.

A `DomainError` says *what* was refused by a stable `code`; the sentence a person reads for that code stands in the
catalogue (`shared/web/locales`), so a second language is only a file. The classes stand beside the code that raises
them; only the roots live here, because every room needs them.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """A request that was understood and refused. Nothing moved.

    `code` is promised to callers (command line, `application/problem+json`); `status` is its HTTP status; keyword
    arguments are the values that the catalogue's sentence names.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params

    def __str__(self) -> str:
        return self.code + (f" {self.params}" if self.params else "")


class BadInput(DomainError):
    """The request itself is malformed: a wrong type, a missing or impossible value."""

    code = "bad_input"
    status = 400


class NotAllowed(DomainError):
    """The caller is known and may not do this."""

    code = "not_allowed"
    status = 403


class NotFound(DomainError):
    """No such thing, or none that the caller may see."""

    code = "not_found"
    status = 404


class Conflict(DomainError):
    """The request is fine and the state of things is against it."""

    code = "conflict"
    status = 409


class IdempotencyConflict(Conflict):
    """The same id or Idempotency-Key came again with other content."""

    code = "idempotency_conflict"


def all_codes() -> dict[str, type[DomainError]]:
    """Every stable code that is defined in the loaded modules, with the class that owns it."""
    found: dict[str, type[DomainError]] = {}
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found
