"""E-mail address -> verdict: syntax, MX, SMTP up to RCPT TO, then a pure decision. A library: no database, no campaign."""
