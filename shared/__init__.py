"""What both services stand on: the ledger, the codes, the scheme, and the clients that talk to them."""
