// SPDX-License-Identifier: Apache-2.0

package main

import "encoding/binary"

// tooBig returns the message that tells the sender of an IP packet what it may send at most: ICMP "fragmentation needed"
// (RFC 1191) or ICMPv6 "packet too big" (RFC 4443). nil if packet is no IP packet. The message comes from the address
// that the packet was for, as the emulator has none of its own.
func tooBig(packet []byte, mtu int) []byte {
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4:
		quoted := packet
		if most := 28; len(quoted) > most { // the header and 8 bytes are what a sender needs to find the socket
			quoted = quoted[:most]
		}
		m := make([]byte, 28+len(quoted))
		m[0] = 0x45
		binary.BigEndian.PutUint16(m[2:], uint16(len(m)))
		m[8] = 64 // TTL
		m[9] = 1  // ICMP
		copy(m[12:16], packet[16:20])
		copy(m[16:20], packet[12:16])
		binary.BigEndian.PutUint16(m[10:], checksum(0, m[:20]))
		m[20], m[21] = 3, 4
		binary.BigEndian.PutUint16(m[26:], uint16(mtu))
		copy(m[28:], quoted)
		binary.BigEndian.PutUint16(m[22:], checksum(0, m[20:]))
		return m
	case len(packet) >= 40 && packet[0]>>4 == 6:
		quoted := packet
		if most := 1280 - 48; len(quoted) > most {
			quoted = quoted[:most]
		}
		m := make([]byte, 48+len(quoted))
		m[0] = 0x60
		body := m[40:]
		binary.BigEndian.PutUint16(m[4:], uint16(len(body)))
		m[6] = 58 // ICMPv6
		m[7] = 64 // hop limit
		copy(m[8:24], packet[24:40])
		copy(m[24:40], packet[8:24])
		body[0] = 2
		binary.BigEndian.PutUint32(body[4:], uint32(mtu))
		copy(body[8:], quoted)
		pseudo := sum(sum(uint32(len(body))+58, m[8:24]), m[24:40])
		binary.BigEndian.PutUint16(body[2:], checksum(pseudo, body))
		return m
	}
	return nil
}

// checksum is the Internet checksum (RFC 1071).
func checksum(start uint32, data []byte) uint16 {
	total := sum(start, data)
	for total>>16 != 0 {
		total = total&0xffff + total>>16
	}
	return ^uint16(total)
}

func sum(start uint32, data []byte) uint32 {
	for i := 0; i+1 < len(data); i += 2 {
		start += uint32(binary.BigEndian.Uint16(data[i:]))
	}
	if len(data)%2 == 1 {
		start += uint32(data[len(data)-1]) << 8
	}
	return start
}
