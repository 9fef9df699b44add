"""The operator's console: shops, people, settlement, disputes and the ledger, for whoever runs the installation."""
