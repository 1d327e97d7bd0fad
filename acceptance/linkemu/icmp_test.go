// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestTheSenderOfALargeIPv4PacketIsTold(t *testing.T) {
	packet := make([]byte, 1400)
	packet[0], packet[9] = 0x45, 17
	copy(packet[12:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	m := tooBig(packet, 1300)
	if !bytes.Equal(m[12:16], []byte{10, 0, 0, 2}) || !bytes.Equal(m[16:20], []byte{10, 0, 0, 1}) {
		t.Errorf("addresses: % x", m[12:20])
	}
	if m[9] != 1 || m[20] != 3 || m[21] != 4 || binary.BigEndian.Uint16(m[26:]) != 1300 || !bytes.Equal(m[28:], packet[:28]) {
		t.Errorf("% x", m)
	}
	if checksum(0, m[:20]) != 0 || checksum(0, m[20:]) != 0 {
		t.Error("a checksum is wrong")
	}
}

func TestTheSenderOfALargeIPv6PacketIsTold(t *testing.T) {
	packet := make([]byte, 1401)
	packet[0], packet[23], packet[39] = 0x60, 1, 2
	m := tooBig(packet, 1300)
	if len(m) > 1280 || m[23] != 2 || m[39] != 1 || m[6] != 58 || m[40] != 2 || binary.BigEndian.Uint32(m[44:]) != 1300 {
		t.Errorf("% x", m[:48])
	}
	pseudo := sum(sum(uint32(len(m)-40)+58, m[8:24]), m[24:40])
	if checksum(pseudo, m[40:]) != 0 {
		t.Error("the checksum is wrong")
	}
}

func TestNobodyIsToldOfWhatIsNoIPPacket(t *testing.T) {
	for _, packet := range [][]byte{{}, {0x45}, make([]byte, 100), {0x60, 0, 0}} {
		if tooBig(packet, 1300) != nil {
			t.Errorf("% x", packet)
		}
	}
	if tooBig(append([]byte{0x45}, make([]byte, 20)...), 10) == nil {
		t.Error("a short packet has a sender too")
	}
}
