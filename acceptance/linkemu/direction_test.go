// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"
	"time"
)

// world is a direction on a virtual clock.
type world struct {
	*testing.T
	*direction
	buffers *pool
	now     int64
	sent    uint32
	arrived []arrival
}

type arrival struct {
	number uint32
	at     time.Duration
}

func newWorld(t *testing.T, words ...string) *world {
	buffers := &pool{size: 1500}
	w := &world{T: t, direction: newDirection(buffers, 1), buffers: buffers}
	w.change(words...)
	return w
}

func (w *world) change(words ...string) {
	w.Helper()
	shape, err := w.shape.With(words)
	if err != nil {
		w.Fatal(err)
	}
	w.set(shape, w.now)
}

// send offers packets, all now.
func (w *world) send(packets, bytes int) {
	for i := 0; i < packets; i++ {
		data := w.buffers.get()[:bytes]
		binary.BigEndian.PutUint32(data, w.sent)
		w.sent++
		if !w.offer(data, w.now) {
			w.buffers.put(data)
		}
	}
}

// until lets time pass, stopping only where the direction says that something may arrive.
func (w *world) until(end time.Duration) {
	w.Helper()
	for turns := 0; ; turns++ {
		for data := w.take(w.now); data != nil; data = w.take(w.now) {
			w.arrived = append(w.arrived, arrival{binary.BigEndian.Uint32(data), time.Duration(w.now)})
			w.buffers.put(data)
		}
		next := w.next()
		if next <= w.now {
			w.Fatalf("at %v the next arrival is announced for %v, and did not come", time.Duration(w.now), time.Duration(next))
		}
		if next > int64(end) {
			w.now = int64(end)
			return
		}
		w.now = next
	}
}

func (w *world) expect(at ...time.Duration) {
	w.Helper()
	if len(w.arrived) != len(at) {
		w.Fatalf("%d packets arrived, not %d: %v", len(w.arrived), len(at), w.arrived)
	}
	for i, a := range w.arrived {
		if a.at != at[i] {
			w.Errorf("packet %d arrived at %v, not at %v", a.number, a.at, at[i])
		}
	}
}

// balance checks that every packet is accounted for, and that no buffer is lost or given back twice.
func (w *world) balance() {
	w.Helper()
	c := w.read()
	d := c.Dropped
	after := c.Out.Packets + d.Loss.Packets + d.Nth.Packets + d.Queue.Packets + d.MTU.Packets + d.Hole.Packets + c.Inside.Packets
	if c.In.Packets+c.Duplicated.Packets != after {
		w.Errorf("packets do not add up: %+v", c)
	}
	after = c.Out.Bytes + d.Loss.Bytes + d.Nth.Bytes + d.Queue.Bytes + d.MTU.Bytes + d.Hole.Bytes + c.Inside.Bytes
	if c.In.Bytes+c.Duplicated.Bytes != after {
		w.Errorf("bytes do not add up: %+v", c)
	}
	if c.Out.Packets != int64(len(w.arrived)) {
		w.Errorf("%d packets arrived, %d were counted", len(w.arrived), c.Out.Packets)
	}
	seen := map[*byte]bool{}
	for _, buffer := range w.buffers.idle {
		if seen[&buffer[0]] {
			w.Fatal("a buffer was given back twice")
		}
		seen[&buffer[0]] = true
	}
}

const ms = time.Millisecond

func TestAClearLinkPassesEverythingOnAtOnce(t *testing.T) {
	w := newWorld(t)
	w.send(3, 1500)
	w.until(0)
	w.expect(0, 0, 0)
	w.balance()
}

func TestDelay(t *testing.T) {
	w := newWorld(t, "delay=5ms")
	w.send(1, 100)
	w.until(2 * ms)
	w.send(1, 100)
	w.until(100 * ms)
	w.expect(5*ms, 7*ms)
	w.balance()
}

func TestAPacketTakesAsLongAsItsRateSaysAndThenItsDelay(t *testing.T) {
	w := newWorld(t, "rate=8mbit", "delay=10ms") // a byte takes 1 us
	w.send(3, 1000)
	w.until(100 * ms)
	w.expect(11*ms, 12*ms, 13*ms)
	w.send(1, 500) // the transmitter has been idle, and saved nothing up
	w.until(200 * ms)
	w.expect(11*ms, 12*ms, 13*ms, 110*ms+500*time.Microsecond)
	w.balance()
}

