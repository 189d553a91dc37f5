//! `infield state resolve`: what a person settles about something whose create is in doubt, or which resembles what is there.

use super::super::project::Opened;
use super::super::ui::{Stop, Ui};
use crate::flow::{Connected, Outcome};
use crate::marketplace::Sought;
use crate::model::{
    Address, DesiredSurvey, Intent, KnownSurvey, Level, LiveKey, Reading, Resource, ResourceKind, SurveySpec,
    VendorId, known,
};
use crate::refresh::Look as _;
use crate::state::{Document, Keeper, Op};
use std::collections::BTreeSet;

/// What a person settles: the creates of an address that are open, and what its manifest wants.
struct Case<'a> {
    address: Address,
    open: Vec<(&'a String, &'a Intent)>,
    wanted: Option<&'a DesiredSurvey>,
}

impl<'a> Case<'a> {
    fn of(opened: &'a Opened, document: &'a Document, address: &str) -> Self {
        let address = Address::survey(address);
        let open = document.intents.iter();
        Self {
            open: open.filter(|(_, intent)| intent.address == address).collect(),
            wanted: opened.loaded.desired.surveys.get(&address),
            address,
        }
    }

    fn intent(&self) -> Option<&'a Intent> {
        self.open.first().map(|(_, intent)| *intent)
    }

    fn vendor(&self) -> Option<VendorId> {
        let intended = self.intent().map(|intent| intent.vendor);
        intended.or(self.wanted.map(|wanted| wanted.vendor))
    }

    fn closing(&self) -> impl Iterator<Item = Op> {
        self.open
            .iter()
            .map(|(id, _)| Op::CloseIntent { id: (*id).clone() })
    }

    /// `adopting` says whether also what nobody made yet could have been meant.
    fn nothing_open(&self, opened: &Opened, document: &Document, adopting: bool) -> Stop {
        let address = &self.address;
        let open = document.intents.values().map(|intent| &intent.address);
        let wanted = opened.loaded.desired.surveys.keys().filter(|_| adopting);
        let others = open.chain(wanted).filter(|other| *other != address);
        Stop::failed(format!("`{address}` has no create with unknown outcome")).meant(
            address.as_str(),
            others.map(Address::as_str),
            "`infield state list` shows what is open",
        )
    }
}

/// Takes over something that is there. What is decided is decided under the lock, on the state that it is written into.
pub(super) async fn take_over(opened: &Opened, address: &str, id: &str, ui: &Ui) -> Result<Outcome, Stop> {
    let settling = async |keeper: &Keeper| take_over_in(keeper, opened, address, id, ui).await;
    opened.locked("state resolve", (ui, None), settling).await
}

async fn take_over_in(
    keeper: &Keeper,
    opened: &Opened,
    address: &str,
    id: &str,
    ui: &Ui,
) -> Result<Outcome, Stop> {
    let document = keeper.document().await;
    let mut case = Case::of(opened, &document, address);
    // Without a lost create, a survey that a manifest wants and nobody made yet can be taken over all the same.
    case.wanted = case
        .wanted
        .filter(|_| !document.resources.contains_key(&case.address));
    let Some(vendor) = case.vendor() else {
        return Err(case.nothing_open(opened, &document, true));
    };
    let (address, level) = (&case.address, Level::of(vendor, &case.address));
    if let Some(owner) = known::owner(&document.resources, vendor, level, id) {
        return Err(Stop::failed(format!(
            "{} {id} belongs to `{owner}` already",
            vendor.name()
        )));
    }
    if case.intent().is_some_and(|intent| intent.group.is_some()) {
        let message =
            format!("`{address}` is an exclusion group, which is found by its reference and not by an id");
        return Err(
            Stop::failed(message).help("`infield apply` looks for it; `--discard` says that there is none")
        );
    }
    check_there(opened, vendor, &key_of(&document, address, vendor, id), ui).await?;
    let mut survey = case.intent().map_or_else(KnownSurvey::default, Intent::found);
    if let Some(before) = document.resources.get(address).and_then(Resource::survey) {
        survey.stand_in_for(before);
    }
    let resource = Resource {
        vendor,
        kind: ResourceKind::Survey(Box::new(survey)),
        id: id.to_owned(),
    };
    let put = Op::Put {
        address: address.clone(),
        resource: Box::new(resource),
    };
    let ops: Vec<Op> = case.closing().chain([put]).collect();
    keeper.commit(ops).await?;
    ui.status(&format!(
        "{address} is {id} now; `infield plan` compares it with the manifest"
    ));
    Ok(Outcome::Done)
}

/// Remembers that what resembles an address is something else, so that the next plan makes it. With `discard`, its lost create
/// was not carried out either.
pub(super) async fn make_new(
    opened: &Opened,
    address: &str,
    discard: bool,
    ui: &Ui,
) -> Result<Outcome, Stop> {
    let settling = async |keeper: &Keeper| make_new_in(keeper, opened, address, discard, ui).await;
    opened.locked("state resolve", (ui, None), settling).await
}

