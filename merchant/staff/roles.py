"""Roles: who may do what at a till, said beside each door by `@needs(Role.MANAGER)`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import redirect

from merchant import service
from merchant.staff.members import NotYourRole as NotYourRole
from merchant.staff.members import Role as Role
from shared.web import problems
from shared.web.sessions import NotSignedIn, current

Door = TypeVar("Door", bound=Callable[..., Any])


def needs(role: Role) -> Callable[[Door], Door]:
    """A door that opens for this role and higher ones.

    Nobody is led to the sign-in page, a script is told `not_signed_in` (401); a lower role is refused with
    `not_your_role` (403). `door.role` says which role that is.
    """

    def guard(door: Door) -> Door:
        @wraps(door)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if current() is None:
                if problems.wants_json():
                    raise NotSignedIn()
                return redirect(service.home("signin"))
            if not service.at().role.covers(role):
                raise NotYourRole(role=role.value)
            return door(*args, **kwargs)

        guarded.role = role  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard
