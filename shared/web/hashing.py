"""Hashing what people type: PINs and passwords, by argon2id. It takes tens of milliseconds: never inside an action."""

from __future__ import annotations

from argon2 import PasswordHasher

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$s4FmJkC5OVaWFI9rK6CdQQ$95KmpoVr5s5kaIFZ401r3890pgNcXF6Oe1RxRB3g+bA"
"""Of something that nobody knows: checked for who does not exist, so that an answer's time does not tell who does."""
