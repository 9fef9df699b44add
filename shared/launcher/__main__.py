"""`python -m shared.launcher`: serve the launcher's page, on this computer alone."""

from __future__ import annotations

import sys

from shared import config as settings
from shared.web import serve


def main() -> int:
    """Serve until stopped; the exit code."""
    try:
        port = settings.from_environment().launcher_port
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    serve.serve("shared.launcher.app:create_app", serve.LOOPBACK, port, threads=8)
    return 0


if __name__ == "__main__":
    sys.exit(main())
