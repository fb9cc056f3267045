"""Words that a command model knows, and how to add some without training."""
