use super::*;
use crate::model::{KnownSurvey, ResourceKind};

#[test]
fn a_document_has_one_resource_a_line_and_is_read_back_whatever_its_layout() {
    let mut document = Document::new("sandbox", "l".to_owned());
    for name in ["cola", "soda"] {
        let resource = Resource {
            vendor: crate::marketplace::PURESPECTRUM,
            id: "7".to_owned(),
            kind: ResourceKind::Survey(Box::<KnownSurvey>::default()),
        };
        document.resources.insert(Address::survey(name), resource);
    }
    document.saved_plans.push("p\n1".to_owned());
    let text = String::from_utf8(document.to_bytes()).unwrap();
    let of = |name: &str| text.lines().filter(|line| line.contains(name)).count();
    assert_eq!(
        (text.lines().count(), of("\"cola\""), of("\"soda\"")),
        (12, 1, 1),
        "{text}"
    );
    assert_eq!(Document::parse(text.as_bytes()).unwrap(), document);
    let pretty = serde_json::to_vec_pretty(&document).unwrap();
    assert_eq!(
        Document::parse(&pretty).unwrap(),
        document,
        "as earlier versions wrote it"
    );
}

#[test]
fn names_change_places_in_one_operation() {
    let resource = |id: &str| Resource {
        vendor: crate::marketplace::PURESPECTRUM,
        id: id.to_owned(),
        kind: ResourceKind::Survey(Box::<KnownSurvey>::default()),
    };
    let (tea, soda) = (Address::survey("tea"), Address::survey("soda"));
    let mut document = Document::new("sandbox", "l".to_owned());
    for (address, id) in [(&tea, "1"), (&soda, "2")] {
        document.resources.insert(address.clone(), resource(id));
    }
    let moves = vec![(tea.clone(), soda.clone()), (soda.clone(), tea.clone())];
    let op = Op::Move { moves };
    let read: Op = serde_json::from_slice(&serde_json::to_vec(&op).unwrap()).unwrap();
    assert_eq!(read, op);
    document.apply(&op);
    let ids = document.ids();
    assert_eq!((ids[&tea].as_str(), ids[&soda].as_str()), ("2", "1"));
    assert_eq!(document.serial, 1);
}

#[test]
fn a_newer_format_is_refused_and_a_cut_file_is_damaged() {
    let document = Document::new("sandbox", "l".to_owned());
    let bytes = document.to_bytes();
    assert_eq!(Document::parse(&bytes).unwrap(), document);
    let newer = String::from_utf8(bytes.clone())
        .unwrap()
        .replace(FORMAT, "infield.state/3");
    assert!(matches!(
        Document::parse(newer.as_bytes()),
        Err(DocumentError::Newer(_))
    ));
    assert!(matches!(
        Document::parse(&bytes[..bytes.len() / 2]),
        Err(DocumentError::Damaged(_))
    ));
    assert!(matches!(
        Document::parse(b"{\"format\":\"x\"}"),
        Err(DocumentError::Foreign(_))
    ));
    assert!(matches!(Document::parse(b""), Err(DocumentError::Damaged(_))));
}
fn intent() -> Intent {
    Intent {
        continues: false,
        address: Address::survey("soda"),
        vendor: crate::marketplace::PURESPECTRUM,
        step: "soda:create".to_owned(),
        at: "2026-11-21T00:00:00Z".to_owned(),
        vendor_at: None,
        call: "POST /surveys".to_owned(),
        body: None,
        wanted: crate::model::SurveySpec::default(),
        hidden: Vec::new(),
        group: None,
        former: Vec::new(),
    }
}

#[test]
fn what_is_forgotten_is_not_what_a_create_whose_answer_was_lost_has_made() {
    let mut document = Document::new("sandbox", "l".to_owned());
    let former = KnownSurvey {
        former: vec!["6".to_owned()],
        ..KnownSurvey::default()
    };
    let resource = Resource {
        vendor: crate::marketplace::PURESPECTRUM,
        id: "7".to_owned(),
        kind: ResourceKind::Survey(Box::new(former)),
    };
    document.resources.insert(Address::survey("tea"), resource);
    document.intents.insert("i1".to_owned(), intent());
    let elsewhere = Intent {
        address: Address::survey("cola"),
        vendor: crate::marketplace::CINT,
        ..intent()
    };
    document.intents.insert("i2".to_owned(), elsewhere);
    document.apply(&Op::Remove {
        address: Address::survey("tea"),
    });
    let ids = ["6".to_owned(), "7".to_owned()].into();
    assert_eq!(document.others, [(Address::survey("soda"), ids)].into());
    assert_eq!(document.resources.len(), 0);
}

