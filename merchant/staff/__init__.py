"""People of a shop: who may stand at its tills, as what, and how they sign in."""
