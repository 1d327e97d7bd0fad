// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"sort"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Figure is something measured, beside what was asked for.
type Figure struct {
	Shape    string  `json:"shape"`
	Family   string  `json:"family"`
	What     string  `json:"what"`
	Expected float64 `json:"expected"`
	Measured float64 `json:"measured"`
	Off      float64 `json:"allowed"` // most that Measured may differ
	OK       bool    `json:"ok"`
}

// bench is a link between two namespaces of its own, with a UDP socket for each address family at both ends.
type bench struct {
	link    *link
	seconds float64
	family  string
	sockets map[string][2]*net.UDPConn // of a, connected to b; of b
	figures []Figure
	shape   string
}

// sample is what arrived of a train of packets.
type sample struct {
	sent, received     int
	overtaken, copies  int
	first, last        time.Time
	bytesAfterTheFirst int
	longestGap         int // packets missing in a row
	gaps               int
	delays             []time.Duration
}

func checkCommand(arguments []string) error {
	flags := flag.NewFlagSet("linkemu check", flag.ExitOnError)
	seconds := flags.Float64("seconds", 1, "for each rate")
	asJSON := flags.Bool("json", false, "print one line of JSON at the end")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("check makes network namespaces, and needs root for that")
	}
	b := &bench{seconds: *seconds}
	err := b.inNamespaces(b.all)
	ok := err == nil
	for _, f := range b.figures {
		ok = ok && f.OK
	}
	if *asJSON {
		encoded, encodeError := json.Marshal(map[string]any{"name": "linkemu check", "ok": ok, "figures": b.figures})
		if encodeError != nil {
			return encodeError
		}
		fmt.Println(string(encoded))
	}
	if err == nil && !ok {
		err = errors.New("the emulator is not as exact as it should be, or this machine is too busy to tell (its senders are ordinary processes)")
	}
	return err
}

// inNamespaces runs body on a link between two new namespaces, and removes them, also when it is told to stop.
func (b *bench) inNamespaces(body func() error) error {
	names := [2]string{}
	for i, letter := range []string{"a", "b"} {
		names[i] = fmt.Sprintf("linkemu-check-%d-%s", os.Getpid(), letter)
		if output, err := exec.Command("ip", "netns", "add", names[i]).CombinedOutput(); err != nil {
			return fmt.Errorf("ip netns add %s: %w: %s", names[i], err, output)
		}
		defer exec.Command("ip", "netns", "delete", names[i]).Run()
	}
	ends := [2]*end{}
	for i, name := range names {
		if err := ip(name, "link", "set", "lo", "up"); err != nil {
			return err
		}
		ends[i] = &end{namespace: name, device: "tun0", fd: -1,
			addresses: []string{fmt.Sprintf("10.0.0.%d/24", i+1), fmt.Sprintf("fd00::%d/64", i+1)}}
	}
	var err error
	if b.link, err = openLink("check", ends[0], ends[1], 1500, 1); err != nil {
		return err
	}
	defer b.link.close()
	if b.sockets, err = openSockets(names); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- body() }()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	select {
	case err := <-done:
		return err
	case s := <-signals:
		return fmt.Errorf("stopped by %v", s)
	}
}

func openSockets(namespaces [2]string) (map[string][2]*net.UDPConn, error) {
	all := map[string][2]*net.UDPConn{}
	for family, network := range map[string][2]string{"IPv4": {"10.0.0.1", "10.0.0.2"}, "IPv6": {"fd00::1", "fd00::2"}} {
		var pair [2]*net.UDPConn
		open := func(i int, dial func() (*net.UDPConn, error)) error {
			return inNamespace(namespaces[i], func() (err error) {
				if pair[i], err = dial(); err == nil {
					err = pair[i].SetReadBuffer(4 << 20)
				}
				return err
			})
		}
		far := &net.UDPAddr{IP: net.ParseIP(network[1]), Port: 7}
		if err := open(1, func() (*net.UDPConn, error) { return net.ListenUDP("udp", far) }); err != nil {
			return nil, err
		}
		if err := open(0, func() (*net.UDPConn, error) { return net.DialUDP("udp", nil, far) }); err != nil {
			return nil, err
		}
		all[family] = pair
	}
	return all, nil
}

