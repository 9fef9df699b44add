"""The shell that both services share: pages, guards, sentences, statics."""
