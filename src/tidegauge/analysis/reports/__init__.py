"""Reports: saved questions, answered for a period and laid out to be read or sent."""
