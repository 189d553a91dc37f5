//! Connections to object stores: to one on this machine without the proxies that the environment names.
//!
//! Promises: no credential of a store on this machine is to be read at a proxy elsewhere.

use crate::text::host::names_this_machine;
use futures_util::future::BoxFuture;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use std::time::Duration;

/// Makes clients that know which addresses are of this machine.
#[derive(Debug)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let outside = ReqwestConnector::default().connect(options)?;
        // The times are those of the library.
        let here = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .build()
            .map(HttpClient::new);
        // Without certificates of the system there is none, and then the other one has to do.
        let here = here.unwrap_or_else(|_| outside.clone());
        Ok(HttpClient::new(Split { here, outside }))
    }
}

#[derive(Debug)]
struct Split {
    here: HttpClient,
    outside: HttpClient,
}

impl HttpService for Split {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> BoxFuture<'b, Result<HttpResponse, HttpError>>
    where
        'a: 'b,
        Self: 'b,
    {
        let here = names_this_machine(&request.uri().to_string());
        let client = if here { &self.here } else { &self.outside };
        Box::pin(client.execute(request))
    }
}
