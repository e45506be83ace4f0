package store

// accountedAt is up to when the slots of a schedule are known to be accounted for (scrape.Schedule). A run that is open accounts for longer than it
// may take. Two looks into indexes, so that a list of schedules stays one statement.
const accountedAt = `GREATEST(
			updated_at,
			healed_at,
			(
				SELECT max(h.nominal_at)
				FROM scraping_history AS h
				WHERE h.schedule_id = scraping_schedules.id
				  AND h.trigger_type = 'scheduled'
			),
			(
				SELECT COALESCE(h.open_until, h.completed_at, h.started_at + interval '48 hours')
				FROM scraping_history AS h
				WHERE h.schedule_id = scraping_schedules.id
				ORDER BY h.started_at DESC, h.id DESC
				LIMIT 1
			)
		)`
