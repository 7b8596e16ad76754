#include "framework/crypto/ber.hpp"
#include "framework/crypto/cms.hpp"
#include "framework/crypto/der.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::crypto;

TEST_CASE("BER: definite and indefinite lengths, and octet strings in parts") {
  const Bytes indefinite{0x24, 0x80, 0x04, 0x02, 'a', 'b', 0x24, 0x80, 0x04, 0x01, 'c', 0x00, 0x00, 0x00, 0x00};
  const BerElement element = BerReader(indefinite).next();
  CHECK(element.indefinite);
  CHECK(element.whole.size() == indefinite.size());
  CHECK(octets(element) == Bytes{'a', 'b', 'c'});
  const Bytes longer{0x04, 0x82, 0x00, 0x03, 1, 2, 3, 0x05, 0x00};
  BerReader reader(longer);
  CHECK(reader.next().content.size() == 3);
  CHECK(reader.expect(kTagNull, "null").content.empty());
  CHECK(reader.done());
}

TEST_CASE("BER: what is cut off, too deep, too long or followed by more is refused") {
  for (const Bytes& bytes :
       {Bytes{0x30}, Bytes{0x30, 0x05, 0x00}, Bytes{0x30, 0x80, 0x05, 0x00}, Bytes{0x04, 0x80, 0, 0},
        Bytes{0x30, 0x85, 1, 1, 1, 1, 1}, Bytes{0x1F, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00},
        Bytes{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}}) {
    CHECK_THROWS_AS(BerReader(bytes).next(), Failure);
  }
  CHECK_THROWS_AS(read_whole(Bytes{0x30, 0x00, 0x00}, kTagSequence, "it"), Failure);
  Bytes deep;
  for (int i = 0; i < 100000; ++i) deep.insert(deep.end(), {0x30, 0x80});
  CHECK_THROWS_AS(BerReader(deep).next(), Failure);
  CHECK_THROWS_AS(small_integer(Bytes{0x00, 0xFF, 0xFF, 0xFF, 0xFF}), Failure);
  CHECK_THROWS_AS(small_integer(Bytes{0xFF}), Failure);
  CHECK(small_integer(Bytes{0x00, 0x80}) == 128);
}

TEST_CASE("object identifiers go both ways") {
  for (const char* oid : {"1.2.840.113549.1.7.2", "2.5.29.17", "2.16.840.1.113733.1.9.7", "0.9.2342.19200300.100.1.25",
                          "2.999.4294967296"}) {
    const Bytes der = der_oid(oid);
    CHECK(oid_text(BerReader(der).next().content) == oid);
  }
  CHECK_THROWS_AS(oid_text(Bytes{0x2A, 0x86}), Failure);
  CHECK_THROWS_AS(oid_text(Bytes{}), Failure);
  CHECK_THROWS_AS(der_oid("1"), Failure);
  CHECK_THROWS_AS(der_oid("1.2.x"), Failure);
  CHECK_THROWS_AS(der_oid("3.1"), Failure);
}

TEST_CASE("DER: integers are shortest, sets are sorted") {
  CHECK(der_integer(Bytes{0x00, 0x00, 0x7F}) == Bytes{0x02, 0x01, 0x7F});
  CHECK(der_integer(Bytes{0x00, 0x80}) == Bytes{0x02, 0x02, 0x00, 0x80});
  CHECK(der_integer(Bytes{0xFF, 0xFF}) == Bytes{0x02, 0x01, 0xFF});
  CHECK(der_integer(Bytes{}) == Bytes{0x02, 0x01, 0x00});
  CHECK(der_set_of({{0x02, 0x01, 0x05}, {0x02, 0x01, 0x03}}) == Bytes{0x31, 0x06, 0x02, 0x01, 0x03, 0x02, 0x01, 0x05});
  CHECK(der_element(0x04, Bytes(300, 1)).size() == 304);
}

TEST_CASE("the first octets tell a certificate from a CMS message") {
  CHECK(sniff_der(Bytes{0x30, 0x82, 0x01, 0x00, 0x30, 0x01}) == DerKind::certificate);
  CHECK(sniff_der(Bytes{0x30, 0x80, 0x06, 0x01, 0x01}) == DerKind::cms);
  CHECK(sniff_der(Bytes{'<', 'h', 't', 'm', 'l'}) == DerKind::other);
  CHECK(sniff_der(Bytes{0x30, 0xFF, 0x06, 0x01}) == DerKind::other);
  CHECK(sniff_der(Bytes{}) == DerKind::other);
}
