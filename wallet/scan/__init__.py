"""Scanning: any code in, what it means out. Scanning never acts."""
