"""`python -m merchant`: serve the till as the environment says."""

from shared.payments import sealing
from shared.web import serve

if __name__ == "__main__":
    raise SystemExit(serve.main("merchant", "merchant.app:create_app", sealing.check_served))
