package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func (b bundle) addCheck(t *testing.T, email, fingerprint string, at time.Time) string {
	t.Helper()
	id := uuid.NewString()
	require.NoError(t, b.CreateLoginCheck(t.Context(), scrape.LoginCheck{
		ID:             id,
		Email:          email,
		Fingerprint:    []byte(fingerprint),
		SealedUsername: []byte("sealed name"),
		SealedPassword: []byte("sealed password"),
		CreatedAt:      at,
	}))
	return id
}

func accepted(email string) scrape.AcceptedLogin {
	return scrape.AcceptedLogin{
		User:           scrape.User{ID: scrape.UserIDFor(email), Email: email, Role: scrape.RoleAdmin},
		SealedUsername: []byte("name"),
		SealedPassword: []byte("password"),
		SealedSession:  []byte("session"),
		At:             at(1),
	}
}

func TestLoginCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.addCheck(t, " New@Example.com", "f", noon)
	check, err := b.LoginCheck(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, scrape.LoginCheck{
		ID:             id,
		Email:          "new@example.com",
		Fingerprint:    []byte("f"),
		SealedUsername: []byte("sealed name"),
		SealedPassword: []byte("sealed password"),
		State:          scrape.CredentialUnverified,
		CreatedAt:      noon,
	}, check)

	for _, unknown := range []string{uuid.NewString(), "no uuid", ""} {
		_, err := b.LoginCheck(t.Context(), unknown)
		requireKind(t, err, scrape.KindNotFound, "Sign-in not found")
		err = b.DecideLoginCheck(t.Context(), unknown, scrape.CredentialLocked, noon)
		requireKind(t, err, scrape.KindNotFound, "Sign-in not found")
		_, err = b.AcceptLoginCheck(t.Context(), unknown, accepted("new@example.com"))
		requireKind(t, err, scrape.KindNotFound, "Sign-in not found")
	}
	err = b.CreateLoginCheck(t.Context(), scrape.LoginCheck{ID: id, Email: "x", Fingerprint: []byte("f"), CreatedAt: noon})
	requireKind(t, err, scrape.KindConflict, "This sign-in exists already.")
	err = b.CreateLoginCheck(t.Context(), scrape.LoginCheck{ID: "no uuid", Email: "x", Fingerprint: []byte("f"), CreatedAt: noon})
	require.Equal(t, scrape.KindInvalid, scrape.KindOf(err))
}

func TestDecideLoginCheckWipesAndStands(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.addCheck(t, "new@example.com", "f", noon)
	require.NoError(t, b.DecideLoginCheck(t.Context(), id, scrape.CredentialRejected, at(1)))
	require.NoError(t, b.DecideLoginCheck(t.Context(), id, scrape.CredentialLocked, at(2)), "the first decision stands")
	check, err := b.LoginCheck(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialRejected, check.State)
	require.Equal(t, at(1), *check.DecidedAt)
	require.Nil(t, check.SealedUsername)
	require.Nil(t, check.SealedPassword)

	_, err = b.AcceptLoginCheck(t.Context(), id, accepted("new@example.com"))
	requireKind(t, err, scrape.KindConflict, "This sign-in has ended already. Sign in again.")
	_, err = b.User(t.Context(), scrape.UserIDFor("new@example.com"))
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err), "nothing of it was stored")

	for _, state := range []scrape.CredentialState{scrape.CredentialOK, scrape.CredentialUnverified, "odd"} {
		require.Equal(t, scrape.KindInvalid, scrape.KindOf(b.DecideLoginCheck(t.Context(), id, state, noon)))
	}
}

