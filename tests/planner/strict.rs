//! A marketplace that lets nothing change its status, and is PureSpectrum in everything else: what no real vendor
//! forbids today is asked before all the same.

use crate::support::*;
use infield::marketplace::purespectrum::PureSpectrum;
use infield::model::capability::Mutability;
use infield::model::codebook::Codebook;
use infield::model::desired::OnRemove;
use infield::model::{Call, Field, Level, Status, SurveySpec, VendorId};
use infield::plan::NoteKind;
use infield::plan::diff::FieldName;
use infield::plan::market::{Edits, Marketplace, Marketplaces, Refusal, StatusChange, Subject};

struct Strict;

impl Marketplace for Strict {
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        Err(Refusal::new(format!("no way from {from} to {to}")).help("leave it as it is"))
    }

    fn id(&self) -> VendorId {
        PureSpectrum.id()
    }
    fn codebook(&self) -> &'static Codebook {
        PureSpectrum.codebook()
    }
    fn mutability(&self, field: &FieldName, status: Status) -> Mutability {
        PureSpectrum.mutability(field, status)
    }
    fn may_hide(&self, field: &FieldName) -> bool {
        PureSpectrum.may_hide(field)
    }
    fn missing_for_launch(&self, level: Level, after: &SurveySpec) -> Vec<Refusal> {
        PureSpectrum.missing_for_launch(level, after)
    }
    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        PureSpectrum.create(subject, wanted)
    }
    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        PureSpectrum.update(edits)
    }
    fn set_status(&self, change: &StatusChange<'_>) -> Vec<Call> {
        PureSpectrum.set_status(change)
    }
}

impl Marketplaces for Strict {
    fn of(&self, _vendor: VendorId) -> &dyn Marketplace {
        self
    }
}

fn refusal(world: &World) -> (NoteKind, String, Option<String>, Option<String>) {
    let plan = world.plan_at(&Strict);
    assert!(plan.is_empty(), "{plan:#?}");
    assert_eq!(plan.unchanged, [], "it is not as wanted");
    let note = plan.notes[0].clone();
    (note.kind, note.message, note.help, note.path)
}

#[test]
fn what_the_vendor_forbids_is_not_resumed() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.left_as("soda", Status::Paused);
    let (kind, message, help, path) = refusal(&world);
    assert_eq!((kind, path.as_deref()), (NoteKind::Blocked, Some("/status")));
    assert_eq!(message, "no way from paused to live");
    assert_eq!(help.as_deref(), Some("leave it as it is"));
}

#[test]
fn what_the_vendor_forbids_is_not_closed() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").status = Field::Set(Status::Closed);
    let (kind, message, _, path) = refusal(&world);
    assert_eq!((kind, path.as_deref()), (NoteKind::Unsupported, Some("/status")));
    assert_eq!(message, "no way from live to closed");
}

#[test]
fn what_the_vendor_forbids_is_not_closed_when_its_manifest_is_gone() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").policy.on_remove = OnRemove::Close;
    world.remove_manifest("soda");
    let (kind, message, ..) = refusal(&world);
    assert_eq!(kind, NoteKind::Unsupported);
    assert_eq!(message, "no way from live to closed");
}
