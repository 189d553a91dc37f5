//! Which proxy stands between us and an address, to be named when something goes wrong there.

use crate::text::host::is_this_machine;
use url::Url;

/// The proxy that the environment sets for an address, in words and without its password; `None` where there is none.
/// Where `NO_PROXY` names exceptions, whether this address is one is left open.
pub(super) fn named(url: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let url = Url::parse(url).ok()?;
    if is_this_machine(&url) {
        return None;
    }
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let own = match url.scheme() {
        "https" => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let mut names = own.into_iter().chain(["ALL_PROXY", "all_proxy"]);
    let (name, value) = names.find_map(|name| Some((name, set(name)?)))?;
    let proxy = match value.contains("://") {
        true => Url::parse(&value),
        false => Url::parse(&format!("http://{value}")),
    };
    let place = proxy.ok().and_then(|proxy| {
        let port = proxy.port_or_known_default();
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        Some(format!("{}{port}", proxy.host_str()?))
    });
    let place = place.unwrap_or_else(|| "of an address that cannot be read".to_owned());
    let except = ["NO_PROXY", "no_proxy"]
        .into_iter()
        .find(|name| set(name).is_some());
    Some(match except {
        None => format!("through the proxy {place} of {name}"),
        Some(except) => format!("through the proxy {place} of {name}, unless {except} excepts it"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(url: &str, set: &[(&str, &str)]) -> Option<String> {
        named(url, &|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_proxy_is_named_by_its_place_and_its_variable_and_never_with_its_password() {
        let vendor = "https://api.vendor.example/v2";
        let own = ("HTTPS_PROXY", "http://me:secret@proxy.example:3128");
        assert_eq!(
            with(vendor, &[own, ("ALL_PROXY", "other:1")]).unwrap(),
            "through the proxy proxy.example:3128 of HTTPS_PROXY"
        );
        assert_eq!(
            with(vendor, &[("all_proxy", "other.example:81"), ("no_proxy", "x")]).unwrap(),
            "through the proxy other.example:81 of all_proxy, unless no_proxy excepts it"
        );
        assert_eq!(with(vendor, &[("HTTP_PROXY", "other.example")]), None);
        assert_eq!(with(vendor, &[("HTTPS_PROXY", " ")]), None);
        assert!(
            !with(vendor, &[("HTTPS_PROXY", "secret ://")])
                .unwrap()
                .contains("secret")
        );
        for here in ["http://127.0.0.1:4700/x", "https://localhost", "http://[::1]:1/"] {
            assert_eq!(with(here, &[own, ("HTTP_PROXY", "p:1")]), None, "{here}");
        }
    }
}