async fn make_new_in(
    keeper: &Keeper,
    opened: &Opened,
    address: &str,
    discard: bool,
    ui: &Ui,
) -> Result<Outcome, Stop> {
    let document = keeper.document().await;
    let case = Case::of(opened, &document, address);
    let address = &case.address;
    if discard && case.open.is_empty() {
        return Err(case.nothing_open(opened, &document, false));
    }
    let Some(vendor) = case.vendor() else {
        return Err(Stop::failed(format!("no manifest wants `{address}`"))
            .help("`infield validate` shows what is wrong with the manifests, if anything is"));
    };
    let intended = case.intent().map(|intent| &intent.wanted);
    let looked = match intended.or(case.wanted.map(|wanted| &wanted.spec)) {
        Some(wanted) => resembling(opened, &document, address, vendor, wanted, ui).await?,
        None => Ok(BTreeSet::new()),
    };
    let (noun, name) = (vendor.noun(Level::of(vendor, address)), vendor.name());
    let ids = match looked {
        Ok(ids) => ids,
        Err(why) if discard => {
            ui.status(&format!(
                "what there is at {name} could not be read: {why}; the next plan looks"
            ));
            BTreeSet::new()
        }
        Err(why) => {
            return Err(Stop::failed(format!(
                "what there is at {name} could not be read: {why}"
            )));
        }
    };
    let told: Vec<&str> = ids.iter().map(String::as_str).collect();
    let told = told.join(", ");
    let mut ops: Vec<Op> = case.closing().filter(|_| discard).collect();
    if !ids.is_empty() {
        ops.push(Op::NoneOf {
            address: address.clone(),
            ids,
        });
    }
    keeper.commit(ops).await?;
    if discard {
        ui.status(&format!("{address} was not created; the next apply creates it"));
    }
    match (told.is_empty(), discard) {
        (false, _) => ui.status(&format!(
            "{address} is another {noun} than {told}, and is made beside it"
        )),
        (true, false) => ui.status(&format!(
            "nothing at {name} resembles {address}: the next apply makes it"
        )),
        (true, true) => {}
    }
    Ok(Outcome::Done)
}

/// The ids of what a vendor has that may be this and belongs to nobody here; or why that cannot be told.
async fn resembling(
    opened: &Opened,
    document: &Document,
    address: &Address,
    vendor: VendorId,
    wanted: &SurveySpec,
    ui: &Ui,
) -> Result<Result<BTreeSet<String>, String>, Stop> {
    let level = Level::of(vendor, address);
    let known = document.known();
    let looking = async |at: &Connected<'_>| {
        let Some(reader) = at.vendors.readers.get(&vendor) else {
            return Ok(Err("the environment configures no account for it".to_owned()));
        };
        let key = key_of(document, address, vendor, "");
        let holder = match (level, key.parent) {
            (Level::Group, None) => return Ok(Ok(Vec::new())),
            (Level::Group, Some(id)) => {
                let key = LiveKey {
                    level: Level::of_surveys(vendor),
                    ..LiveKey::survey(id)
                };
                match reader.survey(&key).await {
                    Reading::Present(live) => Some(live),
                    Reading::Absent { proof: why } | Reading::Unknown { why } => return Ok(Err(why)),
                }
            }
            (Level::Survey | Level::Container, _) => None,
        };
        let parent = holder.as_ref().map(|live| live.id.as_str());
        let sought = Sought {
            level,
            parent,
            wanted,
        };
        let found = reader
            .name_collisions(holder.as_ref(), &known, &[sought])
            .await
            .pop();
        Ok(match found {
            Some(Reading::Present(ids)) => Ok(ids),
            Some(Reading::Absent { proof: why } | Reading::Unknown { why }) => Err(why),
            None => Ok(Vec::new()),
        })
    };
    let looked: Result<Vec<String>, String> = opened.connected(ui, looking).await?;
    let free = |id: &String| known::owner(&document.resources, vendor, level, id).is_none();
    Ok(looked.map(|ids| ids.into_iter().filter(free).collect()))
}

/// What a reader needs to find something that is to stand under an address.
fn key_of(document: &Document, address: &Address, vendor: VendorId, id: &str) -> LiveKey {
    let parent = address.parent();
    let parent = parent.and_then(|parent| document.resources.get(&parent));
    LiveKey {
        level: Level::of(vendor, address),
        id: id.to_owned(),
        parent: parent.map(|parent| parent.id.clone()),
        hint: Default::default(),
        job: None,
    }
}

/// Adopting a number that was mistyped would be a second survey by another name.
async fn check_there(opened: &Opened, vendor: VendorId, key: &LiveKey, ui: &Ui) -> Result<(), Stop> {
    let asked = opened.connected(ui, async |at| match at.vendors.readers.get(&vendor) {
        Some(reader) => Ok(reader.survey(key).await),
        None => Ok(Reading::Unknown {
            why: "the environment configures no account for it".to_owned(),
        }),
    });
    let reading = asked.await?;
    let noun = vendor.noun(key.level);
    let id = &key.id;
    match reading {
        Reading::Present(live) => {
            let title = live.spec.title.value().map(String::as_str).unwrap_or_default();
            ui.status(&format!("{noun} {id} is there: {title:?}, {}", live.status_text));
            Ok(())
        }
        Reading::Absent { proof } => Err(Stop::failed(format!(
            "{noun} {id} is not at {}: {proof}",
            vendor.name()
        ))),
        Reading::Unknown { why } => Err(Stop::failed(format!("{noun} {id} could not be read: {why}"))),
    }
}
