//! Which addresses are of this machine, where emulators are.

use url::{Host, Url};

/// Whether a URL is of this machine: `localhost` and every name below it, which never go to a name server
/// (RFC 6761, 6.3), and the addresses of loopback, also where IPv6 writes one of IPv4.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// The host of a URL, with its port where that is not the usual one of the scheme.
pub(crate) fn with_port(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

/// Whether a text is a URL of this machine; one that is no URL is of no machine.
pub(crate) fn names_this_machine(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_this_machine(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_recognized_by_name_and_by_address() {
        for url in [
            "http://localhost",
            "http://LOCALHOST:4700/x",
            "http://localhost./",
            "http://mock.localhost:1/v2",
            "https://a.b.localhost",
            "http://127.0.0.1:4700/x",
            "http://127.255.0.3",
            "http://2130706433/",
            "http://[::1]",
            "http://[::1]:1/x",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(names_this_machine(url), "{url}");
        }
        for url in [
            "https://api.example.com/v2",
            "https://localhost.example.com",
            "https://notlocalhost",
            "https://127.0.0.1.example.com",
            "https://10.0.0.1/v2",
            "http://0.0.0.0/",
            "http://[::]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[fe80::1]/",
            "file:///localhost",
            "localhost",
            "nonsense",
            "",
        ] {
            assert!(!names_this_machine(url), "{url}");
        }
    }
}
