"""What a campaign is: its specification, its status, and which jobs follow a finished job. No SQL, HTTP or HTML."""
