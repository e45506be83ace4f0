package workflows

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Register makes the workflows known to a worker under their published names.
func Register(registry worker.WorkflowRegistry) {
	registry.RegisterWorkflowWithOptions(Scrape, workflow.RegisterOptions{Name: ScrapeType})
	registry.RegisterWorkflowWithOptions(VerifyLogin, workflow.RegisterOptions{Name: VerifyLoginType})
	registry.RegisterWorkflowWithOptions(Reconcile, workflow.RegisterOptions{Name: ReconcileType})
	registry.RegisterWorkflowWithOptions(Retention, workflow.RegisterOptions{Name: RetentionType})
	registry.RegisterWorkflowWithOptions(Statistics, workflow.RegisterOptions{Name: StatisticsType})
}
