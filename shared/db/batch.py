"""One batch of calls: run in one transaction, each judged by itself, so that a bad one never spoils its neighbours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from sqlalchemy import Connection

from shared import faults
from shared.db import troubles
from shared.db.refusals import StoreUnavailable
from shared.db.unit import UnitOfWork
from shared.errors import DomainError


class Call:
    """An action that waits for its batch, and later its answer. `done` is held until then."""

    __slots__ = ("action", "args", "done", "error", "is_leader", "value")

    def __init__(self, action: Callable[..., Any], args: Mapping[str, Any]) -> None:
        self.action = action
        self.args = args
        self.done = threading.Lock()
        self.done.acquire()
        self.value: Any = None
        self.error: BaseException | None = None
        self.is_leader = False

    def settle(self, outcome: Any) -> None:
        """Take the action's result, or what it raised; a batch that is run again settles its calls again."""
        if isinstance(outcome, BaseException):
            self.value, self.error = None, outcome
        else:
            self.value, self.error = outcome, None


def batched(many: Callable[[UnitOfWork, Sequence[Mapping[str, Any]]], Sequence[Any]]) -> Callable[..., Any]:
    """The verb for one call, from the verb for many; a query, too.

    `many(uow, calls)` gets each call's keyword arguments as a mapping and answers each, in order, with its result or
    its DomainError. The verb for one is a batch of one; the store hands `many` all the calls of it that wait.
    """

    @wraps(many)
    def one(uow: UnitOfWork, **call: Any) -> Any:
        [answer] = many(uow, [call])
        if isinstance(answer, DomainError):
            raise answer
        return answer

    one.many = many  # type: ignore[attr-defined]
    return one


def grouped(calls: Sequence[Call]) -> Iterable[tuple[Callable[..., Sequence[Any]], list[Call]]]:
    """Those of the calls whose verb is batched, by the verb for many."""
    together: dict[Callable[..., Sequence[Any]], list[Call]] = {}
    for call in calls:
        many = getattr(call.action, "many", None)
        if many is not None:
            together.setdefault(many, []).append(call)
    return together.items()


def run_calls(connection: Connection, calls: Sequence[Call], token: str | None) -> int:
    """Begin a transaction, lock the head, run the calls and make everything ready for COMMIT; how many succeeded.

    When none did there is nothing to commit. `token` names the batch in the database, where a server keeps it.
    """
    connection.begin()
    uow = UnitOfWork(connection)
    _judge(uow, calls)
    kept = sum(call.error is None for call in calls)
    if kept:
        uow.close(token)
        faults.point("store.before_commit")
    return kept


def _judge(uow: UnitOfWork, calls: Sequence[Call]) -> None:
    """Settle every call: those of a batched verb together, the others one by one."""
    for call in calls:
        if not hasattr(call.action, "many"):
            call.settle(_in_savepoint(uow, lambda call=call: call.action(uow, **call.args)))  # type: ignore[misc]
    for many, group in grouped(calls):
        answers = _in_savepoint(uow, lambda many=many, group=group: many(uow, [call.args for call in group]))  # type: ignore[misc]
        if isinstance(answers, BaseException) and len(group) > 1:
            answers = [_in_savepoint(uow, lambda call=call: call.action(uow, **call.args)) for call in group]  # type: ignore[misc]
        elif isinstance(answers, BaseException):
            answers = [answers]
        for call, answer in zip(group, answers, strict=True):
            call.settle(answer)


def _in_savepoint(uow: UnitOfWork, work: Callable[[], Any]) -> Any:
    """The work's result, or the exception that undid it. Where even the undoing fails, the whole batch fails."""
    mark = uow.mark()
    uow.sql.run("SAVEPOINT action")
    try:
        result = work()
    except Exception as error:
        if troubles.ends_the_batch(error):
            raise
        uow.sql.run("ROLLBACK TO SAVEPOINT action")
        uow.sql.run("RELEASE SAVEPOINT action")
        uow.restore(mark)
        return StoreUnavailable() if troubles.is_shortage(error) else error
    uow.sql.run("RELEASE SAVEPOINT action")
    return result
