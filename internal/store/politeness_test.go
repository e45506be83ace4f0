package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/scrape"
)

func TestMarkLogin(t *testing.T) {
	t.Parallel()
	b := setup(t)
	credential := b.addCredential(t)
	require.Nil(t, credential.LoginAt)
	for _, when := range []*time.Time{pointer(at(1)), pointer(at(2)), nil, pointer(at(1))} {
		require.NoError(t, b.MarkLogin(t.Context(), credential.ID, when))
		found, err := b.CredentialByID(t.Context(), credential.ID)
		require.NoError(t, err)
		require.Equal(t, when, found.LoginAt)
		found, err = b.Credential(t.Context(), b.user)
		require.NoError(t, err)
		require.Equal(t, when, found.LoginAt)
	}
	require.Nil(t, b.addCredential(t).LoginAt, "another login has not been sent")
	requireKind(t, b.MarkLogin(t.Context(), 4711, pointer(at(1))), scrape.KindNotFound, noCredential)
}

func TestPausePortal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	credential := b.addCredential(t)
	until := func() time.Time {
		until, err := b.PausedUntil(t.Context(), credential.ID)
		require.NoError(t, err)
		return until
	}
	require.Zero(t, until())
	for _, c := range [][2]time.Time{{at(5), at(5)}, {at(3), at(5)}, {at(8), at(8)}} {
		require.NoError(t, b.PausePortal(t.Context(), credential.ID, c[0]))
		require.Equal(t, c[1], until(), "the later end stands")
	}
	b.addCredential(t)
	require.Zero(t, until(), "the pause was the other login's")

	require.NoError(t, b.PausePortal(t.Context(), 4711, at(1)))
	none, err := b.PausedUntil(t.Context(), 4711)
	require.NoError(t, err)
	require.Zero(t, none)
}

// slots counts how many are inside at once.
type slots struct {
	sync.Mutex
	inside, most int
}

func (s *slots) enter() {
	s.Lock()
	defer s.Unlock()
	s.inside++
	s.most = max(s.most, s.inside)
}

func (s *slots) leave() {
	s.Lock()
	defer s.Unlock()
	s.inside--
}

func TestPortalSlotsAreFew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := open(t, b.url, store.Options{MaxConns: 2}) // another process, with fewer connections than there are places
	const places, racers = 20, 30
	var counted slots
	taken, errs := make([]bool, racers), make([]error, racers)
	full, done := make(chan struct{}), make(chan struct{})
	var tried sync.WaitGroup
	tried.Add(racers)
	var wg sync.WaitGroup
	for i := range racers {
		s := b.Store
		if i%2 == 0 {
			s = other
		}
		wg.Go(func() {
			var once sync.Once
			defer once.Do(tried.Done)
			taken[i], errs[i] = s.WithPortalSlots(t.Context(), []scrape.Slot{{Name: "portal", Count: places}}, func(context.Context) error {
				counted.enter()
				defer counted.leave()
				once.Do(tried.Done)
				<-done // whoever is in stays until everybody has tried
				return nil
			})
		})
	}
	go func() { tried.Wait(); close(full) }()
	<-full
	require.Equal(t, places, counted.most)
	close(done)
	wg.Wait()
	got := 0
	for i := range racers {
		require.NoError(t, errs[i])
		if taken[i] {
			got++
		}
	}
	require.Equal(t, places, got)
	require.Zero(t, value[int](t, b, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`), "all places are given back")
}

func TestPortalSlotsAllOrNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	both := []scrape.Slot{{Name: "user", Count: 2}, {Name: "portal", Count: 1}}
	forbidden := func(context.Context) error { panic("there is no place") }
	try := func(slots []scrape.Slot, fn func(context.Context) error) bool {
		taken, err := b.WithPortalSlots(t.Context(), slots, fn)
		require.NoError(t, err)
		return taken
	}
	ok := func(context.Context) error { return nil }
	require.True(t, try(both, func(context.Context) error {
		require.False(t, try(both, forbidden), "the second name has no place left")
		require.True(t, try(both[:1], func(context.Context) error {
			require.False(t, try(both[:1], forbidden))
			return nil
		}), "the first name's place was given back")
		require.True(t, try([]scrape.Slot{{Name: "other", Count: 1}}, ok))
		return nil
	}))
	require.True(t, try(both, ok))
	require.True(t, try(nil, ok))
	require.False(t, try([]scrape.Slot{{Name: "none"}}, forbidden))

	mine := scrape.Errorf(scrape.KindPortalDown, "as it is")
	taken, err := b.WithPortalSlots(t.Context(), both, func(context.Context) error { return mine })
	require.Same(t, mine, err)
	require.True(t, taken)
	require.Panics(t, func() {
		_, _ = b.WithPortalSlots(t.Context(), both, func(context.Context) error { panic("on purpose") })
	})
	ctx, cancel := context.WithCancel(t.Context())
	_, err = b.WithPortalSlots(ctx, both, func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	})
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, try(both, ok), "given back after an error, a panic and a cancel")
	taken, err = b.WithPortalSlots(ctx, both, forbidden)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, taken)
}

func TestManyHoldersNeedNoSecondSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := open(t, b.url, store.Options{MaxConns: 1})
	const holders = 16
	var inside, wg sync.WaitGroup
	inside.Add(holders)
	errs := make([]error, holders)
	for i := range holders {
		names := []scrape.Slot{{Name: fmt.Sprint("user", i), Count: 1}, {Name: "portal", Count: holders}}
		wg.Go(func() {
			_, errs[i] = s.WithPortalSlots(t.Context(), names, func(ctx context.Context) error {
				inside.Done()
				inside.Wait() // all of them hold both names at the same time
				return s.WithLoginLock(ctx, scrape.CredentialID(i), func(ctx context.Context) error { return s.Ping(ctx) })
			})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}
