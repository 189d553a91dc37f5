//! Exclusion groups whose create lost its answer.

use super::*;

#[tokio::test]
async fn a_lost_group_is_found_by_its_reference_and_not_made_twice() {
    let group = crate::model::DesiredGroup {
        vendor: crate::marketplace::CINT,
        reference: "acme-waves".to_owned(),
        title: "Waves".to_owned(),
        members: Vec::new(),
        exclusion_days: None,
    };
    let lost = || Intent {
        group: Some(group.clone()),
        ..intent(crate::marketplace::CINT, Address::survey("waves"), "")
    };
    let found = async |vendor: Vendor| {
        let readers = BTreeMap::from([(crate::marketplace::CINT, vendor)]);
        let mut all = recover(&known([lost()]), &readers, Some(SignedDuration::ZERO)).await;
        all.remove(0).outcome
    };
    let named = || Vendor::by_name([]);
    let live = LiveGroup {
        id: "01JW97M2Y5Q5KB0N543B4G4T5Y".to_owned(),
        reference: Field::Set("acme-waves".to_owned()),
        title: Field::Absent,
        members: Field::Absent,
        exclusion_days: Field::Absent,
    };
    let there = Vendor {
        group: Some(live),
        ..named()
    };
    let Outcome::Made { resource } = found(there).await else {
        panic!("not taken over");
    };
    assert_eq!(resource.id, "acme-waves");
    assert_eq!(resource.kind, ResourceKind::Group(group.clone()));
    // Lists may lag behind.
    let early = Vendor {
        now: Some(at(20)),
        ..named()
    };
    assert!(matches!(found(early).await, Outcome::TooSoon { .. }));
    let broken = Vendor {
        broken: true,
        ..named()
    };
    assert!(matches!(found(broken).await, Outcome::Undecided { .. }));
    let settled = Vendor {
        now: Some(at(100_000)),
        ..named()
    };
    assert_eq!(found(settled).await, Outcome::NotMade);
}
