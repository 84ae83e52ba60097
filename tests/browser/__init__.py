"""A package, unlike other folders of tests: so what these share ends after the last of them."""
