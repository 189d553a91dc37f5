//! The border that every request to a vendor and every answer crosses: secrets leave for the hosts they are meant for, and
//! never come back in.
//!
//! Promises: a request to another host is not sent, whatever made its URL. What goes out as a secret is known as one before
//! the answer is read, tokens that were issued on the way too; nothing behind this border sees an answer that repeats one.

use super::secrets::Secrets;
use super::transport::{Incoming, NoAnswer, Outgoing, Transport};
use crate::text::host;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::HeaderValue;
use std::borrow::Cow;
use std::sync::Arc;
use url::Url;

/// Whether the secrets of an account may go to an address: to this machine, and to the hosts on a list. A host stands there
/// with its port where that is not the usual one.
pub fn may_reach(url: &str, hosts: &[String]) -> bool {
    Url::parse(url).is_ok_and(|url| {
        host::is_this_machine(&url) || host::with_port(&url).is_some_and(|host| hosts.contains(&host))
    })
}

/// A transport for one account.
pub struct Guarded {
    transport: Arc<dyn Transport>,
    secrets: Arc<Secrets>,
    hosts: Vec<String>,
}

impl Guarded {
    /// Sends by this transport to these hosts, as [`may_reach`] understands them.
    pub fn new(transport: Arc<dyn Transport>, secrets: Arc<Secrets>, hosts: Vec<String>) -> Self {
        Self {
            transport,
            secrets,
            hosts,
        }
    }

    fn answered(&self, mut answer: Incoming) -> Incoming {
        if let Some(body) = self.secrets.hidden_body(&answer.body) {
            answer.body = body.into();
        }
        for value in answer.headers.values_mut() {
            let hidden = value.to_str().map(|text| match self.secrets.hide(text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(hidden) => HeaderValue::from_str(&hidden).ok(),
            });
            if let Ok(Some(hidden)) = hidden {
                *value = hidden;
            }
        }
        answer
    }
}

impl Transport for Guarded {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        if !may_reach(&request.url, &self.hosts) {
            let url = Url::parse(&request.url).ok();
            let host = url.as_ref().and_then(host::with_port).unwrap_or_default();
            let why = format!("secrets of this account do not go to {host}");
            return futures_util::future::ready(Err(NoAnswer::Withheld(why))).boxed();
        }
        let mut signed = false;
        for value in request.headers.values().filter(|value| value.is_sensitive()) {
            signed = true;
            let text = value.to_str().unwrap_or_default();
            // `Bearer TOKEN` is a scheme and the secret.
            self.secrets
                .learn(text.split_once(' ').map_or(text, |(_, token)| token));
        }
        let sending = self.transport.send(request);
        async move {
            let answer = sending
                .await
                .map_err(|why| why.map(|text| self.secrets.hide(&text).into_owned()))?;
            // A request without a token asks for one, and what issues it is read for nothing else.
            let issues = !signed && (200..300).contains(&answer.status);
            Ok(if issues { answer } else { self.answered(answer) })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::http::scripted::Scripted;
    use http::HeaderMap;

    #[test]
    fn secrets_go_to_this_machine_and_to_listed_hosts_only() {
        let hosts = ["api.vendor.example".to_owned(), "stage.example:8443".to_owned()];
        for url in [
            "https://api.vendor.example/v2",
            "https://API.vendor.example:443/v2",
            "https://stage.example:8443/x",
            "http://127.0.0.1:4700/x",
        ] {
            assert!(may_reach(url, &hosts), "{url}");
        }
        for url in [
            "https://api.vendor.example:8443/v2",
            "https://api.vendor.example.evil.example/v2",
            "https://api.vendor.example@evil.example/v2",
            "https://evil.example/?api.vendor.example",
            "https://stage.example/x",
            "nonsense",
        ] {
            assert!(!may_reach(url, &hosts), "{url}");
        }
    }

    #[tokio::test]
    async fn a_request_to_another_host_is_not_sent() {
        let script = Arc::new(Scripted::new(|_| ()));
        let guarded = Guarded::new(
            script,
            Arc::new(Secrets::new()),
            vec!["api.vendor.example".to_owned()],
        );
        let request = Outgoing {
            method: http::Method::POST,
            url: "https://api.vendor.example@evil.example/surveys".to_owned(),
            headers: HeaderMap::new(),
            body: None,
        };
        let why = guarded.send(request).await.unwrap_err();
        assert!(
            matches!(&why, NoAnswer::Withheld(why) if why.contains("evil.example")),
            "{why:?}"
        );
    }
}
