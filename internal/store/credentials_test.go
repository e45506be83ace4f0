package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/internal/store"
	"github.com/fossawork/scheduler/scrape"
)

const noCredential = "No portal login is stored for this account."

func (b bundle) addCredential(t *testing.T) scrape.Credential {
	t.Helper()
	credential, err := b.SaveCredential(t.Context(), b.user, []byte("name"), []byte{0, 255, 1}, scrape.CredentialUnverified)
	require.NoError(t, err)
	return credential
}

func TestSaveCredential(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.Credential(t.Context(), b.user)
	requireKind(t, err, scrape.KindNotFound, noCredential)

	first := b.addCredential(t)
	require.Equal(t, int64(1), first.Version)
	require.Equal(t, scrape.CredentialUnverified, first.State)
	require.Equal(t, []byte("name"), first.SealedUsername)
	require.Equal(t, []byte{0, 255, 1}, first.SealedPassword)
	require.Nil(t, first.VerifiedAt)
	found, err := b.Credential(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, first, found)
	found, err = b.CredentialByID(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, first, found)
	_, _, err = b.SavePortalSession(t.Context(), first.ID, first.Version, []byte("session"), 0)
	require.NoError(t, err)

	second, err := b.SaveCredential(t.Context(), b.user, []byte("other"), []byte("password"), scrape.CredentialOK)
	require.NoError(t, err)
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, int64(2), second.Version)
	require.NotNil(t, second.VerifiedAt)
	require.True(t, value[bool](t, b, "SELECT is_verified AND is_active FROM user_credentials"))
	sealed, version, err := b.PortalSession(t.Context(), first.ID)
	require.NoError(t, err)
	require.Nil(t, sealed, "the session of the old login is gone")
	require.Zero(t, version)

	_, err = b.SaveCredential(t.Context(), "unknown", nil, nil, scrape.CredentialOK)
	requireKind(t, err, scrape.KindNotFound, "User not found")
}

func TestSetCredentialStateOnlyOfTheLoginThatWasTried(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.addCredential(t)
	changed, err := b.SetCredentialState(t.Context(), first.ID, first.Version, scrape.CredentialOK)
	require.NoError(t, err)
	require.True(t, changed)
	found, err := b.Credential(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialOK, found.State)
	require.NotNil(t, found.VerifiedAt)
	require.Equal(t, first.Version, found.Version)

	second := b.addCredential(t)
	changed, err = b.SetCredentialState(t.Context(), first.ID, first.Version, scrape.CredentialRejected)
	require.NoError(t, err)
	require.False(t, changed)
	found, err = b.CredentialByID(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, second, found)
}

func TestDeleteCredential(t *testing.T) {
	t.Parallel()
	b := setup(t)
	credential := b.addCredential(t)
	_, _, err := b.SavePortalSession(t.Context(), credential.ID, credential.Version, []byte("session"), 0)
	require.NoError(t, err)
	require.NoError(t, b.DeleteCredential(t.Context(), b.user))
	requireKind(t, b.DeleteCredential(t.Context(), b.user), scrape.KindNotFound, noCredential)
	_, err = b.CredentialByID(t.Context(), credential.ID)
	requireKind(t, err, scrape.KindNotFound, noCredential)
	version, won, err := b.SavePortalSession(t.Context(), credential.ID, credential.Version, []byte("late"), 0)
	require.NoError(t, err)
	require.False(t, won)
	require.Zero(t, version)
}

// A worker may be signing in while the user stores another login: its cookies are of an account that is no longer the user's.
func TestASessionOfAnOlderLoginIsNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old := b.addCredential(t)
	changed, err := b.SaveCredential(t.Context(), b.user, []byte("other"), []byte("password"), scrape.CredentialOK)
	require.NoError(t, err)
	version, won, err := b.SavePortalSession(t.Context(), old.ID, old.Version, []byte("old cookies"), 0)
	require.NoError(t, err)
	require.False(t, won)
	require.Zero(t, version)

	kept, won, err := b.SavePortalSession(t.Context(), changed.ID, changed.Version, []byte("new cookies"), 0)
	require.NoError(t, err)
	require.True(t, won)
	_, won, err = b.SavePortalSession(t.Context(), old.ID, old.Version, []byte("old cookies"), kept)
	require.NoError(t, err)
	require.False(t, won)
}

