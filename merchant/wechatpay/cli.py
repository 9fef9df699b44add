"""`run.py wechatpay`: answer as WeChat Pay's own host on this computer, for SDKs that know no other."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from pathlib import Path

from merchant.wechatpay import front
from shared.config import from_environment

_TOLD = """Answering as https://{host} on {address} for {till}. Control-C ends it.

The hosts file leads the SDK here:         127.0.0.1 {host}
The SDK has to trust the certificate of:   {authority}

Take the line out of the hosts file afterwards: while it is there, this computer does not reach the real service."""


def main(argv: list[str]) -> int:
    """Serve until Control-C."""
    config = from_environment()
    parser = argparse.ArgumentParser(
        prog="run.py wechatpay", description="Answer as WeChat Pay's own host, for SDKs that know no other."
    )
    parser.add_argument("--port", type=int, default=443, help="where the SDK comes to (443, which may need sudo)")
    parser.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS", help="which address of this computer")
    parser.add_argument("--to", default=f"http://localhost:{config.merchant_port}", help="the till, which must run")
    options = parser.parse_args(argv)
    folder = config.data_dir / "wechatpay"
    context = front.tls(folder)
    _give_back(folder)
    try:
        serving = front.Front((options.listen, options.port), options.to, context)
    except OSError as error:
        print(_why(error, options.port), file=sys.stderr)
        return 1
    address = f"{options.listen}:{serving.server_port}"
    print(_TOLD.format(host=front.HOST, address=address, till=options.to, authority=folder / "ca.pem"), flush=True)
    try:
        serving.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        serving.server_close()
    return 0


def _why(error: OSError, port: int) -> str:
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights: run it with sudo, or take another one with --port."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use: end what listens there, or take another one with --port."
    return f"Port {port} cannot be used: {error.strerror}."


def _give_back(folder: Path) -> None:
    """What was made under sudo belongs to whoever called it: the SDK's program has to read the certificate."""
    owner, group = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if os.geteuid() == 0 and owner.isdecimal() and group.isdecimal():
        for path in (folder, *folder.iterdir()):
            os.chown(path, int(owner), int(group))
