"""The practice internet: DNS, web and mail servers on loopback for the demo, the tests and the benches."""
