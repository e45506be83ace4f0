package scrape

import (
	"fmt"
)

// SiteGuard says when the reading of one location is held.
type SiteGuard struct {
	NoneIsAllowed bool // a location may show no dispensers any more, although some are stored
	Accepted      bool // a person has looked at the held result and found it right
}

// PlanSite compares the reading of one location with its stored dispensers (removed ones included).
//
// A page that shows another number of cards than it announces, cards that cannot be read, and a location that has lost all its dispensers
// are held: what is stored stays. Deleted and denied locations keep their dispensers, too. Cards that could not be read are not right even
// when a person accepts the rest: with them nothing is removed.
func PlanSite(stored []Dispenser, result LocationResult, guard SiteGuard) SitePlan {
	if result.State == LocationDeleted || result.State == LocationDenied {
		return gone(result)
	}
	live := 0
	for _, dispenser := range stored {
		if dispenser.RemovedAt == nil {
			live++
		}
	}
	if suspicion := suspiciousSite(result, live, guard); suspicion != "" && !guard.Accepted {
		return SitePlan{State: SiteHeld, Message: suspicion, Counts: Counts{Processed: len(result.Dispensers), Failed: len(result.Problems)}}
	}
	plan := compareSite(stored, result)
	if unread(result) {
		plan.Message = "Not every dispenser of the page could be read. The others are stored, none was removed."
	} else {
		plan.remove(stored, result)
	}
	if plan.State = SiteStored; len(result.Dispensers) == 0 {
		plan.State = SiteNone
	}
	return plan
}

func gone(result LocationResult) SitePlan {
	if result.State == LocationDeleted {
		return SitePlan{State: SiteDeleted, Message: "The portal says that this location does not exist any more."}
	}
	return SitePlan{State: SiteDenied, Message: "The portal does not show this location to this account."}
}

// unread tells whether the page has dispensers that the result lacks.
func unread(result LocationResult) bool {
	return len(result.Problems) > 0 || (result.Announced >= 0 && result.Announced != len(result.Dispensers))
}

func suspiciousSite(result LocationResult, live int, guard SiteGuard) string {
	switch {
	case result.Announced >= 0 && result.Announced != len(result.Dispensers):
		return fmt.Sprintf("The page announces %d dispensers and %d could be read. Nothing was changed.", result.Announced, len(result.Dispensers))
	case len(result.Problems) > 0:
		return result.Problems[0] + " Nothing was changed."
	case len(result.Dispensers) == 0 && live > 0 && !guard.NoneIsAllowed:
		return fmt.Sprintf("The page shows no dispensers, but %d are stored. Nothing was changed.", live)
	}
	return ""
}

func compareSite(stored []Dispenser, result LocationResult) SitePlan {
	plan := SitePlan{Counts: Counts{Processed: len(result.Dispensers), Failed: len(result.Problems)}}
	byNumber := make(map[string]Dispenser, len(stored))
	for _, old := range stored {
		byNumber[old.Number] = old
	}
	for _, now := range result.Dispensers {
		old, known := byNumber[now.Number]
		fields := diffDispensers(old, now)
		switch {
		case !known:
			plan.Add = append(plan.Add, now)
			plan.Changes = append(plan.Changes, dispenserChange(ChangeAdded, now, nil))
		case old.RemovedAt == nil && len(fields) == 0:
			plan.Counts.Unchanged++
		default:
			now.ID, now.UserID, now.CreatedAt = old.ID, old.UserID, old.CreatedAt
			kind := ChangeChanged
			if old.RemovedAt != nil {
				kind = ChangeReturned
			}
			plan.Update = append(plan.Update, now)
			plan.Changes = append(plan.Changes, dispenserChange(kind, now, fields))
		}
	}
	plan.Counts.Added, plan.Counts.Updated = len(plan.Add), len(plan.Update)
	return plan
}

// remove adds what is stored and not shown any more.
func (p *SitePlan) remove(stored []Dispenser, result LocationResult) {
	shown := map[string]bool{}
	for _, now := range result.Dispensers {
		shown[now.Number] = true
	}
	for _, old := range stored {
		if old.RemovedAt == nil && !shown[old.Number] {
			p.Remove = append(p.Remove, old)
			p.Changes = append(p.Changes, dispenserChange(ChangeRemoved, old, nil))
		}
	}
	p.Counts.Removed = len(p.Remove)
}

// dispenserFields are the fields that changes speak of, under the names that the API gives them.
var dispenserFields = []field[Dispenser]{
	{"title", func(d Dispenser) any { return text(d.Title) }},
	{"make", func(d Dispenser) any { return text(d.Make) }},
	{"model", func(d Dispenser) any { return text(d.Model) }},
	{"serial_number", func(d Dispenser) any { return text(d.SerialNumber) }},
	{"meter_type", func(d Dispenser) any { return text(d.MeterType) }},
	{"number_of_nozzles", func(d Dispenser) any { return text(d.NozzlesPerSide) }},
	{"stand_alone_code", func(d Dispenser) any { return text(d.StandAloneCode) }},
	{"grades_list", func(d Dispenser) any { return listOf(d.Grades) }},
	{"dispenser_numbers", func(d Dispenser) any { return listOf(d.Numbers) }},
	{"custom_fields", func(d Dispenser) any {
		if len(d.CustomFields) == 0 {
			return nil
		}
		return d.CustomFields
	}},
}

func diffDispensers(before, after Dispenser) []FieldChange {
	return diff(dispenserFields, before, after)
}

func dispenserChange(kind ChangeKind, d Dispenser, fields []FieldChange) Change {
	return Change{Kind: kind, Item: ItemDispenser, Key: d.LocationID + "/" + d.Number, Label: d.Title, Fields: fields}
}

// ConcludeSites says how a run that has read so many locations ended.
func ConcludeSites(t SiteTotals) Plan {
	done := t.Stored + t.None + t.Gone
	switch {
	case t.Failed == 0 && t.Held == 0:
		return Plan{Outcome: OutcomeSuccess}
	case done == 0 && t.Held > 0:
		return Plan{Outcome: OutcomeHeld, Message: fmt.Sprintf("What the portal shows of %s looks wrong. Nothing was changed there.", sites(t.Held))}
	case done == 0: // nothing was stored, so this is no partial result
		return Plan{Outcome: OutcomePortalDown, Message: fmt.Sprintf("None of %s could be read.", sites(t.Failed))}
	case t.Held == 0:
		return Plan{Outcome: OutcomePartial, Message: fmt.Sprintf("%s of %d could not be read. The others are stored.", sites(t.Failed), t.Read())}
	case t.Failed == 0:
		return Plan{Outcome: OutcomePartial, Message: fmt.Sprintf("%s of %d held back, because what the portal shows looks wrong. The others are stored.", sites(t.Held), t.Read())}
	default:
		return Plan{Outcome: OutcomePartial, Message: fmt.Sprintf("%s of %d could not be read, and %d held back. The others are stored.", sites(t.Failed), t.Read(), t.Held)}
	}
}

func sites(n int) string {
	if n == 1 {
		return "1 site"
	}
	return fmt.Sprintf("%d sites", n)
}
