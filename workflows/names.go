package workflows

import (
	"fmt"
	"strconv"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/fossawork/scheduler/scrape"
)

// The task queues. Everything that touches the portal is on BrowserQueue; workflows and short steps are on ScrapeQueue.
const (
	ScrapeQueue  = "scrape"
	BrowserQueue = "browser"
)

// The workflow types, as registered and as the Temporal UI shows them.
const (
	ScrapeType      = "Scrape"
	VerifyLoginType = "VerifyLogin"
	ReconcileType   = "Reconcile"
	RetentionType   = "Retention"
	StatisticsType  = "Statistics"
)

// The Temporal Schedules that start the system's own workflows.
const (
	ReconcileScheduleID  = "system-reconcile"
	RetentionScheduleID  = "system-retention"
	StatisticsScheduleID = "system-statistics"
)

const scheduleIDPrefix = "scrape-schedule-"

// TemporalScheduleID is the id of the Temporal Schedule of a schedule.
func TemporalScheduleID(id scrape.ScheduleID) string { return scheduleIDPrefix + id.String() }

// ParseTemporalScheduleID gives the schedule of a Temporal Schedule id, false when it is not one of ours.
func ParseTemporalScheduleID(id string) (scrape.ScheduleID, bool) {
	digits, ours := strings.CutPrefix(id, scheduleIDPrefix)
	if !ours {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || digits != strconv.FormatInt(n, 10) {
		return 0, false
	}
	return scrape.ScheduleID(n), true
}

// ScheduledWorkflowID is the workflow id that a Temporal Schedule gives its runs; Temporal adds "-" and the nominal time.
func ScheduledWorkflowID(id scrape.ScheduleID) string { return "scrape-" + id.String() }

// RequestedWorkflowID is the workflow id of a run that the API asked for; key makes it unique.
func RequestedWorkflowID(id scrape.ScheduleID, key string) string {
	return fmt.Sprintf("scrape-%s-run-%s", id, key)
}

// VerifyLoginWorkflowID is the workflow id of the check of a login at the portal; the fingerprint tells logins apart without telling them.
func VerifyLoginWorkflowID(fingerprint string) string { return "verify-login-" + fingerprint }

// Our search attributes. They let an operator find the runs of one user, schedule or outcome in the Temporal UI.
var (
	AttributeUserID     = temporal.NewSearchAttributeKeyKeyword("FossaworkUserId")
	AttributeScheduleID = temporal.NewSearchAttributeKeyInt64("FossaworkScheduleId")
	AttributeJobType    = temporal.NewSearchAttributeKeyKeyword("FossaworkJobType")
	AttributeTrigger    = temporal.NewSearchAttributeKeyKeyword("FossaworkTrigger")
	AttributeOutcome    = temporal.NewSearchAttributeKeyKeyword("FossaworkOutcome")
)

// Temporal's own search attributes of a run that a schedule started.
var (
	attributeScheduledByID      = temporal.NewSearchAttributeKeyKeyword("TemporalScheduledById")
	attributeScheduledStartTime = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")
)

// SearchAttribute is one search attribute that a Temporal server must know of before we can work with it.
type SearchAttribute struct {
	Name string
	Type enumspb.IndexedValueType
}

// SearchAttributes lists ours. temporal-config/setup-namespace.sh registers the same; a test compares the two.
func SearchAttributes() []SearchAttribute {
	return []SearchAttribute{
		{AttributeUserID.GetName(), AttributeUserID.GetValueType()},
		{AttributeScheduleID.GetName(), AttributeScheduleID.GetValueType()},
		{AttributeJobType.GetName(), AttributeJobType.GetValueType()},
		{AttributeTrigger.GetName(), AttributeTrigger.GetValueType()},
		{AttributeOutcome.GetName(), AttributeOutcome.GetValueType()},
	}
}

// ScheduleAttributes are the search attributes of a schedule and of the runs it starts.
func ScheduleAttributes(s scrape.Schedule) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(
		AttributeUserID.ValueSet(string(s.UserID)),
		AttributeScheduleID.ValueSet(int64(s.ID)),
		AttributeJobType.ValueSet(string(s.JobType)),
	)
}
