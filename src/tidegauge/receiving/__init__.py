"""Taking flow exports in: from sockets while they arrive, and from files that kept them."""
