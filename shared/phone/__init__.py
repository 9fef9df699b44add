"""A phone in Python: holds a key, scans, signs, pays, over HTTP."""
