// A step-ca server from Debian's Go library: SCEP and ACME. usage: stepca CONFIGURATION; ends on SIGTERM.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/smallstep/certificates/authority/config"
	"github.com/smallstep/certificates/ca"
)

func run(path string) error {
	cfg, err := config.LoadConfiguration(path)
	if err != nil {
		return err
	}
	server, err := ca.New(cfg, ca.WithQuiet(true), ca.WithPassword(nil))
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		_ = server.Stop()
		os.Exit(0)
	}()
	return server.Run()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: stepca CONFIGURATION")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "stepca:", err)
		os.Exit(1)
	}
}
