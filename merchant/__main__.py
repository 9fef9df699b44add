"""`python -m merchant`: serve the till as the environment says."""

from shared.web import serve

if __name__ == "__main__":
    raise SystemExit(serve.main("merchant", "merchant.app:create_app"))