#[test]
fn every_operation_changes_what_it_names_and_is_counted() {
    let mut document = Document::new("sandbox", "l".to_owned());
    let soda = Address::survey("soda");
    let resource = Resource {
        vendor: crate::marketplace::PURESPECTRUM,
        id: "7".to_owned(),
        kind: ResourceKind::Survey(Box::<KnownSurvey>::default()),
    };
    let ops = [
        Op::Put {
            address: soda.clone(),
            resource: Box::new(resource.clone()),
        },
        Op::OpenIntent {
            id: "i".to_owned(),
            intent: Box::new(intent()),
        },
    ];
    for op in &ops {
        document.apply(op);
    }
    assert_eq!(document.serial, 2);
    let known = document.known();
    assert_eq!(known.resources, BTreeMap::from([(soda.clone(), resource)]));
    assert_eq!(known.intents, BTreeMap::from([("i".to_owned(), intent())]));
    let both = |ours: &str, theirs: &str| {
        [
            Op::CloseIntent { id: ours.to_owned() },
            Op::Remove {
                address: Address::survey(theirs),
            },
        ]
    };
    // Others are left alone.
    for op in both("j", "cola") {
        document.apply(&op);
    }
    assert_eq!((document.serial, document.known()), (4, known));
    for op in both("i", "soda") {
        document.apply(&op);
    }
    assert_eq!((document.serial, document.known()), (6, Known::default()));
}

#[test]
fn a_saved_plan_that_was_used_is_remembered_until_many_others_were() {
    let mut document = Document::new("sandbox", "l".to_owned());
    let mut used = |id: &str| {
        document.apply(&Op::UseSavedPlan { id: id.to_owned() });
        document.saved_plans.clone()
    };
    assert_eq!(used("a"), ["a"]);
    assert_eq!(used("b"), ["a", "b"]);
    assert_eq!(used("a"), ["b", "a"], "each once, the newest last");
    for n in 0..REMEMBERED - 2 {
        used(&format!("p{n}"));
    }
    let all = used("a");
    assert_eq!((all.len(), all[0].as_str()), (REMEMBERED, "b"));
    let all = used("c");
    assert_eq!(
        (all.len(), all[0].as_str(), all[REMEMBERED - 1].as_str()),
        (REMEMBERED, "p0", "c")
    );
}

#[test]
fn an_approval_is_remembered_with_what_it_covers_until_all_of_it_is_done() {
    let mut document = Document::new("sandbox", "l".to_owned());
    let approved = Approved {
        name: "a".to_owned(),
        covers: BTreeSet::from(["step".to_owned()]),
        makes: BTreeSet::from([Address::survey("soda")]),
        ceilings: BTreeMap::from([(Address::survey("soda"), "400 USD".parse().ok())]),
    };
    let approve = Op::Approve {
        approved: Box::new(approved.clone()),
    };
    document.apply(&approve);
    document.apply(&approve);
    assert_eq!(document.approvals, [approved]);
    assert_eq!(Document::parse(&document.to_bytes()).unwrap(), document);
    document.apply(&Op::Finish { name: "b".to_owned() });
    assert!(
        !document.approved("a").unwrap().covers.is_empty(),
        "another plan's end"
    );
    document.apply(&Op::Finish { name: "a".to_owned() });
    let done = Approved {
        name: "a".to_owned(),
        ..Approved::default()
    };
    assert_eq!(document.approved("a"), Some(&done));
    assert_eq!(document.approved("b"), None);
    assert_eq!(Document::parse(&document.to_bytes()).unwrap(), document);
}

#[test]
fn only_a_higher_number_of_our_own_format_is_newer() {
    let parse = |format: &str| Document::parse(format!("{{\"format\": {format:?}}}").as_bytes());
    for (format, newer) in [
        ("infield.state/3", true),
        ("infield.state/10", true),
        ("infield.state/02", false),
        ("infield.state/0", false),
        ("infield.state/01", false),
        ("infield.state/x", false),
        ("infield.plan/2", false),
    ] {
        match parse(format).unwrap_err() {
            DocumentError::Newer(told) => assert!(newer && told == format, "{format}"),
            DocumentError::Foreign(told) => assert!(!newer && told == format, "{format}"),
            other => panic!("{format}: {other}"),
        }
    }
    let beside_log = parse(BESIDE_LOG).unwrap_err();
    assert_eq!(beside_log, DocumentError::BesideLog);
    assert!(
        beside_log.to_string().contains("`infield state pull`"),
        "{beside_log}"
    );
    assert!(
        matches!(parse(FORMAT), Err(DocumentError::Damaged(_))),
        "the rest is missing"
    );
}
