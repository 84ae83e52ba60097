"""The office: fifty people and two routers, simulated, so that everything above has something true to show.

People have days (``day``), days are made of activities (``activity``), an activity becomes
conversations and these become flows (``conversation``); two routers see them (``router``, ``nat``)
and export real IPFIX and NetFlow v9. What was done is kept as plain truth (``truth``), so that an
answer can be compared with it. The same seed and time give the same day: only ``live_exports`` and
``demonstration`` open sockets, and the clock comes in from the command.
"""
