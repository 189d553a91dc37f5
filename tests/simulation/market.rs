//! A vendor as a bystander sees it: straight to the sandbox's own routes, past every fault, never through infield's
//! reading code. Also the hands of people who work in the vendor's web interface.
//!
//! One [`Market`] per vendor says in that vendor's terms what the checker and the network need; a further vendor is a
//! further folder and a line in [`MARKETS`].

use super::cint::Cint;
use super::innovatemr::InnovateMr;
use super::purespectrum::PureSpectrum;
use super::random::Random;
use super::sim::Sim;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method};
use infield::marketplace::Client;
use infield::marketplace::http::transport::Outgoing;
use infield::model::{Address, Desired, DesiredSurvey, VendorId};
use infield_sandbox::Emulator;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The vendors there are worlds of; a seed picks one.
pub(crate) const MARKETS: [&dyn Market; 3] = [&PureSpectrum, &InnovateMr, &Cint];

/// The vendor of a seed.
pub(crate) fn market(seed: u64) -> &'static dyn Market {
    let index = seed % MARKETS.len() as u64;
    MARKETS[usize::try_from(index).expect("small")]
}

/// Where something is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Draft,
    /// Asked to go in field, and the vendor is not done with it. Its money counts as spent from here on.
    Launching,
    Live,
    Paused,
    Closed,
}

impl Phase {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Launching => "launching",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }
}

/// A quota at the vendor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SeenQuota {
    pub(crate) id: String,
    /// The name infield would know it by; empty where it has none.
    pub(crate) name: String,
    pub(crate) wanted: u64,
    /// The layer that it caps the survey with: quotas over the same questions, where nobody who may take part belongs to none
    /// of them, and a full one turns people away.
    pub(crate) layer: Option<String>,
}

/// A survey, job or group at the vendor, with what it has collected.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    /// Everything the vendor stores of it, also what its API shows to nobody.
    pub(crate) document: Value,
    pub(crate) phase: Phase,
    /// Completes wanted.
    pub(crate) goal: Option<u64>,
    /// The most a complete costs, in USD.
    pub(crate) price: Option<Decimal>,
    pub(crate) quotas: Vec<SeenQuota>,
    /// Completes, as far as the vendor shows them.
    pub(crate) fielded: u64,
    /// Completes by the vendor's quota id.
    pub(crate) quotas_fielded: BTreeMap<String, u64>,
}

impl Seen {
    /// Completes that can still come: to the goal, or until every quota of a layer is full.
    pub(crate) fn left(&self) -> Option<u64> {
        let goal = self.goal?.saturating_sub(self.fielded);
        let mut layers: BTreeMap<&str, u64> = BTreeMap::new();
        for quota in &self.quotas {
            let Some(layer) = &quota.layer else { continue };
            let counted = self.quotas_fielded.get(&quota.id).copied().unwrap_or(0);
            *layers.entry(layer).or_default() += quota.wanted.saturating_sub(counted);
        }
        Some(layers.into_values().min().map_or(goal, |open| open.min(goal)))
    }
}

/// What something is called, as far as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) title: String,
    /// Its locale, where it has one.
    pub(crate) locale: Option<String>,
    /// What it is in.
    pub(crate) inside: Option<String>,
}

impl Named {
    /// Whether one may be taken for the other.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let apart = matches!((&self.locale, &other.locale), (Some(one), Some(other)) if one != other);
        self.title == other.title && self.inside == other.inside && !apart
    }
}

/// A page of a list, in a world in which pages are small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    /// The vendor itself gives smaller ones: the URL that asks for one.
    Smaller(String),
    /// It is counted off: the URL that asks for the whole list, and the number of the page, from 1.
    Counted { whole: String, number: usize },
}

/// What a request does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Does {
    /// Changes nothing.
    Reads,
    /// Makes a survey, a job or a group; inside of this one, where it has one.
    Makes { parent: Option<String> },
    /// Changes this one.
    Changes(String),
}

/// What the checker, the network and the bystander have to know about a vendor.
pub(crate) trait Market: Sync {
    fn id(&self) -> VendorId;

