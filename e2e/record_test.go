package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// record keeps a workflow's history as a replay fixture when FOSSAWORK_RECORD_HISTORIES names a directory (make record-histories, on a
// released commit). Histories are made by released code: those of the branch under test would only agree with themselves.
func (s *stack) record(workflow, name, workflowID string) {
	s.t.Helper()
	dir := os.Getenv("FOSSAWORK_RECORD_HISTORIES")
	if dir == "" {
		return
	}
	history := &historypb.History{}
	events := s.temporal.GetWorkflowHistory(s.t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(s.t, err)
		history.Events = append(history.Events, event)
	}
	text, err := protojson.Marshal(history)
	require.NoError(s.t, err)
	var tree any
	require.NoError(s.t, json.Unmarshal(text, &tree))
	scrub(tree)
	text, err = json.MarshalIndent(tree, "", " ") // sorted keys: a new recording shows in the diff as what changed
	require.NoError(s.t, err)
	path := filepath.Join(dir, workflow, name+".json")
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(s.t, os.WriteFile(path, append(text, '\n'), 0o644))
}

// scrub takes out what names the machine that recorded: worker identities and source paths in stack traces.
func scrub(tree any) {
	switch node := tree.(type) {
	case map[string]any:
		delete(node, "identity")
		delete(node, "stackTrace")
		for _, child := range node {
			scrub(child)
		}
	case []any:
		for _, child := range node {
			scrub(child)
		}
	}
}
