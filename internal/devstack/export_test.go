package devstack

// WithoutUserNamespace takes the way of machines that refuse user namespaces.
func (c PostgresConfig) WithoutUserNamespace() PostgresConfig {
	c.noUserNamespace = true
	return c
}

// SocketDir is the directory of the server's socket.
func (pg *Postgres) SocketDir() string { return pg.socket }
