package main

import (
	"fmt"

	"github.com/fossawork/scheduler/internal/seal"
)

type keysCommand struct {
	Generate generateCommand `cmd:"" help:"Make a new keyset file. An existing one is never overwritten."`
	Rotate   rotateCommand   `cmd:"" help:"Add a new primary key to a keyset file. What was sealed before still opens."`
}

type generateCommand struct {
	Out string `required:"" type:"path" placeholder:"FILE" help:"File to make, readable by its owner only."`
}

// Run makes the keyset.
func (c *generateCommand) Run(std streams) error {
	if err := seal.Generate(c.Out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(std.out, "Made %s. Keep a copy: without it every stored portal login is lost.\n", c.Out)
	return err
}

type rotateCommand struct {
	File string `name:"keyset-file" env:"FOSSAWORK_KEYSET_FILE" required:"" type:"existingfile" placeholder:"FILE" help:"File to rotate."`
}

// Run rotates the keyset.
func (c *rotateCommand) Run(std streams) error {
	if err := seal.Rotate(c.File); err != nil {
		return err
	}
	_, err := fmt.Fprintf(std.out, "Rotated %s. Restart the api and the workers to use the new key.\n", c.File)
	return err
}
