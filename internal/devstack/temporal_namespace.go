package devstack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

// namespaceRetention is how long a namespace made at run time keeps closed workflows.
const namespaceRetention = 72 * time.Hour

// registerNamespace makes a namespace and waits until the server's own cache knows it.
func registerNamespace(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        namespace,
		WorkflowExecutionRetentionPeriod: durationpb.New(namespaceRetention),
	})
	if exists := (*serviceerror.NamespaceAlreadyExists)(nil); err != nil && !errors.As(err, &exists) {
		return err
	}
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for {
		// Listing goes through the cache, describing does not.
		_, err := c.WorkflowService().ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: namespace, PageSize: 1,
		})
		if missing := (*serviceerror.NamespaceNotFound)(nil); err == nil || !errors.As(err, &missing) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// EnsureNamespace makes a namespace with search attributes on a server that is running; either may exist already.
func EnsureNamespace(ctx context.Context, address, namespace string, attrs []SearchAttribute) error {
	c, err := client.NewLazyClient(client.Options{HostPort: address, Logger: silent{}})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	defer c.Close()
	if err := registerNamespace(ctx, c, namespace); err != nil {
		return fmt.Errorf("make namespace %s: %w", namespace, err)
	}
	if err := ensureAttributes(ctx, c, namespace, attrs); err != nil {
		return fmt.Errorf("prepare namespace %s: %w", namespace, err)
	}
	return nil
}

// attributeTypeError is the one thing neither waiting nor adding mends: an existing attribute keeps its type, silently.
type attributeTypeError struct {
	want SearchAttribute
	have enumspb.IndexedValueType
}

func (e *attributeTypeError) Error() string {
	return fmt.Sprintf("search attribute %s exists with type %s instead of %s, and types cannot be changed: "+
		"remove the server's database to start empty; schedules come back from PostgreSQL", e.want.Name, e.have, e.want.Type)
}

// ensureAttributes adds what is missing: the server's own flag does so for new namespaces only.
func ensureAttributes(ctx context.Context, c client.Client, namespace string, want []SearchAttribute) error {
	if len(want) == 0 {
		return nil
	}
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, attr := range want {
		kind, ok := have.GetCustomAttributes()[attr.Name]
		if ok && !strings.EqualFold(kind.String(), attr.Type) {
			return &attributeTypeError{want: attr, have: kind}
		}
		if ok {
			continue
		}
		if missing[attr.Name], err = enumspb.IndexedValueTypeFromString(attr.Type); err != nil {
			return fmt.Errorf("search attribute %s: %w", attr.Name, err)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
	return err
}
