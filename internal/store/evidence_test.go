package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestSaveAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.begin(t, b.addSchedule(t, "hourly").ID, "w1", noon)
	first := scrape.Attempt{
		Step: "CollectWorkOrders", Number: 1, At: at(1), Kind: scrape.KindLayoutChanged, Message: "An element is missing.",
		Detail: "no .grid\x00 in \xffpage", Missing: &scrape.Missing{Page: "work-order list", Element: "list", Selector: ".list"},
	}
	evidence := first
	evidence.Evidence = &scrape.Evidence{DOM: "not stored with the attempt"}
	files := []scrape.EvidenceFile{
		{Name: "one-screenshot.jpg", ContentType: "image/jpeg", Step: "CollectWorkOrders", Attempt: 1, TakenAt: at(0.5), Body: []byte{0, 255, 1}},
		{Name: "one-page.html", ContentType: "text/html", Body: []byte("<p>é</p>")},
		{Name: "one-empty.txt", ContentType: "text/plain"},
	}
	for range 2 {
		require.NoError(t, b.SaveAttempt(t.Context(), run.ID, evidence, files))
	}
	b.finish(t, run.ID, scrape.OutcomeLayoutChanged, at(2))
	wrong := scrape.Attempt{Step: "CollectWorkOrders", Number: 1, At: at(3), Message: "It looked wrong."}
	replaced := files[1]
	replaced.Body, replaced.TakenAt = []byte("<p>other</p>"), at(3)
	require.NoError(t, b.SaveAttempt(t.Context(), run.ID, wrong, []scrape.EvidenceFile{replaced}), "also after the end")

	attempts, err := b.Attempts(t.Context(), b.user, run.ID)
	require.NoError(t, err)
	first.Detail = "no .grid in �page"
	require.Equal(t, []scrape.Attempt{first, wrong}, attempts, "a step that is done in batches has several first attempts")

	list, err := b.EvidenceFiles(t.Context(), b.user, run.ID)
	require.NoError(t, err)
	require.Equal(t, []scrape.EvidenceFile{
		{Name: "one-screenshot.jpg", ContentType: "image/jpeg", Step: "CollectWorkOrders", Attempt: 1, Size: 3, TakenAt: at(0.5)},
		{Name: "one-empty.txt", ContentType: "text/plain", Step: "CollectWorkOrders", Attempt: 1, TakenAt: at(1)},
		{Name: "one-page.html", ContentType: "text/html", Step: "CollectWorkOrders", Attempt: 1, Size: 12, TakenAt: at(3)},
	}, list)
	file, err := b.EvidenceFile(t.Context(), b.user, run.ID, "one-page.html")
	require.NoError(t, err)
	list[2].Body = []byte("<p>other</p>")
	require.Equal(t, list[2], file)
	for _, name := range []string{"unknown.txt", "", "../one-page.html", "one-page.html\x00"} {
		_, err = b.EvidenceFile(t.Context(), b.user, run.ID, name)
		if name == "one-page.html\x00" {
			require.NoError(t, err, "the same name for Postgres, which knows no NUL")
			continue
		}
		requireKind(t, err, scrape.KindNotFound, "There is no such file for this run.")
	}

	other := b.addUser(t, "other@example.com")
	_, err = b.Attempts(t.Context(), other, run.ID)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	_, err = b.EvidenceFiles(t.Context(), other, run.ID)
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	_, err = b.EvidenceFile(t.Context(), other, run.ID, "one-page.html")
	requireKind(t, err, scrape.KindNotFound, "History record not found")
	requireKind(t, b.SaveAttempt(t.Context(), 4711, first, files), scrape.KindNotFound, "History record not found")

	bad := []scrape.EvidenceFile{{Name: "../up.txt"}}
	require.Error(t, b.SaveAttempt(t.Context(), run.ID, scrape.Attempt{Step: "s", At: at(4)}, bad), "a name is no path")
	attempts, err = b.Attempts(t.Context(), b.user, run.ID)
	require.NoError(t, err)
	require.Len(t, attempts, 2, "all or nothing")

	require.NoError(t, b.DeleteRun(t.Context(), b.user, run.ID))
	require.Zero(t, value[int](t, b, "SELECT (SELECT count(*) FROM run_attempts) + (SELECT count(*) FROM run_evidence)"))
}

func TestPruneEvidence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := b
	stranger.user = b.addUser(t, "stranger@example.com")
	save := func(b bundle, name string, takenAt time.Time, files int) scrape.Run {
		run := b.begin(t, b.addSchedule(t, name).ID, name, noon)
		for i := range files {
			require.NoError(t, b.SaveAttempt(t.Context(), run.ID, scrape.Attempt{Step: "s", Number: i, At: takenAt},
				[]scrape.EvidenceFile{{Name: fmt.Sprintf("f-%d.txt", i)}}))
		}
		return run
	}
	oldest := save(b, "w1", at(1), 2)
	aged := save(b, "w2", at(-90), 1)
	newest := save(b, "w3", at(3), 2)
	save(b, "w4", at(4), 0) // has none, and so takes nobody's place
	foreign := save(stranger, "w5", at(-90), 1)
	left := func(b bundle, run scrape.Run) int {
		files, err := b.EvidenceFiles(t.Context(), b.user, run.ID)
		require.NoError(t, err)
		return len(files)
	}
	prune := func(keep int, before time.Time) int {
		n, err := b.PruneEvidence(t.Context(), b.user, keep, before)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, prune(3, time.Time{}))
	require.Equal(t, 1, prune(3, noon))
	require.Equal(t, []int{2, 0, 2}, []int{left(b, oldest), left(b, aged), left(b, newest)})
	require.Zero(t, prune(2, noon))
	require.Equal(t, 2, prune(1, noon))
	require.Equal(t, []int{0, 2}, []int{left(b, oldest), left(b, newest)})
	attempts, err := b.Attempts(t.Context(), b.user, oldest.ID)
	require.NoError(t, err)
	require.Len(t, attempts, 2, "the attempts stay")
	require.Equal(t, 2, prune(0, noon))
	require.Equal(t, 1, left(stranger, foreign))
}
