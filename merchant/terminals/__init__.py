"""Places of a shop: the browsers that are its tills, each with a key of its own."""
