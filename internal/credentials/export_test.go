package credentials

import "time"

// SetClock gives a test's time to the service and to the vault, which decides its checks.
func SetClock(s *Service, v *Vault, now func() time.Time) { s.now, v.now = now, now }
