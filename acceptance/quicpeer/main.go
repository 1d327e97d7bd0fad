// SPDX-License-Identifier: Apache-2.0

// quicpeer is the other end of a QUIC connection that is not rendr's: it sends a known pattern on one stream, and checks that the
// same pattern comes back from whoever is there. It speaks QUIC, TLS and ALPN, and nothing of rendr above them.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/quic-go/quic-go"
)

var (
	alpn    = flag.String("alpn", "", "the application protocol")
	cert    = flag.String("cert", "", "listen: certificate, PEM")
	key     = flag.String("key", "", "listen: private key, PEM")
	trust   = flag.String("trust", "", "dial: whom to trust, PEM")
	name    = flag.String("name", "localhost", "dial: the name in the certificate")
	bytes   = flag.Int64("bytes", 1<<20, "to send, and to expect")
	timeout = flag.Duration("timeout", time.Minute, "for everything")
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "quicpeer [options] listen ADDRESS | dial ADDRESS")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	if err := run(ctx, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println("ok")
}

func run(ctx context.Context, what, address string) error {
	switch what {
	case "listen":
		return listen(ctx, address)
	case "dial":
		return dial(ctx, address)
	}
	return fmt.Errorf("neither listen nor dial: %s", what)
}

func listen(ctx context.Context, address string) error {
	identity, err := tls.LoadX509KeyPair(*cert, *key)
	if err != nil {
		return err
	}
	config := &tls.Config{Certificates: []tls.Certificate{identity}, NextProtos: []string{*alpn}}
	listener, err := quic.ListenAddr(address, config, nil)
	if err != nil {
		return err
	}
	fmt.Println("listening on", listener.Addr())
	conn, err := listener.Accept(ctx)
	if err != nil {
		return err
	}
	stream, err := conn.AcceptStream(ctx)
	if err != nil {
		return err
	}
	return exchange(conn, stream)
}

func dial(ctx context.Context, address string) error {
	pem, err := os.ReadFile(*trust)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate in %s", *trust)
	}
	config := &tls.Config{RootCAs: roots, ServerName: *name, NextProtos: []string{*alpn}}
	conn, err := quic.DialAddr(ctx, address, config, nil)
	if err != nil {
		return err
	}
	stream, err := conn.OpenStreamSync(ctx)
	if err != nil {
		return err
	}
	return exchange(conn, stream)
}

// exchange sends and checks at the same time, says that it has done with the stream, and waits until the other end closes.
func exchange(conn *quic.Conn, stream *quic.Stream) error {
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(stream, io.LimitReader(&pattern{}, *bytes))
		sent <- err
	}()
	if err := check(stream); err != nil {
		return fmt.Errorf("receiving: %w", err)
	}
	if err := <-sent; err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	state := conn.ConnectionState()
	fmt.Printf("TLS %x, protocol %s\n", state.TLS.Version, state.TLS.NegotiatedProtocol)
	if err := stream.Close(); err != nil {
		return fmt.Errorf("closing: %w", err)
	}
	<-conn.Context().Done()
	return nil
}

func check(stream io.Reader) error {
	got, want := make([]byte, 1<<16), make([]byte, 1<<16)
	expected := &pattern{}
	for left := *bytes; left > 0; {
		n, err := stream.Read(got[:min(int64(len(got)), left)])
		io.ReadFull(expected, want[:n])
		if string(got[:n]) != string(want[:n]) {
			return fmt.Errorf("other bytes than were sent, %d before the end", left)
		}
		left -= int64(n)
		if err != nil && left > 0 {
			if errors.Is(err, io.EOF) {
				return fmt.Errorf("the end, %d bytes early", left)
			}
			return err
		}
	}
	return nil
}

// pattern is what both ends send.
type pattern struct {
	at int64
}

func (p *pattern) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = byte(p.at*31 + (p.at>>8)*17 + (p.at>>16)*7)
		p.at++
	}
	return len(into), nil
}
