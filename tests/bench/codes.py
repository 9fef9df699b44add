"""Codes: sealing, opening, encoding and drawing one, each against the least that it takes."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import cbor2
import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage

from shared.codes import cbor, payloads, render, seal
from shared.codes import frame as frames
from shared.identity.keys import TERMINAL_MAY_SEAL, KeyRecord
from shared.identity.signing import PrivateKey
from tests.bench.measure import Measure, alone
from tests.bench.references.verify import verifications
from tests.bench.rounds import Goal, Subject
from tests.bench.scale import Scale

REALM = "saoma-bench"

GOALS = [
    Goal("opening a code / one signature check alone", "open", "verify alone", at_least=0.6),
    Goal("drawing a code as SVG / qrcode's own SVG of the same text", "svg", "qrcode svg", at_least=4),
    Goal("encoding a body / cbor2", "cbor encode", "cbor2 encode"),
    Goal("decoding a body strictly / cbor2", "cbor decode", "cbor2 decode"),
]


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """What is done with codes, for as long as the block."""
    key = PrivateKey.generate()
    record = KeyRecord(key.public_key, "cafe", TERMINAL_MAY_SEAL, None, "shp_1")
    now_s = int(time.time())
    request = payloads.PaymentRequest(
        handle="cafe", amount_minor=12_50, currency=156, issued_at_s=now_s, ttl_s=900, jti=secrets.token_bytes(8),
        reference="TABLE 7",
    )  # fmt: skip
    frame = seal.seal(request, key, REALM)
    fields = payloads.to_fields(request)
    body = cbor.encode(fields)
    numbers = count()

    def text() -> str:
        """A text that was not drawn before: pictures are kept by content."""
        return frames.code_text(f"http://192.168.0.{next(numbers) % 250}:5001", frame[:-4] + next(numbers).to_bytes(4))

    def library_svg() -> None:
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
        code.add_data(text())
        code.make_image(SvgPathImage).save(io.BytesIO())

    def of(act: Callable[[], object]) -> Callable[[int], Measure]:
        return lambda _: alone(act, seconds=scale.seconds / 4)

    yield [
        Subject("verify alone", "Ed25519, one core", lambda _: verifications(seconds=scale.seconds / 4), True),
        Subject("seal", "a payment request", of(lambda: seal.seal(request, key, REALM))),
        Subject(
            "open", "a payment request, every check",
            of(lambda: seal.open_frame(frame, realm=REALM, find_key=lambda _: record, now_s=now_s)),
        ),
        Subject("cbor2 encode", "the C library", of(lambda: cbor2.dumps(fields, canonical=True)), True),
        Subject("cbor encode", "ours", of(lambda: cbor.encode(fields))),
        Subject("cbor2 decode", "the C library, which accepts more", of(lambda: cbor2.loads(body)), True),
        Subject("cbor decode", "ours", of(lambda: cbor.decode(body))),
        Subject("qrcode svg", "the library's own factory", of(library_svg), True),
        Subject("svg", "ours, drawn anew each time", of(lambda: render.qr_svg(text()))),
    ]  # fmt: skip
