// A SCEP server with a registration authority, from Debian's micromdm library: the RA decrypts and signs, the CA issues.
// What the packaged scepserver cannot do: loopback only, AES replies, an RA, short lifetimes, a refusal by name, other
// capabilities.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-kit/kit/log"
	"github.com/micromdm/scep/scep"
	scepserver "github.com/micromdm/scep/server"
	"go.mozilla.org/pkcs7"
)

var ciphers = map[string]int{
	"des":    pkcs7.EncryptionAlgorithmDESCBC,
	"aes128": pkcs7.EncryptionAlgorithmAES128CBC,
	"aes256": pkcs7.EncryptionAlgorithmAES256CBC,
	"gcm":    pkcs7.EncryptionAlgorithmAES128GCM,
}

func decode(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		fail(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		fail(errors.New("no PEM in " + path))
	}
	return block.Bytes
}

func certificate(path string) *x509.Certificate {
	result, err := x509.ParseCertificate(decode(path))
	if err != nil {
		fail(err)
	}
	return result
}

func rsaKey(path string) *rsa.PrivateKey {
	key, err := x509.ParsePKCS8PrivateKey(decode(path))
	if err != nil {
		fail(err)
	}
	return key.(*rsa.PrivateKey)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "scepra:", err)
	os.Exit(1)
}

// issuer signs what a request asks for with the CA's key.
type issuer struct {
	ca       *x509.Certificate
	key      *rsa.PrivateKey
	lifetime time.Duration
	refused  string
}

func (i *issuer) SignCSR(message *scep.CSRReqMessage) (*x509.Certificate, error) {
	request := message.CSR
	if i.refused != "" && strings.Contains(request.Subject.String(), i.refused) {
		return nil, errors.New("refused by name")
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:   serial,
		RawSubject:     request.RawSubject,
		NotBefore:      now.Add(-time.Minute),
		NotAfter:       now.Add(i.lifetime),
		KeyUsage:       x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:    []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		DNSNames:       request.DNSNames,
		EmailAddresses: request.EmailAddresses,
		IPAddresses:    request.IPAddresses,
		URIs:           request.URIs,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.ca, request.PublicKey, i.key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// announcing is the service with a capability list of our choice.
type announcing struct {
	scepserver.Service
	capabilities string
}

func (a *announcing) GetCACaps(context.Context) ([]byte, error) {
	return []byte(strings.ReplaceAll(a.capabilities, ",", "\n")), nil
}

func main() {
	listen := flag.String("listen", "127.0.0.1:2017", "address and port")
	raCert := flag.String("ra-cert", "ra.pem", "certificate that decrypts requests and signs replies")
	raKey := flag.String("ra-key", "ra.key", "its key, PKCS#8")
	caCert := flag.String("ca-cert", "ca.pem", "certificate of the issuing CA, sent with the RA's")
	caKey := flag.String("ca-key", "ca.key", "its key, PKCS#8")
	challenge := flag.String("challenge", "", "challenge password that each request must carry")
	cipher := flag.String("cipher", "aes128", "of the replies: des, aes128, aes256, gcm")
	lifetime := flag.Duration("lifetime", 240*time.Hour, "of the certificates")
	refused := flag.String("refuse", "", "refuse requests whose subject has this text")
	capabilities := flag.String("caps", "", "capabilities, separated by commas; empty: the library's")
	flag.Parse()

	algorithm, known := ciphers[*cipher]
	if !known {
		fail(errors.New("unknown cipher " + *cipher))
	}
	pkcs7.ContentEncryptionAlgorithm = algorithm

	ca := certificate(*caCert)
	var signer scepserver.CSRSigner = &issuer{ca: ca, key: rsaKey(*caKey), lifetime: *lifetime, refused: *refused}
	if *challenge != "" {
		signer = scepserver.ChallengeMiddleware(*challenge, signer)
	}
	service, err := scepserver.NewService(certificate(*raCert), rsaKey(*raKey), signer, scepserver.WithAddlCA(ca))
	if err != nil {
		fail(err)
	}
	if *capabilities != "" {
		service = &announcing{service, *capabilities}
	}
	handler := scepserver.MakeHTTPHandler(scepserver.MakeServerEndpoints(service), service, log.NewNopLogger())
	fail(http.ListenAndServe(*listen, handler))
}