    /// The base URL that infield is given.
    fn base(&self) -> &'static str;

    fn emulator(&self) -> Box<dyn Emulator>;

    /// Switches of the emulator, drawn for a world.
    fn settings(&self, random: &mut Random) -> Value;

    /// Who asks for tokens, where they have to be asked for.
    fn client(&self) -> Option<Client> {
        None
    }

    /// The headers that a call of a bystander needs.
    fn sign(&self, sim: &Sim, headers: &mut HeaderMap);

    /// What a request of infield's does; `path` is below the base.
    fn does(&self, method: &Method, path: &str, body: Option<&Value>) -> Does;

    /// Whether an answer says that it was done.
    fn accepted(&self, status: u16, answer: &Value) -> bool;

    /// Whether calls carry idempotency keys.
    fn has_keys(&self) -> bool {
        false
    }

    /// Whether something is due at the vendor that happens when anybody looks, so that a bystander has to look as well.
    fn is_due(&self, _sim: &Sim) -> bool {
        false
    }

    /// Where a request of ours has moved something to; `None` where nothing moved, or the vendor did it by itself.
    fn moved(&self, before: &Seen, after: &Seen) -> Option<Phase> {
        // The vendor pauses by itself what an edit has filled; nobody else's doing, nobody's fault.
        let by_itself = after.phase == Phase::Paused && before.fielded > 0;
        (before.phase != after.phase && !by_itself).then_some(after.phase)
    }

    /// The id in the answer to what [`Does::Makes`].
    fn made_id(&self, answer: &Value) -> Option<String>;

    /// Where that id stands.
    fn id_in<'a>(&self, answer: &'a mut Value) -> Option<&'a mut Value>;

    /// What something is called that is sent or that is there; `None` where no list shows such things.
    fn named(&self, it: &Value) -> Option<Named>;

    /// The title by which alone something is found again that was made from this and lost its answer; `None` where more
    /// tells it, or where it is not looked for by its name.
    fn known_by<'a>(&self, _made: &'a Value) -> Option<&'a str> {
        None
    }

    /// Whether something about a survey is shown to nobody, so that an older state is wrong about it unnoticed.
    fn hides(&self) -> bool {
        false
    }

    /// Whether the vendor itself moves the price of this, so that what was asked for is shown to nobody.
    fn moves_price(&self, _document: &Value) -> bool {
        false
    }

    /// Whether pages of lists are counted off, so that what moves meanwhile may be on none of them.
    fn counts_pages(&self) -> bool {
        false
    }

    /// The page that a URL asks for, where pages have at most so many entries; `None` for what is no list by pages.
    fn page(&self, _url: &str, _size: usize) -> Option<Page> {
        None
    }

    /// The answer to a failure that is the vendor's own.
    fn failure(&self) -> &'static str;

    /// The entries of an answer that lists what there is, where this is one; with the name of their ids.
    fn listed<'a>(
        &self,
        method: &Method,
        path: &str,
        answer: &'a mut Value,
    ) -> Option<(&'a mut Vec<Value>, &'static str)>;

    /// What the vendor keeps of a request that it confirms and does not keep, or not all of it: `None` where such a
    /// lie could be seen by nobody. Nothing at all is kept of a `Keeps::Nothing`.
    fn lie(&self, sim: &Sim, request: &Outgoing) -> Option<Keeps>;

    /// Everything there is, by id.
    fn documents(&self, sim: &Sim) -> BTreeMap<String, Value>;

    fn document(&self, sim: &Sim, id: &str) -> Option<Value>;

    /// A document in the checker's terms.
    fn seen(&self, document: Value) -> Seen;

    /// What respondents do with something, as the sandbox takes it: `completes` or `reversals`, and how many; what the
    /// vendor then shows of it.
    fn collect(&self, sim: &Sim, id: &str, people: (&str, u64)) -> Option<(u64, BTreeMap<String, u64>)>;

    /// What it has collected, where infield asks the vendor for counts that are not part of its surveys.
    fn counted(&self, seen: &Seen) -> u64 {
        seen.fielded
    }

    /// Whether completes are told by the vendor, and part of its surveys.
    fn tells_counts(&self) -> bool {
        true
    }

    /// Whether the vendor itself says nothing of a goal that was reached once completes were taken back.
    fn forgets_goals(&self) -> bool {
        false
    }

    /// Whether respondents can come; not where it only waits for its time.
    fn collects(&self, seen: &Seen) -> bool {
        seen.phase == Phase::Live
    }

    /// What a survey lacks; empty when it is as wanted. Status and what infield cannot know are left out. Written from
    /// the vendor's documents, without infield's encoder, decoder or differ.
    fn differences(&self, address: &Address, wanted: &DesiredSurvey, document: &Value) -> Vec<String>;

    /// Whether one of these differences can only be taken away once it is back in field.
    fn changes_in_field_only(&self, _document: &Value, _difference: &str) -> bool {
        false
    }

    /// Whether a quota of ours that has collected stays although no manifest wants it any more.
    fn keeps_quotas(&self) -> bool {
        true
    }

    /// Whether a lost create of this is left to a person.
    fn settled_by_hand(&self, address: &Address) -> bool;

    /// Somebody works on it in the web interface. What, and the answer's status.
    fn meddle(&self, sim: &Sim, id: &str) -> (&'static str, u16);

    fn project(&self, random: &mut Random, large: bool) -> Desired;

    /// Changes a few manifests.
    fn edit(&self, random: &mut Random, desired: &mut Desired, told: &mut dyn FnMut(String));
}

