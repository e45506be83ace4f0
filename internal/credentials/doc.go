// Package credentials holds the use cases of portal logins: verify one that a person signs in with, keep it sealed, and open it for
// the activity that types it into the portal's form.
//
// Plain text exists only inside a call: what comes in is sealed before it is stored, what is opened goes to the vault's caller in the
// worker and never back to the API.
package credentials
