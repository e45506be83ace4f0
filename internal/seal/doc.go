// Package seal encrypts what must not be read from the database: portal user names, passwords and session cookies.
// It knows keys and bytes; what they mean, and where they are kept, is its callers' business.
//
// # Threat model
//
// Sealing protects against somebody who has the database without the keyset file: a stolen backup, a copied disk, a
// replica, an SQL injection, a curious administrator of Postgres. Such a person learns how many values there are, how
// long each one is and when it changed, and nothing of what it says.
//
// It also protects against somebody who can write to the database but has no key. Every value is bound to its associated
// data, which names the owner and the column: a value that is altered, cut, or moved to another row does not open. An
// older value of the same row does open: sealing does not notice that a row was put back.
//
// It does not protect against somebody who reads the keyset file or the memory of a running process, nor against the
// portal. The keyset is stored in clear, because the scheduler must start without a person typing a passphrase; so
// the file's mode is the protection, and a file that others can read is refused. Keep it out of the database's backup:
// together they are the passwords. Losing it means that every user signs in again, and nothing worse.
//
// # How
//
// AES-256-GCM by Tink, random nonces, a key id in front of every value. A keyset holds one primary key, which seals, and
// the keys before it, which still open. GCM's bound on random nonces (2^32 values per key) is far away.
//
// What cannot be opened is an error, always: neither the input nor a part of it is ever returned.
package seal
