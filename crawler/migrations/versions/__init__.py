"""One module a version; see the package above."""
