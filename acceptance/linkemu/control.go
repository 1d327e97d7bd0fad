// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// control serves the command language on a unix socket.
type control struct {
	emulator *emulator
	listener net.Listener
	quit     chan struct{}
}

func listen(path string, e *emulator) (*control, error) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", path, err)
	}
	c := &control{emulator: e, listener: listener, quit: make(chan struct{}, 1)}
	go c.accept()
	return c, nil
}

func (c *control) accept() {
	for {
		connection, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			complain("control socket: %v", err)
			time.Sleep(100 * time.Millisecond) // out of descriptors, perhaps: others may give some back
			continue
		}
		go c.serve(connection)
	}
}

func (c *control) serve(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		answer := []byte(`{"ok":true}`)
		if line != "quit" {
			answer = c.emulator.do(line)
		}
		if _, err := connection.Write(append(answer, '\n')); err != nil {
			return // whoever asked has gone
		}
		if line == "quit" {
			select {
			case c.quit <- struct{}{}:
			default: // somebody has said it before
			}
			return
		}
	}
}

func (c *control) close() {
	c.listener.Close()
}

// ask sends commands to an emulator, and gives each answer to answered.
func ask(path string, commands []string, answered func([]byte) error) error {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return fmt.Errorf("no emulator at %s: %w", path, err)
	}
	defer connection.Close()
	answers := bufio.NewScanner(connection)
	answers.Buffer(nil, 16<<20)
	for _, command := range commands {
		if _, err := fmt.Fprintln(connection, command); err != nil {
			return err
		}
		if !answers.Scan() {
			return fmt.Errorf("the emulator ended without an answer to %q", command)
		}
		if err := answered(answers.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
