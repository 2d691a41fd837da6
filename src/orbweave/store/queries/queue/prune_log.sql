delete from pgqueuer_log where created < now() - $1::interval
