"""How an endpoint is, from what became of each try."""

from __future__ import annotations

from merchant.callbacks.deliveries import Attempt, Delivery
from merchant.webhooks import actions, endpoints
from shared.db.unit import UnitOfWork

GIVEN_UP_MS = 3 * 86_400_000
"""Who has failed for so long is not told any more."""
_GONE = 410


def note_try(uow: UnitOfWork, delivery: Delivery, attempt: Attempt, is_taken: bool) -> None:
    """How the endpoint is after a try. Who has failed for three days, or says that it is gone, is switched off."""
    found = endpoints.find(uow, id=delivery.endpoint_id or "")
    if found is None:
        return
    since = None if is_taken else found.failing_since if found.failing_since is not None else uow.now
    uow.sql.run(
        "UPDATE webhooks_endpoint SET failing_since = :since, last_success_at = :success WHERE id = :id",
        id=found.id,
        since=since,
        success=uow.now if is_taken else found.last_success_at,
    )
    if found.disabled_at is None and not is_taken:
        if attempt.status == _GONE:
            actions.switch_off(uow, endpoint=found, why="gone")
        elif since is not None and uow.now - since >= GIVEN_UP_MS:
            actions.switch_off(uow, endpoint=found, why="failing")
