"""Shifts: what happened at a till between opening its drawer and counting it."""
