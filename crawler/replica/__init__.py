"""A local stand-in of the newspaper's site: the same addresses and markup around text that is generated."""
