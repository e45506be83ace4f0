package api

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/fossawork/scheduler/scrape"
)

const mustBeGiven = "must be given"

// Huma's own words for a mistake are fragments for programmers ("expected required property schedule_type to be present"). These go on from
// the name of the field: "schedule_type must be given." Both they and the hooks below are global to the process.
func init() {
	validation.MsgExpectedRequiredProperty = "%s " + mustBeGiven
	validation.MsgExpectedBoolean = "must be true or false"
	validation.MsgExpectedNumber = "must be a number"
	validation.MsgExpectedInteger = "must be a whole number"
	validation.MsgExpectedString = "must be a text"
	validation.MsgExpectedArray = "must be a list"
	validation.MsgExpectedObject = "must be an object"
	validation.MsgExpectedOneOf = `must be one of "%s"`
	validation.MsgExpectedMinimumNumber = "must be at least %v"
	validation.MsgExpectedExclusiveMinimumNumber = "must be above %v"
	validation.MsgExpectedMaximumNumber = "must be at most %v"
	validation.MsgExpectedExclusiveMaximumNumber = "must be below %v"
	validation.MsgExpectedMinLength = "must have at least %d characters"
	validation.MsgExpectedMaxLength = "must have at most %d characters"

	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, causes ...error) huma.StatusError {
		return requestProblem(status, message, causes)
	}
	huma.NewError = func(status int, message string, causes ...error) huma.StatusError {
		return requestProblem(status, message, causes)
	}
	huma.DefaultArrayNullable = false
}

// parameterWords are Huma's words for a query or path parameter that cannot be read, which are not to be set from outside.
var parameterWords = map[string]string{
	"invalid integer":        "must be a whole number",
	"invalid float":          "must be a number",
	"invalid floating value": "must be a number",
	"invalid boolean":        "must be true or false",
}

// requestProblem is the answer to a request that Huma refuses before a handler sees it.
func requestProblem(status int, message string, causes []error) *Problem {
	invalid := string(scrape.KindInvalid)
	switch {
	case status >= http.StatusInternalServerError:
		return newProblem(status, string(scrape.KindInternal), scrape.MessageOf(nil))
	case message == "request body is required": // a missing body is an invalid one to the old contract, not a malformed one
		return newProblem(http.StatusUnprocessableEntity, invalid, "The body is missing. Send a JSON object.")
	case status == http.StatusBadRequest: // the parser's own words quote what was sent
		return newProblem(status, invalid, "The body is not valid JSON.")
	case status == http.StatusRequestEntityTooLarge:
		return newProblem(status, invalid, "The body is too large. It must be below 1 MiB.")
	case status == http.StatusUnsupportedMediaType:
		return newProblem(status, invalid, "The body must be JSON, with the header Content-Type: application/json.")
	case status == http.StatusRequestTimeout:
		return newProblem(status, invalid, "The body did not arrive in time.")
	}
	problem := newProblem(status, invalid, "")
	sentences := make([]string, 0, len(causes))
	for _, cause := range causes {
		if detailer, ok := cause.(huma.ErrorDetailer); ok {
			field := mistake(detailer.ErrorDetail())
			problem.Errors = append(problem.Errors, field)
			sentences = append(sentences, field.Message)
		}
	}
	problem.Detail = strings.Join(sentences, " ")
	if problem.Detail == "" {
		problem.Detail = "The request is not valid."
	}
	return problem
}

// mistake says in a sentence what is wrong with one field. The value itself is never repeated, and words that are not known here are not
// passed on: they may quote it.
func mistake(detail *huma.ErrorDetail) ProblemField {
	location, text := detail.Location, strings.Replace(detail.Message, ", <nil>", "", 1) // null is no word to choose from
	if name, missing := strings.CutSuffix(text, " "+mustBeGiven); missing {
		location, text = location+"."+name, mustBeGiven
	}
	if words, known := parameterWords[text]; known {
		text = words
	}
	_, name, isField := strings.Cut(location, ".")
	switch {
	case !isField && strings.HasPrefix(text, "must "):
		return ProblemField{Message: "The body must be a JSON object.", Location: location}
	case !isField: // it passed the schema and still does not fit: 6.0 or 1e300 for a whole number
		return ProblemField{Message: "A number in the body is too large, or has a decimal point where a whole one is needed.", Location: location}
	case !strings.HasPrefix(text, "must "):
		text = "is not valid"
	}
	return ProblemField{Message: name + " " + text + ".", Location: location}
}
