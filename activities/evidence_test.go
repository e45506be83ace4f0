package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/fossawork/scheduler/activities"
	"github.com/fossawork/scheduler/jobs"
	"github.com/fossawork/scheduler/scrape"
)

// changed is the error of a page that has changed, with all that can be known of it.
func changed() *scrape.Error {
	page := seen()
	return (&scrape.Error{
		Kind: scrape.KindLayoutChanged, Message: "The list is missing.", Evidence: &page,
		Missing: &scrape.Missing{Page: "work-order list", Element: "list of work orders", Selector: ".work-list-item"},
	}).Because(errors.New("waited 20s"))
}

func TestEvidenceOfAFailedStep(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4}
	_, err := carryOut(t, store, &site{}, atPortal(fails(fmt.Errorf("collect: %w", changed()))))
	require.Error(t, err)
	require.Len(t, store.attempts, 1)
	attempt, page := store.attempts[0], seen()
	require.Equal(t, scrape.Attempt{
		Step: "ReadSample", Number: 1, At: slot, Kind: scrape.KindLayoutChanged, Message: "The list is missing.", Detail: "waited 20s",
		Missing: changed().Missing, Evidence: &page,
	}, attempt)

	types := map[string]string{}
	named := regexp.MustCompile(`^[a-z0-9-]+\.[a-z]+$`)
	for _, file := range store.files {
		types[file.Name] = file.ContentType
		require.Regexp(t, named, file.Name)
		require.Equal(t, len(file.Body), file.Size)
		require.Positive(t, file.Size)
		require.Equal(t, slot, file.TakenAt)
		require.Equal(t, "ReadSample", file.Step)
		require.Equal(t, 1, file.Attempt)
	}
	require.Equal(t, map[string]string{
		"readsample-0-1-screenshot.jpg": "image/jpeg", "readsample-0-1-page.html": "text/html", "readsample-0-1-console.json": "application/json",
		"readsample-0-1-network.json": "application/json", "readsample-0-1-about.json": "application/json",
	}, types)
	var about map[string]any
	require.NoError(t, json.Unmarshal(store.files[4].Body, &about))
	require.Equal(t, "The list is missing.", about["message"])
	require.Equal(t, ".work-list-item", about["missing"].(map[string]any)["selector"])
	require.Equal(t, []any{"cut"}, about["notes"])
}

func TestOldEvidenceIsDropped(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4}
	_, err := carryOut(t, store, &site{}, atPortal(fails(changed())))
	require.Error(t, err)
	require.Equal(t, []pruning{{owner: "u", runs: 20, before: slot.Add(-48 * time.Hour)}}, store.pruned)
}

func TestEvidenceWithoutAPicture(t *testing.T) {
	t.Parallel()
	store, bare := &memory{session: 4}, changed()
	bare.Evidence.Screenshot, bare.Evidence.DOM = nil, ""
	_, err := carryOut(t, store, &site{}, atPortal(fails(bare)))
	require.Error(t, err)
	require.Len(t, store.files, 3, "no empty files")

	store = &memory{session: 4}
	_, err = carryOut(t, store, &site{}, atPortal(fails(scrape.Errorf(scrape.KindPortalDown, "It does not answer."))))
	require.Error(t, err)
	require.Len(t, store.attempts, 1, "that it failed is worth a line")
	require.Empty(t, store.files)
}

// What is no failure of the portal or of ours leaves nothing behind, and neither does what only looks like one.
func TestWhichFailuresAreKept(t *testing.T) {
	t.Parallel()
	for kind, kept := range map[scrape.Kind]bool{
		scrape.KindLayoutChanged: true, scrape.KindPortalDown: true, scrape.KindPortalThrottled: true, scrape.KindSessionExpired: true,
		scrape.KindCredentialsRejected: true, scrape.KindAccountLocked: true, scrape.KindInternal: true,
		scrape.KindUnavailable: false, scrape.KindConflict: false, scrape.KindNotFound: false, scrape.KindInvalid: false,
	} {
		store := &memory{session: 4}
		_, err := carryOut(t, store, &site{}, atPortal(fails(scrape.Errorf(kind, "No.").Because(errors.New("the cause")))))
		require.Error(t, err)
		require.Equal(t, kept, len(store.attempts) == 1, kind)
		if kind == scrape.KindInternal {
			require.Empty(t, store.attempts[0].Detail, "our own causes stay in the logs")
		}
	}
}

func TestNothingIsKeptOfACancelledStep(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4}
	background, cancel := context.WithCancel(t.Context())
	step := atPortal(func(ctx context.Context, _ jobs.Run, _ jobs.Visit) error {
		cancel()
		<-ctx.Done()
		return changed().Because(ctx.Err())
	})
	env := environment(t)
	env.SetWorkerOptions(worker.Options{BackgroundActivityContext: background})
	env.RegisterActivityWithOptions(stepsOf(store, &site{}).Activity(step), activity.RegisterOptions{Name: step.Name})
	_, err := execute[jobs.Result](t, env, step.Name, activities.StepInput{RunID: 501, CredentialID: 3})
	require.Error(t, err)
	require.Empty(t, store.attempts)
	require.Empty(t, store.pruned)
}

// The run goes on without its evidence.
func TestEvidenceThatCannotBeKept(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4, unkept: errors.New("postgres is away")}
	_, err := carryOut(t, store, &site{}, atPortal(fails(changed())))
	kind, _ := kindOf(t, err)
	require.Equal(t, scrape.KindLayoutChanged, kind, "the failure stays what it was")
	require.Empty(t, store.pruned)

	result, err := carryOut(t, store, &site{}, atPortal(func(ctx context.Context, run jobs.Run, visit jobs.Visit) error {
		run.Note(ctx, "", "This looks wrong.", visit.Look)
		return nil
	}))
	require.NoError(t, err)
	require.Equal(t, "Read.", result.Details)
}

// A step may keep evidence of what looks wrong although nothing failed, but not of everything.
func TestNotes(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4}
	_, err := carryOut(t, store, &site{}, atPortal(func(ctx context.Context, run jobs.Run, visit jobs.Visit) error {
		for n := range 9 {
			run.Note(ctx, scrape.KindLayoutChanged, fmt.Sprintf("Site %d.", n), visit.Look)
		}
		return nil
	}))
	require.NoError(t, err)
	require.Len(t, store.attempts, 5)
	require.Len(t, store.files, 25)
	names := map[string]bool{}
	for _, file := range store.files {
		names[file.Name] = true
	}
	require.Len(t, names, 25, "no file takes the place of another")
	require.True(t, names["readsample-0-1-1-screenshot.jpg"])
	require.True(t, names["readsample-0-1-5-about.json"])
	require.Equal(t, "Site 4.", store.attempts[4].Message)
	require.Equal(t, scrape.KindLayoutChanged, store.attempts[4].Kind)
}

func TestNoteWithoutALook(t *testing.T) {
	t.Parallel()
	store := &memory{session: 4}
	_, err := carryOut(t, store, &site{}, atPortal(func(ctx context.Context, run jobs.Run, _ jobs.Visit) error {
		run.Note(ctx, "", "This looks wrong.", func(context.Context) (scrape.Evidence, error) {
			return scrape.Evidence{}, errors.New("the tab is gone")
		})
		return nil
	}))
	require.NoError(t, err)
	require.Len(t, store.attempts, 1)
	require.Nil(t, store.attempts[0].Evidence)
	require.Empty(t, store.files)
}
