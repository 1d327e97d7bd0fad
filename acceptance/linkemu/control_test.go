// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandsAreAnsweredInJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	e := newEmulator(1)
	c, err := listen(path, e)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	commands := []string{"get", "get lan", "set lan both loss=1%", "unlink lan", "link lan here there", "link lan a:tun0 b:tun0 mtu=9",
		"dance", "help", "quit"}
	answers := []string{}
	err = ask(path, commands, func(answer []byte) error {
		answers = append(answers, string(answer))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`{"links":{},"ok":true}`, `no link \"lan\"`, `no link \"lan\"`, `no link \"lan\"`, `NAMESPACE:DEVICE`, `mtu=BYTES`,
		`cannot read \"dance\"`, `"ok":true`, `{"ok":true}`} {
		if !strings.Contains(answers[i], want) {
			t.Errorf("%s was answered by %s", commands[i], answers[i])
		}
	}
	<-c.quit
}

func TestAnEndIsRead(t *testing.T) {
	e, err := parseEnd("left:tun0@10.0.0.1/24,fd00::1/64")
	if err != nil || e.namespace != "left" || e.device != "tun0" || len(e.addresses) != 2 {
		t.Errorf("%+v, %v", e, err)
	}
	for _, text := range []string{"", "left", ":tun0", "left:", "../x:tun0"} {
		if _, err := parseEnd(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
