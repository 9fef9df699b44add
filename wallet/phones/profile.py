"""The certificate as an iPhone takes it: a configuration profile with one root certificate in it.

A bare certificate would do too; a profile has a name, says what it is for, and is removed by that name.
"""

from __future__ import annotations

import plistlib
import uuid

from shared.web.certificates import Authority

_NAMESPACE = uuid.UUID("5a0a51d6-13c5-4e0e-9d66-c0de5c0de000")
_ID = "simulator.saoma.certificate"


def of(authority: Authority, *, title: str, about: str) -> bytes:
    """The profile as XML. It is the same for the same certificate, so that installing it again replaces it."""
    inner = str(uuid.uuid5(_NAMESPACE, authority.sha256.hex()))
    certificate = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_ID}.{inner}",
        "PayloadUUID": inner,
        "PayloadDisplayName": authority.name,
        "PayloadContent": authority.der,
    }
    outer = str(uuid.uuid5(_NAMESPACE, inner))
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"{_ID}.{outer}",
            "PayloadUUID": outer,
            "PayloadDisplayName": title,
            "PayloadDescription": about,
            "PayloadContent": [certificate],
        }
    )
