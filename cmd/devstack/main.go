// Command devstack runs the whole scheduler on one computer for development: a private PostgreSQL, a Temporal
// development server, the portal simulator, the API and the workers, all on loopback. It is what `make run` starts, and
// is never part of the product.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}
