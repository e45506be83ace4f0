package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestRequestCancel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	asked, err := b.RequestCancel(t.Context(), b.user, run.ID, "tech@example.com", at(1))
	require.NoError(t, err)
	run.Cancel = &scrape.CancelRequest{By: "tech@example.com", At: at(1)}
	require.Equal(t, run, asked)
	again, err := b.RequestCancel(t.Context(), b.user, run.ID, "admin@example.com", at(2))
	require.NoError(t, err)
	require.Equal(t, run, again, "the first request stands")

	other := b.addUser(t, "other@example.com")
	for _, c := range []struct {
		user scrape.UserID
		run  scrape.RunID
	}{{other, run.ID}, {b.user, 4711}} {
		_, err = b.RequestCancel(t.Context(), c.user, c.run, "other@example.com", at(2))
		requireKind(t, err, scrape.KindNotFound, "History record not found")
	}

	ended, err := b.FinishRun(t.Context(), run.ID,
		scrape.RunEnd{Outcome: scrape.OutcomeCancelled, ErrorMessage: "The run was cancelled."}, at(3))
	require.NoError(t, err)
	require.Equal(t, "Cancelled by tech@example.com.", ended.ErrorMessage)
	require.Equal(t, "Cancelled by tech@example.com.", ended.Progress.Message)
	require.Equal(t, run.Cancel, ended.Cancel)
	_, err = b.RequestCancel(t.Context(), b.user, run.ID, "tech@example.com", at(4))
	requireKind(t, err, scrape.KindConflict, "This run has ended already. Nothing was changed.")
}

func TestTheEndOfARunSaysWhatHappened(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		by      string
		outcome scrape.Outcome
		want    string
	}{
		"cancelled in Temporal":  {"", scrape.OutcomeCancelled, "As it was."},
		"asked, but too late":    {"tech@example.com", scrape.OutcomePartial, "As it was."},
		"asked and cancelled":    {"tech@example.com", scrape.OutcomeCancelled, "Cancelled by tech@example.com."},
		"asked, and then killed": {"tech@example.com", scrape.OutcomeTerminated, "As it was."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := b.begin(t, b.addSchedule(t, name).ID, name, noon)
			if c.by != "" {
				_, err := b.RequestCancel(t.Context(), b.user, run.ID, c.by, at(1))
				require.NoError(t, err)
			}
			ended, err := b.FinishRun(t.Context(), run.ID, scrape.RunEnd{Outcome: c.outcome, ErrorMessage: "As it was."}, at(2))
			require.NoError(t, err)
			require.Equal(t, c.want, ended.ErrorMessage)
		})
	}
}
