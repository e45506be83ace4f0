package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	user, err := b.User(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, scrape.User{ID: b.user, Email: "tech@example.com", Role: scrape.RoleUser, CreatedAt: noon}, user)

	require.NoError(t, b.TouchUser(t.Context(), b.user, at(5)))
	require.NoError(t, b.TouchUser(t.Context(), b.user, at(3)))
	user, err = b.User(t.Context(), b.user)
	require.NoError(t, err)
	require.Equal(t, at(5), *user.LastUsedAt, "never goes back")

	_, err = b.User(t.Context(), "unknown")
	requireKind(t, err, scrape.KindNotFound, "User not found")
	require.NoError(t, b.TouchUser(t.Context(), "unknown", noon))

	count, err := b.UserCount(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, count)
}
