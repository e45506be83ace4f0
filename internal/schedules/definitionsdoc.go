package schedules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fossawork/scheduler/scrape"
)

// Entry is one definition of a document, or what is wrong with it.
type Entry struct {
	Definition
	Problem string // a sentence; the definition is then as much as could be read
}

// documentKey is the only member of a document.
const documentKey = "schedules"

// ReadYAML reads a document with definitions. A mistake in one of them is the problem of that entry; only what is no document at all is
// an error.
func ReadYAML(text []byte) ([]Entry, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return nil, noDocument()
	} else if err != nil {
		return nil, scrape.Errorf(scrape.KindInvalid, "This is not YAML: %s.", strings.TrimPrefix(err.Error(), "yaml: ")).Because(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, scrape.Errorf(scrape.KindInvalid, "Send one document. There is something behind its end.")
	}
	datesAsTexts(&root)
	var tree any
	if err := root.Decode(&tree); err != nil {
		return nil, scrape.Errorf(scrape.KindInvalid, "This YAML cannot be read: %s.", strings.TrimPrefix(err.Error(), "yaml: ")).Because(err)
	}
	if tree == nil {
		return nil, noDocument()
	}
	document, err := json.Marshal(tree)
	if err != nil {
		return nil, scrape.Errorf(scrape.KindInvalid, "This YAML has something that JSON does not know, such as a key that is no text.").Because(err)
	}
	return ReadJSON(document)
}

func noDocument() error {
	return scrape.Errorf(scrape.KindInvalid, "The document is empty. It must have the member %s; without schedules it is %q.", documentKey, documentKey+": []")
}

// datesAsTexts keeps times as they were written: a date must not become a time.
func datesAsTexts(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!timestamp" {
		node.Tag = "!!str"
	}
	for _, child := range node.Content {
		datesAsTexts(child)
	}
}

// ReadJSON is ReadYAML for JSON.
func ReadJSON(text []byte) ([]Entry, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, scrape.Errorf(scrape.KindInvalid, "The document must be an object with the member %s.", documentKey).Because(err)
	}
	for key := range document {
		if key != documentKey {
			return nil, scrape.Errorf(scrape.KindInvalid, "%q is no part of a document. It has one member, %s.", key, documentKey)
		}
	}
	var items []json.RawMessage
	if err := json.Unmarshal(document[documentKey], &items); err != nil || items == nil {
		return nil, scrape.Errorf(scrape.KindInvalid, "The document must have the member %s, which is a list.", documentKey).Because(err)
	}
	entries := make([]Entry, 0, len(items))
	for i, item := range items {
		entries = append(entries, readEntry(i+1, item))
	}
	return entries, nil
}

// readEntry reads one definition; number counts from 1 and is for people.
func readEntry(number int, text []byte) Entry {
	var entry Entry
	_ = json.Unmarshal(text, &entry.Definition) // as much as there is, for its type and name; mistakes are found below
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var strict Definition
	var wrong *json.UnmarshalTypeError
	err := decoder.Decode(&strict)
	switch {
	case bytes.Equal(bytes.TrimSpace(text), []byte("null")), errors.As(err, &wrong) && wrong.Field == "":
		entry.Problem = "must be an object with the fields of a schedule."
	case errors.As(err, &wrong):
		entry.Problem = fmt.Sprintf("%s must be %s.", wrong.Field, kindInWords(wrong.Type.String()))
	case err != nil:
		field := strings.TrimPrefix(err.Error(), "json: unknown field ")
		entry.Problem = fmt.Sprintf("%s is no field of a schedule.", strings.Trim(field, `"`))
	case strict.ScheduleType == "":
		entry.Problem = "schedule_type must be given."
	default:
		if string(strict.Settings) == "null" {
			strict.Settings = nil
		}
		entry.Definition = strict
	}
	if entry.Problem != "" {
		entry.Problem = fmt.Sprintf("Schedule %d of the document: %s", number, entry.Problem)
	}
	return entry
}

func kindInWords(kind string) string {
	switch {
	case kind == "int":
		return "a whole number"
	case kind == "float64":
		return "a number"
	case kind == "bool":
		return "true or false"
	case strings.HasPrefix(kind, "[]"):
		return "a list"
	case strings.HasPrefix(kind, "scrape.Hours"):
		return "an object with start and end"
	default:
		return "a text"
	}
}

// Document is a list of definitions as it is exported.
type Document struct {
	Schedules []Definition `json:"schedules"`
}

// YAML writes the document for people: what is the default is left out.
func (d Document) YAML() ([]byte, error) {
	type withSettings struct {
		Definition `yaml:",inline"`
		Settings   map[string]any `yaml:"settings,omitempty"`
	}
	all := make([]withSettings, 0, len(d.Schedules))
	for _, definition := range d.Schedules {
		one := withSettings{Definition: definition}
		if len(definition.Settings) > 0 {
			if err := json.Unmarshal(definition.Settings, &one.Settings); err != nil {
				return nil, fmt.Errorf("read settings of %s: %w", definition.Name, err)
			}
		}
		all = append(all, one)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(map[string]any{documentKey: all}); err != nil {
		return nil, fmt.Errorf("write definitions: %w", err)
	}
	return out.Bytes(), encoder.Close()
}
