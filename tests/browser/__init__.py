"""What only a real browser can show: cameras, keys, streams, looks."""
