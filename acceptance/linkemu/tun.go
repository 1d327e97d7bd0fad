// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// end is a TUN device in a network namespace: one end of a link. It is gone when its descriptor is closed.
type end struct {
	namespace string
	device    string
	addresses []string // with prefix length
	fd        int
	figures   *os.File // /proc/net/dev of the namespace
}

// waiting is how many packets the device keeps while the emulator is not on a processor. They are late then, not lost.
const waiting = 10000

// parseEnd reads NAMESPACE:DEVICE[@ADDRESS/BITS[,ADDRESS/BITS...]].
func parseEnd(text string) (*end, error) {
	place, addresses, found := strings.Cut(text, "@")
	namespace, device, ok := strings.Cut(place, ":")
	if !ok || namespace == "" || device == "" || strings.ContainsAny(namespace, "/") {
		return nil, fmt.Errorf("%q is not NAMESPACE:DEVICE[@ADDRESS/BITS,...]", text)
	}
	e := &end{namespace: namespace, device: device, fd: -1}
	if found {
		e.addresses = strings.Split(addresses, ",")
	}
	return e, nil
}

func (e *end) String() string { return e.namespace + ":" + e.device }

func (e *end) open(mtu int) error {
	err := inNamespace(e.namespace, func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("cannot open /dev/net/tun, which takes root and a kernel with TUN: %w", err)
		}
		request, err := unix.NewIfreq(e.device)
		if err == nil {
			request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
			err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
		}
		if err != nil {
			unix.Close(fd)
			return fmt.Errorf("cannot make device %s in %s: %w", e.device, e.namespace, err)
		}
		e.fd = fd
		e.figures, err = os.Open("/proc/thread-self/net/dev")
		return err
	})
	if err != nil {
		return err
	}
	for _, address := range e.addresses {
		arguments := []string{"address", "add", address, "dev", e.device}
		if strings.Contains(address, ":") {
			arguments = append(arguments, "nodad")
		}
		if err := ip(e.namespace, arguments...); err != nil {
			return err
		}
	}
	return ip(e.namespace, "link", "set", e.device, "mtu", strconv.Itoa(mtu), "txqueuelen", strconv.Itoa(waiting), "up")
}

// missed returns how many packets the device dropped because the emulator did not read them in time.
func (e *end) missed() (int64, error) {
	text := make([]byte, 1<<16)
	n, err := e.figures.ReadAt(text, 0)
	if err != nil && err != io.EOF {
		return 0, err
	}
	for _, line := range strings.Split(string(text[:n]), "\n") {
		name, figures, found := strings.Cut(strings.TrimSpace(line), ":")
		if fields := strings.Fields(figures); found && name == e.device && len(fields) > 11 {
			return strconv.ParseInt(fields[11], 10, 64) // 8 columns received; bytes, packets, errors, dropped
		}
	}
	return 0, fmt.Errorf("device %s is gone", e.device)
}

func (e *end) close() {
	if e.fd >= 0 {
		unix.Close(e.fd)
		e.fd = -1
	}
	if e.figures != nil {
		e.figures.Close()
		e.figures = nil
	}
}
