"""Whether this installation is a sandbox: only there may anybody move the clock, ask for outcomes, break callbacks."""

from __future__ import annotations

from merchant import service
from shared.errors import NotAllowed


class NotASandbox(NotAllowed):
    """This installation was started with SAOMA_SANDBOX=0: what happens here happens by itself."""

    code = "not_a_sandbox"


def required() -> None:
    """Refuse outside a sandbox (`not_a_sandbox`)."""
    if not service.config().is_sandbox:
        raise NotASandbox()
