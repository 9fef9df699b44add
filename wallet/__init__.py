"""The wallet: what a person holds in the hand. Serves phones, in a browser or in Python."""
