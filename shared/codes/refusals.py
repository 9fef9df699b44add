"""Every reason not to take a code, in the order in which `seal.open_frame` and the reading before it look for them.

They stand in one file because the order is the point: cheap checks first, the seal before the content, and each reason
has its own stable name, so that a page can say what to do about it.
"""

from __future__ import annotations

from shared.errors import BadInput, DomainError


class CodeRefused(DomainError):
    """A code that is not taken. Nothing moved."""

    code = "code_refused"
    status = 422


class NotACode(CodeRefused):
    """A text that is none of ours. `kind` says what it seems to be instead (see `foreign.py`)."""

    code = "not_a_code"


class CodeTooLong(CodeRefused):
    """More digits or bytes than a code may have."""

    code = "code_too_long"


class UnknownVersion(CodeRefused):
    """A later format: this program is too old for it."""

    code = "unknown_version"


class UnknownType(CodeRefused):
    """A kind of code that this program does not know."""

    code = "unknown_type"


class UnknownField(CodeRefused):
    """A field that may not be ignored and that this program does not know."""

    code = "unknown_field"


class MalformedCode(CodeRefused):
    """One of ours by its looks, and damaged, truncated or badly made."""

    code = "malformed_code"


class UnknownKey(CodeRefused):
    """Sealed by a key that nobody here has registered."""

    code = "unknown_key"


class RevokedKey(CodeRefused):
    """Sealed by a key whose owner has given it up."""

    code = "revoked_key"


class BadSeal(CodeRefused):
    """The signature does not fit: the code was altered, forged, or made for another installation."""

    code = "bad_seal"


class KeyMayNotSeal(CodeRefused):
    """A genuine seal by a key that is not for this kind of code."""

    code = "key_may_not_seal"


class CodeExpired(CodeRefused):
    """Its time is over."""

    code = "code_expired"


class CodeNotYetValid(CodeRefused):
    """Made in the future: one of the two clocks is wrong."""

    code = "code_not_yet_valid"


class WrongSigner(CodeRefused):
    """The code speaks for somebody else than the one who sealed it."""

    code = "wrong_signer"


class BadField(BadInput):
    """A value that cannot stand in a code. `field` names it; in a received code this is `MalformedCode`."""

    code = "bad_field"
