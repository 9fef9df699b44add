"""Both services in one process, on a virtual clock, with a network and a luck that one number decides."""
