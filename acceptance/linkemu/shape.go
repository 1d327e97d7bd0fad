// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Shape is what one direction of a link does to packets. The zero value passes everything on at once.
type Shape struct {
	Delay     time.Duration // from the end of transmission to arrival
	Jitter    time.Duration // Delay varies evenly by up to this much either way; the order of packets stays
	Rate      int64         // of the transmitter, bit/s; 0: no limit
	Queue     int           // bytes that may wait for the transmitter
	Loss      float64       // share of packets lost, each by itself
	Burst     Burst         // loss in bursts
	Nth       int           // every n-th packet is lost; 0: none
	Reorder   Reorder       // packets that are overtaken
	Duplicate float64       // share of packets that arrive twice
	MTU       int           // larger packets are dropped; 0: what the devices take
	ICMP      bool          // tell the sender of a packet that was too large
	Hole      bool          // nothing goes in, and nothing comes out any more
	Seed      int           // of what is random from when it is set; 0: whatever it was
}

// Burst is the loss model of Gilbert and Elliott: two states, each with its own loss.
type Burst struct {
	ToBad, ToGood float64 // chance of the step to the other state, at each packet
	InBad, InGood float64 // chance of loss in each state
}

// Reorder holds a share of the packets back, so that those behind them overtake.
type Reorder struct {
	Share float64
	By    time.Duration
}

const defaultQueue = 256 << 10

// setting is one key of the command language: how it is read, and how it is written.
type setting struct {
	help  string
	read  func(*Shape, string) error
	write func(*Shape) string
}

var settings = map[string]setting{
	"delay":  {"DURATION, as 500us", func(s *Shape, v string) error { return readDuration(v, &s.Delay) }, func(s *Shape) string { return s.Delay.String() }},
	"jitter": {"DURATION", func(s *Shape, v string) error { return readDuration(v, &s.Jitter) }, func(s *Shape) string { return s.Jitter.String() }},
	"rate":   {"BITS a second, as 200mbit; 0 for no limit", func(s *Shape, v string) error { return readRate(v, &s.Rate) }, func(s *Shape) string { return strconv.FormatInt(s.Rate, 10) }},
	"queue":  {"BYTES, as 256k", func(s *Shape, v string) error { return readSize(v, &s.Queue) }, func(s *Shape) string { return strconv.Itoa(s.queue()) }},
	"loss":   {"SHARE, as 1%", func(s *Shape, v string) error { return readShare(v, &s.Loss) }, func(s *Shape) string { return writeShare(s.Loss) }},
	"burst": {"TO_BAD,TO_GOOD[,LOSS_IN_BAD[,LOSS_IN_GOOD]], each a SHARE, as 0.5%,20%", func(s *Shape, v string) error { return readBurst(v, &s.Burst) }, func(s *Shape) string {
		return strings.Join([]string{writeShare(s.Burst.ToBad), writeShare(s.Burst.ToGood), writeShare(s.Burst.InBad), writeShare(s.Burst.InGood)}, ",")
	}},
	"nth":       {"N: every n-th packet is lost; 0 for none", func(s *Shape, v string) error { return readSize(v, &s.Nth) }, func(s *Shape) string { return strconv.Itoa(s.Nth) }},
	"reorder":   {"SHARE,DURATION, as 2%,5ms", func(s *Shape, v string) error { return readReorder(v, &s.Reorder) }, func(s *Shape) string { return writeShare(s.Reorder.Share) + "," + s.Reorder.By.String() }},
	"duplicate": {"SHARE", func(s *Shape, v string) error { return readShare(v, &s.Duplicate) }, func(s *Shape) string { return writeShare(s.Duplicate) }},
	"mtu":       {"BYTES; 0 for what the devices take", func(s *Shape, v string) error { return readSize(v, &s.MTU) }, func(s *Shape) string { return strconv.Itoa(s.MTU) }},
	"icmp":      {"on|off: tell the sender of a packet above the mtu", func(s *Shape, v string) error { return readSwitch(v, &s.ICMP) }, func(s *Shape) string { return writeSwitch(s.ICMP) }},
	"seed":      {"N: of what is random from now on; 0 for whatever it was", func(s *Shape, v string) error { return readSize(v, &s.Seed) }, func(s *Shape) string { return strconv.Itoa(s.Seed) }},
	"hole":      {"on|off: drop everything, also what is under way", func(s *Shape, v string) error { return readSwitch(v, &s.Hole) }, func(s *Shape) string { return writeSwitch(s.Hole) }},
}

