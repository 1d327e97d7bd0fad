// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
)

const commandHelp = `commands, one a line; each is answered by one line of JSON, {"ok":true,...} or {"ok":false,"error":"..."}:
  link NAME END_A END_B [mtu=1500]   make a link; an END is NAMESPACE:DEVICE[@ADDRESS/BITS,...]
  unlink NAME                        remove it, and its devices
  set NAME ab|ba|both SETTING...     change a direction now; "clear" takes all settings back
  get [NAME]                         settings and counters
  help                               this
  quit                               end the emulator
`

// emulator is the links of this process, and the commands that change them.
type emulator struct {
	seed int64

	mu    sync.Mutex
	links map[string]*link
}

func newEmulator(seed int64) *emulator {
	return &emulator{seed: seed, links: map[string]*link{}}
}

// state is how a direction is answered by "get".
type state struct {
	From     string            `json:"from"`
	To       string            `json:"to"`
	Settings map[string]string `json:"settings"`
	Counters
}

// do executes one line of the command language. The answer is encoded as JSON.
func (e *emulator) do(line string) []byte {
	answer, err := e.execute(strings.Fields(line))
	if answer == nil {
		answer = map[string]any{}
	}
	answer["ok"] = err == nil
	if err != nil {
		answer["error"] = err.Error()
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		panic(err) // nothing but strings and numbers is ever in there
	}
	return encoded
}

func (e *emulator) execute(words []string) (map[string]any, error) {
	if len(words) == 0 {
		return nil, fmt.Errorf("an empty command; try help")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch command, arguments := words[0], words[1:]; {
	case command == "link" && (len(arguments) == 3 || len(arguments) == 4):
		return nil, e.add(arguments)
	case command == "unlink" && len(arguments) == 1:
		l, err := e.find(arguments[0])
		if err != nil {
			return nil, err
		}
		l.close()
		delete(e.links, l.name)
		return nil, nil
	case command == "set" && len(arguments) >= 3:
		l, err := e.find(arguments[0])
		if err != nil {
			return nil, err
		}
		ways, ok := map[string][]int{"ab": {0}, "ba": {1}, "both": {0, 1}}[arguments[1]]
		if !ok {
			return nil, fmt.Errorf("%q is no direction; there are ab, ba and both", arguments[1])
		}
		return nil, l.set(ways, arguments[2:])
	case command == "get" && len(arguments) <= 1:
		return e.get(arguments)
	case command == "help":
		return map[string]any{"help": commandHelp + settingsHelp()}, nil
	}
	return nil, fmt.Errorf("cannot read %q; try help", strings.Join(words, " "))
}

func (e *emulator) add(arguments []string) error {
	name, mtu := arguments[0], 1500
	if _, taken := e.links[name]; taken {
		return fmt.Errorf("there is a link %s already", name)
	}
	a, err := parseEnd(arguments[1])
	if err != nil {
		return err
	}
	b, err := parseEnd(arguments[2])
	if err != nil {
		return err
	}
	if len(arguments) == 4 {
		text := strings.TrimPrefix(arguments[3], "mtu=")
		if mtu, err = strconv.Atoi(text); err != nil || mtu < 68 || mtu > 65535 || text == arguments[3] {
			return fmt.Errorf("%q is not mtu=BYTES, with 68 to 65535 bytes", arguments[3])
		}
	}
	l, err := openLink(name, a, b, mtu, e.seed+2*int64(len(e.links)))
	if err != nil {
		return err
	}
	e.links[name] = l
	return nil
}

func (e *emulator) find(name string) (*link, error) {
	if l, ok := e.links[name]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("there is no link %q; there are: %s", name, strings.Join(e.names(), ", "))
}

func (e *emulator) names() []string {
	names := make([]string, 0, len(e.links))
	for name := range e.links {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (e *emulator) get(names []string) (map[string]any, error) {
	if len(names) == 0 {
		names = e.names()
	}
	links := map[string]map[string]state{}
	for _, name := range names {
		l, err := e.find(name)
		if err != nil {
			return nil, err
		}
		links[name] = map[string]state{}
		for i, way := range []string{"ab", "ba"} {
			shape, counters, err := l.read(i)
			if err != nil {
				return nil, fmt.Errorf("link %s: %w", name, err)
			}
			links[name][way] = state{l.ends[i].String(), l.ends[1-i].String(), shape.Map(), counters}
		}
	}
	return map[string]any{"links": links}, nil
}

func (e *emulator) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, l := range e.links {
		l.close()
		delete(e.links, name)
	}
}

func settingsHelp() string {
	var text strings.Builder
	text.WriteString("settings, KEY=VALUE:\n")
	for _, name := range settingNames() {
		fmt.Fprintf(&text, "  %-10s %s\n", name, settings[name].help)
	}
	return text.String()
}