/// What is kept of a write that is confirmed all the same.
#[derive(Debug, Clone)]
pub(crate) enum Keeps {
    /// Another body; its answer is passed on.
    Body(Value),
    /// Nothing; this is the request whose answer looks as if. Without one it is an empty answer.
    Nothing { ask: Option<String> },
}

impl Sim {
    /// Hands a request to the vendor now. The sandbox waits for nothing, so the answer is there at once.
    pub(crate) fn deliver(&self, request: Outgoing) -> (u16, HeaderMap, Bytes) {
        self.tick();
        let mut sent = http::Request::new(request.body.unwrap_or_default());
        *sent.method_mut() = request.method;
        *sent.uri_mut() = request.url.parse().expect("an address of ours");
        *sent.headers_mut() = request.headers;
        let answer = self
            .sandbox
            .call(sent)
            .now_or_never()
            .expect("the sandbox answers at once")
            .expect("no fault is scripted in the sandbox itself");
        let (head, body) = answer.into_parts();
        (head.status.as_u16(), head.headers, body)
    }

    /// A call of a bystander; `path` is below the vendor's base, or the sandbox's own.
    pub(crate) fn direct(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        // The sandbox's own endpoints ask nobody who he is.
        if !path.starts_with("/_sandbox") {
            self.market.sign(self, &mut headers);
        }
        self.direct_with(method, path, headers, body)
    }

    /// The same with headers of its own.
    pub(crate) fn direct_with(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let url = if path.starts_with("/_sandbox") {
            format!("http://vendor{path}")
        } else {
            format!("{}{path}", self.market.base())
        };
        let request = Outgoing {
            method,
            url,
            headers,
            body: body.map(|body| Bytes::from(body.to_string())),
        };
        let (status, _, bytes) = self.deliver(request);
        (status, read(&bytes).unwrap_or(Value::Null))
    }

    /// Looks at one survey again.
    pub(crate) fn look(&self, id: &str) {
        let document = self.market.document(self, id);
        self.saw(id, document);
    }

    /// Looks at every survey known so far.
    pub(crate) fn look_at_all(&self) {
        let ids: Vec<String> = self.checker().mirror.keys().cloned().collect();
        let mut all = self.market.documents(self);
        for id in ids {
            let document = all.remove(&id);
            self.saw(&id, document);
        }
    }

