"""The store: engines, the one writer, the journal of events and the migrations."""
