"""The office: fifty people and two routers, simulated, so that everything above has something true to show.

People have days (``day``, ``story``), days are made of activities (``activity``), an activity takes calls
(``call``), a call becomes a conversation on the network (``lan``: addresses are lent, names are looked up)
and that becomes flows (``conversation``); two routers see them (``router``, ``nat``) and export real IPFIX
and NetFlow v9. What servers write down (``journal``, ``logs``) is where names come from (``name_feed``).
What was done is kept as plain truth (``truth``), so that an answer can be compared with it. The same seed
and time give the same day: only ``live_exports`` and ``demonstration`` open sockets, and the clock comes in
from the command.
"""
