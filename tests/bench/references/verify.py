"""Ed25519 verifications alone, on one core: the ceiling of signed orders, however fast everything else is."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.bench.measure import Measure, alone

_ORDER_BYTES = 120


def verifications(*, seconds: float) -> Measure:
    """How many signatures of the size of an order's a loop around the library verifies in a second."""
    key = Ed25519PrivateKey.generate()
    message = bytes(range(_ORDER_BYTES))
    signature, public = key.sign(message), key.public_key()
    return alone(lambda: public.verify(signature, message), seconds=seconds)
