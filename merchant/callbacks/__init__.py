"""Callbacks: what the till tells a shop's own servers over HTTP, whichever dialect it is told in; at least once."""
