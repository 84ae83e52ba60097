"""Who and what an address was: sources of names, the inventory, services, places."""
