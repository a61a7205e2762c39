"""The rules of the service, as values and functions: no clock, network, file, event loop or randomness in here."""
