"""The wallet without the network: the worker that keeps its shell, the manifest, the pages that need nobody."""
