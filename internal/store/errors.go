package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fossawork/scheduler/scrape"
)

// The sentences for what is not there. The old clients know some of them.
const (
	userNotFound        = "User not found"
	userSessionNotFound = "There is no such session, or it is over."
	portalLoginNotFound = "No portal login is stored for this account."
	loginCheckNotFound  = "Sign-in not found"
	scheduleNotFound    = "Schedule not found"
	runNotFound         = "History record not found"
	workOrderNotFound   = "Work order not found"
	siteNotFound        = "This run does not read that location."
	evidenceNotFound    = "There is no such file for this run."

	unreachable = "The database cannot be reached right now. Try again in a moment."
)

// constraints tells what it means for people when a row breaks a rule of the schema.
var constraints = map[string]*scrape.Error{
	"users_email_key":                  {Kind: scrape.KindConflict, Message: "Another user has this e-mail address."},
	"login_checks_pkey":                {Kind: scrape.KindConflict, Message: "This sign-in exists already."},
	"scraping_history_workflow_id_key": {Kind: scrape.KindConflict, Message: "This run exists already."},
	"user_credentials_user_id_fkey":    {Kind: scrape.KindNotFound, Message: userNotFound},
	"user_sessions_user_id_fkey":       {Kind: scrape.KindNotFound, Message: userNotFound},
	"user_preferences_user_id_fkey":    {Kind: scrape.KindNotFound, Message: userNotFound},
	"scraping_schedules_user_id_fkey":  {Kind: scrape.KindNotFound, Message: userNotFound},
	"scraping_history_user_id_fkey":    {Kind: scrape.KindNotFound, Message: userNotFound},
	"portal_sessions_credential_id_fkey": {
		Kind: scrape.KindNotFound, Message: portalLoginNotFound,
	},
}

// failed gives a database error its kind and says what was being done. Errors that have a kind pass unchanged, nil stays nil.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *scrape.Error
	if errors.As(err, &known) {
		return err
	}
	cause := fmt.Errorf("%s: %w", doing, err)
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, context.Canceled):
		return cause // the caller went away: nothing is wrong with the database
	case isUnreachable(err):
		return scrape.Errorf(scrape.KindUnavailable, unreachable).Because(cause)
	case !errors.As(err, &pg):
		return cause
	}
	if meaning, ok := constraints[pg.ConstraintName]; ok {
		return scrape.Errorf(meaning.Kind, "%s", meaning.Message).Because(cause)
	}
	if pg.Code == codeUniqueViolation {
		return scrape.Errorf(scrape.KindConflict, "This exists already.").Because(cause)
	}
	return cause
}

// orNotFound turns "no rows" into the sentence for what is missing.
func orNotFound(err error, sentence string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return scrape.Errorf(scrape.KindNotFound, "%s", sentence)
	}
	return err
}

const codeUniqueViolation = "23505"

// violates tells whether the error is a breach of the named unique constraint.
func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == codeUniqueViolation && pg.ConstraintName == constraint
}

// isUnreachable tells whether the same statement may well succeed a moment later: no connection, a server that starts,
// stops or is too busy to answer in time, or two transactions in each other's way.
func isUnreachable(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) {
		return true
	}
	for _, sign := range []error{context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed} {
		if errors.Is(err, sign) {
			return true
		}
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "25P03", // the transaction idled for too long
		"40001", "40P01", // serialization failure, deadlock
		"55P03": // lock not available
		return true
	}
	for _, class := range []string{"08", "53", "57"} { // connection, resources, operator (statement timeout, shutdown)
		if strings.HasPrefix(pg.Code, class) {
			return true
		}
	}
	return false
}

func alreadyRunning(id scrape.RunID) *scrape.Error {
	return scrape.Errorf(scrape.KindConflict, "A run of this schedule is already in progress (run %d).", id).
		Because(&scrape.RunningError{RunID: id})
}
