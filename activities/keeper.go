package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/fossawork/scheduler/scrape"
)

const (
	// usersAtOnce and schedulesAtOnce are how many are looked at between two signs of progress.
	usersAtOnce     = 100
	schedulesAtOnce = 500
	// runsAtOnce is how many runs one statement forgets: each takes its changes, sites and evidence with it, and locks must be short.
	runsAtOnce = 200
	// loginChecksKept is how long a sign-in stays on record; none is of use after minutes.
	loginChecksKept = 24 * time.Hour
	// sessionsKept is how long a session that is over stays on record.
	sessionsKept = 30 * 24 * time.Hour
)

// Keeping is what is stored and grows.
type Keeping interface {
	UserIDsAfter(ctx context.Context, after scrape.UserID, limit int) ([]scrape.UserID, error)
	HistoryBound(ctx context.Context, user scrape.UserID, before time.Time, keep int) (time.Time, error)
	ForgetVersions(ctx context.Context, user scrape.UserID, bound time.Time) (int, error)
	ForgetRuns(ctx context.Context, user scrape.UserID, bound time.Time, limit int) (int, error)
	PruneEvidence(ctx context.Context, user scrape.UserID, keepRuns int, before time.Time) (int, error)
	DeleteLoginChecksBefore(ctx context.Context, before time.Time) (int, error)
	DeleteUserSessionsBefore(ctx context.Context, before time.Time) (int, error)
	RefreshTotals(ctx context.Context, users []scrape.UserID) (int, error)
	RefreshDurations(ctx context.Context, after scrape.ScheduleID, limit int) (last scrape.ScheduleID, refreshed int, err error)
}

// Keeper holds the steps that keep the database small and its statistics right.
type Keeper struct {
	Keeping      Keeping
	HistoryAge   time.Duration // how long runs are kept
	HistoryRuns  int           // how many runs of a user are kept
	EvidenceAge  time.Duration
	EvidenceRuns int // how many failed runs of a user have evidence
	Now          func() time.Time
}

// Retained counts what was forgotten.
type Retained struct {
	Users       int `json:"users"` // that were looked at
	Runs        int `json:"runs"`
	Versions    int `json:"versions"` // of schedules
	Evidence    int `json:"evidence"` // files
	LoginChecks int `json:"login_checks"`
	Sessions    int `json:"sessions"` // of the application
}

func (r Retained) String() string {
	return fmt.Sprintf("%d users looked at; forgotten: %d runs, %d versions of schedules, %d files of evidence, %d sign-ins, %d sessions",
		r.Users, r.Runs, r.Versions, r.Evidence, r.LoginChecks, r.Sessions)
}

// Retain forgets what is too old or too much, one user after the other and in small batches. Done again it begins anew and finds less.
func (k *Keeper) Retain(ctx context.Context) (Retained, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	var done Retained
	var err error
	now := k.Now()
	if done.LoginChecks, err = k.Keeping.DeleteLoginChecksBefore(ctx, now.Add(-loginChecksKept)); err != nil {
		return done, fail(ctx, fmt.Errorf("retain: %w", err))
	}
	if done.Sessions, err = k.Keeping.DeleteUserSessionsBefore(ctx, now.Add(-sessionsKept)); err != nil {
		return done, fail(ctx, fmt.Errorf("retain: %w", err))
	}
	err = k.eachUsers(ctx, func(users []scrape.UserID) error {
		for _, user := range users {
			if err := k.retain(ctx, user, now, &done); err != nil {
				return err
			}
			done.Users++
			heart.say(done.String())
		}
		return nil
	})
	if err != nil {
		return done, fail(ctx, fmt.Errorf("retain: %w", err))
	}
	return done, nil
}

// retain forgets for one user. The versions go first: a slot whose schedule is on record and whose run is not would look as if it had been
// missed.
func (k *Keeper) retain(ctx context.Context, user scrape.UserID, now time.Time, done *Retained) error {
	files, err := k.Keeping.PruneEvidence(ctx, user, k.EvidenceRuns, now.Add(-k.EvidenceAge))
	if err != nil {
		return err
	}
	done.Evidence += files
	bound, err := k.Keeping.HistoryBound(ctx, user, now.Add(-k.HistoryAge), k.HistoryRuns)
	if err != nil {
		return err
	}
	versions, err := k.Keeping.ForgetVersions(ctx, user, bound)
	if err != nil {
		return err
	}
	done.Versions += versions
	for {
		runs, err := k.Keeping.ForgetRuns(ctx, user, bound, runsAtOnce)
		if err != nil {
			return err
		}
		done.Runs += runs
		if runs < runsAtOnce {
			return nil
		}
	}
}

func (k *Keeper) eachUsers(ctx context.Context, do func(users []scrape.UserID) error) error {
	var after scrape.UserID
	for {
		users, err := k.Keeping.UserIDsAfter(ctx, after, usersAtOnce)
		if err != nil || len(users) == 0 {
			return err
		}
		if err := do(users); err != nil {
			return err
		}
		after = users[len(users)-1]
	}
}

// Refreshed counts what was computed.
type Refreshed struct {
	Durations int `json:"durations"` // schedules whose usual duration was computed
	Totals    int `json:"totals"`    // statistics that were behind their history
}

// RefreshStatistics computes how long the runs of each schedule usually take, and brings totals that are behind their history up to it.
func (k *Keeper) RefreshStatistics(ctx context.Context) (Refreshed, error) {
	ctx, heart := beat(ctx)
	defer heart.stop()
	var done Refreshed
	err := k.eachUsers(ctx, func(users []scrape.UserID) error {
		n, err := k.Keeping.RefreshTotals(ctx, users)
		done.Totals += n
		return err
	})
	for after := scrape.ScheduleID(0); err == nil; {
		var refreshed int
		if after, refreshed, err = k.Keeping.RefreshDurations(ctx, after, schedulesAtOnce); after == 0 {
			break
		}
		done.Durations += refreshed
		heart.say(fmt.Sprintf("%d schedules", done.Durations))
	}
	if err != nil {
		return done, fail(ctx, fmt.Errorf("refresh statistics: %w", err))
	}
	return done, nil
}
