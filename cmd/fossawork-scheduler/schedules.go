package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/fossawork/scheduler/scrape"
)

type schedulesCommand struct {
	Export exportCommand `cmd:"" help:"Write your schedules as a document."`
	Apply  applyCommand  `cmd:"" help:"Make your schedules what a document says. Done again it changes nothing."`
}

// standard stands for standard input or output.
const standard = "-"

const (
	typeJSON = "application/json"
	typeYAML = "application/yaml"
)

// documentType is how a document in a file is written.
func documentType(file string) string {
	if strings.EqualFold(filepath.Ext(file), ".json") {
		return typeJSON
	}
	return typeYAML
}

type exportCommand struct {
	apiAccess `embed:""`
	File      string `default:"-" placeholder:"FILE" help:"File to write, - for standard output; JSON when its name ends in .json, else YAML. One that is there is replaced."`
}

// Run writes the document.
func (c *exportCommand) Run(ctx context.Context, std streams) error {
	api, err := c.open(ctx, std)
	if err != nil {
		return err
	}
	defer api.close(ctx)
	text, err := api.do(ctx, http.MethodGet, "/api/scraping-schedules/export", "", nil, documentType(c.File))
	if err != nil {
		return err
	}
	if c.File == standard {
		_, err = std.out.Write(text)
		return err
	}
	if err := replaceFile(c.File, text); err != nil {
		return fmt.Errorf("write %s: %w", c.File, err)
	}
	_, err = fmt.Fprintf(std.err, "Wrote %s.\n", c.File)
	return err
}

// replaceFile never leaves half a document.
func replaceFile(path string, text []byte) error {
	next, err := os.CreateTemp(filepath.Dir(path), ".schedules-*")
	if err != nil {
		return err
	}
	_, err = next.Write(text)
	if err = errors.Join(err, next.Close()); err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		_ = os.Remove(next.Name()) // the first error is the one to tell
	}
	return err
}

type applyCommand struct {
	apiAccess `embed:""`
	File      string `required:"" placeholder:"FILE" help:"File to read, - for standard input; JSON when its name ends in .json, else YAML."`
	DryRun    bool   `name:"dry-run" help:"Only tell what would be done."`
	Prune     bool   `help:"Also delete your schedules that the document does not name."`
}

// applied is the API's answer.
type applied struct {
	Created, Changed, Unchanged, Deleted, Refused int
	Items                                         []struct {
		ScheduleType string               `json:"schedule_type"`
		Name         string               `json:"name"`
		Result       string               `json:"result"`
		Fields       []scrape.FieldChange `json:"fields"`
		Message      string               `json:"message"`
	}
}

// Run applies the document. It is an error when a part of it was refused.
func (c *applyCommand) Run(ctx context.Context, std streams) error {
	document, err := readFile(c.File)
	if err != nil {
		return err
	}
	api, err := c.open(ctx, std)
	if err != nil {
		return err
	}
	defer api.close(ctx)
	query := url.Values{"dry_run": {fmt.Sprint(c.DryRun)}, "prune": {fmt.Sprint(c.Prune)}}
	text, err := api.do(ctx, http.MethodPost, "/api/scraping-schedules/apply?"+query.Encode(), documentType(c.File), document, typeJSON)
	if err != nil {
		return err
	}
	var answer applied
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("read the API's answer: %w", err)
	}
	if _, err := io.WriteString(std.out, answer.lines(c.DryRun)); err != nil {
		return err
	}
	if answer.Refused > 0 {
		return fmt.Errorf("%d of %d schedules were refused", answer.Refused, len(answer.Items))
	}
	return nil
}

func readFile(path string) ([]byte, error) {
	if path == standard {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path) //nolint:gosec // the file that the caller names
}

// lines are the answer for people: a line for each schedule, one for each of its fields that changed, and the sum.
func (a applied) lines(dry bool) string {
	var out strings.Builder
	for _, item := range a.Items {
		fmt.Fprintf(&out, "%-9s  %s/%s", item.Result, item.ScheduleType, item.Name)
		if item.Message != "" {
			fmt.Fprintf(&out, ": %s", item.Message)
		}
		out.WriteString("\n")
		for _, field := range item.Fields {
			fmt.Fprintf(&out, "           %s: %s -> %s\n", field.Field, value(field.Old), value(field.New))
		}
	}
	if dry {
		out.WriteString("Nothing was done. It would be: ")
	}
	fmt.Fprintf(&out, "%d created, %d changed, %d unchanged, %d deleted, %d refused.\n", a.Created, a.Changed, a.Unchanged, a.Deleted, a.Refused)
	return out.String()
}

// value is a field's value for people.
func value(v any) string {
	text, err := json.Marshal(v)
	if err != nil || v == nil {
		return "none"
	}
	return string(text)
}
