// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	readBatch = 256 // packets from one end in a row

	// In the long run a link takes a turn no more often than every pace, so that packets of dense traffic share one;
	// that is the most by which they are late. Up to spare turns may be taken without a pause, so that a lone packet and
	// its answer are on time.
	pace  = int64(100 * time.Microsecond)
	spare = 10
)

// link is two ends with a direction each way between them. One thread moves the packets.
type link struct {
	name    string
	ends    [2]*end
	clock   func() int64
	wakeup  int // eventfd: the shapes changed, or the link closes
	stopped chan struct{}

	mu      sync.Mutex    // over everything below
	thread  int           // of run
	ways    [2]*direction // ways[i] starts at ends[i]
	buffers *pool
	closing bool
	broken  error
}

func openLink(name string, a, b *end, mtu int, seed int64) (*link, error) {
	start := time.Now()
	buffers := &pool{size: mtu}
	l := &link{
		name:    name,
		ends:    [2]*end{a, b},
		clock:   func() int64 { return int64(time.Since(start)) },
		wakeup:  -1,
		stopped: make(chan struct{}),
		ways:    [2]*direction{newDirection(buffers, seed), newDirection(buffers, seed+1)},
		buffers: buffers,
	}
	for _, e := range l.ends {
		if err := e.open(mtu); err != nil {
			l.closeDescriptors()
			return nil, err
		}
	}
	var err error
	if l.wakeup, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		l.closeDescriptors()
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	go l.run()
	return l, nil
}

// set changes the shape of some directions, all at the same moment, and returns when that holds.
func (l *link) set(ways []int, words []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	var shapes [2]Shape
	for _, way := range ways {
		shape, err := l.ways[way].shape.With(words)
		if err != nil {
			return err
		}
		shapes[way] = shape
	}
	now := l.clock()
	for _, way := range ways {
		l.ways[way].set(shapes[way], now)
	}
	l.wake()
	return nil
}

func (l *link) close() {
	l.mu.Lock()
	l.closing = true
	l.wake()
	l.mu.Unlock()
	<-l.stopped
	l.closeDescriptors()
}

func (l *link) wake() {
	one := [8]byte{1}
	_, _ = unix.Write(l.wakeup, one[:]) // fails only when the counter is full, and then the thread wakes up anyway
}

func (l *link) closeDescriptors() {
	for _, e := range l.ends {
		e.close()
	}
	if l.wakeup >= 0 {
		unix.Close(l.wakeup)
	}
}

func (l *link) run() {
	runtime.LockOSThread()
	defer close(l.stopped)
	l.mu.Lock()
	l.thread = unix.Gettid()
	l.mu.Unlock()
	beOnTime(l.name)
	ready := []unix.PollFd{
		{Fd: int32(l.wakeup), Events: unix.POLLIN},
		{Fd: int32(l.ends[0].fd), Events: unix.POLLIN},
		{Fd: int32(l.ends[1].fd), Events: unix.POLLIN},
	}
	news := make([]byte, 8)
	earned := int64(0) // the time up to which pauses were earned by turns
	for {
		next, err := l.turn()
		now := l.clock()
		if earned += pace; earned < now-spare*pace {
			earned = now - spare*pace
		}
		if earned > now && err == nil {
			err = wait(nil, earned-now)
		}
		if err == nil {
			err = wait(ready, next-l.clock())
		}
		if err != nil {
			l.mu.Lock()
			if l.broken = err; !l.closing {
				complain("link %s ends: %v", l.name, err)
			}
			l.mu.Unlock()
			return
		}
		if ready[0].Revents != 0 {
			_, _ = unix.Read(l.wakeup, news) // only to make it silent again
		}
	}
}

var errClosed = errors.New("the link was closed")

// read returns what happened so far on the way that starts at an end.
func (l *link) read(way int) (Shape, Counters, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	counters := l.ways[way].read()
	var err error
	if l.broken == nil {
		counters.Missed, err = l.ends[way].missed()
	}
	return l.ways[way].shape, counters, err
}

// beOnTime lets this thread run before ordinary ones, and its timers end when they should, not up to 50 us later: a link
// does not become slower because the machine is busy.
func beOnTime(name string) {
	first := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
	if err := unix.SchedSetAttr(0, &first, 0); err != nil {
		complain("link %s has no real-time priority, and is late when the machine is busy: %v", name, err)
	}
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		complain("link %s has coarse timers: %v", name, err)
	}
}

// cpu returns the time that the thread of this link has run, in all.
func (l *link) cpu() (time.Duration, error) {
	l.mu.Lock()
	path := fmt.Sprintf("/proc/self/task/%d/schedstat", l.thread)
	l.mu.Unlock()
	var nanos int64
	text, err := os.ReadFile(path)
	if err == nil {
		_, err = fmt.Sscan(string(text), &nanos)
	}
	return time.Duration(nanos), err
}

// turn reads what came and delivers what has arrived. It returns when the next packet will arrive.
func (l *link) turn() (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return 0, errClosed
	}
	next := int64(math.MaxInt64)
	for i, way := range l.ways {
		if err := l.receive(way, l.ends[i]); err != nil {
			return 0, err
		}
		if err := l.deliver(way, l.ends[1-i]); err != nil {
			return 0, err
		}
		if soonest := way.next(); soonest < next {
			next = soonest
		}
	}
	return next, nil
}

func (l *link) receive(way *direction, from *end) error {
	for i := 0; i < readBatch; i++ {
		buffer := l.buffers.get()
		n, err := unix.Read(from.fd, buffer)
		if err != nil {
			l.buffers.put(buffer)
			if err == unix.EAGAIN || err == unix.EINTR {
				return nil
			}
			return fmt.Errorf("reading from %s in %s: %w", from.device, from.namespace, err)
		}
		if data := buffer[:n]; !way.offer(data, l.clock()) {
			if reply := tooBig(data, way.shape.MTU); reply != nil {
				_, _ = unix.Write(from.fd, reply) // as any ICMP message, it may be lost
			}
			l.buffers.put(buffer)
		}
	}
	return nil
}

func (l *link) deliver(way *direction, to *end) error {
	now := l.clock()
	for {
		data := way.take(now)
		if data == nil {
			return nil
		}
		_, err := unix.Write(to.fd, data)
		if err != nil {
			way.counters.Refused.add(len(data))
		}
		l.buffers.put(data)
		if err == unix.EBADFD {
			return fmt.Errorf("writing to %s in %s: %w", to.device, to.namespace, err)
		}
	}
}

// wait returns when a descriptor is ready or so many nanoseconds have passed.
func wait(ready []unix.PollFd, nanos int64) error {
	if nanos < 0 {
		nanos = 0
	}
	timeout := unix.NsecToTimespec(nanos)
	if _, err := unix.Ppoll(ready, &timeout, nil); err != nil && err != unix.EINTR {
		return fmt.Errorf("ppoll: %w", err)
	}
	return nil
}
