delete from places_{set} where expires_at <= now()
