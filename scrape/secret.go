package scrape

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

const redacted = "*****"

// Secret is a password, a cookie or a token in memory. Every way of printing it shows stars; only Reveal opens it.
type Secret struct{ text string }

// The ways of printing that must stay closed.
var (
	_ fmt.Formatter    = Secret{}
	_ slog.LogValuer   = Secret{}
	_ json.Marshaler   = Secret{}
	_ fmt.Stringer     = Secret{}
	_ json.Unmarshaler = (*Secret)(nil)
)

// NewSecret wraps a text.
func NewSecret(text string) Secret { return Secret{text: text} }

// Reveal gives the text itself. Only sealing, comparing and typing into the portal's form may call it.
func (s Secret) Reveal() string { return s.text }

// IsZero tells whether there is no text.
func (s Secret) IsZero() bool { return s.text == "" }

// Format implements fmt.Formatter for every verb, so that %v, %#v and %x show stars too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// String gives stars.
func (s Secret) String() string { return redacted }

// LogValue gives stars.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON gives stars, so that a secret inside a struct cannot be stored or sent by mistake.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// UnmarshalJSON refuses: a secret never comes from a stored struct; read the text and use NewSecret.
func (s *Secret) UnmarshalJSON([]byte) error {
	return Errorf(KindInternal, "a secret cannot be read from JSON")
}
