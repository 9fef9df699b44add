"""The proof of a transfer as a file: what anybody needs to check, without this service and without its database, that
the operator has sealed this very transfer into the ledger.

It holds the transfer's row, the hashes that lead from it to the root of a checkpoint (RFC 6962), and the checkpoint
with the operator's signature. Checking asks for nothing but SHA-256 and the operator's public key, which the file
repeats but cannot vouch for: whoever checks must know it from elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shared.codes.refusals import CodeRefused
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import Conflict
from shared.identity import keys
from shared.identity.signing import BadKey, PublicKey
from shared.ledger import checkpoints, leaf, merkle, proofs, transfers
from shared.ledger.transfers import Transfer

FORMAT = "saoma-proof-1"
LARGEST_FILE = 64 * 1024
_PARTS = {
    "format": str, "realm": str, "transfer": dict, "path": list, "size": int, "root": str, "created_at": int,
    "kid": str, "public_key": str, "signature": str,
}  # fmt: skip


class BadProof(CodeRefused):
    """A file that is no proof of a transfer."""

    code = "bad_proof"


class NotSealedYet(Conflict):
    """No checkpoint that may be shown seals this transfer yet: one does within seconds."""

    code = "not_sealed_yet"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a proof proves. `is_sealed`: its transfer is under its root; `is_signed`: the root is signed by its key."""

    transfer: Transfer
    key: PublicKey
    realm: str
    size: int
    root: bytes
    created_at: int
    is_sealed: bool
    is_signed: bool

    @property
    def holds(self) -> bool:
        """Whether everything in the file fits together. Whose key it is stands on another leaf."""
        return self.is_sealed and self.is_signed


def made(reader: Reader, *, transfer_id: str, size: int | None) -> dict[str, Any]:
    """The proof of a transfer under the checkpoint of `size` (None: there is none to show), as JSON-able values."""
    transfer = transfers.by_id(reader, id=transfer_id)
    proof = proofs.inclusion(reader, seq=transfer.seq, size=size) if size else None
    head = checkpoints.at(reader, size=size) if size else None
    key = keys.find(reader, kid=head.kid) if head else None
    if proof is None or head is None or key is None:
        raise NotSealedYet()
    return {
        "format": FORMAT,
        "realm": outbox.realm(reader),
        "transfer": {name: getattr(transfer, name) for name in leaf.COLUMNS},
        "path": [part.hex() for part in proof.path],
        "size": head.size,
        "root": head.root.hex(),
        "created_at": head.created_at,
        "kid": head.kid,
        "public_key": key.public_key.raw.hex(),
        "signature": head.signature.hex(),
    }


def judged(text: str) -> Verdict:
    """Check a proof by itself alone; `bad_proof` for a text that is none."""
    said = _parts(text)
    try:
        transfer = Transfer(**said["transfer"])
        sealed_leaf = merkle.leaf_hash(leaf.encoded(transfer))
        key = PublicKey.from_raw(bytes.fromhex(said["public_key"]))
        root, path = bytes.fromhex(said["root"]), [bytes.fromhex(part) for part in said["path"]]
        message = checkpoints.checkpoint_message(said["realm"], said["size"], root, said["created_at"])
        is_signed = key.kid_hex == said["kid"] and key.verify(
            message=message, signature=bytes.fromhex(said["signature"])
        )
        is_sealed = merkle.verify_inclusion(
            index=transfer.seq - 1, size=said["size"], leaf=sealed_leaf, root=root, path=path
        )
    except (TypeError, ValueError, OverflowError, BadKey) as error:
        raise BadProof() from error
    return Verdict(transfer, key, said["realm"], said["size"], root, said["created_at"], is_sealed, is_signed)


def _parts(text: str) -> dict[str, Any]:
    """The file's parts, each of its type; `bad_proof` otherwise."""
    try:
        said = json.loads(text) if len(text) <= LARGEST_FILE else None
    except (ValueError, RecursionError):
        raise BadProof() from None
    if not isinstance(said, dict) or any(type(said.get(name)) is not kind for name, kind in _PARTS.items()):
        raise BadProof()
    if said["format"] != FORMAT or said["transfer"].keys() != set(leaf.COLUMNS):
        raise BadProof()
    return said
