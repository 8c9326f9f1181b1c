# The zone example-domain.com, as a Python program for --pyzone and PySourceAuthority. It is run with a
# function for each record type, named after it, and must bind `zone` to a list: of each record its owner
# name first, then its fields in the order of a zone file. Every name is absolute.
# example-domain.com.zone says the same in the format of BIND.

HOUR = 3600

zone = [
    SOA(
        "example-domain.com",
        mname="ns1.example-domain.com",
        rname="hostmaster.example-domain.com",
        serial=2026010100,
        refresh="2H",
        retry="15M",
        expire="2W",
        minimum="15M",
        ttl=HOUR,
    ),
    NS("example-domain.com", "ns1.example-domain.com", ttl=HOUR),
    NS("example-domain.com", "ns2.example-domain.com", ttl=HOUR),
    A("ns1.example-domain.com", "192.0.2.53", ttl=HOUR),
    AAAA("ns1.example-domain.com", "2001:db8::53", ttl=HOUR),
    A("ns2.example-domain.com", "198.51.100.53", ttl=HOUR),
    # Mail: two servers, and who may send it.
    MX("example-domain.com", 10, "mx1.example-domain.com", ttl=HOUR),
    MX("example-domain.com", 20, "mx2.example-domain.com", ttl=HOUR),
    TXT("example-domain.com", b"v=spf1 mx -all", ttl=HOUR),
    A("mx1.example-domain.com", "192.0.2.25", ttl=HOUR),
    A("mx2.example-domain.com", "198.51.100.25", ttl=HOUR),
    # The web, under two names, and a service that programs find by SRV.
    A("example-domain.com", "192.0.2.80", ttl=HOUR),
    A("www.example-domain.com", "192.0.2.80", ttl=HOUR),
    AAAA("www.example-domain.com", "2001:db8::80", ttl=HOUR),
    CNAME("ftp.example-domain.com", "www.example-domain.com", ttl=HOUR),
    SRV("_xmpp-server._tcp.example-domain.com", 5, 0, 5269, "www.example-domain.com", ttl=HOUR),
    # Any other name below apps.
    A("*.apps.example-domain.com", "192.0.2.81", ttl="5M"),
    # lab is delegated: its own servers answer for it. The address is glue.
    NS("lab.example-domain.com", "ns.lab.example-domain.com", ttl="1D"),
    A("ns.lab.example-domain.com", "203.0.113.53", ttl="1D"),
]
