package schedules

import (
	"strconv"
	"strings"

	"github.com/fossawork/scheduler/scrape"
)

// Version names what users have made of a schedule: another change gives it another one, also one that Temporal need not know of. Runs
// leave it as it is, unless they suspend the schedule.
func Version(schedule scrape.Schedule) string {
	return strconv.FormatInt(schedule.Revision, 10) + "-" + strconv.FormatInt(schedule.UpdatedAt.UnixMicro(), 36)
}

// matches is nil when the schedule is at one of the versions that the header If-Match names. Only strong tags match, quoted or not.
func matches(header string, schedule scrape.Schedule) error {
	if strings.TrimSpace(header) == "" {
		return nil
	}
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.Trim(strings.TrimSpace(tag), `"`); tag == "*" || tag == Version(schedule) {
			return nil
		}
	}
	return scrape.Errorf(scrape.KindStale, "This schedule was changed since you have read it. Load it again, then make your change once more.")
}
