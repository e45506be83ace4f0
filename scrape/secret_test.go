package scrape_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fossawork/scheduler/scrape"
)

// Every way in which Go prints a value, of the secret itself and of a struct that holds it.
func TestSecretCannotBePrinted(t *testing.T) {
	t.Parallel()
	const canary = "canary-7f3a"
	login := scrape.Login{Username: "tech@example.com", Password: scrape.NewSecret(canary)}
	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&printed, verb+verb+verb+"\n", login, &login, login.Password)
	}
	text, err := json.Marshal(login)
	require.NoError(t, err)
	printed.Write(text)
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&printed, nil), slog.NewTextHandler(&printed, nil)} {
		slog.New(handler).Info("login", "login", login, "password", login.Password, "pointer", &login)
	}
	fmt.Fprintln(&printed, errors.Join(fmt.Errorf("login %v", login)), fmt.Sprint(login), fmt.Sprintln(login.Password))

	require.NotContains(t, printed.String(), canary)
	require.NotContains(t, printed.String(), fmt.Sprintf("%x", canary))
	require.Equal(t, canary, login.Password.Reveal())
	require.Error(t, json.Unmarshal([]byte(`"x"`), &login.Password))
}
