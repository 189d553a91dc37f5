//! Exclusion groups.

use crate::support::*;
use crate::vendors_world::{CINT, VendorsWorld, change, container, fieldable, ids, said, step};
use infield::model::{Address, Field, GroupMember, LiveGroup, Reading};
use infield::plan::{Guard, Record, Rule, approval, hash};
use serde_json::json;

fn survey(name: &str) -> GroupMember {
    GroupMember::Survey(Address::survey(name))
}

#[test]
fn a_group_waits_for_members_made_in_the_same_plan() {
    let mut world = World::new();
    let mut small = draft();
    small.quotas = Field::Absent;
    small.qualifications = Field::Absent;
    world.fielded("cola", small.clone());
    world.want("soda", small);
    world.want_group(
        "a-pair",
        vec![survey("cola"), survey("soda"), GroupMember::VendorId(77.into())],
    );
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          cpi                    3.75 USD
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          POST /surveys  (create the draft)
            {
              "survey_title": "Soda tracker, wave 3",
              "survey_localization": "en_US",
              "completes_required": 400,
              "expected_ir": 50,
              "expected_loi": 5,
              "field_time": 10,
              "offer_price": 3.75,
              "live_url": "https://survey.example.com/s/soda?tk=[%%token%%]",
              "survey_category_code": 232
            }

    a-pair (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          ref             acme-a-pair
          title           Group a-pair
          exclusion_days  90
          surveys         cola, soda, 77
          POST /surveygroups  (create the exclusion group)
            {
              "buyer_surveygroup_ref": "acme-a-pair",
              "name": "Group a-pair",
              "surveys_in_group": [{"$id":"cola"},{"$id":"soda"},77],
              "exclusion_period": 90
            }

    Plan: 2 to create, 1 unchanged; 2 calls.
    "#);
    let plan = world.plan();
    assert_eq!(plan.steps[1].depends_on, ["soda:create"]);
}

#[test]
fn the_twin_of_a_group_gives_nothing_to_do() {
    let mut world = World::new();
    world.fielded("cola", draft());
    world.grouped("pair", &[survey("cola"), GroupMember::VendorId(77.into())]);
    assert!(world.plan().is_empty());
    assert_eq!(world.plan().unchanged.len(), 2);
}

#[test]
fn members_and_days_are_written_together() {
    let mut world = World::new();
    world.fielded("cola", draft());
    world.fielded("soda", draft());
    let pair = world.grouped("pair", &[survey("cola"), GroupMember::VendorId(77.into())]);
    let group = world.desired.groups.get_mut(&pair).unwrap();
    group.members = vec![survey("cola"), survey("soda"), GroupMember::VendorId(77.into())];
    group.exclusion_days = Some(30);
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    pair (PureSpectrum)
      ~ update: the manifest differs from the vendor
          exclusion_days  90 → 30
          surveys         cola, 77 → cola, soda, 77
          PUT /surveygroups/acme-pair  (write the exclusion group)
            {
              "buyer_surveygroup_ref": "acme-pair",
              "name": "Group pair",
              "surveys_in_group": [{"$id":"cola"},{"$id":"soda"},77],
              "exclusion_period": 30
            }

    Plan: 1 to change, 2 unchanged; 1 call.
    "#);
}

#[test]
fn a_group_is_written_again_when_a_member_is_replaced() {
    let mut world = World::new();
    let mut spec = draft();
    spec.template = Field::Set(15);
    spec.quotas = Field::Absent;
    world.fielded("soda", spec);
    world.grouped("pair", &[survey("soda")]);
    world.templates(&[15, 16]);
    world.spec("soda").template = Field::Set(16);
    world.manifest("soda").policy.on_template_change = infield::model::desired::OnTemplateChange::Replace;
    world.guard(Guard::Replace, Rule::Ask);
    let plan = world.plan();
    let order: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(order, ["soda:replace", "soda:close-1001", "pair:update"]);
    assert_eq!(
        change(&plan.steps[2], "/surveys"),
        (json!([1001]), json!(["soda"])),
        "what takes its place has another id"
    );
    // Its approval covers the group where an interruption left only that.
    let mut made = world.clone();
    let anew = made.spec("soda").clone();
    made.known.resources.remove(&Address::survey("soda"));
    made.fielded("soda", anew);
    let ids_now = made.known.resources.iter();
    let ids_now = ids_now.map(|(address, resource)| (address.clone(), resource.id.clone()));
    let left = made.plan();
    assert_eq!(ids(&left), ["pair:update"]);
    let beyond = approval::beyond(&left, &approval::of(&plan), &ids_now.collect());
    assert_eq!(beyond.steps, [""; 0]);
    world.guard(Guard::Replace, Rule::Deny);
    insta::assert_snapshot!(world.text(), @r"
    pair
      ! blocked: update has to wait for soda:replace, which is refused

    soda
      ! refused: replace is denied by the guard `replace`
          help: set `guards: {replace: ask}` for this environment in infield.yaml
      ! blocked: close has to wait for soda:replace, which is refused

    Nothing will be done: 2 are held back, see above.
    ");
}

#[test]
fn a_group_is_held_back_with_its_member() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(99);
    world.want("soda", spec);
    world.templates(&[15]);
    world.want_group("pair", vec![survey("soda")]);
    insta::assert_snapshot!(world.text(), @r"
    pair
      ! blocked: its member soda does not exist and is not created by this plan
          help: look at the notes of soda

    soda
      ! blocked: template 99 does not exist or is not shared with this account (PureSpectrum code 1006)
          help: the account can use 15 (Template 15)

    Nothing will be done: 2 are held back, see above.
    ");
}

#[test]
fn a_group_keeps_its_reference_and_what_cannot_be_read_is_not_written() {
    let mut world = World::new();
    world.fielded("cola", draft());
    let pair = world.grouped("pair", &[survey("cola")]);
    world.desired.groups.get_mut(&pair).unwrap().reference = "acme-other".to_owned();
    insta::assert_snapshot!(world.text(), @r"
    pair
      ! blocked: the reference cannot change from acme-pair to acme-other: it is the group's key at the
          vendor
          help: put the old reference back, or make a new group under another name

    Nothing will be done: 1 is held back, see above (1 unchanged).
    ");
    world.desired.groups.get_mut(&pair).unwrap().reference = "acme-pair".to_owned();
    world.live.groups.insert(
        pair.clone(),
        Reading::Unknown {
            why: "timeout".to_owned(),
        },
    );
    insta::assert_snapshot!(world.text(), @r"
    pair
      ! blocked: the group could not be read: timeout

    Nothing will be done: 1 is held back, see above (1 unchanged).
    ");
    let proof = "404".to_owned();
    world.live.groups.insert(pair, Reading::Absent { proof });
    insta::assert_snapshot!(world.text(), @r"
    pair
      ! blocked: group acme-pair is in the state but not at the vendor: 404
          help: `infield state rm pair` forgets it; the next apply then creates it again

    Nothing will be done: 1 is held back, see above (1 unchanged).
    ");
    world.remove_manifest("pair");
    insta::assert_snapshot!(world.text(), @r"
    pair
      · unmanaged: the manifest of this exclusion group is gone; the group is left as it is
          help: `infield state rm pair` forgets it

    Nothing to do: everything is as wanted (1 unchanged).
    ");
}

/// A pair whose manifest is new, beside what was read under its reference.
fn new_pair(seen: Option<Reading<LiveGroup>>) -> (World, Address) {
    let mut world = World::new();
    world.fielded("cola", draft());
    let pair = world.want_group("pair", vec![survey("cola"), GroupMember::VendorId(77.into())]);
    match seen {
        Some(seen) => world.live.groups.insert(pair.clone(), seen),
        None => world.live.groups.remove(&pair),
    };
    (world, pair)
}

fn pair_at_vendor() -> LiveGroup {
    LiveGroup {
        id: "acme-pair".to_owned(),
        reference: Field::Set("acme-pair".to_owned()),
        title: Field::Set("Group pair".to_owned()),
        members: Field::Set(vec![77.into(), 1001.into()]),
        exclusion_days: Field::Set(90),
    }
}

#[test]
fn a_group_whose_create_was_lost_is_found_by_its_reference() {
    let taken_over = "advice: a group with the reference acme-pair exists already and is taken over";
    let (world, pair) = new_pair(Some(Reading::Present(pair_at_vendor())));
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0], "not a second one");
    assert_eq!(said(&plan, &pair), [taken_over]);
    assert!(plan.unchanged.contains(&pair));
    let record = Record::Group(world.desired.groups[&pair].clone());
    assert_eq!(plan.bookkeeping, [(pair, record)]);
    let other = LiveGroup {
        title: Field::Set("by hand".to_owned()),
        ..pair_at_vendor()
    };
    let (world, pair) = new_pair(Some(Reading::Present(other)));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["pair:update"]);
    assert_eq!(
        change(&plan.steps[0], "/title"),
        (json!("by hand"), json!("Group pair"))
    );
    assert_eq!(said(&plan, &pair), [taken_over]);
}

#[test]
fn a_group_that_could_not_be_looked_for_is_not_made() {
    let why = "timeout".to_owned();
    let unread = "blocked: the group could not be read:";
    for (seen, why) in [
        (Some(Reading::Unknown { why }), "timeout"),
        (None, "it was not asked for"),
    ] {
        let (world, pair) = new_pair(seen);
        let plan = world.plan();
        assert_eq!(ids(&plan), [""; 0]);
        assert_eq!(said(&plan, &pair), [format!("{unread} {why}")]);
    }
    // One that is known is not written then either.
    let mut world = World::new();
    world.fielded("cola", draft());
    let pair = world.grouped("pair", &[survey("cola")]);
    world.desired.groups.get_mut(&pair).unwrap().exclusion_days = Some(30);
    world.live.groups.remove(&pair);
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(said(&plan, &pair), [format!("{unread} it was not asked for")]);
}

#[test]
fn a_group_whose_create_is_open_is_not_sent_again() {
    let (mut world, pair) = new_pair(Some(Reading::Absent {
        proof: "404".to_owned(),
    }));
    world.open_intent("pair");
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert!(said(&plan, &pair)[0].contains("it will not be sent again"));
}

#[test]
fn a_group_does_not_take_the_name_of_a_survey() {
    let mut world = World::new();
    world.fielded("pair", draft());
    world.remove_manifest("pair");
    let pair = world.want_group(
        "pair",
        vec![GroupMember::VendorId(77.into()), GroupMember::VendorId(78.into())],
    );
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(
        said(&plan, &pair),
        ["blocked: this name belongs to a survey in the state"]
    );
}

#[test]
fn what_the_vendor_does_not_show_of_a_group_is_compared_with_what_was_applied() {
    let mut world = World::new();
    world.fielded("cola", draft());
    let pair = world.grouped("pair", &[survey("cola"), GroupMember::VendorId(77.into())]);
    let show = |world: &mut World, live: LiveGroup| {
        world.live.groups.insert(pair.clone(), Reading::Present(live));
    };
    let hidden = LiveGroup {
        title: Field::Absent,
        members: Field::Absent,
        exclusion_days: Field::Absent,
        ..pair_at_vendor()
    };
    show(&mut world, hidden.clone());
    assert!(world.plan().is_empty());
    let wanted = |world: &mut World| {
        let group = world.desired.groups.get_mut(&pair).unwrap();
        group.title = "Another".to_owned();
        group.exclusion_days = Some(30);
        group.members = vec![survey("cola"), GroupMember::VendorId(78.into())];
    };
    wanted(&mut world);
    let plan = world.plan();
    let step = &plan.steps[0];
    assert_eq!(change(step, "/title"), (json!("Group pair"), json!("Another")));
    assert_eq!(change(step, "/exclusion_days"), (json!(90), json!(30)));
    assert_eq!(
        change(step, "/surveys"),
        (json!(["cola", 77]), json!(["cola", 78]))
    );
    // Shown as empty, it is empty.
    let empty = LiveGroup {
        title: Field::Null,
        exclusion_days: Field::Null,
        ..hidden
    };
    show(&mut world, empty);
    let plan = world.plan();
    assert_eq!(change(&plan.steps[0], "/title"), (json!(null), json!("Another")));
    assert_eq!(
        change(&plan.steps[0], "/exclusion_days"),
        (json!(null), json!(30))
    );
    // Days that the manifest does not mention are whatever they are.
    show(&mut world, pair_at_vendor());
    world.desired.groups.get_mut(&pair).unwrap().exclusion_days = None;
    let plan = world.plan();
    assert!(
        plan.steps[0]
            .changes
            .iter()
            .all(|change| change.path != "/exclusion_days")
    );
}

#[test]
fn a_group_that_is_as_wanted_is_remembered_as_it_is_wanted() {
    let mut world = World::new();
    world.fielded("cola", draft());
    let pair = world.grouped("pair", &[survey("cola"), GroupMember::VendorId(77.into())]);
    assert_eq!(world.plan().bookkeeping, [], "the twin is remembered already");
    // The same survey, named in another way.
    let members = vec![
        GroupMember::VendorId(77.into()),
        GroupMember::VendorId(1001.into()),
    ];
    world.desired.groups.get_mut(&pair).unwrap().members = members;
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    let record = Record::Group(world.desired.groups[&pair].clone());
    assert_eq!(plan.bookkeeping, [(pair, record)]);
}

#[test]
fn nobody_is_asked_before_the_group_is_written() {
    let mut world = World::new();
    world.fielded("cola", draft());
    let soda_survey = world.want("soda", soda());
    let pair = world.want_group("a-pair", vec![survey("cola"), survey("soda")]);
    let plan = world.plan();
    assert_eq!(ids(&plan), ["soda:create", "a-pair:create", "soda:launch"]);
    assert!(plan.steps[2].depends_on.contains(&"a-pair:create".to_owned()));
    // What holds the group back holds the launch back.
    let mut unread = world.clone();
    let why = "timeout".to_owned();
    unread.live.groups.insert(pair.clone(), Reading::Unknown { why });
    let plan = unread.plan();
    assert_eq!(ids(&plan), ["soda:create"]);
    let waits = "blocked: launch waits for the exclusion group a-pair, which cannot be written now";
    assert_eq!(said(&plan, &soda_survey), [waits]);
    // Also where the group is not part of the plan.
    let mut alone = world.clone();
    alone.choices.targets.insert(soda_survey.clone());
    let plan = alone.plan();
    assert_eq!(ids(&plan), ["soda:create"]);
    let waits = "blocked: launch waits for the exclusion group a-pair, which this plan leaves out";
    assert_eq!(said(&plan, &soda_survey), [waits]);
    // One that is in its group already, by what is remembered, goes in field.
    let mut inside = World::new();
    inside.fielded("soda", draft());
    inside.grouped("a-pair", &[survey("soda"), GroupMember::VendorId(77.into())]);
    inside.spec("soda").status = Field::Set(infield::model::Status::Live);
    inside.live.groups.remove(&pair);
    assert_eq!(ids(&inside.plan()), ["soda:launch"]);
}

#[test]
fn letting_respondents_in_again_is_asked_about_while_others_are_asked() {
    for (left, guards) in [(soda(), vec![Guard::EditLiveTargeting]), (draft(), vec![])] {
        let mut world = World::new();
        world.fielded("cola", draft());
        world.fielded("soda", left);
        let pair = world.grouped("pair", &[survey("cola"), survey("soda")]);
        world.desired.groups.get_mut(&pair).unwrap().members = vec![survey("soda")];
        let plan = world.plan();
        assert_eq!(ids(&plan), ["pair:update"]);
        assert_eq!(plan.steps[0].guards, guards);
    }
    // One more keeps more out, and needs no approval.
    let mut world = World::new();
    world.fielded("cola", soda());
    world.fielded("soda", soda());
    let pair = world.grouped("pair", &[survey("cola")]);
    world.desired.groups.get_mut(&pair).unwrap().members = vec![survey("cola"), survey("soda")];
    assert_eq!(world.plan().steps[0].guards, []);
}

/// Two trackers at Cint in a group there, the second of them not made yet.
fn at_cint() -> (VendorsWorld, Address) {
    let mut world = VendorsWorld::new();
    world.with_groups(CINT, "w1", &["us"]);
    world.want(CINT, &Address::survey("w2"), container(CINT));
    world.want(CINT, &Address::group("w2", "us"), fieldable(CINT, 100));
    let waves = Address::survey("waves");
    let members = ["w1", "w2"].map(|name| GroupMember::Survey(Address::group(name, "us")));
    let group = infield::model::DesiredGroup {
        vendor: CINT,
        reference: "acme-waves".to_owned(),
        title: "Waves".to_owned(),
        members: members.to_vec(),
        exclusion_days: None,
    };
    world.desired.groups.insert(waves.clone(), group);
    let proof = "none has the tag".to_owned();
    world.live.groups.insert(waves.clone(), Reading::Absent { proof });
    (world, waves)
}

#[test]
fn a_group_at_cint_is_made_empty_and_filled_with_the_ids_that_are_known_by_then() {
    let (world, _) = at_cint();
    let plan = world.plan();
    assert_eq!(
        ids(&plan),
        ["w2:create", "w2/us:create", "waves:create", "w2/us:launch"]
    );
    let calls = &step(&plan, "waves:create").calls;
    let told: Vec<_> = calls
        .iter()
        .map(|call| (call.path.as_str(), call.body.as_ref().unwrap().value()))
        .collect();
    let all = "/demand/accounts/1/exclusion-groups";
    assert_eq!(
        told,
        [
            (all, json!({"tag": "acme-waves", "description": "Waves"})),
            (
                format!("{all}/{{waves}}/target-groups/add").as_str(),
                json!({"data": [{"$id": "w1/us"}, {"$id": "w2/us"}]})
            ),
        ]
    );
    assert_eq!(calls[0].returns_id.as_deref(), Some("/exclusion_group_id"));
}

#[test]
fn a_wave_more_is_one_call_at_cint() {
    let (mut world, waves) = at_cint();
    let first = world.known.resources[&Address::group("w1", "us")].id.clone();
    let live = LiveGroup {
        id: "01JW97M2Y5Q5KB0N543B4G4T5Y".to_owned(),
        reference: Field::Set("acme-waves".to_owned()),
        title: Field::Set("Waves".to_owned()),
        members: Field::Set(vec![first.as_str().into()]),
        exclusion_days: Field::Absent,
    };
    world
        .live
        .groups
        .insert(waves.clone(), Reading::Present(live.clone()));
    let plan = world.plan();
    let update = step(&plan, "waves:update");
    assert_eq!(update.calls.len(), 1);
    let body = update.calls[0].body.as_ref().unwrap().value();
    assert_eq!(body, json!({"data": [{"$id": "w2/us"}]}));
    world.field_all();
    let both = ["w1", "w2"].map(|name| {
        world.known.resources[&Address::group(name, "us")]
            .id
            .as_str()
            .into()
    });
    let members = Field::Set(both.to_vec());
    world
        .live
        .groups
        .insert(waves.clone(), Reading::Present(LiveGroup { members, ..live }));
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert!(plan.unchanged.contains(&waves));
}

/// The second tracker keeps out whoever took part in the first one, by its name.
fn excluding(days: u64) -> Field<serde_json::Value> {
    Field::Set(json!([{"type": "project", "id": {"$id": "w1"}, "days": days}]))
}

#[test]
fn an_exclusion_by_name_waits_for_what_it_names_and_is_compared_by_its_id() {
    let mut world = VendorsWorld::new();
    for name in ["w1", "w2"] {
        world.want(CINT, &Address::survey(name), container(CINT));
        world.want(CINT, &Address::group(name, "us"), fieldable(CINT, 100));
    }
    let second = Address::group("w2", "us");
    let key = "activity_exclusions".to_owned();
    let spec = &mut world.wanted(&second).spec;
    spec.attributes.insert(key.clone(), excluding(90));
    let plan = world.plan();
    let create = step(&plan, "w2/us:create");
    assert!(create.depends_on.contains(&"w1:create".to_owned()));
    let body = create.calls[0].body.as_ref().unwrap().value();
    assert_eq!(
        body["respondent_activity_exclusions"][0]["id"],
        json!({"$id": "w1"})
    );
    // Made and applied with the id, nothing is left to do.
    world.field_all();
    let first = world.known.resources[&Address::survey("w1")].id.clone();
    let known = Field::Set(json!([{"type": "project", "id": first, "days": 90}]));
    world
        .seen(&second)
        .spec
        .attributes
        .insert(key.clone(), known.clone());
    world
        .remembered(&second)
        .applied
        .attributes
        .insert(key.clone(), known);
    assert_eq!(ids(&world.plan()), [""; 0]);
    let spec = &mut world.wanted(&second).spec;
    spec.attributes.insert(key.clone(), excluding(30));
    let plan = world.plan();
    assert_eq!(ids(&plan), ["w2/us:update"]);
    let body = plan.steps[0].calls[0].body.as_ref().unwrap().value();
    assert_eq!(body["respondent_activity_exclusions"][0]["id"], json!(first));
}

#[test]
fn an_exclusion_of_what_is_not_made_is_not_written_without_it() {
    let mut world = VendorsWorld::new();
    world.with_groups(CINT, "w2", &["us"]);
    let second = Address::group("w2", "us");
    let spec = &mut world.wanted(&second).spec;
    spec.attributes
        .insert("activity_exclusions".to_owned(), excluding(90));
    let plan = world.plan();
    assert_eq!(ids(&plan), [""; 0]);
    assert_eq!(
        said(&plan, &second),
        ["blocked: it names w1, which does not exist and is not created by this plan"]
    );
}

/// A limit decides anew whenever a plan is applied; what the plan means, and so its name, stays.
#[test]
fn a_launch_that_a_limit_holds_back_waits_for_its_group_all_the_same() {
    let mut world = World::new();
    let mut spec = soda();
    spec.cpi = Field::Null;
    world.want("soda", spec);
    world.want_group("pair", vec![survey("soda")]);
    let free = world.plan();
    world
        .guards
        .max_total
        .insert("USD".to_owned(), "1000.00 USD".parse().unwrap());
    let limited = world.plan();
    assert_eq!(ids(&free), ["soda:create", "pair:create", "soda:launch"]);
    assert_eq!(ids(&limited), ["soda:create", "pair:create"]);
    let launch = &limited.held_back[0];
    assert_eq!(launch.depends_on, ["soda:create", "pair:create"]);
    assert_eq!(hash::hash(&free), hash::hash(&limited));
}