func settingNames() []string {
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// With returns the shape with words such as "delay=1ms" applied. The word "clear" stands for the zero shape.
func (s Shape) With(words []string) (Shape, error) {
	for _, word := range words {
		if word == "clear" {
			s = Shape{}
			continue
		}
		key, value, found := strings.Cut(word, "=")
		known, ok := settings[key]
		if !found || !ok {
			return s, fmt.Errorf("%q is no setting; there are %s, written as key=value, and clear", word, strings.Join(settingNames(), ", "))
		}
		if err := known.read(&s, value); err != nil {
			return s, fmt.Errorf("%s: %w; it takes %s", word, err, known.help)
		}
	}
	return s, nil
}

// Map returns the shape as the words that With takes.
func (s Shape) Map() map[string]string {
	all := make(map[string]string, len(settings))
	for name, known := range settings {
		all[name] = known.write(&s)
	}
	return all
}

func (s *Shape) queue() int {
	if s.Queue == 0 {
		return defaultQueue
	}
	return s.Queue
}

// transmission returns how long the transmitter takes for so many bytes, in nanoseconds.
func (s *Shape) transmission(bytes int) int64 {
	if s.Rate == 0 {
		return 0
	}
	return int64(bytes) * 8 * int64(time.Second) / s.Rate
}

func readDuration(text string, into *time.Duration) error {
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("is negative")
	}
	if err != nil {
		return err
	}
	*into = d
	return nil
}

func readShare(text string, into *float64) error {
	number, divisor := text, 1.0
	if strings.HasSuffix(text, "%") {
		number, divisor = strings.TrimSuffix(text, "%"), 100
	}
	share, err := strconv.ParseFloat(number, 64)
	if err == nil && !(share >= 0 && share/divisor <= 1) {
		err = fmt.Errorf("is not between 0%% and 100%%")
	}
	if err != nil {
		return err
	}
	*into = share / divisor
	return nil
}

func writeShare(share float64) string {
	return strconv.FormatFloat(share*100, 'g', -1, 64) + "%"
}

// multiple reads a number with one of the suffixes.
func multiple(text string, suffixes map[string]int64) (int64, error) {
	number, factor := strings.ToLower(text), int64(1)
	for suffix, times := range suffixes {
		if rest := strings.TrimSuffix(number, suffix); rest != number && times > factor {
			number, factor = rest, times
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err == nil && (n < 0 || n > (1<<62)/factor/8) {
		err = fmt.Errorf("is out of range")
	}
	return n * factor, err
}

func readRate(text string, into *int64) error {
	rate, err := multiple(text, map[string]int64{"kbit": 1e3, "mbit": 1e6, "gbit": 1e9})
	if err == nil && rate > 100e9 {
		err = fmt.Errorf("is above 100gbit")
	}
	if err != nil {
		return err
	}
	*into = rate
	return nil
}

func readSize(text string, into *int) error {
	size, err := multiple(text, map[string]int64{"k": 1 << 10, "m": 1 << 20})
	if err == nil && size > 1<<30 {
		err = fmt.Errorf("is above 1024m")
	}
	if err != nil {
		return err
	}
	*into = int(size)
	return nil
}

func readSwitch(text string, into *bool) error {
	if text != "on" && text != "off" {
		return fmt.Errorf("is neither on nor off")
	}
	*into = text == "on"
	return nil
}

func writeSwitch(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func readBurst(text string, into *Burst) error {
	parts := strings.Split(text, ",")
	if len(parts) < 2 || len(parts) > 4 {
		return fmt.Errorf("has %d parts", len(parts))
	}
	burst := Burst{InBad: 1}
	for i, part := range parts {
		if err := readShare(part, []*float64{&burst.ToBad, &burst.ToGood, &burst.InBad, &burst.InGood}[i]); err != nil {
			return err
		}
	}
	*into = burst
	return nil
}

func readReorder(text string, into *Reorder) error {
	share, by, found := strings.Cut(text, ",")
	if !found {
		return fmt.Errorf("has one part")
	}
	var reorder Reorder
	if err := readShare(share, &reorder.Share); err != nil {
		return err
	}
	if err := readDuration(by, &reorder.By); err != nil {
		return err
	}
	*into = reorder
	return nil
}
