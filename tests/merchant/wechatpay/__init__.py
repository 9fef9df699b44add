"""WeChat Pay API v3: as its users know it, and as its bills read."""
