"""Processes that want the same money at the same moment: one of them gets it, every time."""
