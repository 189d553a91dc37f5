//! What the suite has to know about a marketplace.

use crate::line::Way;
use crate::world::World;
use futures_util::future::BoxFuture;
use infield::marketplace::{Client, registry};
use infield::model::VendorId;
use infield_sandbox::Sandbox;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::sync::Once;

/// Every marketplace there is, and one that `src` does not know.
pub(crate) const SUBJECTS: [&dyn Subject; 4] = [
    &crate::purespectrum::subject::PureSpectrum,
    &crate::innovatemr::subject::InnovateMr,
    &crate::cint::subject::Cint,
    &crate::panelworks::subject::Panel,
];

/// An edit of a manifest: a text in it, what takes its place, and where the plan shows the change.
pub(crate) type Edit = (&'static str, &'static str, &'static str);

/// What a world stands on.
pub(crate) enum Ground {
    /// An emulator of the sandbox.
    Sandbox(Sandbox),
    /// The emulator of Panelworks.
    Studio(crate::panelworks::emulator::Emulator),
}

/// One marketplace, as the suite needs it.
pub(crate) trait Subject: Sync {
    fn vendor(&self) -> VendorId;

    /// Its emulator, as new.
    fn ground(&self) -> Ground;

    fn base_url(&self) -> String {
        let facts = self.vendor().facts();
        format!("http://sandbox/{}{}", facts.key, facts.emulator.unwrap().base)
    }

    fn token(&self) -> &'static str {
        "sandbox"
    }

    /// Who asks for tokens, where they have to be asked for.
    fn client(&self) -> Option<Client> {
        None
    }

    /// A survey that is to be in field, with everything it can have.
    fn manifest(&self) -> &'static str;

    /// Edits that are made one after the other.
    fn edits(&self) -> Vec<Edit>;

    /// Whether a change may come along with the one that an edit is about.
    fn comes_along(&self, _path: &str) -> bool {
        false
    }

    /// The manifest with many edits at once.
    fn edited(&self) -> String;

    /// What [`edited`](Self::edited) can be taken back from.
    fn edited_for_a_time(&self) -> String {
        self.edited()
    }

    /// Every way the marketplace may turn out to be: switches of its emulator.
    fn styles(&self) -> Vec<Value> {
        vec![Value::Null]
    }

    /// How it says no.
    fn refusals(&self) -> Vec<(u16, Value)>;

    /// Panics where something is there twice, or in field half written.
    fn never_wrong<'a>(&'a self, world: &'a World, what: &'a str) -> BoxFuture<'a, ()>;

    /// What the marketplace has, without ids, times and what only counts.
    fn picture<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Value>;

    /// Settles the creates that infield cannot settle, as a person would.
    fn settle_by_hand<'a>(&'a self, _world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    /// Lets everybody take part who is wanted, and stops what that stops, by itself or by hand.
    fn finish<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()>;

    /// Lets people begin (`starts`), come to the end (`finishes`) or be taken back (`reversals`) in everything that is
    /// fielded, where the marketplace lets them. What that is charged, in USD; less what is not paid after all.
    fn people<'a>(&'a self, world: &'a World, what: &'a Value) -> BoxFuture<'a, Decimal>;

    /// Closes what is finished, as the marketplace does after a time, or else a person.
    fn close<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()>;

    /// The manifest with a higher goal.
    fn raised(&self) -> String;

    /// How a request is disturbed.
    fn ways(&self) -> Vec<Way> {
        let mut ways = vec![
            Way::LostBefore,
            Way::LostAfter,
            Way::ErrorBefore,
            Way::ErrorAfter,
            Way::Page,
        ];
        // What gateways say for a marketplace that did the work: a status of theirs, in JSON of theirs.
        let gateway = json!({"message": "the gateway has nothing for you"});
        ways.extend([303, 308, 403, 408, 409, 499, 502].map(|status| Way::Gateway(status, gateway.clone())));
        ways.extend(
            self.refusals()
                .into_iter()
                .map(|(status, body)| Way::Refused(status, body)),
        );
        ways
    }
}

/// Puts the fourth marketplace on the list: the one line by which a program gets another one.
pub(crate) fn add() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| registry::add(&crate::panelworks::market::Panelworks).unwrap());
}

#[test]
fn every_marketplace_of_the_registry_takes_part() {
    add();
    let there: Vec<VendorId> = SUBJECTS.iter().map(|subject| subject.vendor()).collect();
    let mut all = VendorId::all().to_vec();
    all.retain(|id| !there.contains(id));
    assert_eq!(all, Vec::<VendorId>::new());
    for subject in SUBJECTS {
        assert!(!subject.edits().is_empty() && subject.edited() != subject.manifest());
        for (_, body) in subject.refusals() {
            assert_ne!(body, json!(null), "{}", subject.vendor());
        }
    }
}
