package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

func TestPreferences(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := b.addUser(t, "stranger@example.com")
	zone, none, first, second := "America/New_York", "", at(1), at(2)
	for _, step := range []struct {
		patch scrape.PreferencesPatch
		want  scrape.Preferences
	}{
		{scrape.PreferencesPatch{}, scrape.Preferences{}},
		{scrape.PreferencesPatch{Timezone: &zone}, scrape.Preferences{Timezone: zone}},
		{scrape.PreferencesPatch{SeenAt: &first}, scrape.Preferences{Timezone: zone, SeenAt: &first}},
		{scrape.PreferencesPatch{}, scrape.Preferences{Timezone: zone, SeenAt: &first}},
		{scrape.PreferencesPatch{SeenAt: &second}, scrape.Preferences{Timezone: zone, SeenAt: &second, PreviousSeenAt: &first}},
		{scrape.PreferencesPatch{Timezone: &none}, scrape.Preferences{SeenAt: &second, PreviousSeenAt: &first}},
	} {
		got, err := b.SetPreferences(t.Context(), b.user, step.patch)
		require.NoError(t, err)
		require.Equal(t, step.want, got)
		got, err = b.Preferences(t.Context(), b.user)
		require.NoError(t, err)
		require.Equal(t, step.want, got)
	}
	theirs, err := b.Preferences(t.Context(), stranger)
	require.NoError(t, err)
	require.Equal(t, scrape.Preferences{}, theirs)
	theirs, err = b.SetPreferences(t.Context(), stranger, scrape.PreferencesPatch{Timezone: &zone, SeenAt: &first})
	require.NoError(t, err)
	require.Equal(t, scrape.Preferences{Timezone: zone, SeenAt: &first}, theirs, "the first that is set")
	_, err = b.SetPreferences(t.Context(), "nobody", scrape.PreferencesPatch{})
	requireKind(t, err, scrape.KindNotFound, "User not found")
}
