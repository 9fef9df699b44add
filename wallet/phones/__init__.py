"""A real phone: how it begins on this network, what it trusts, what it can do."""
