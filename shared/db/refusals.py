"""What the store itself refuses: said by the queue, by the committing and by the reading, so it stands below them."""

from __future__ import annotations

from shared.errors import DomainError


class StoreUnavailable(DomainError):
    """The database refused or could not be reached in time (disk full, not writable, gone). Nothing was kept."""

    code = "store_unavailable"
    status = 503


class OutcomeUnknown(DomainError):
    """The connection broke, or the disk failed to sync, while a commit was under way: ask again under the same id."""

    code = "outcome_unknown"
    status = 503
