//! Vendors on this machine, which are emulators.

use crate::marketplace::http::session::Patience;
use crate::text::host::names_this_machine;
use std::time::Duration;

/// How patiently calls to this address are repeated; `None` is the vendor's production host.
///
/// An emulator fails for a moment, not for minutes. A `Retry-After` counts there as anywhere.
pub fn patience(base_url: Option<&str>) -> Patience {
    let mut patience = Patience::default();
    if base_url.is_some_and(names_this_machine) {
        patience.first_wait = Duration::from_millis(10);
    }
    patience
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_emulator_on_this_machine_is_asked_again_sooner() {
        let vendors = [
            None,
            Some("https://api.example.com/v2"),
            Some("https://localhost.example.com"),
            Some("https://127.0.0.1.example.com"),
            Some("https://10.0.0.1/v2"),
            Some("nonsense"),
        ];
        for url in vendors {
            assert_eq!(patience(url), Patience::default(), "{url:?}");
        }
        for url in [
            "http://127.0.0.1:4700/x",
            "http://mock.localhost/x",
            "http://[::1]:1/x",
        ] {
            let here = patience(Some(url));
            let first_wait = here.first_wait;
            assert!(first_wait < Patience::default().first_wait, "{url}");
            let otherwise = Patience {
                first_wait,
                ..Patience::default()
            };
            assert_eq!(here, otherwise, "{url}: as often, and no other limit moves");
        }
    }
}
