"""What this phone shows for a shop to scan: payer codes, their numbers, and what the shop asks for above the limit."""
