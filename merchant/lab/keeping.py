"""Idempotency keys of the lab's doors: what they do takes several commits, so the answer is kept after the last.

Meanwhile whoever asks the same under the same key waits for it, in this process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from flask import request

from merchant.api import entry
from merchant.checkout import afterwards
from shared.web.body import Body

_turns = [threading.Lock() for _ in range(64)]
"""Keys share them by chance, which costs a moment and nothing else."""


def kept(given: Body, carry_out: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `carry_out` answers, kept for whoever asks the same again under the same key: to them it is not done."""
    key, shop_id = request.headers.get("Idempotency-Key"), entry.shop().id
    if key is None:
        return carry_out()
    with _turns[hash((shop_id, key)) % len(_turns)]:
        answered = afterwards.answered(shop_id, given)
        if answered is not None:
            return answered
        told = carry_out()
        return afterwards.run_once(shop_id, given, lambda uow: told)
