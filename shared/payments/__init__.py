"""The scheme: intents, signed orders, and the verbs that turn orders into transfers."""