func TestTheQueueIsBoundedInBytes(t *testing.T) {
	w := newWorld(t, "rate=8mbit", "queue=2500")
	w.send(5, 1000)
	w.until(100 * ms)
	w.expect(1*ms, 2*ms)
	if c := w.read(); c.Dropped.Queue != (Count{3, 3000}) || c.MaxQueue != 2000 {
		t.Errorf("%+v", c)
	}
	w.balance()
}

func TestAPacketLargerThanTheQueueStillGoes(t *testing.T) {
	w := newWorld(t, "rate=8mbit", "queue=100")
	w.send(2, 1000)
	w.until(100 * ms)
	w.expect(1 * ms)
}

func TestANewRateHoldsForWhatStillWaits(t *testing.T) {
	w := newWorld(t, "rate=8mbit")
	w.send(3, 1000)
	w.until(1 * ms)
	w.change("rate=800kbit")
	w.until(100 * ms)
	w.expect(1*ms, 11*ms, 21*ms)
	w.change("rate=0")
	w.send(2, 1000)
	w.until(100 * ms)
	w.expect(1*ms, 11*ms, 21*ms, 100*ms, 100*ms)
}

func TestJitterVariesTheDelayAndKeepsTheOrder(t *testing.T) {
	w := newWorld(t, "delay=10ms", "jitter=8ms")
	least, most := time.Duration(math.MaxInt64), time.Duration(0)
	for i := 0; i < 1000; i++ {
		sent := time.Duration(i) * 20 * ms
		w.until(sent)
		w.send(1, 100)
		w.until(sent + 19*ms)
		took := w.arrived[i].at - sent
		if took < least {
			least = took
		}
		if took > most {
			most = took
		}
	}
	if least < 2*ms || least > 3*ms || most > 18*ms || most < 17*ms {
		t.Errorf("delays between %v and %v", least, most)
	}
	w.send(1000, 100) // and now all at once
	w.until(time.Hour)
	for i, a := range w.arrived {
		if a.number != uint32(i) {
			t.Fatalf("packet %d arrived as number %d", a.number, i)
		}
	}
	w.balance()
}

func TestEachLossIsCountedAndOfTheShareAskedFor(t *testing.T) {
	for words, share := range map[string]float64{"loss=5%": 0.05, "burst=1%,20%": 0.01 / 0.21, "burst=10%,30%,50%,1%": 0.25*0.5 + 0.75*0.01} {
		w := newWorld(t, words)
		for i := 0; i < 100; i++ {
			w.send(1000, 100)
			w.until(time.Duration(i) * ms)
		}
		lost := w.read().Dropped.Loss.Packets
		if got := float64(lost) / 100000; math.Abs(got-share) > 0.1*share {
			t.Errorf("%s lost %.4f, not %.4f", words, got, share)
		}
		w.balance()
	}
}

func TestBurstsAreAsLongAsAskedFor(t *testing.T) {
	w := newWorld(t, "burst=1%,10%")
	w.send(100000, 100)
	w.until(0)
	bursts, before := 0, -1
	for _, a := range w.arrived {
		if int(a.number) != before+1 {
			bursts++
		}
		before = int(a.number)
	}
	if mean := float64(w.read().Dropped.Loss.Packets) / float64(bursts); mean < 9 || mean > 11 {
		t.Errorf("%d bursts of %.2f on average", bursts, mean)
	}
}

func TestEveryNth(t *testing.T) {
	w := newWorld(t, "nth=3")
	w.send(9, 100)
	w.until(0)
	for i, number := range []uint32{0, 1, 3, 4, 6, 7} {
		if w.arrived[i].number != number {
			t.Fatalf("arrived: %v", w.arrived)
		}
	}
	if c := w.read(); c.Dropped.Nth.Packets != 3 || c.Out.Packets != 6 {
		t.Errorf("%+v", c)
	}
	w.balance()
}

func TestAPacketHeldBackIsOvertakenAndCounted(t *testing.T) {
	w := newWorld(t, "delay=1ms", "reorder=100%,5ms")
	w.send(1, 100)
	w.until(1 * ms)
	w.change("reorder=0,0s")
	w.send(2, 100)
	w.until(100 * ms)
	w.expect(2*ms, 2*ms, 6*ms)
	if w.arrived[2].number != 0 || w.read().Reordered != (Count{1, 100}) {
		t.Errorf("%v, %+v", w.arrived, w.read())
	}
	w.balance()
}

