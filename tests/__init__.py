"""Everything the project claims, tried with real parts. Read flows/ first."""
