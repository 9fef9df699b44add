"""The house rules, run as tests: floors, purity, sizes, names."""
