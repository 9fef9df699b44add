"""Disputes: a payer complains, the shop answers with evidence, the operator decides, and the money follows."""
