// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestWordsBecomeAShape(t *testing.T) {
	shape, err := Shape{Loss: 0.5}.With(strings.Fields(
		"clear delay=500us jitter=1ms rate=200mbit queue=256k burst=0.5%,20%,90%,1% nth=7 reorder=2%,5ms duplicate=0.01 mtu=1300 icmp=on hole=on seed=9"))
	if err != nil {
		t.Fatal(err)
	}
	want := Shape{Delay: 500 * time.Microsecond, Jitter: time.Millisecond, Rate: 200e6, Queue: 256 << 10,
		Burst: Burst{0.005, 0.2, 0.9, 0.01}, Nth: 7, Reorder: Reorder{0.02, 5 * time.Millisecond}, Duplicate: 0.01,
		MTU: 1300, ICMP: true, Hole: true, Seed: 9}
	if shape != want {
		t.Errorf("%+v", shape)
	}
	words := []string{}
	for key, value := range shape.Map() {
		words = append(words, key+"="+value)
	}
	again, err := Shape{}.With(words)
	if err != nil || again != shape {
		t.Errorf("%v became %+v, %v", words, again, err)
	}
}

func TestASettingThatIsNotNamedStays(t *testing.T) {
	shape, err := Shape{Loss: 0.5, Nth: 3}.With([]string{"loss=1%"})
	if err != nil || !reflect.DeepEqual(shape, Shape{Loss: 0.01, Nth: 3}) {
		t.Errorf("%+v, %v", shape, err)
	}
}

func TestBadWordsAreRefusedByName(t *testing.T) {
	for _, word := range []string{"speed=1", "delay", "delay=-1ms", "delay=5", "loss=101%", "loss=-1%", "loss=NaN", "rate=fast", "rate=-1", "rate=101gbit",
		"queue=2g", "queue=99999999999999999999", "burst=1%", "burst=1%,2%,3%,4%,5%", "reorder=1%", "reorder=1%,x", "hole=yes", "nth=1.5"} {
		_, err := Shape{}.With([]string{word})
		if err == nil {
			t.Errorf("%s was taken", word)
		} else if !strings.Contains(err.Error(), word) {
			t.Errorf("%s is not in: %v", word, err)
		}
	}
}