func (b *bench) all() error {
	for _, family := range []string{"IPv4", "IPv6"} {
		b.family = family
		for _, measure := range []func() error{b.delays, b.jitter, b.rates, b.losses, b.order, b.sizes, b.hole} {
			if err := measure(); err != nil {
				return fmt.Errorf("%s, %s: %w", family, b.shape, err)
			}
		}
	}
	return b.load()
}

func (b *bench) use(shape string) error {
	b.shape = shape
	return b.link.set([]int{0, 1}, strings.Fields("clear "+shape))
}

func (b *bench) expect(what string, expected, measured, off float64) {
	f := Figure{b.shape, b.family, what, expected, measured, off, math.Abs(measured-expected) <= off}
	b.figures = append(b.figures, f)
	verdict := "ok"
	if !f.OK {
		verdict = "NOT OK"
	}
	shape := b.shape
	if shape == "" {
		shape = "clear"
	}
	fmt.Printf("%-6s %-4s  %-30s %-36s %9.3f, expected %9.3f +- %.3f\n", verdict, b.family, shape, what, measured, expected, off)
}

func (b *bench) count() (Counters, error) {
	_, counters, err := b.link.read(0)
	return counters, err
}

// delays compares with a link that is clear: waking up the emulator and the receiver takes time of its own.
func (b *bench) delays() error {
	clear := time.Duration(0)
	for _, delay := range []time.Duration{0, 500 * time.Microsecond, 20 * time.Millisecond} {
		if err := b.use("delay=" + delay.String()); err != nil {
			return err
		}
		delays := []time.Duration{}
		for i := 0; i < 40; i++ {
			s, err := b.train(1, 100, 0)
			if err != nil {
				return err
			}
			delays = append(delays, s.delays...)
		}
		median := quantile(delays, 0.5)
		if delay == 0 {
			clear = median
			b.expect("median one-way delay, ms", 0.25, millis(median), 0.25)
		} else {
			b.expect("one-way delay above a clear link, ms", millis(delay), millis(median-clear), 0.25)
		}
	}
	return nil
}

func (b *bench) jitter() error {
	if err := b.use("delay=10ms jitter=8ms"); err != nil {
		return err
	}
	s, err := b.train(60, 100, 20*time.Millisecond) // far enough apart that keeping the order does not matter
	if err != nil {
		return err
	}
	b.expect("10th percentile of the delay, ms", 3.6, millis(quantile(s.delays, 0.1)), 2)
	b.expect("90th percentile of the delay, ms", 16.4, millis(quantile(s.delays, 0.9)), 2)
	return nil
}

func (b *bench) rates() error {
	for _, mbit := range []float64{10, 200} {
		if err := b.use(fmt.Sprintf("rate=%dkbit queue=64m", int(mbit*1000))); err != nil {
			return err
		}
		const bytes = 1400
		overhead := map[string]int{"IPv4": 28, "IPv6": 48}[b.family]
		s, err := b.train(int(mbit*1e6*b.seconds/8/float64(bytes+overhead)), bytes, 0)
		if err != nil {
			return err
		}
		took := s.last.Sub(s.first).Seconds()
		b.expect("rate, Mbit/s", mbit, float64(s.bytesAfterTheFirst+(s.received-1)*overhead)*8/1e6/took, mbit*0.02)
	}
	if err := b.use("rate=10mbit queue=20k"); err != nil {
		return err
	}
	before, err := b.count()
	if err != nil {
		return err
	}
	s, err := b.train(200, 1400, 0)
	if err != nil {
		return err
	}
	after, err := b.count()
	if err != nil {
		return err
	}
	b.expect("dropped by the full queue", float64(s.sent-s.received), float64(after.Dropped.Queue.Packets-before.Dropped.Queue.Packets), 0)
	b.expect("longest wait in the queue, ms", 16, millis(quantile(s.delays, 1)), 2)
	return nil
}

