// SPDX-License-Identifier: Apache-2.0

package main

// pool keeps buffers of one size. Used by one link, under its lock.
type pool struct {
	size int
	idle [][]byte
}

func (p *pool) get() []byte {
	if n := len(p.idle); n > 0 {
		buffer := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return buffer
	}
	return make([]byte, p.size)
}

func (p *pool) put(buffer []byte) {
	p.idle = append(p.idle, buffer[:cap(buffer)])
}

func (p *pool) copyOf(data []byte) []byte {
	buffer := p.get()
	return buffer[:copy(buffer, data)]
}

// fifo is a queue of packets in a ring that grows.
type fifo struct {
	ring  []packet
	start int
	count int
}

func (f *fifo) len() int { return f.count }

func (f *fifo) first() *packet { return &f.ring[f.start] }

func (f *fifo) push(p packet) {
	if f.count == len(f.ring) {
		larger := make([]packet, 2*len(f.ring)+16)
		n := copy(larger, f.ring[f.start:])
		copy(larger[n:], f.ring[:f.start])
		f.ring, f.start = larger, 0
	}
	f.ring[(f.start+f.count)%len(f.ring)] = p
	f.count++
}

func (f *fifo) pop() packet {
	p := f.ring[f.start]
	f.ring[f.start] = packet{}
	f.start = (f.start + 1) % len(f.ring)
	f.count--
	return p
}

// heap has the packet that arrives first at its front; of those that arrive together, the one that was sent first.
type heap []packet

func (h heap) before(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}

func (h *heap) push(p packet) {
	*h = append(*h, p)
	for i := len(*h) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.before(i, parent) {
			break
		}
		(*h)[i], (*h)[parent] = (*h)[parent], (*h)[i]
		i = parent
	}
}

func (h *heap) pop() packet {
	all := *h
	first := all[0]
	last := len(all) - 1
	all[0] = all[last]
	all[last] = packet{}
	*h = all[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return first
		}
		if child+1 < last && h.before(child+1, child) {
			child++
		}
		if !h.before(child, i) {
			return first
		}
		all[i], all[child] = all[child], all[i]
		i = child
	}
}
