"""Where a phone of the command line keeps its key, its session and the orders whose outcome it does not know yet."""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from shared.errors import BadInput, Conflict, NotFound
from shared.identity.signing import PrivateKey

_NAME = re.compile(r"[\w][\w .-]{0,39}\Z")


class NoSuchPhone(NotFound):
    """There is no phone of this name in the data folder."""

    code = "no_such_phone"


class PhoneExists(Conflict):
    """There is a phone of this name already."""

    code = "phone_exists"


class BadPhoneName(BadInput):
    """A phone's name must do for a file: letters, digits, space, dot, dash."""

    code = "bad_phone_name"


@dataclass(slots=True)
class Kept:
    """What a phone remembers between two calls. `pending` maps a scanned text to the order it was answered with.

    `offset_ms` and `cap_minor` are what it heard last: how far the installation's clock is ahead, and what a payer code
    of its owner is good for (0: not heard yet).
    """

    name: str
    handle: str
    user: str
    kid: str
    realm: str
    session: str
    private_key: str
    pending: dict[str, str] = field(default_factory=dict)
    offset_ms: int = 0
    cap_minor: int = 0

    def key(self) -> PrivateKey:
        """The phone's signing key."""
        return PrivateKey.from_bytes(base64.b64decode(self.private_key))


def key_text(private: PrivateKey) -> str:
    """A key as it is kept: PKCS8 in base 64, in a file for the owner's eyes only."""
    return base64.b64encode(private.to_bytes()).decode()


def path_of(data_dir: Path, name: str) -> Path:
    """The file of a phone."""
    if not _NAME.match(name):
        raise BadPhoneName()
    return data_dir / "phones" / f"{name}.json"


def load(data_dir: Path, name: str) -> Kept:
    """The phone of this name; `no_such_phone` otherwise."""
    try:
        return Kept(**json.loads(path_of(data_dir, name).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NoSuchPhone(name=name) from None


def save(data_dir: Path, kept: Kept) -> None:
    """Keep the phone, replacing its file at once or not at all."""
    path = path_of(data_dir, kept.name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(kept), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
