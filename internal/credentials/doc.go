// Package credentials holds the use cases of portal logins: verify one that a person signs in with, tell of, test, replace and forget the
// stored one, keep it sealed, and open it for the activity that types it into the portal's form, no more often than is polite.
//
// Plain text exists only inside a call: what comes in is sealed before it is stored, what is opened goes to the vault's caller in the
// worker; the API is told the user name and never the password.
package credentials
