insert into place_datasets (set_id, dataset, source, license, attribution, version, origin, updates, places, dropped,
                            imported_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11, now()))