func TestRejectedLoginCheckSince(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rejected := b.addCheck(t, "new@example.com", "f", noon)
	require.NoError(t, b.DecideLoginCheck(t.Context(), rejected, scrape.CredentialRejected, at(1)))
	b.addCheck(t, "new@example.com", "pending", noon)

	find := func(email, fingerprint string, since time.Time) scrape.CredentialState {
		state, found, err := b.RejectedLoginCheckSince(t.Context(), email, []byte(fingerprint), since)
		require.NoError(t, err)
		require.Equal(t, found, state != "")
		return state
	}
	require.Equal(t, scrape.CredentialRejected, find("NEW@example.com", "f", noon))
	require.Empty(t, find("new@example.com", "f", at(2)), "too long ago")
	require.Empty(t, find("other@example.com", "f", noon))
	require.Empty(t, find("new@example.com", "another password", noon))
	require.Empty(t, find("new@example.com", "pending", noon))

	locked := b.addCheck(t, "new@example.com", "f", at(3))
	require.NoError(t, b.DecideLoginCheck(t.Context(), locked, scrape.CredentialLocked, at(4)))
	require.Equal(t, scrape.CredentialLocked, find("new@example.com", "f", noon), "the newest counts")
}

func TestCountAndDeleteLoginChecks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 4 {
		b.addCheck(t, "new@example.com", fmt.Sprint("password ", i), at(float64(i)))
	}
	b.addCheck(t, "new@example.com", "password 3", at(3))
	b.addCheck(t, "other@example.com", "f", at(9))
	count, err := b.CountOtherLoginChecksSince(t.Context(), "New@example.com", []byte("password 9"), at(1))
	require.NoError(t, err)
	require.Equal(t, 3, count, "different ones")
	count, err = b.CountOtherLoginChecksSince(t.Context(), "New@example.com", []byte("password 2"), at(1))
	require.NoError(t, err)
	require.Equal(t, 2, count, "others than this one")
	undecided := b.addCheck(t, "new@example.com", "password 4", at(1))
	require.NoError(t, b.DiscardLoginCheck(t.Context(), undecided))
	_, err = b.LoginCheck(t.Context(), undecided)
	require.Equal(t, scrape.KindNotFound, scrape.KindOf(err))

	deleted, err := b.DeleteLoginChecksBefore(t.Context(), at(2))
	require.NoError(t, err)
	require.Equal(t, 2, deleted)
	count, err = b.CountOtherLoginChecksSince(t.Context(), "new@example.com", []byte("password 9"), noon)
	require.NoError(t, err)
	require.Equal(t, 2, count)
}

func TestAcceptLoginCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const email = "new@example.com"
	id := b.addCheck(t, email, "f", noon)
	credential, err := b.AcceptLoginCheck(t.Context(), id, accepted(email))
	require.NoError(t, err)

	user, err := b.User(t.Context(), scrape.UserIDFor(email))
	require.NoError(t, err)
	require.Equal(t, scrape.User{
		ID: scrape.UserIDFor(email), Email: email, Role: scrape.RoleAdmin, CreatedAt: at(1), LastUsedAt: pointer(at(1)),
	}, user)
	stored, err := b.Credential(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, credential, stored.ID)
	require.Equal(t, scrape.CredentialOK, stored.State)
	require.Equal(t, []byte("password"), stored.SealedPassword)
	require.Equal(t, at(1), *stored.VerifiedAt)
	require.Equal(t, at(1), *stored.LoginAt, "it was sent to the portal")
	sealed, version, err := b.PortalSession(t.Context(), credential)
	require.NoError(t, err)
	require.Equal(t, "session", string(sealed))
	check, err := b.LoginCheck(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialOK, check.State)
	require.Nil(t, check.SealedUsername)
	require.Nil(t, check.SealedPassword)

	again := accepted(email)
	again.SealedPassword, again.SealedSession, again.User.Role = []byte("late"), []byte("late"), scrape.RoleUser
	same, err := b.AcceptLoginCheck(t.Context(), id, again)
	require.NoError(t, err)
	require.Equal(t, credential, same)
	unchanged, err := b.Credential(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, stored, unchanged)
	_, sameVersion, err := b.PortalSession(t.Context(), credential)
	require.NoError(t, err)
	require.Equal(t, version, sameVersion)
	require.NoError(t, b.DecideLoginCheck(t.Context(), id, scrape.CredentialLocked, at(9)))
	check, err = b.LoginCheck(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialOK, check.State, "stays accepted")

	// The next sign-in of the same person, without a session to keep and without a word about the role.
	next := b.addCheck(t, email, "g", at(10))
	again.SealedSession, again.User.Role, again.At = nil, "", at(11)
	same, err = b.AcceptLoginCheck(t.Context(), next, again)
	require.NoError(t, err)
	require.Equal(t, credential, same)
	stored, err = b.Credential(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, int64(2), stored.Version)
	require.Equal(t, []byte("late"), stored.SealedPassword)
	sealed, _, err = b.PortalSession(t.Context(), credential)
	require.NoError(t, err)
	require.Nil(t, sealed)
	user, err = b.User(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, scrape.RoleAdmin, user.Role)
	require.Equal(t, at(11), *user.LastUsedAt)
}

func TestAcceptLoginCheckTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.addCheck(t, "new@example.com", "f", noon)
	ids, errs := make([]scrape.CredentialID, 4), make([]error, 4)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() { ids[i], errs[i] = b.AcceptLoginCheck(t.Context(), id, accepted("new@example.com")) })
	}
	wg.Wait()
	for i := range ids {
		require.NoError(t, errs[i])
		require.Equal(t, ids[0], ids[i])
	}
	credential, err := b.CredentialByID(t.Context(), ids[0])
	require.NoError(t, err)
	require.Equal(t, int64(1), credential.Version)
}

func TestAcceptLoginCheckIsAllOrNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.addCheck(t, "tech@example.com", "f", noon)
	accept := accepted("tech@example.com")
	accept.User.ID = "another" // somebody else has the address
	_, err := b.AcceptLoginCheck(t.Context(), id, accept)
	requireKind(t, err, scrape.KindConflict, "Another user has this e-mail address.")
	check, err := b.LoginCheck(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialUnverified, check.State)
	require.NotNil(t, check.SealedPassword)
}

func TestAcceptLoginCheckForItsOwner(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before, err := b.User(t.Context(), b.user)
	require.NoError(t, err)
	old := b.addCredential(t)
	require.NoError(t, b.PausePortal(t.Context(), old.ID, at(90)))
	id := uuid.NewString()
	require.NoError(t, b.CreateLoginCheck(t.Context(), scrape.LoginCheck{
		ID: id, Owner: b.user, Email: "work@example.com", Fingerprint: []byte("f"), CreatedAt: noon,
	}))
	check, err := b.LoginCheck(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, b.user, check.Owner)

	accept := accepted("work@example.com")
	_, err = b.AcceptLoginCheck(t.Context(), id, accept)
	requireKind(t, err, scrape.KindConflict, "This login was checked for another user. Check it again.")
	accept.User = scrape.User{ID: b.user, Email: "work@example.com", Role: scrape.RoleAdmin}
	for range 2 {
		credential, err := b.AcceptLoginCheck(t.Context(), id, accept)
		require.NoError(t, err)
		require.Equal(t, old.ID, credential)
	}
	after, err := b.User(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, before, after, "whose login it is does not change who somebody is")
	stored, err := b.Credential(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, scrape.CredentialOK, stored.State)
	require.Equal(t, at(1), *stored.LoginAt)
	until, err := b.PausedUntil(t.Context(), old.ID)
	require.NoError(t, err)
	require.Zero(t, until)
	require.Equal(t, 1, value[int](t, b, "SELECT count(*) FROM users"))

	gone := uuid.NewString()
	require.NoError(t, b.CreateLoginCheck(t.Context(), scrape.LoginCheck{
		ID: gone, Owner: "unknown", Email: "work@example.com", Fingerprint: []byte("f"), CreatedAt: noon,
	}))
	accept.User.ID = "unknown"
	_, err = b.AcceptLoginCheck(t.Context(), gone, accept)
	requireKind(t, err, scrape.KindNotFound, "User not found")
}
