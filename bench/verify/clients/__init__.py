"""What is compared: each reads a Job, asks about its addresses in a process of its own on one core, and prints an
Outcome."""
