"""What is compared: each reads a Job, crawls in a process of its own on one core, and prints an Outcome."""