func TestACredentialThatIsNotOursIsAnError(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, column := range []string{"encrypted_username", "encrypted_password"} {
		b.addCredential(t)
		b.exec(t, "UPDATE user_credentials SET "+column+" = 'hunter2!'")
		_, err := b.Credential(t.Context(), b.user)
		require.ErrorContains(t, err, column)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestAnOlderSessionNeverReplacesANewerOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	credential := b.addCredential(t)
	save := func(text string, replaces int64) (int64, bool) {
		version, won, err := b.SavePortalSession(t.Context(), credential.ID, credential.Version, []byte(text), replaces)
		require.NoError(t, err)
		return version, won
	}
	_, won := save("of nothing", 7)
	require.False(t, won, "there is none to replace")

	v1, won := save("first", 0)
	require.True(t, won)
	require.Positive(t, v1)
	newer, won := save("again", 0)
	require.False(t, won)
	require.Equal(t, v1, newer)

	v2, won := save("second", v1)
	require.True(t, won)
	require.Greater(t, v2, v1)
	newer, won = save("late", v1)
	require.False(t, won)
	require.Equal(t, v2, newer)

	sealed, version, err := b.PortalSession(t.Context(), credential.ID)
	require.NoError(t, err)
	require.Equal(t, "second", string(sealed))
	require.Equal(t, v2, version)

	credential = b.addCredential(t) // drops the session
	v3, won := save("of the new login", 0)
	require.True(t, won)
	require.Greater(t, v3, v2, "a version never comes back, so the worker that knows v2 cannot win by chance")
}

func TestOneSessionWinsTheRace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	credential := b.addCredential(t)
	for _, known := range []bool{false, true} {
		var replaces int64
		if known {
			_, version, err := b.PortalSession(t.Context(), credential.ID)
			require.NoError(t, err)
			replaces = version
		}
		const racers = 8
		versions, wins, errs := make([]int64, racers), make([]bool, racers), make([]error, racers)
		var wg sync.WaitGroup
		for i := range racers {
			wg.Go(func() {
				versions[i], wins[i], errs[i] = b.SavePortalSession(t.Context(), credential.ID, credential.Version, []byte{byte(i)}, replaces)
			})
		}
		wg.Wait()
		sealed, version, err := b.PortalSession(t.Context(), credential.ID)
		require.NoError(t, err)
		won := 0
		for i := range racers {
			require.NoError(t, errs[i])
			require.Equal(t, version, versions[i], "losers learn the newer version")
			if wins[i] {
				won++
				require.Equal(t, []byte{byte(i)}, sealed)
			}
		}
		require.Equal(t, 1, won)
	}
}

func TestLocksServeOneAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	others := open(t, b.url, store.Options{MaxConns: 2}) // another process, with fewer connections than there are racers
	locks := map[string]func(s *store.Store, ctx context.Context, fn func(context.Context) error) error{
		"login": func(s *store.Store, ctx context.Context, fn func(context.Context) error) error {
			return s.WithLoginLock(ctx, 1, fn)
		},
		"schedule": func(s *store.Store, ctx context.Context, fn func(context.Context) error) error {
			return s.WithScheduleLock(ctx, 1, fn)
		},
	}
	for name, lock := range locks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inside, most, done := 0, 0, 0
			errs := make([]error, 12)
			var wg sync.WaitGroup
			for i := range errs {
				s := b.Store
				if i%2 == 0 {
					s = others
				}
				wg.Go(func() {
					errs[i] = lock(s, t.Context(), func(ctx context.Context) error {
						inside++ // the race detector watches this
						most = max(most, inside)
						_, err := s.UserCount(ctx) // the store is there for whoever holds the lock
						inside--
						done++
						return err
					})
				})
			}
			wg.Wait()
			for _, err := range errs {
				require.NoError(t, err)
			}
			require.Equal(t, 1, most)
			require.Equal(t, len(errs), done)
		})
	}
}

func TestLocksDoNotMixUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	err := b.WithLoginLock(t.Context(), 1, func(ctx context.Context) error {
		return b.WithLoginLock(ctx, 2, func(ctx context.Context) error {
			return b.WithScheduleLock(ctx, 1, func(context.Context) error { return nil })
		})
	})
	require.NoError(t, err)
}

func TestLockWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := scrape.Errorf(scrape.KindPortalDown, "as it is")
	err := b.WithLoginLock(t.Context(), 1, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		defer cancel()
		err := b.WithLoginLock(ctx, 1, func(context.Context) error { panic("somebody else has it") })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, scrape.KindUnavailable, scrape.KindOf(err))
		return mine
	})
	require.Same(t, mine, err)
	require.NoError(t, b.WithLoginLock(t.Context(), 1, func(context.Context) error { return nil }), "given back after an error")
}

func TestLockIsFreeAfterPanicCancelAndDeath(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.Panics(t, func() {
		_ = b.WithLoginLock(t.Context(), 1, func(context.Context) error { panic("on purpose") })
	})
	ctx, cancel := context.WithCancel(t.Context())
	err := b.WithLoginLock(ctx, 1, func(ctx context.Context) error {
		cancel()
		return ctx.Err()
	})
	require.ErrorIs(t, err, context.Canceled)

	err = b.WithLoginLock(t.Context(), 1, func(ctx context.Context) error {
		// The holder's session ends, as if its process had died. Other tests have locks on the same server.
		b.exec(t, `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
		return open(t, b.url, store.Options{}).WithLoginLock(ctx, 1, func(context.Context) error { return nil })
	})
	require.NoError(t, err)
	require.NoError(t, b.WithLoginLock(t.Context(), 1, func(context.Context) error { return nil }))
}
