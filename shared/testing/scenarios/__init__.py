"""Scenarios: stories of people and shops in YAML files, played against running services and judged."""
