"""The fault campaign: the real client, over sockets, against everything that can go wrong; `python -m tests.chaos`."""
