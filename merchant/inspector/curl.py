"""A call as a line for the shell, with `$SAOMA_KEY` in the key's place. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from shared.web.blotting import BLOT

_LEFT_OUT = frozenset({"user-agent", "content-length", "host", "accept-encoding", "connection"})
_SIGNED = "$WECHATPAY_AUTHORIZATION"


def of_call(method: str, url: str, headers: Mapping[str, str], body: str) -> str:
    """The line that makes this call again; a key or a signature is the shell's variable."""
    parts = [("curl " if method == "GET" else f"curl -X {shlex.quote(method)} ") + shlex.quote(url)]
    for name, value in headers.items():
        if name.lower() == "authorization":
            key = _SIGNED if value.upper().startswith("WECHATPAY2") else "Bearer $SAOMA_KEY"
            parts.append(f'-H "{name}: {key}"')
        elif name.lower() not in _LEFT_OUT and BLOT not in value:
            parts.append(f"-H {shlex.quote(f'{name}: {value}')}")
    if body:
        parts.append(f"--data-raw {shlex.quote(body)}")  # not -d: that reads the file which an @ names
    return " \\\n  ".join(parts)
