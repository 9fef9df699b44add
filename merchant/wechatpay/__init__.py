"""WeChat Pay API v3, as its users know it, over the same payment intents and the same ledger."""
