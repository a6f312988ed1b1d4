// Command member is one member of a cluster of hashicorp/memberlist. It reads
// commands from standard input and writes what happens to standard output, one
// JSON object per line; member_process.ts has both.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// settings are given as the only argument; durations are in ms.
type settings struct {
	Name            string
	IP              string
	Port            int
	Meta            string
	Label           string
	Keys            []string
	Compression     bool
	ProtocolVersion uint8

	ProbeInterval    int
	ProbeTimeout     int
	SuspicionMult    int
	RetransmitMult   int
	GossipInterval   int
	GossipToTheDead  int
	PushPullInterval int
	StreamTimeout    int
}

type command struct {
	Do      string
	To      []string
	Meta    string
	Payload string
	Key     string
	Timeout int
}

type event struct {
	Event   string `json:"event"`
	Name    string `json:"name,omitempty"`
	IP      string `json:"ip,omitempty"`
	Meta    string `json:"meta,omitempty"`
	Payload string `json:"payload,omitempty"`
	Count   int    `json:"count,omitempty"`
	Error   string `json:"error,omitempty"`
}

// member is what memberlist calls back.
type member struct {
	output     sync.Mutex
	metaLock   sync.Mutex
	meta       []byte
	broadcasts *memberlist.TransmitLimitedQueue
	keyring    *memberlist.Keyring
	list       *memberlist.Memberlist
}

func (m *member) tell(e event) {
	line, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	m.output.Lock()
	defer m.output.Unlock()
	fmt.Println(string(line))
}

func (m *member) tellNode(kind string, node *memberlist.Node) {
	m.tell(event{
		Event: kind,
		Name:  node.Name,
		IP:    node.Addr.String(),
		Meta:  hex.EncodeToString(node.Meta),
	})
}

func (m *member) NotifyJoin(node *memberlist.Node)   { m.tellNode("joined", node) }
func (m *member) NotifyLeave(node *memberlist.Node)  { m.tellNode("gone", node) }
func (m *member) NotifyUpdate(node *memberlist.Node) { m.tellNode("updated", node) }

func (m *member) NodeMeta(limit int) []byte {
	m.metaLock.Lock()
	defer m.metaLock.Unlock()
	return m.meta
}

func (m *member) NotifyMsg(payload []byte) {
	m.tell(event{Event: "message", Payload: hex.EncodeToString(payload)})
}

func (m *member) GetBroadcasts(overhead, limit int) [][]byte {
	return m.broadcasts.GetBroadcasts(overhead, limit)
}

func (m *member) LocalState(join bool) []byte { return nil }

func (m *member) MergeRemoteState(state []byte, join bool) {}

// message is a broadcast that nothing replaces.
type message []byte

func (message) Invalidates(memberlist.Broadcast) bool { return false }
func (m message) Message() []byte                     { return m }
func (message) Finished()                             {}

func bytesOf(text string) []byte {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return bytes
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func (m *member) configure(s settings) *memberlist.Config {
	config := memberlist.DefaultLANConfig()
	config.Name = s.Name
	config.BindAddr = s.IP
	config.BindPort = s.Port
	config.AdvertisePort = s.Port
	config.Label = s.Label
	config.EnableCompression = s.Compression
	config.ProtocolVersion = s.ProtocolVersion
	config.ProbeInterval = ms(s.ProbeInterval)
	config.ProbeTimeout = ms(s.ProbeTimeout)
	config.SuspicionMult = s.SuspicionMult
	config.RetransmitMult = s.RetransmitMult
	config.GossipInterval = ms(s.GossipInterval)
	config.GossipToTheDeadTime = ms(s.GossipToTheDead)
	config.PushPullInterval = ms(s.PushPullInterval)
	config.TCPTimeout = ms(s.StreamTimeout)
	config.Delegate = m
	config.Events = m
	config.LogOutput = os.Stderr
	if len(s.Keys) > 0 {
		var keys [][]byte
		for _, key := range s.Keys {
			keys = append(keys, bytesOf(key))
		}
		keyring, err := memberlist.NewKeyring(keys, keys[0])
		if err != nil {
			panic(err)
		}
		m.keyring = keyring
		config.Keyring = keyring
	}
	return config
}

func (m *member) perform(c command) error {
	switch c.Do {
	case "join":
		count, err := m.list.Join(c.To)
		text := ""
		if err != nil {
			text = err.Error()
		}
		m.tell(event{Event: "joinEnded", Count: count, Error: text})
		return nil
	case "meta":
		m.metaLock.Lock()
		m.meta = bytesOf(c.Meta)
		m.metaLock.Unlock()
		return m.list.UpdateNode(ms(c.Timeout))
	case "broadcast":
		m.broadcasts.QueueBroadcast(message(bytesOf(c.Payload)))
		return nil
	case "addKey":
		return m.keyring.AddKey(bytesOf(c.Key))
	case "useKey":
		return m.keyring.UseKey(bytesOf(c.Key))
	case "removeKey":
		return m.keyring.RemoveKey(bytesOf(c.Key))
	case "leave":
		return m.list.Leave(ms(c.Timeout))
	}
	return fmt.Errorf("unknown command %q", c.Do)
}

func main() {
	var s settings
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		panic(err)
	}
	m := &member{meta: bytesOf(s.Meta)}
	m.broadcasts = &memberlist.TransmitLimitedQueue{
		RetransmitMult: s.RetransmitMult,
		NumNodes:       func() int { return m.list.NumMembers() },
	}
	list, err := memberlist.Create(m.configure(s))
	if err != nil {
		panic(err)
	}
	m.list = list
	m.tell(event{Event: "ready"})
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var c command
		if err := json.Unmarshal(input.Bytes(), &c); err != nil {
			panic(err)
		}
		if err := m.perform(c); err != nil {
			m.tell(event{Event: "failed", Error: err.Error()})
		} else {
			m.tell(event{Event: "done", Name: c.Do})
		}
	}
}
