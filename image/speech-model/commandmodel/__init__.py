"""Makes the English command model: text, voices, telephone channel, network, package."""
