//! A copy of a state, for work that may not wait for the lock: what is written to it is not kept.

use super::document::Document;
use super::store::{Entry, Lock, LockInfo, StateError, Store};
use futures_util::future::{BoxFuture, ready};

/// The copy.
#[derive(Debug, Clone)]
pub struct Aside(pub Document);

impl Store for Aside {
    fn place(&self) -> String {
        "a copy of the state".to_owned()
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        Box::pin(ready(Ok(Some(self.0.clone()))))
    }

    fn append<'a>(&'a self, _: &'a [Entry], _: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(ready(Ok(())))
    }

    fn checkpoint<'a>(&'a self, _: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(ready(Ok(())))
    }

    fn lock<'a>(&'a self, _: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        let place = self.place();
        let problem = "nobody else sees it".to_owned();
        Box::pin(ready(Err(StateError::Unusable { place, problem })))
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(ready(Ok(None)))
    }
}
