"""The examples, as a user runs them, against the sandbox."""
