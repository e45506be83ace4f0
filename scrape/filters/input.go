package filters

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Input is what a calculation is made from. The order of its lists does not matter.
type Input struct {
	Jobs       []Job          `json:"workOrders"`
	Dispensers []Dispenser    `json:"dispensers"`
	Overrides  map[string]int `json:"overrides"` // "{jobId}-{partNumber}" to the quantity that a person wants
	At         time.Time      `json:"-"`         // what the answer carries as the time of the calculation
}

// Job is one work order.
type Job struct {
	JobID         string `json:"jobId"` // the portal's work-order number
	StoreNumber   string `json:"storeNumber"`
	StoreName     string `json:"storeName"`
	CustomerName  string `json:"customerName"`
	ScheduledDate string `json:"scheduledDate"` // a local date, "2030-02-03", with or without a time behind it
	ServiceCode   string `json:"serviceCode"`
	ServiceName   string `json:"serviceName"`
	Address       string `json:"address"`
	Instructions  string `json:"instructions"`
	MultiDay      bool   `json:"isMultiDay"`
	DayNumber     int    `json:"dayNumber"`
	Items         []Item `json:"items"` // of the order; empty when they are not known
}

// Item is one of the things that an order asks for. Orders of the old database carry names only.
type Item struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Dispenser is one card of a site's equipment.
type Dispenser struct {
	StoreNumber string   `json:"storeNumber"`
	Numbers     string   `json:"dispenserNumber"` // "1/2": one dispenser with two sides
	MeterType   string   `json:"meterType"`
	Grades      []string `json:"fuelGrades"` // names, as ParseGrades reads them
}

// ParseGrades reads the grades of a dispenser in any shape that was ever stored: a list of names, a list of objects with a
// "grade" or "name", an object of key to {"name": ...}, any of these as a JSON text in a string, or nothing.
//
// A shape that it does not know is an error: no grades would mean no filters.
func ParseGrades(data []byte) ([]string, error) {
	return parseGrades(data, true)
}

func parseGrades(data []byte, text bool) ([]string, error) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || string(data) == "null":
		return nil, nil
	case data[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("read fuel grades: %w", err)
		}
		var grades []string
		for i, entry := range list {
			name, err := gradeName(entry)
			if err != nil || name == "" {
				return nil, fmt.Errorf("read fuel grades: entry %d has no name", i)
			}
			grades = append(grades, name)
		}
		return grades, nil
	case data[0] == '{':
		return gradesOfObject(data)
	case data[0] == '"' && text:
		var inner string
		if err := json.Unmarshal(data, &inner); err != nil {
			return nil, fmt.Errorf("read fuel grades: %w", err)
		}
		return parseGrades([]byte(inner), false)
	}
	return nil, errors.New("read fuel grades: neither a list nor an object")
}

// gradeName reads a plain name or an object that carries one; empty when the object carries none.
func gradeName(data json.RawMessage) (string, error) {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte(`"`)) {
		var name string
		err := json.Unmarshal(data, &name)
		return strings.TrimSpace(name), err
	}
	var object struct {
		Grade string `json:"grade"`
		Name  string `json:"name"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return "", err
	}
	if object.Grade != "" {
		return strings.TrimSpace(object.Grade), nil
	}
	return strings.TrimSpace(object.Name), nil
}

// gradesOfObject keeps the order of the keys, which is the order on the dispenser's card; a map would lose it.
func gradesOfObject(data []byte) ([]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return nil, fmt.Errorf("read fuel grades: %w", err)
	}
	var grades []string
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read fuel grades: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("read fuel grades: %w", err)
		}
		name, err := gradeName(value)
		if err != nil || name == "" { // a value without a name: the key is the name
			name = titleOf(fmt.Sprint(key))
		}
		if name == "" {
			return nil, errors.New("read fuel grades: a key without a name")
		}
		grades = append(grades, name)
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return nil, fmt.Errorf("read fuel grades: %w", err)
	}
	return grades, nil
}

// titleOf turns a key into a name: "diesel_high_flow" is "Diesel High Flow".
func titleOf(key string) string {
	words := strings.Fields(strings.ReplaceAll(key, "_", " "))
	for i, word := range words {
		if word[0] < 0x80 { // keys are ASCII in every known store; anything else stays as it is
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, " ")
}

// dateOf reads the local date at the beginning of a scheduled date; ok is false when there is none. Times behind it are not
// looked at, and the date is never shifted to another zone.
func dateOf(text string) (date time.Time, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) < len(time.DateOnly) {
		return time.Time{}, false
	}
	head, rest := text[:len(time.DateOnly)], text[len(time.DateOnly):]
	if rest != "" && rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' {
		return time.Time{}, false
	}
	date, err := time.Parse(time.DateOnly, head)
	return date, err == nil && date.Year() > 0
}
