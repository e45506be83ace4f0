package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// apiAccess says where the API is and who calls. Secrets are no flags: everybody on a machine sees its command lines.
type apiAccess struct {
	URL   string `name:"api-url" env:"FOSSAWORK_API_URL" default:"http://127.0.0.1:8000" help:"The API."`
	Email string `placeholder:"EMAIL" help:"Sign in as this user, with the password from FOSSAWORK_PASSWORD or a prompt. Without it FOSSAWORK_API_TOKEN says who calls."`
}

// Validate refuses what is no address.
func (a apiAccess) Validate() error {
	parsed, err := url.Parse(a.URL)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
		return fmt.Errorf("api-url must be an address such as http://127.0.0.1:8000, not %q", a.URL)
	}
	return nil
}

// callTimeout bounds one call: the portal is asked about a password that is not known yet, and a long document takes its time.
const callTimeout = 2 * time.Minute

// closeTimeout bounds signing out, which nobody wants to wait for.
const closeTimeout = 5 * time.Second

// mostAnswer is more than any answer of the API has.
const mostAnswer = 64 << 20

// apiCaller is a user at the API.
type apiCaller struct {
	base, token string
	signedIn    bool // for this command alone
	client      *http.Client
}

// open says who calls: the token from the environment, or somebody who signs in. Close it in the end.
func (a apiAccess) open(ctx context.Context, std streams) (*apiCaller, error) {
	api := &apiCaller{base: strings.TrimRight(a.URL, "/"), client: &http.Client{Timeout: callTimeout}}
	if a.Email == "" {
		if api.token = strings.TrimSpace(os.Getenv("FOSSAWORK_API_TOKEN")); api.token == "" {
			return nil, errors.New("nobody is signed in: set FOSSAWORK_API_TOKEN to an access token, or give --email")
		}
		return api, nil
	}
	password := os.Getenv("FOSSAWORK_PASSWORD")
	if password == "" {
		var err error
		if password, err = readPassword(ctx, os.Stdin, std.err, a.Email); err != nil {
			return nil, err
		}
	}
	login, err := json.Marshal(map[string]string{"username": a.Email, "password": password})
	if err != nil {
		return nil, err
	}
	text, err := api.do(ctx, http.MethodPost, "/api/auth/login", typeJSON, login, typeJSON)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Token == "" {
		return nil, errors.New("the API's answer to the sign-in cannot be read; is this its address?")
	}
	api.token, api.signedIn = answer.Token, true
	return api, nil
}

// close ends the session that open began, so that commands leave none behind. One that cannot be ended is over by itself in time.
func (a *apiCaller) close(ctx context.Context) {
	if !a.signedIn {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_, _ = a.do(ctx, http.MethodPost, "/api/auth/logout", "", nil, typeJSON)
}

// readPassword asks for the password, without showing it where the input is a terminal. The end of the context ends the question, which a
// read from a terminal does not notice.
func readPassword(ctx context.Context, input *os.File, prompt io.Writer, email string) (string, error) {
	if info, err := input.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		defer echo(context.WithoutCancel(ctx), input, true)
		echo(ctx, input, false)
	}
	_, _ = fmt.Fprintf(prompt, "Password of %s: ", email)
	defer func() { _, _ = fmt.Fprintln(prompt) }()
	typed := make(chan string, 1)
	go func() { typed <- readLine(input) }()
	select {
	case password := <-typed:
		if password == "" {
			return "", errors.New("no password was given")
		}
		return password, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// readLine reads byte by byte: what follows the line is not ours to read.
func readLine(input io.Reader) string {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := input.Read(one)
		if n > 0 && one[0] != '\n' {
			line = append(line, one[0])
		}
		if err != nil || (n > 0 && one[0] == '\n') {
			return strings.TrimSuffix(string(line), "\r")
		}
	}
}

// echo shows or hides what is typed. A terminal that cannot hide it shows it.
func echo(ctx context.Context, terminal *os.File, on bool) {
	setting := "-echo"
	if on {
		setting = "echo"
	}
	command := exec.CommandContext(ctx, "stty", setting)
	command.Stdin = terminal
	_ = command.Run()
}

// do sends a request and gives the body of the answer. An error of the API is its sentence.
func (a *apiCaller) do(ctx context.Context, method, path, contentType string, body []byte, accept string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the API: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return nil, fmt.Errorf("read the API's answer: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		return text, nil
	}
	var problem struct {
		Detail  string `json:"detail"`
		Message string `json:"message"`
	}
	if json.Unmarshal(text, &problem) != nil || problem.Detail == "" {
		return nil, fmt.Errorf("the API answered %s", response.Status)
	}
	if problem.Message != "" && problem.Message != problem.Detail {
		return nil, fmt.Errorf("%s: %s", strings.TrimSuffix(problem.Detail, "."), problem.Message)
	}
	return nil, errors.New(problem.Detail)
}
