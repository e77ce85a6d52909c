"""The spider of the newspaper."""
