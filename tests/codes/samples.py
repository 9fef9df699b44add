"""Keys, records and payloads that the tests of this room share."""

from __future__ import annotations

from hypothesis import strategies as st

from shared.codes import payloads, seal
from shared.codes.payloads import AnyPayload
from shared.identity import wording
from shared.identity.keys import DEVICE_MAY_SEAL, KeyRecord
from shared.identity.signing import Algorithm, PrivateKey
from tests.examples import examples

REALM = "test.example"
NOW_S = 1_795_255_200
JTI = bytes(range(8))
KEYS = {algorithm: PrivateKey.generate(algorithm) for algorithm in Algorithm}
ADA = KEYS[Algorithm.ED25519]

few = examples(60)


def record(
    signer: PrivateKey = ADA,
    handle: str = "ada",
    may_seal: frozenset[int] = DEVICE_MAY_SEAL,
    revoked_at: int | None = None,
) -> KeyRecord:
    """What the installation knows of a key."""
    return KeyRecord(signer.public_key, handle, may_seal, revoked_at, "usr_1")


def finder(*records: KeyRecord) -> seal.FindKey:
    """A look-up among these records."""
    known = {each.public_key.kid_hex: each for each in records}
    return known.get


def request(**changes: object) -> payloads.PeerRequest:
    """A good request of ada's, with some fields changed."""
    fields: dict[str, object] = {
        "handle": "ada", "currency": 156, "issued_at_s": NOW_S, "ttl_s": 3600, "jti": JTI, "amount_minor": 1250,
    }  # fmt: skip
    return payloads.PeerRequest(**{**fields, **changes})  # type: ignore[arg-type]


def text(max_bytes: int) -> st.SearchStrategy[str]:
    """Any text that a code may carry."""
    raw = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=max_bytes)
    return raw.map(lambda any_text: wording.fitted(any_text, max_bytes)).filter(bool)


handles = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=32)
amounts = st.integers(1, 10**12)
currencies = st.integers(1, 999)
times = st.integers(0, 2**33)
eight = st.binary(min_size=8, max_size=8)


def anything(public_key: bytes) -> st.SearchStrategy[AnyPayload]:
    """Any payload at all."""
    head = st.none() | st.tuples(st.integers(1, 2**53 - 1), st.binary(min_size=32, max_size=32))
    return st.one_of(
        st.builds(payloads.ContactCard, handles, times, text(40), st.just(public_key)),
        st.builds(
            payloads.PeerRequest, handles, currencies, times, st.integers(1, 2_592_000), eight,
            st.none() | amounts, st.none() | text(64),
        ),
        st.builds(payloads.ShopCode, handles, currencies, times, st.none() | text(16)),
        st.builds(
            payloads.PaymentRequest, handles, amounts, currencies, times, st.integers(1, 900), eight,
            st.none() | text(12), st.none() | text(40), st.none() | text(12),
        ),
        st.builds(
            payloads.PayerCode, currencies, times, st.integers(1, 120), eight, st.integers(0, 2**53 - 1), amounts
        ),
        st.builds(
            payloads.Order, amounts, currencies, times, st.integers(1, 120), eight, handles,
            st.sampled_from(payloads.OrderKind), st.none() | eight, st.none() | text(64),
        ),
        st.builds(
            lambda *values: payloads.Receipt(*values[:-1], *(values[-1] or (None, None))),
            handles, amounts, currencies, times, handles, st.integers(1, 2**53 - 1),
            st.binary(min_size=16, max_size=16), head,
        ),
    )  # fmt: skip
