// SPDX-License-Identifier: Apache-2.0

// linkemu emulates network links between network namespaces: delay, rate, loss and other faults on the IP packets
// between two TUN devices, each way by itself, changed while it runs.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const usage = `linkemu: links between network namespaces, with faults. Needs root.

  linkemu run --control SOCKET [--seed N] [--until-eof] [COMMAND]...   emulate until told to quit, or a signal
  linkemu ask SOCKET COMMAND...                                        send commands to a running emulator
  linkemu check [--seconds N] [--json]                                 measure the emulator through itself

A COMMAND is one argument, such as 'link lan a:tun0@10.0.0.1/24 b:tun0@10.0.0.2/24' or 'set lan both delay=5ms'.

`

func complain(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "linkemu: "+format+"\n", arguments...)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage, commandHelp, settingsHelp())
		os.Exit(2)
	}
	var err error
	switch arguments := os.Args[2:]; os.Args[1] {
	case "run":
		err = run(arguments)
	case "ask":
		err = askCommand(arguments)
	case "check":
		err = checkCommand(arguments)
	case "help", "-h", "--help":
		fmt.Print(usage, commandHelp, settingsHelp())
	default:
		err = fmt.Errorf("there is no command %q; try linkemu help", os.Args[1])
	}
	if err != nil {
		complain("%v", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("linkemu run", flag.ExitOnError)
	path := flags.String("control", "", "unix socket to listen on")
	seed := flags.Int64("seed", time.Now().UnixNano(), "of everything random")
	untilEOF := flags.Bool("until-eof", false, "end also when standard input ends, as it does when whoever started this is gone")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *path == "" {
		return fmt.Errorf("run needs --control SOCKET")
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	e := newEmulator(*seed)
	defer e.close()
	for _, command := range flags.Args() {
		if _, err := e.execute(strings.Fields(command)); err != nil {
			return fmt.Errorf("%s: %w", command, err)
		}
	}
	c, err := listen(*path, e)
	if err != nil {
		return err
	}
	defer c.close()
	fmt.Printf("listening on %s, seed %d\n", *path, *seed)
	gone := make(chan struct{})
	if *untilEOF {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // an error is an end too
			close(gone)
		}()
	}
	select {
	case <-signals:
	case <-c.quit:
	case <-gone:
	}
	return nil
}

func askCommand(arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("ask needs a SOCKET and a COMMAND")
	}
	refused := 0
	err := ask(arguments[0], arguments[1:], func(answer []byte) error {
		fmt.Println(string(answer))
		var said struct{ OK bool }
		if err := json.Unmarshal(answer, &said); err != nil {
			return fmt.Errorf("the emulator does not answer in JSON: %w", err)
		}
		if !said.OK {
			refused++
		}
		return nil
	})
	if err == nil && refused > 0 {
		err = fmt.Errorf("the emulator refused %d of %d commands", refused, len(arguments)-1)
	}
	return err
}
