package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fossawork/scheduler/scrape"
)

const (
	tagCredentials   = "credentials"
	storedLoginsPath = "/api/v1/credentials"
	sealingMethod    = "AES-256-GCM"
)

type replaceCredentialsInput struct {
	OwnerParam
	Body credentialsRequest
}

// credentialsRequest names neither member as required: that one is missing is 400 in the old contract, with its own sentence.
type credentialsRequest struct {
	_        struct{} `additionalProperties:"true"`
	Username string   `json:"username,omitempty" doc:"E-mail address of the WorkFossa account; must be given." example:"tech@example.com"`
	Password string   `json:"password,omitempty" format:"password" doc:"Its password; must be given." example:"demo-password"`
}

// login is the login that was sent; whatever is missing in it is 400.
func (r credentialsRequest) login() (scrape.Login, error) {
	if r.Username == "" || r.Password == "" {
		return scrape.Login{}, newProblem(http.StatusBadRequest, string(scrape.KindInvalid), "Username and password are required")
	}
	return scrape.Login{Username: r.Username, Password: scrape.NewSecret(r.Password)}, nil
}

type credentialsReplaced struct {
	Status           string    `json:"status" enum:"success"`
	Message          string    `json:"message"`
	Username         string    `json:"username" example:"tech@example.com"`
	SecureStorage    bool      `json:"secure_storage" doc:"True: nothing is stored in clear."`
	EncryptionMethod string    `json:"encryption_method" example:"AES-256-GCM"`
	Timestamp        time.Time `json:"timestamp"`
}

// credentialsInfo leaves updated_at out when there are none, as the old contract does.
type credentialsInfo struct {
	HasCredentials bool                `json:"has_credentials"`
	Username       *string             `json:"username" doc:"Null when none are stored." example:"tech@example.com"`
	CreatedAt      *time.Time          `json:"created_at" doc:"Null when none are stored."`
	UpdatedAt      Optional[time.Time] `json:"updated_at,omitzero" doc:"Left out when none are stored."`

	State      Optional[credentialState] `json:"state" doc:"What is known of them; null when none are stored. Rejected and locked ones are not sent again until they change."`
	VerifiedAt *time.Time                `json:"verified_at" doc:"When WorkFossa accepted them last; null when it never has."`
	LoginAt    *time.Time                `json:"login_at" doc:"When they were last sent to WorkFossa; null when they never were."`
}

// credentialState says what is known of a stored login.
type credentialState string

// Schema implements huma.SchemaProvider.
func (credentialState) Schema(huma.Registry) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, state := range []scrape.CredentialState{
		scrape.CredentialUnverified, scrape.CredentialOK, scrape.CredentialRejected, scrape.CredentialLocked,
	} {
		schema.Enum = append(schema.Enum, string(state))
	}
	return schema
}

type credentialsForgotten struct {
	Status  string `json:"status" enum:"success"`
	Message string `json:"message"`
}

type testCredentialsInput struct {
	OwnerParam
	Asked OptionalBody[credentialsRequest]
}

type credentialsTested struct {
	Status    string    `json:"status" enum:"success,failed,error" doc:"failed: WorkFossa refuses them; error: that could not be found out."`
	Message   string    `json:"message"`
	Username  string    `json:"username" example:"tech@example.com"`
	URLTested string    `json:"url_tested" doc:"The portal."`
	Timestamp time.Time `json:"timestamp"`
}

type securityInfo struct {
	EncryptionEnabled bool     `json:"encryption_enabled"`
	EncryptionMethod  string   `json:"encryption_method" example:"AES-256-GCM"`
	MasterKeySet      bool     `json:"master_key_set" doc:"True: the server does not start without its keys."`
	StoredUsersCount  int      `json:"stored_users_count" doc:"Users who have signed in here."`
	StoragePath       *string  `json:"storage_path" doc:"Always null: where the server keeps things is not told."`
	Features          []string `json:"features" doc:"How a stored login is protected, in sentences."`
}

