"""The wire format: parse, call one function, return it. Authentication, error mapping. No rules."""
