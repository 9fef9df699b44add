"""Tests of shared/codes."""
