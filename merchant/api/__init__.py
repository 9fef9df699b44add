"""The merchant API /v1, for programs."""
