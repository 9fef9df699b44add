"""The till: what a shop charges with."""
