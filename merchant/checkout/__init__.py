"""Charging: keypad, checkout page, sales, the printed code."""
