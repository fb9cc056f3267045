"""Checks of a site.toml across its fields, one module per kind of thing."""
