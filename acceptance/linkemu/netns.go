// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// inNamespace runs body on a thread that is inside a network namespace of `ip netns`. What it opens stays there.
func inNamespace(name string, body func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		result <- func() error {
			fd, err := unix.Open("/run/netns/"+name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				return fmt.Errorf("there is no network namespace %s (ip netns add %s): %w", name, name, err)
			}
			defer unix.Close(fd)
			if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
				return fmt.Errorf("cannot enter network namespace %s, which takes root: %w", name, err)
			}
			return body()
		}()
	}()
	return <-result
}

// ip runs the ip command inside a namespace.
func ip(namespace string, arguments ...string) error {
	command := exec.Command("ip", append([]string{"-n", namespace}, arguments...)...)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
