"""The life of one call: pure machines that drive legs, and the controller around them."""
