"""The probe: packets become flows, and flows become export datagrams."""
