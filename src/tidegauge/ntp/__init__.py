"""NTP: asking others for the time, judging our own clock, and answering those who ask us."""
