"""Codes: what a QR code says, who sealed it, how it is drawn and read. The format, SM1, is docs/codes.md."""
