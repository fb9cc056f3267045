"""The local socket between the core and the rest: framing, server side, client side."""
