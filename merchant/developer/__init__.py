"""For those who program against the shop: the ways to its keys, its webhooks, the lab and the inspector."""