func (b *bench) losses() error {
	const n = 20000
	for _, shape := range []struct {
		words       string
		share, off  float64
		gap, gapOff float64
		count       func(*Counters) int64
	}{
		{"loss=5%", 5, 1, 1 / 0.95, 0.1, func(c *Counters) int64 { return c.Dropped.Loss.Packets }},
		{"burst=1%,20%", 100 * 0.01 / 0.21, 1.5, 5, 1.2, func(c *Counters) int64 { return c.Dropped.Loss.Packets }},
		{"nth=10", 10, 0, 1, 0, func(c *Counters) int64 { return c.Dropped.Nth.Packets }},
	} {
		if err := b.use(shape.words); err != nil {
			return err
		}
		before, err := b.count()
		if err != nil {
			return err
		}
		s, err := b.train(n, 100, 0)
		if err != nil {
			return err
		}
		after, err := b.count()
		if err != nil {
			return err
		}
		missing := float64(s.sent - s.received)
		b.expect("lost, %", shape.share, missing*100/n, shape.off)
		b.expect("lost in a row, mean", shape.gap, missing/math.Max(1, float64(s.gaps)), shape.gapOff)
		b.expect("lost, by the counter", missing, float64(shape.count(&after)-shape.count(&before)), 0)
	}
	return nil
}

func (b *bench) order() error {
	if err := b.use("rate=1gbit reorder=2%,1ms duplicate=3%"); err != nil {
		return err
	}
	before, err := b.count()
	if err != nil {
		return err
	}
	s, err := b.train(10000, 1000, 0)
	if err != nil {
		return err
	}
	after, err := b.count()
	if err != nil {
		return err
	}
	b.expect("overtaken, %", 2, float64(s.overtaken)/100, 0.7)
	b.expect("arrived twice, %", 3, float64(s.copies)/100, 0.7)
	b.expect("arrived twice, by the counter", float64(s.copies), float64(after.Duplicated.Packets-before.Duplicated.Packets), 0)
	b.expect("missing", 0, float64(s.sent-s.received), 0)
	return nil
}

func (b *bench) sizes() error {
	if err := b.use("mtu=1300"); err != nil {
		return err
	}
	before, err := b.count()
	if err != nil {
		return err
	}
	s, err := b.train(10, 1400, 0)
	if err != nil {
		return err
	}
	after, err := b.count()
	if err != nil {
		return err
	}
	b.expect("arrived although too large", 0, float64(s.received), 0)
	b.expect("dropped as too large", 10, float64(after.Dropped.MTU.Packets-before.Dropped.MTU.Packets), 0)
	if err := b.use("mtu=1300 icmp=on"); err != nil {
		return err
	}
	told := 0
	for i := 0; i < 10 && told == 0; i++ {
		if _, err := b.train(1, 1400, 0); errors.Is(err, syscall.EMSGSIZE) {
			told++
		} else if err != nil {
			return err
		}
	}
	b.expect("the kernel was told by ICMP", 1, float64(told), 0)
	return nil
}

func (b *bench) hole() error {
	if err := b.use("hole=on"); err != nil {
		return err
	}
	before, err := b.count()
	if err != nil {
		return err
	}
	s, err := b.train(100, 100, 0)
	if err != nil {
		return err
	}
	after, err := b.count()
	if err != nil {
		return err
	}
	b.expect("came through the hole", 0, float64(s.received), 0)
	b.expect("dropped in the hole", 100, float64(after.Dropped.Hole.Packets-before.Dropped.Hole.Packets), 0)
	return nil
}

