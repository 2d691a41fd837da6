delete from verdicts where checked_at < now() - $1::interval
