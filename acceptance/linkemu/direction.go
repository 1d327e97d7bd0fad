// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"math/rand"
)

// Count is a number of packets and their bytes, IP header included.
type Count struct {
	Packets int64 `json:"packets"`
	Bytes   int64 `json:"bytes"`
}

func (c *Count) add(bytes int) {
	c.Packets++
	c.Bytes += int64(bytes)
}

// Drops is what was dropped, by cause.
type Drops struct {
	Loss  Count `json:"loss"`  // by chance, of either kind
	Nth   Count `json:"nth"`   // every n-th
	Queue Count `json:"queue"` // no room in the queue, or in the link
	MTU   Count `json:"mtu"`   // too large
	Hole  Count `json:"hole"`  // black hole
}

// Counters is what happened in one direction. In = Out + all of Dropped + what is still inside - Duplicated.
type Counters struct {
	In         Count `json:"in"`
	Out        Count `json:"out"`
	Dropped    Drops `json:"dropped"`
	Reordered  Count `json:"reordered"`  // overtaken by a packet that had come later
	Duplicated Count `json:"duplicated"` // copies made
	Refused    Count `json:"refused"`    // of Out: what the receiving device did not take
	Inside     Count `json:"inside"`     // now
	Missed     int64 `json:"missed"`     // packets that the sending device dropped as nobody read them; not in In
	MaxQueue   int   `json:"maxQueue"`   // most bytes that ever waited for the transmitter
}

// mostInside bounds the packets inside one direction, whatever delay and rate they were given.
const mostInside = 1 << 17

type packet struct {
	data  []byte
	at    int64 // when it came; on the line: when it arrives
	order int64 // of transmission
}

// direction carries packets one way: a queue, a transmitter, and a line on which they travel. It has no clock; the time
// comes in as nanoseconds that never decrease. Whoever gives a buffer to offer has given it away; it comes back by free.
type direction struct {
	shape    Shape
	counters Counters
	free     func([]byte)
	copyOf   func([]byte) []byte
	random   *rand.Rand

	queue   fifo
	waiting int   // bytes in the queue
	idleAt  int64 // when the transmitter ends, or ended, its last packet
	line    heap
	order   int64 // of the last packet transmitted
	latest  int64 // arrival of the last packet that was not held back
	highest int64 // order of the newest packet that arrived
	bad     bool  // state of Burst
	ordinal int   // of Nth
}

func newDirection(buffers *pool, seed int64) *direction {
	return &direction{free: buffers.put, copyOf: buffers.copyOf, random: rand.New(rand.NewSource(seed))}
}

// offer takes a packet that came now. It returns false if the packet was too large and its sender wants to know: then
// the buffer stays the caller's.
func (d *direction) offer(data []byte, now int64) bool {
	d.counters.In.add(len(data))
	switch {
	case d.shape.Hole:
		d.drop(data, &d.counters.Dropped.Hole)
	case d.shape.MTU > 0 && len(data) > d.shape.MTU:
		if d.shape.ICMP {
			d.counters.Dropped.MTU.add(len(data))
			return false
		}
		d.drop(data, &d.counters.Dropped.MTU)
	default:
		d.transmit(now)
		if d.waiting+len(data) > d.shape.queue() && d.waiting > 0 || d.queue.len()+len(d.line) >= mostInside {
			d.drop(data, &d.counters.Dropped.Queue)
			break
		}
		d.queue.push(packet{data: data, at: now})
		d.waiting += len(data)
		if d.waiting > d.counters.MaxQueue {
			d.counters.MaxQueue = d.waiting
		}
	}
	return true
}

// take returns a packet that has arrived by now, or nil. The buffer is the caller's.
func (d *direction) take(now int64) []byte {
	d.transmit(now)
	for len(d.line) > 0 && d.line[0].at <= now {
		p := d.line.pop()
		if d.shape.Hole {
			d.drop(p.data, &d.counters.Dropped.Hole)
			continue
		}
		if p.order < d.highest {
			d.counters.Reordered.add(len(p.data))
		} else {
			d.highest = p.order
		}
		d.counters.Out.add(len(p.data))
		return p.data
	}
	return nil
}

// next returns a time before which nothing arrives; math.MaxInt64 if nothing is under way.
func (d *direction) next() int64 {
	next := int64(math.MaxInt64)
	if len(d.line) > 0 {
		next = d.line[0].at
	}
	if d.queue.len() > 0 {
		shortest := int64(d.shape.Delay - d.shape.Jitter)
		if shortest < 0 {
			shortest = 0
		}
		if arrival := d.finish(d.queue.first()) + shortest; arrival < next {
			next = arrival
		}
	}
	return next
}

// set changes the shape as of now. What was transmitted before keeps its arrival.
func (d *direction) set(shape Shape, now int64) {
	d.transmit(now)
	if shape.Seed != 0 && shape.Seed != d.shape.Seed {
		d.random.Seed(int64(shape.Seed))
	}
	d.shape = shape
}

func (d *direction) read() Counters {
	counters := d.counters
	counters.Inside = Count{}
	for _, p := range d.line {
		counters.Inside.add(len(p.data))
	}
	counters.Inside.Packets += int64(d.queue.len())
	counters.Inside.Bytes += int64(d.waiting)
	return counters
}

func (d *direction) finish(p *packet) int64 {
	start := p.at
	if d.idleAt > start {
		start = d.idleAt
	}
	return start + d.shape.transmission(len(p.data))
}

// transmit puts on the line what the transmitter has finished by now.
func (d *direction) transmit(now int64) {
	for d.queue.len() > 0 {
		finish := d.finish(d.queue.first())
		if finish > now {
			return
		}
		p := d.queue.pop()
		d.waiting -= len(p.data)
		d.idleAt = finish
		if d.lost() {
			d.drop(p.data, &d.counters.Dropped.Loss)
			continue
		}
		if d.isNth() {
			d.drop(p.data, &d.counters.Dropped.Nth)
			continue
		}
		d.order++
		p.order = d.order
		p.at = d.arrival(finish)
		d.line.push(p)
		if d.chance(d.shape.Duplicate) {
			d.counters.Duplicated.add(len(p.data))
			d.line.push(packet{data: d.copyOf(p.data), at: p.at, order: p.order})
		}
	}
}

func (d *direction) arrival(sent int64) int64 {
	at := sent + int64(d.shape.Delay)
	if jitter := int64(d.shape.Jitter); jitter > 0 {
		at += d.random.Int63n(2*jitter+1) - jitter
		if at < sent {
			at = sent
		}
	}
	if at < d.latest {
		at = d.latest
	}
	if d.chance(d.shape.Reorder.Share) {
		return at + int64(d.shape.Reorder.By)
	}
	d.latest = at
	return at
}

func (d *direction) lost() bool {
	if burst := &d.shape.Burst; burst.ToBad > 0 {
		loss := burst.InGood
		if d.bad {
			loss = burst.InBad
		}
		gone := d.chance(loss)
		if d.bad {
			d.bad = !d.chance(burst.ToGood)
		} else {
			d.bad = d.chance(burst.ToBad)
		}
		if gone {
			return true
		}
	}
	return d.chance(d.shape.Loss)
}

func (d *direction) isNth() bool {
	if d.shape.Nth == 0 {
		return false
	}
	d.ordinal++
	if d.ordinal < d.shape.Nth {
		return false
	}
	d.ordinal = 0
	return true
}

func (d *direction) chance(share float64) bool {
	return share > 0 && d.random.Float64() < share
}

func (d *direction) drop(data []byte, cause *Count) {
	cause.add(len(data))
	d.free(data)
}
