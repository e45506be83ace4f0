package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

const description = `Scrapes the WorkFossa portal on schedules: each schedule is a Temporal Schedule, each run a workflow.

Every setting is a flag and an environment variable; flags win.`

type commands struct {
	API     apiCommand     `cmd:"" name:"api" help:"Serve the HTTP API."`
	Worker  workerCommand  `cmd:"" help:"Carry out runs: poll Temporal's task queues."`
	Migrate migrateCommand `cmd:"" help:"Bring the database to the schema of this build."`
	OpenAPI openapiCommand `cmd:"" name:"openapi" help:"Print the API's OpenAPI 3.1 document as YAML."`
	Keys    keysCommand    `cmd:"" help:"Make and rotate the keyset that seals portal logins."`

	Schedules schedulesCommand `cmd:"" help:"Write schedules to a document and apply one, through the API."`
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

// run is the program. It answers the exit code: 0 done, 1 failed, 2 wrongly called.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("fossawork-scheduler"), kong.Description(description), kong.UsageOnError(),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{stdout, stderr}),
	)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "fossawork-scheduler:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help was printed
		return exit
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "fossawork-scheduler:", err)
		return 2
	}
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(stderr, "fossawork-scheduler:", err)
		return 1
	}
	return 0
}