func TestAPacketThatNobodyOvertakesIsNotCountedAsReordered(t *testing.T) {
	w := newWorld(t, "reorder=100%,5ms")
	w.send(1, 100)
	w.until(100 * ms)
	if w.read().Reordered.Packets != 0 {
		t.Errorf("%+v", w.read())
	}
}

func TestDuplicatesAreCopies(t *testing.T) {
	w := newWorld(t, "duplicate=100%", "delay=1ms")
	w.send(2, 100)
	w.until(10 * ms)
	w.expect(1*ms, 1*ms, 1*ms, 1*ms)
	if c := w.read(); c.Duplicated != (Count{2, 200}) || c.Reordered.Packets != 0 {
		t.Errorf("%+v", c)
	}
	w.balance()
}

func TestWhatIsLargerThanTheMTUIsDropped(t *testing.T) {
	w := newWorld(t, "mtu=1200")
	w.send(1, 1200)
	w.send(1, 1201)
	w.change("icmp=on")
	w.send(1, 1300)
	w.until(0)
	w.expect(0)
	if w.read().Dropped.MTU != (Count{2, 2501}) {
		t.Errorf("%+v", w.read())
	}
	w.balance()
}

func TestNothingComesOutOfABlackHoleAlsoNotWhatWasUnderWay(t *testing.T) {
	w := newWorld(t, "delay=10ms", "rate=8mbit")
	w.send(3, 1000)
	w.until(11 * ms) // one has arrived, one is on the line, one half transmitted
	w.change("hole=on")
	w.send(2, 1000)
	w.until(50 * ms)
	w.expect(11 * ms)
	w.change("hole=off")
	w.send(1, 1000)
	w.until(100 * ms)
	w.expect(11*ms, 61*ms)
	if w.read().Dropped.Hole != (Count{4, 4000}) {
		t.Errorf("%+v", w.read())
	}
	w.balance()
}

func TestMemoryIsBoundedWhateverTheDelay(t *testing.T) {
	w := newWorld(t, "delay=1h", "queue=1024m")
	w.send(mostInside+10, 20)
	if c := w.read(); c.Inside.Packets != mostInside || c.Dropped.Queue.Packets != 10 {
		t.Errorf("%+v", c)
	}
	w.balance()
}

func TestTheSameSeedMakesTheSameFaults(t *testing.T) {
	run := func() []arrival {
		w := newWorld(t, "delay=10ms", "jitter=3ms", "loss=10%", "burst=1%,30%", "reorder=5%,4ms", "duplicate=5%", "rate=100mbit")
		for i := 0; i < 100; i++ {
			w.send(20, 1000)
			w.until(time.Duration(i) * ms)
		}
		w.until(time.Second)
		w.balance()
		return w.arrived
	}
	first, second := run(), run()
	if len(first) != len(second) || len(first) < 1000 {
		t.Fatalf("%d and %d arrived", len(first), len(second))
	}
	for i := range first {
		if first[i] != second[i] {
			t.Fatalf("%v and %v", first[i], second[i])
		}
	}
}

func TestASeedBeginsTheFaultsAnew(t *testing.T) {
	w := newWorld(t, "loss=30%", "seed=7")
	var arrived [2][]uint32
	for round := range arrived {
		w.arrived = nil
		first := w.sent
		w.send(100, 1000)
		w.until(time.Duration(round+1) * time.Second)
		for _, a := range w.arrived {
			arrived[round] = append(arrived[round], a.number-first)
		}
		w.change("clear")
		w.change("loss=30%", "seed=7")
	}
	if len(arrived[0]) == 100 || !reflect.DeepEqual(arrived[0], arrived[1]) {
		t.Errorf("%v and %v", arrived[0], arrived[1])
	}
}

func TestNothingIsAllocatedForAPacket(t *testing.T) {
	w := newWorld(t, "delay=1ms", "rate=1gbit")
	turn := func() {
		for i := 0; i < 10; i++ {
			w.offer(w.buffers.get()[:1000], w.now)
		}
		w.now += int64(2 * ms)
		for data := w.take(w.now); data != nil; data = w.take(w.now) {
			w.buffers.put(data)
		}
	}
	turn()
	if n := testing.AllocsPerRun(100, turn); n > 0 {
		t.Errorf("%.1f allocations for 10 packets", n)
	}
}