// load measures what the emulator itself costs while it carries 200 Mbit/s each way.
func (b *bench) load() error {
	b.family = "IPv4"
	if err := b.use("delay=500us rate=200mbit queue=1m"); err != nil {
		return err
	}
	pair := b.sockets[b.family]
	if _, err := b.train(1, 100, 0); err != nil { // so that b knows where to send
		return err
	}
	back := pair[0].LocalAddr().(*net.UDPAddr)
	before, err := b.link.cpu()
	if err != nil {
		return err
	}
	start := time.Now()
	var sent [2]int
	payload := make([]byte, 1400)
	for time.Since(start).Seconds() < b.seconds {
		for due := int(time.Since(start).Seconds() * 195e6 / 8 / 1428); sent[0] < due; sent[0]++ {
			if _, err := pair[0].Write(payload); err != nil {
				return err
			}
			if _, err := pair[1].WriteToUDP(payload, back); err != nil {
				return err
			}
		}
		time.Sleep(time.Millisecond)
	}
	took := time.Since(start)
	after, err := b.link.cpu()
	if err != nil {
		return err
	}
	b.expect("cores at 195 Mbit/s each way", 0.25, (after-before).Seconds()/took.Seconds(), 0.25)
	if err := b.drain(); err != nil {
		return err
	}
	counters, err := b.count()
	if err != nil {
		return err
	}
	b.expect("missed by the emulator in all", 0, float64(counters.Missed), 0)
	return nil
}

// train sends packets from a to b, spaced, and waits for those that arrive.
func (b *bench) train(packets, bytes int, spacing time.Duration) (*sample, error) {
	if err := b.drain(); err != nil {
		return nil, err
	}
	pair := b.sockets[b.family]
	s := &sample{sent: packets}
	failed := make(chan error, 1)
	start := time.Now()
	go func() {
		payload := make([]byte, bytes)
		for i := 0; i < packets; i++ {
			if spacing > 0 {
				time.Sleep(time.Until(start.Add(time.Duration(i) * spacing)))
			} else if i%64 == 63 {
				time.Sleep(500 * time.Microsecond) // nothing may be lost but in the emulator
			}
			binary.BigEndian.PutUint64(payload, uint64(i))
			binary.BigEndian.PutUint64(payload[8:], uint64(time.Since(start)))
			if _, err := pair[0].Write(payload); err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	if err := s.receive(pair[1], start, failed); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *sample) receive(from *net.UDPConn, start time.Time, sender chan error) error {
	const silence = 300 * time.Millisecond
	seen := make([]bool, s.sent)
	highest := -1
	buffer := make([]byte, 2048)
	for sending := true; s.received < s.sent || sending; {
		if err := from.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return err
		}
		n, err := from.Read(buffer)
		now := time.Now()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if !sending {
				break
			}
			select {
			case err := <-sender:
				if err != nil {
					return err
				}
				sending = false
			default:
			}
			continue
		}
		if err != nil {
			return err
		}
		i := int(binary.BigEndian.Uint64(buffer))
		if seen[i] {
			s.copies++
			continue
		}
		seen[i] = true
		s.delays = append(s.delays, now.Sub(start)-time.Duration(binary.BigEndian.Uint64(buffer[8:])))
		if s.received++; s.received == 1 {
			s.first = now
		} else {
			s.bytesAfterTheFirst += n
		}
		s.last = now
		if i < highest {
			s.overtaken++
		} else {
			highest = i
		}
	}
	row := 0
	for _, there := range append(seen, true) {
		if there && row > 0 {
			s.gaps++
		}
		if row++; there {
			row = 0
		}
	}
	return nil
}

// drain throws away what still arrives.
func (b *bench) drain() error {
	for _, s := range b.sockets[b.family] {
		buffer := make([]byte, 2048)
		for {
			if err := s.SetReadDeadline(time.Now().Add(30 * time.Millisecond)); err != nil {
				return err
			}
			if _, err := s.Read(buffer); errors.Is(err, os.ErrDeadlineExceeded) {
				break
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}

func quantile(of []time.Duration, q float64) time.Duration {
	if len(of) == 0 {
		return -1
	}
	sorted := append([]time.Duration{}, of...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i] < sorted[j] })
	return sorted[int(q*float64(len(sorted)-1))]
}

func millis(d time.Duration) float64 { return d.Seconds() * 1e3 }