func (e *edge) registerCredentials() {
	operation := func(id, method, path, summary, description string, failures ...int) huma.Operation {
		return protected(huma.Operation{
			OperationID: id, Method: method, Path: storedLoginsPath + path, Tags: []string{tagCredentials}, Summary: summary, Description: description,
			Errors: append(failures, http.StatusForbidden),
		})
	}
	atPortal := func(operation huma.Operation) huma.Operation {
		operation.Metadata = map[string]any{slow: true}
		operation.Errors = append(operation.Errors, http.StatusTooManyRequests, http.StatusBadGateway)
		return operation
	}
	handle(e, operation("get-credentials", http.MethodGet, "/workfossa", "Your stored WorkFossa login", "Without its password."), e.getCredentials)
	handle(e, atPortal(operation("replace-credentials", http.MethodPost, "/workfossa", "Store another WorkFossa login",
		"It is tried at WorkFossa in a browser, which takes some seconds, and stored only when WorkFossa accepts it. Whoever is signed in stays so. "+
			"400: WorkFossa refused it, or it is no e-mail address with a password; 403: WorkFossa has locked the account; "+
			"429: too many passwords were tried; 502: WorkFossa does not answer.")), e.replaceCredentials)
	handle(e, operation("delete-credentials", http.MethodDelete, "/workfossa", "Forget your WorkFossa login",
		"The password and the portal session are deleted; schedules that need the portal are held until there is one again.", http.StatusNotFound), e.deleteCredentials)
	handleOptional[credentialsRequest](e, atPortal(operation("test-credentials", http.MethodPost, "/workfossa/test", "Try a WorkFossa login",
		"Without a body, the stored one. Nothing is replaced. 404: none is stored.", http.StatusNotFound)), e.testCredentials)
	handle(e, operation("get-credential-security", http.MethodGet, "/security/info", "How logins are stored", ""), e.securityInfo)
}

func (e *edge) getCredentials(ctx context.Context, in *ownerInput) (*body[credentialsInfo], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	info, err := e.Credentials.Info(ctx, caller(ctx).ID)
	if err != nil {
		return nil, err
	}
	if !info.HasCredentials {
		return reply(credentialsInfo{}), nil
	}
	state := credentialState(info.State)
	return reply(credentialsInfo{
		HasCredentials: true, Username: &info.Username, CreatedAt: utcOrNil(info.CreatedAt),
		UpdatedAt: Optional[time.Time]{Set: true, Value: utcOrNil(info.UpdatedAt)}, State: Optional[credentialState]{Value: &state},
		VerifiedAt: utcOrNil(info.VerifiedAt), LoginAt: utcOrNil(info.LoginAt),
	}), nil
}

func (e *edge) replaceCredentials(ctx context.Context, in *replaceCredentialsInput) (*body[credentialsReplaced], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	login, err := in.Body.login()
	if err != nil {
		return nil, err
	}
	err = e.Credentials.Replace(ctx, caller(ctx).ID, login)
	switch scrape.KindOf(err) {
	case "":
	case scrape.KindInvalid, scrape.KindCredentialsRejected: // never 401, at which the old front end signs people out
		return nil, loginProblem(http.StatusBadRequest, string(scrape.KindOf(err)), err)
	default:
		return nil, err
	}
	return reply(credentialsReplaced{
		Status: "success", Message: "Credentials saved successfully", Username: scrape.NormalizeEmail(login.Username), SecureStorage: true,
		EncryptionMethod: sealingMethod, Timestamp: utc(e.now()),
	}), nil
}

func (e *edge) deleteCredentials(ctx context.Context, in *ownerInput) (*body[credentialsForgotten], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	err := e.Credentials.Forget(ctx, caller(ctx).ID)
	if scrape.KindOf(err) == scrape.KindNotFound {
		return nil, scrape.Errorf(scrape.KindNotFound, "No credentials found")
	}
	if err != nil {
		return nil, err
	}
	return reply(credentialsForgotten{Status: "success", Message: "Credentials deleted successfully"}), nil
}

func (e *edge) testCredentials(ctx context.Context, in *testCredentialsInput) (*body[credentialsTested], error) {
	if err := in.check(ctx); err != nil {
		return nil, err
	}
	asked, err := in.Asked.read(e)
	if err != nil {
		return nil, err
	}
	var given *scrape.Login
	if asked.Username+asked.Password != "" {
		login, err := asked.login()
		if err != nil {
			return nil, err
		}
		given = &login
	}
	result, err := e.Credentials.Test(ctx, caller(ctx).ID, given)
	if scrape.KindOf(err) == scrape.KindInvalid {
		return nil, loginProblem(http.StatusBadRequest, string(scrape.KindInvalid), err)
	}
	if err != nil {
		return nil, err
	}
	return reply(credentialsTested{
		Status: result.Status, Message: result.Message, Username: result.Username, URLTested: e.PortalURL, Timestamp: utc(e.now()),
	}), nil
}

func (e *edge) securityInfo(ctx context.Context, _ *struct{}) (*body[securityInfo], error) {
	count, err := e.Credentials.UserCount(ctx)
	if err != nil {
		return nil, err
	}
	return reply(securityInfo{
		EncryptionEnabled: true, EncryptionMethod: sealingMethod, MasterKeySet: true, StoredUsersCount: count,
		Features: []string{
			"Every value is sealed with AES-256-GCM and bound to its owner and column.",
			"The keys are kept apart from the database and can be replaced.",
			"A password is opened only to type it into WorkFossa's form; nothing reads it back.",
			"What cannot be opened is an error; it is never used as it is.",
		},
	}), nil
}
