"""Signing a browser in by a code that a phone which is in already scans."""
