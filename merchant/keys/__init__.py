"""The keys that a shop's programs come with: made, restricted, rotated, revoked, and what each may."""
