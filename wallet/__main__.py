"""`python -m wallet`: serve the wallet as the environment says."""

from __future__ import annotations

from shared.payments import sealing
from shared.web import serve

raise SystemExit(serve.main("wallet", "wallet.app:create_app", sealing.check_served))