    fn saw(&self, id: &str, document: Option<Value>) {
        let now = self.now();
        let mut checker = self.checker();
        let Some(document) = document else {
            checker.mirror.remove(id);
            return;
        };
        let before = checker.mirror.remove(id).unwrap_or_default();
        let mut seen = self.market.seen(document);
        // Where the document does not count, what was counted last holds.
        seen.fielded = seen.fielded.max(before.fielded);
        if seen.quotas_fielded.is_empty() {
            seen.quotas_fielded = before.quotas_fielded;
        }
        checker.born.entry(id.to_owned()).or_insert(now);
        checker.mirror.insert(id.to_owned(), seen);
    }

    /// Looks at every survey there is, and says when the bystander has missed one.
    pub(crate) fn take_inventory(&self) {
        // What is due by now would happen under the bystander's eyes.
        self.let_time_work();
        let all = self.market.documents(self);
        let mirror: BTreeMap<String, Value> = self
            .checker()
            .mirror
            .iter()
            .map(|(id, seen)| (id.clone(), seen.document.clone()))
            .collect();
        if all != mirror {
            for (id, document) in &all {
                if mirror.get(id) != Some(document) {
                    self.tell(format!("missed: {document}, seen: {:?}", mirror.get(id)));
                }
            }
            self.fail("the bystander's picture differs from the vendor's lists: a bug of the simulation");
        }
    }

    /// What is in field.
    pub(crate) fn in_field(&self) -> Vec<String> {
        let checker = self.checker();
        let live = checker.mirror.iter().filter(|(_, seen)| {
            // What only holds others is asked by nobody.
            seen.phase == Phase::Live && seen.goal.is_some()
        });
        live.map(|(id, _)| id.clone()).collect()
    }

    /// Respondents complete a survey that is in field.
    pub(crate) fn collect(&self, id: &str, completes: u64) {
        self.respond(id, ("completes", completes));
    }

    /// Completes are taken back, whatever became of the survey.
    pub(crate) fn take_back(&self, id: &str, completes: u64) {
        if let Some(seen) = self.checker().mirror.get_mut(id) {
            seen.fielded = 0;
            seen.quotas_fielded.clear();
        }
        self.respond(id, ("reversals", completes));
        self.count(|count| count.reversals += 1);
    }

    fn respond(&self, id: &str, (what, people): (&str, u64)) {
        let counted = self.market.collect(self, id, (what, people));
        self.tell(format!("respondents: {people} {what} for {id}"));
        self.look(id);
        if let (Some((fielded, quotas)), Some(seen)) = (counted, self.checker().mirror.get_mut(id)) {
            seen.fielded = fielded;
            seen.quotas_fielded = quotas;
        }
    }

    /// Lets the vendor do what it does with time.
    pub(crate) fn let_time_work(&self) {
        let due = self.market.is_due(self);
        self.tick();
        let changes = self.sandbox.clock_moved().expect("a store in memory");
        for change in changes {
            self.tell(format!("vendor: {change}"));
            let id = change.get("survey").or_else(|| change.get("target_group"));
            self.look(&id.map(text_of).unwrap_or_default());
        }
        if due {
            self.look_at_all();
        }
    }

    /// Somebody works in the web interface.
    pub(crate) fn meddle(&self) {
        let ids: Vec<String> = self.checker().mirror.keys().cloned().collect();
        if ids.is_empty() {
            return;
        }
        let id = self.random().pick(&ids).clone();
        let (what, status) = self.market.meddle(self, &id);
        self.tell(format!("by hand: somebody {what} {id} ({status})"));
        self.look(&id);
    }

    /// Something new that a person made.
    pub(crate) fn made_by_hand(&self, id: String) {
        self.look(&id);
        self.checker().by_hand.insert(id);
    }
}

/// The header with the sandbox's token.
pub(crate) fn token(headers: &mut HeaderMap, name: &'static str) {
    headers.insert(name, HeaderValue::from_static("sandbox"));
}

/// An id as text, whether it is a number or a text at the vendor.
pub(crate) fn text_of(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// The body of a request as JSON.
pub(crate) fn body_of(request: &Outgoing) -> Option<Value> {
    read(request.body.as_ref()?)
}

/// JSON, read by code that was compiled with `serde_json`; what is generic is compiled here, without optimisation.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// A JSON number, exactly.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A number by hand, as JSON.
pub(crate) fn patch(path: &str, value: &Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}
