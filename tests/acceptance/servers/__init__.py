"""Real servers on loopback, for the acceptance tests; nothing here knows pytest but its own tests."""
